"""Small file systems for tests, in a mount namespace that ends with its process."""

import functools
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.data import ENVIRONMENT

_MOUNT = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && shift 2 && exec "$@"'


@functools.cache
def can_mount(folder: Path) -> bool:
    """Whether this machine lets us mount something on a folder, seen by us only."""
    try:
        tried = subprocess.run(
            ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs tmpfs "$1"', "sh", str(folder)],
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return False
    return tried.returncode == 0


def run_on_tmpfs(folder: Path, size: str, script: str) -> str:
    """Run Python on a new file system of some size, mounted on a folder; it must succeed.

    Return what it said on standard error.

    The script gets the folder as its argument; `remount("ro")` and `remount("rw")` change it.
    """
    if not can_mount(folder):
        pytest.skip("mounting is not permitted here")
    remount = (
        "import subprocess, sys\n"
        "def remount(how):\n"
        "    subprocess.run(['mount', '-o', f'remount,{how}', sys.argv[1]], check=True)\n"
    )
    done = subprocess.run(
        [
            *("unshare", "-rm", "sh", "-c", _MOUNT, "sh", size, str(folder)),
            *(sys.executable, "-c", remount + script, str(folder)),
        ],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr
