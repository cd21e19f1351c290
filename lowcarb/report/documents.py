"""JSON documents: their names and versions, and what every one of them says of its making.

A version is raised when a key goes or changes its meaning; new keys may come at any time. The JSON
Schemas stand in the folder `schemas` beside this file.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lowcarb._version import __version__
from lowcarb.report.inputs import InputFile

VERSIONS = {"check": 1, "plan": 1, "compare": 1, "compare-hours": 1, "report": 1, "sweep": 1}
"""Documents by the command that writes them."""


def document(
    kind: str, content: Mapping[str, Any], files: Sequence[InputFile] = ()
) -> dict[str, Any]:
    """Put before a content what it is, who wrote it, and what was read.

    Parameters
    ----------
    kind
        One of `VERSIONS`.
    content
        The rest of the document.
    files
        What was read, with checksums.
    """
    return {
        "schema": f"lowcarb/{kind}/{VERSIONS[kind]}",
        "lowcarb_version": __version__,
        "files": [one.to_dict() for one in files],
        **content,
    }
