"""Programs that tests start, watch and stand in for."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.helpers.data import ENVIRONMENT


def run_script(script: str, *arguments: str, cwd: Path | None = None) -> str:
    """Run Python in a new process; return what it prints.

    It prints into a file: a pipe would be held open by a process that it leaves behind.
    """
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            stdout=output,
            stderr=output,
            env=ENVIRONMENT,
            check=False,
            cwd=cwd,
            timeout=55,
        )
        output.seek(0)
        printed = output.read()
    assert done.returncode in (0, -signal.SIGKILL), printed
    return printed


@contextmanager
def child(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run Python beside the test; kill it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def progress(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{text}\n")
    process.stdin.flush()


def is_gone(pid: int) -> bool:
    """Whether a process has ended, collected by its parent or not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rsplit(")", 1)[1].split()[0] == "Z"


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait until a condition holds; return whether it came to that."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def fake_cbc(folder: Path, script: str) -> str:
    """Write a program that stands in for CBC."""
    path = folder / "cbc"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)
