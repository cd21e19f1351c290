"""Files appear whole or not at all, and what is no file is never replaced."""

import os
import stat
import threading
from pathlib import Path

import pytest

from lowcarb import LowcarbError
from lowcarb._util.atomic_file import whole_file


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
    synced: list[tuple[int, str]] = []

    def note(handle: int) -> None:
        fsync(handle)
        synced.append((os.fstat(handle).st_size, path.read_text()))

    monkeypatch.setattr(os, "fsync", note)
    write(path, "longer")
    assert synced == [(6, "old")]
    assert path.read_text() == "longer"


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
