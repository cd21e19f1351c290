"""Files appear whole or not at all, and what is no file is never replaced."""

import errno
import os
import re
import stat
import threading
from pathlib import Path

import pytest

from lowcarb import LowcarbError
from lowcarb._util.atomic_file import LONGER, UNFINISHED, create_file, whole_file


def write(path: Path, text: str = "new") -> None:
    with whole_file(str(path)) as stream:
        stream.write(text.encode())


def test_a_new_file_gets_the_usual_mode_and_an_old_one_keeps_its(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        write(tmp_path / "new")
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o644
        (tmp_path / "new").chmod(0o600)
        write(tmp_path / "new", "again")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    assert (tmp_path / "new").read_text() == "again"


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")

    def fail_half_way() -> None:
        with whole_file(str(tmp_path / "old")) as stream:
            stream.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert [p.name for p in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_text() == "old"


def test_the_content_is_on_the_disk_before_the_file_appears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A machine that fails in between must leave the old file, never an empty one.
    path, fsync = tmp_path / "file", os.fsync
    path.write_text("old")
    synced: list[tuple[int | bool, str]] = []

    def note(handle: int) -> None:
        fsync(handle)
        found = os.fstat(handle)
        synced.append((stat.S_ISDIR(found.st_mode) or found.st_size, path.read_text()))

    monkeypatch.setattr(os, "fsync", note)
    write(path, "longer")
    # The folder comes last: else the new name may be lost, or come before the content.
    assert synced == [(6, "old"), (True, "longer")]


@pytest.mark.parametrize("code", [errno.EINVAL, errno.EIO])
def test_a_folder_that_cannot_be_synced_is_no_error_but_a_failing_disk_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    fsync = os.fsync

    def refuse(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(code, os.strerror(code))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", refuse)
    if code == errno.EINVAL:
        write(tmp_path / "file")
    else:
        with pytest.raises(LowcarbError, match="file: cannot be written: Input/output error"):
            write(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "new"


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o027, 0o077])
def test_the_umask_is_kept_and_never_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mask: int
) -> None:
    before = os.umask(mask)
    try:
        # Not even for a moment: it is that of all threads.
        monkeypatch.setattr(os, "umask", None)
        write(tmp_path / "new")
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o666 & ~mask
    finally:
        monkeypatch.undo()
        os.umask(before)


def test_what_a_killed_process_left_is_known_by_its_name(tmp_path: Path) -> None:
    with whole_file(tmp_path / "run.db") as stream:
        stream.write(b"new")
        (name,) = (p.name for p in tmp_path.iterdir())
    assert re.fullmatch(rf"\.run\.db{UNFINISHED}", name)
    assert len(name) == len("run.db") + LONGER


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append((tmp_path / "pipe").read_text()))
    reader.start()
    write(tmp_path / "pipe")
    reader.join()
    assert found == ["new"]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LowcarbError, match="cannot be written: No such file"):
        write(tmp_path / "none" / "file")


def test_a_created_file_is_whole_and_replaces_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_file(tmp_path / "one", b"first")
    with pytest.raises(FileExistsError):
        create_file(tmp_path / "one", b"second")

    def fail(*_: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", fail)
    with pytest.raises(OSError, match="no hard links"):
        create_file(tmp_path / "two", b"first")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("one", b"first")]
