"""Dataclasses as JSON: each field is a key, of the field's name or of the key in its metadata."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from lowcarb._util.times import to_iso


@cache
def shown(cls: type, first: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the keys in JSON, in order, and the attributes of a dataclass behind them.

    Parameters
    ----------
    cls
        The dataclass.
    first
        Names of fields and properties that come first; fields that are not named here follow.
    """
    keys = {each.name: each.metadata.get("key", each.name) for each in fields(cls)}
    return {keys.get(name, name): name for name in (*first, *keys)}


def to_dict(thing: Any, first: tuple[str, ...] = ()) -> dict[str, Any]:
    """Write a dataclass for JSON; `first` as in `shown`."""
    return {key: plain(getattr(thing, name)) for key, name in shown(thing.__class__, first).items()}


def plain(value: Any) -> Any:
    """Make of a value what JSON can hold."""
    if isinstance(value, datetime):
        return to_iso(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, Sequence):
        return [plain(part) for part in value]
    return value.to_dict() if hasattr(value, "to_dict") else value
