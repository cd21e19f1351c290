"""A file of finished tasks: a sweep that was stopped goes on from it, however it was stopped."""

import json
import os
import stat
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from lowcarb._util.atomic_file import sync_folder
from lowcarb._util.output_file import require_output
from lowcarb._util.text import shortened
from lowcarb.errors import InputError, LowcarbError

_SCHEMA = "lowcarb.sweep-tasks/1"
_FIELD = "resume"
_SHOWN = 30  # letters of a checksum
_BINARY = getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, kw_only=True, eq=False)
class FinishedTasks:
    """Tasks and what they came to, a line of JSON each, on disk as soon as they are finished.

    The first line says what all of them rest on: whoever begins with something else is refused.
    Points and starts are part of each task, so that a sweep over more of them goes on from the
    same file. `FinishedTasks.opened` opens one.

    Parameters
    ----------
    path
        The file.
    notes
        What a person should know of it, such as a torn last line.
    """

    path: str
    notes: tuple[str, ...] = ()
    _stream: BinaryIO = field(repr=False)
    _found: dict[str, dict[str, Any]] = field(repr=False)

    def __len__(self) -> int:
        """How many tasks are finished."""
        return len(self._found)

    def get(self, task: Mapping[str, str]) -> dict[str, Any] | None:
        """Return what a task came to; None if it is not finished."""
        return self._found.get(_key(task))

    def add(self, task: Mapping[str, str], played: dict[str, Any]) -> None:
        """Keep what a task came to; it is on disk when this returns.

        Raises
        ------
        LowcarbError
            If it cannot be written; what was kept before still is.
        """
        content = {"task": dict(task), "played": played}
        line = _dumped({**content, "crc32": _checksum(content)})
        try:
            _write(self._stream, None, f"{line}\n".encode())
        except OSError as error:
            raise LowcarbError(
                f"{self.path}: cannot be written: {error.strerror or error}; {len(self)} finished "
                "tasks are kept in it"
            ) from None
        self._found[_key(task)] = played

    @classmethod
    @contextmanager
    def opened(cls, path: str, inputs: Mapping[str, Any]) -> Iterator["FinishedTasks"]:
        """Open a file, or begin one, until the block ends.

        Parameters
        ----------
        path
            A name for a new file, or a file that was begun in this way.
        inputs
            What all tasks rest on, such as checksums of files and options, by their names.

        Raises
        ------
        InputError
            If the file is none of finished tasks, was begun with other inputs (says which), is
            damaged, or is in use by another sweep.
        LowcarbError
            If it cannot be written.
        """
        require_output(path, field=_FIELD)
        with _opened(path) as stream:
            try:
                _lock(stream, path)
                found, notes = _read(stream, path, inputs)
            except OSError as error:
                raise _unusable(path, error) from None
            yield cls(path=path, notes=notes, _stream=stream, _found=found)


def _opened(path: str) -> BinaryIO:
    try:
        stream = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | _BINARY, 0o666), "r+b")
        if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            sync_folder(Path(path).parent)
            return stream
    except OSError as error:
        raise _unusable(path, error) from None
    stream.close()
    raise InputError("expected a file, got something else", file=path, field=_FIELD)


def _unusable(path: str, error: OSError) -> InputError:
    return InputError(
        f"cannot be used: {error.strerror or error}; give another name", file=path, field=_FIELD
    )


def _read(
    stream: BinaryIO, path: str, inputs: Mapping[str, Any]
) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    """Read what is finished; cut off what was only half written when a sweep was killed."""
    before = stream.read()
    head = _dumped({"schema": _SCHEMA, "inputs": dict(inputs)}).encode() + b"\n"
    if b"\n" not in before and head.startswith(before):  # new, or killed as it began
        _write(stream, 0, head)
        return {}, ()
    first, *lines, torn = [*before.split(b"\n"), b""][: max(2, before.count(b"\n") + 1)]
    begun = _inputs(first, path)
    if lines:
        _check_same(begun, inputs, path)
    else:  # nothing rests on other inputs yet
        _write(stream, 0, head)
        first = head.rstrip()
    found: dict[str, dict[str, Any]] = {}
    whole = len(first) + 1
    notes: tuple[str, ...] = ()
    for k, line in enumerate(lines):
        content = _content(line)
        if content is None and k < len(lines) - 1 + bool(torn):
            raise InputError(
                "is damaged; remove this line, whose task is then done again, or give another file",
                file=path,
                line=k + 2,
                field=_FIELD,
            )
        if content is None:
            torn = line
            break
        found[_key(content["task"])] = content["played"]
        whole += len(line) + 1
    if torn:
        notes = (
            f"{path}: the last line was only half written, as when a sweep is killed; its task is "
            "done again",
        )
    _write(stream, whole, b"")
    return found, notes


def _write(stream: BinaryIO, place: int | None, content: bytes) -> None:
    """Write, to the disk itself, at a place whose rest is cut off, or at the end."""
    if place is not None:
        stream.truncate(place)
        stream.seek(place)
    stream.write(content)
    stream.flush()
    os.fsync(stream.fileno())


def _inputs(line: bytes, path: str) -> dict[str, Any]:
    """What the tasks of a file rest on; refuses what is no such file."""
    try:
        content = json.loads(line)
        inputs = content["inputs"] if content["schema"] == _SCHEMA else None
    except (ValueError, KeyError, TypeError):
        inputs = None
    if not isinstance(inputs, dict):
        raise InputError(
            "is no file of finished tasks of a sweep; give its name, or that of a new file",
            file=path,
            line=1,
            field=_FIELD,
        )
    return inputs


def _check_same(begun: Mapping[str, Any], inputs: Mapping[str, Any], path: str) -> None:
    now = json.loads(_dumped(inputs))
    differ = [
        f"{name}: {_shown(begun.get(name))} then, {_shown(now.get(name))} now"
        for name in {**begun, **now}
        if begun.get(name) != now.get(name)
    ]
    if differ:
        raise InputError(
            f"was begun with other inputs ({'; '.join(differ)}); give the same again, or the name "
            "of another file",
            file=path,
            field=_FIELD,
        )


def _content(line: bytes) -> dict[str, Any] | None:
    """What a line says; None if it is not as it was written."""
    try:
        content = json.loads(line)
        checksum = content.pop("crc32")
        whole = set(content) == {"task", "played"} and checksum == _checksum(content)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return content if whole else None


def _lock(stream: BinaryIO, path: str) -> None:
    """Keep other sweeps out, where the system knows how; the lock ends with the process."""
    with suppress(ImportError):
        import fcntl

        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                "is in use by another sweep; wait for its end, or give the name of another file",
                file=path,
                field=_FIELD,
            ) from None


def _key(task: Mapping[str, str]) -> str:
    return json.dumps(dict(task), sort_keys=True)


def _dumped(content: Any) -> str:
    return json.dumps(content, separators=(",", ":"), allow_nan=False)


def _checksum(content: Mapping[str, Any]) -> int:
    return zlib.crc32(_dumped(content).encode())


def _shown(value: Any) -> str:
    return "nothing" if value is None else shortened(str(value), _SHOWN)
