"""Guarded programs leave nothing behind, however they or their user end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lowcarb.demo.process_guard import guarded
from tests.helpers.data import ENVIRONMENT
from tests.helpers.processes import eventually, is_gone, run_script

DETACHED = """
import subprocess, sys
from pathlib import Path
child = subprocess.Popen([sys.executable, "-c", {child!r}], start_new_session=True)
Path({file!r}).write_text(str(child.pid))
{then}
"""
SLEEP = "import time; time.sleep(300)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(300)
"""


def program(file: Path, child: str, then: str) -> list[str]:
    """A program that starts a child in a session of its own and notes its id."""
    return [sys.executable, "-c", DETACHED.format(child=child, file=str(file), then=then)]


@pytest.mark.parametrize("status", [0, 3])
def test_a_detached_child_ends_with_the_program(tmp_path: Path, status: int) -> None:
    file = tmp_path / "pid"
    command = program(file, SLEEP, f"sys.exit({status})")
    with (tmp_path / "log").open("wb") as log, guarded(command, env=ENVIRONMENT, output=log) as run:
        assert run.wait() == status
        # Not even a zombie is left, which the first process of a container would keep for ever.
        assert not Path(f"/proc/{file.read_text()}").exists()
        assert is_gone(int(file.read_text()))


def test_all_end_when_the_block_is_left_early(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    command = program(file, SLEEP, "print('ready', flush=True); child.wait()")
    with (tmp_path / "log").open("wb") as log, guarded(command, env=ENVIRONMENT, output=log) as run:
        assert eventually(lambda: b"ready" in (tmp_path / "log").read_bytes())
    assert run.returncode == -signal.SIGTERM % 256
    assert is_gone(int(file.read_text()))


@pytest.mark.slow
def test_who_does_not_listen_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    command = program(file, STUBBORN, "")
    with (tmp_path / "log").open("wb") as log, guarded(command, env=ENVIRONMENT, output=log):
        assert eventually(lambda: b"deaf" in (tmp_path / "log").read_bytes())
    assert is_gone(int(file.read_text()))


def test_all_end_when_their_user_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    command = program(file, SLEEP, "child.wait()")
    run_script(
        f"""
import os, signal, time
from pathlib import Path
from lowcarb.demo.process_guard import guarded
with open(os.devnull, "wb") as log, guarded({command!r}, env=dict(os.environ), output=log):
    while not (Path({str(file)!r}).exists() and Path({str(file)!r}).read_text()):
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    )
    assert eventually(lambda: is_gone(int(file.read_text())))


def test_others_are_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True) as other:
        command = program(tmp_path / "pid", SLEEP, "")
        with (tmp_path / "log").open("wb") as log, guarded(command, env=ENVIRONMENT, output=log):
            pass
        assert not is_gone(other.pid)
        os.kill(other.pid, signal.SIGKILL)
