"""Stores that fsspec reaches: Amazon S3 and what is compatible with it, Google, Azure."""

from typing import Any

from lowcarb.errors import LedgerError

# What a web service answers where an object is there that must not be.
_PRECONDITION_FAILED = 412


class FsspecStore:
    """Keeps each object where fsspec can create one exclusively.

    Parameters
    ----------
    url
        Of the ledger, such as ``s3://bucket/run.db``; its objects lie below it.
    options
        Of the file system, as fsspec's drivers take them.

    Raises
    ------
    LedgerError
        If fsspec or the driver is not installed, the URL is of no kind that it knows, or objects of
        that kind cannot be created exclusively.
    """

    def __init__(self, url: str, **options: Any) -> None:
        try:
            from fsspec.core import url_to_fs
            from fsspec.spec import AbstractFileSystem
        except ImportError:
            raise LedgerError(
                f"{url}: a ledger is kept there by fsspec, which is not installed: "
                "pip install 'lowcarb[remote]'"
            ) from None
        self._url = url
        if "::" in url:
            raise LedgerError(f"{url}: expected the address of one store, got a chain of several")
        try:
            self._files, self._root = url_to_fs(url, **options)
        except ImportError as error:
            raise LedgerError(f"{url}: fsspec lacks the driver for it: {error}") from error
        except Exception as error:
            # A driver raises what it likes about a URL and options.
            raise LedgerError(f"{url}: fsspec cannot use it: {error!r}") from error
        if getattr(self._files.pipe_file, "__func__", None) is AbstractFileSystem.pipe_file:
            raise LedgerError(
                f"{url}: fsspec's {type(self._files).__name__} looks whether an object is there, "
                "and then writes, so that two writers may both succeed; expected a store that "
                "creates objects exclusively, such as s3, gs or abfs, or a folder: file:///FOLDER"
            )

    def __repr__(self) -> str:
        return f"FsspecStore({self._url!r})"

    def create(self, name: str, content: bytes) -> None:
        """Create an object exclusively."""
        try:
            self._files.pipe_file(self._path(name), content, mode="create")
        except FileExistsError:
            raise
        except OSError as error:
            # Not every store that is compatible with S3 says which precondition failed.
            answer = getattr(error.__cause__, "response", None) or {}
            status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if status == _PRECONDITION_FAILED:
                raise FileExistsError(str(error)) from error
            raise

    def read(self, name: str) -> bytes:
        """Return the content of an object."""
        return bytes(self._files.cat_file(self._path(name)))

    def names(self) -> list[str]:
        """Name all objects that there are now, whatever was listed before."""
        self._files.invalidate_cache()
        try:
            found = self._files.ls(self._root, detail=False)
        except FileNotFoundError:
            return []
        return [str(path).rstrip("/").rsplit("/", 1)[-1] for path in found]

    def delete(self, name: str) -> None:
        """Remove an object."""
        try:
            self._files.rm_file(self._path(name))
        except FileNotFoundError:
            return

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"
