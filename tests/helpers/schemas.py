"""Checking what commands print as JSON against the schemas."""

import json
from typing import Any

from jsonschema import Draft202012Validator

from tests.helpers.data import ROOT

_FOLDER = ROOT / "lowcarb/report/schemas"
SCHEMAS = {path.stem: json.loads(path.read_text()) for path in _FOLDER.iterdir()}
"""By the kind of document."""


def check(content: dict[str, Any]) -> None:
    kind = content["schema"].split("/")[1]
    checker = Draft202012Validator.FORMAT_CHECKER
    Draft202012Validator(closed(SCHEMAS[kind]), format_checker=checker).validate(content)


def closed(schema: Any) -> Any:
    """Refuse keys that a schema does not name, unless it says that there are more.

    To readers schemas are open: new keys may come.
    """
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    more = {} if "properties" not in schema else {"additionalProperties": False}
    return more | {key: closed(part) for key, part in schema.items()}
