"""A store in a folder, such as one of a network disk that several machines mount."""

import re
from pathlib import Path

from lowcarb._util.atomic_file import UNFINISHED, create_file
from lowcarb.errors import LedgerError

_LEFT = re.compile(rf"\..*{UNFINISHED}")


class FolderStore:
    """Keeps each object in a file of one folder.

    Parameters
    ----------
    folder
        Made with the first object, in a folder that is there.

    Raises
    ------
    LedgerError
        If it is a file.
    """

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder).absolute()
        self._cleared = False
        if self._folder.is_file():
            raise LedgerError(
                f"{self._folder}: is a file; expected a folder. A ledger that is one file is named "
                "without file://"
            )

    def __repr__(self) -> str:
        return f"FolderStore({str(self._folder)!r})"

    def create(self, name: str, content: bytes) -> None:
        """Create an object; on a disk without hard links that fails."""
        self._folder.mkdir(exist_ok=True)
        if not self._cleared:
            self._clear()
        create_file(self._folder / name, content)

    def _clear(self) -> None:
        """Remove what killed writers left half-written.

        Another writer at work may lose such a file as well: that is one failed attempt of a writer
        that is being taken over.
        """
        self._cleared = True
        for path in self._folder.iterdir():
            if _LEFT.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                path.unlink(missing_ok=True)

    def read(self, name: str) -> bytes:
        """Return the content of an object."""
        return (self._folder / name).read_bytes()

    def names(self) -> list[str]:
        """Name all objects that there are."""
        try:
            names = [path.name for path in self._folder.iterdir()]
        except FileNotFoundError:
            return []
        # Hidden ones are not whole yet, or were left by a process that was killed.
        return [name for name in names if not name.startswith(".")]

    def delete(self, name: str) -> None:
        """Remove an object."""
        (self._folder / name).unlink(missing_ok=True)
