"""A file that tells how a run goes: one line of JSON for each round and each training."""

import json
from collections.abc import Mapping
from pathlib import Path


class Report:
    """Lines that are there for others as soon as they are written.

    Parameters
    ----------
    path
        The file, started anew; None to write nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def begin(self) -> None:
        """Empty the file."""
        if self._path is not None:
            self._path.write_text("")

    def add(self, event: str, content: Mapping[str, object]) -> None:
        """Append a line about an event."""
        if self._path is not None:
            with self._path.open("a") as file:
                file.write(json.dumps({"event": event, **content}, allow_nan=False) + "\n")
