"""A sweep that is stopped, by Ctrl-C or by force, and goes on as if nothing had been."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.data import ENVIRONMENT, ROOT
from tests.helpers.processes import eventually, is_gone

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
]

# 16 tasks, of a second or so.
OPTIONS = [
    *("--forecast", "examples/issues.csv", "--actuals", "examples/actuals.csv"),
    *("--clients", "examples/clients.csv", "--rounds", "24", "--starts", "2"),
    *("--cohort-size", "3,4", "--min-share", "0,0.25,0.5,1", "--jobs", "2"),
]


def begin(*options: str) -> subprocess.Popen[str]:
    """Start a sweep as a shell does: in a group of processes that Ctrl-C reaches as a whole."""
    return subprocess.Popen(
        [sys.executable, "-m", "lowcarb", "sweep", *OPTIONS, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        cwd=ROOT,
        start_new_session=True,
    )


def some_are_kept(path: Path) -> bool:
    return path.exists() and path.read_bytes().count(b"\n") >= 4


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *descendants(child)]
    return found


def figures(kept: Path) -> dict[str, Any]:
    program = begin("--json", "--resume", str(kept))
    out, errors = program.communicate(timeout=240)
    assert program.returncode == 0, errors
    content: dict[str, Any] = json.loads(out)
    del content["timing"]
    return content


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return figures(tmp_path_factory.mktemp("untouched") / "tasks.jsonl")


def test_a_sweep_that_is_killed_goes_on_to_the_same_table(
    tmp_path: Path, untouched: dict[str, Any]
) -> None:
    kept = tmp_path / "tasks.jsonl"
    program = begin("--resume", str(kept))
    assert eventually(lambda: some_are_kept(kept), 120)
    workers = descendants(program.pid)
    program.kill()
    program.communicate()
    assert workers
    assert eventually(lambda: all(map(is_gone, workers)))
    lines = kept.read_bytes().splitlines(keepends=True)
    before = len(lines) - 1
    assert 3 <= before < 16
    # As if it had been killed while it wrote.
    kept.write_bytes(b"".join(lines)[:-7])
    assert figures(kept) == untouched
    assert kept.read_bytes().startswith(b"".join(lines[:-1]))
    assert len(kept.read_text().splitlines()) == 17


def test_ctrl_c_says_what_is_kept_and_how_to_go_on(
    tmp_path: Path, untouched: dict[str, Any]
) -> None:
    kept = tmp_path / "my tasks.jsonl"
    program = begin("--resume", str(kept))
    assert eventually(lambda: some_are_kept(kept), 120)
    workers = descendants(program.pid)
    os.killpg(program.pid, signal.SIGINT)
    out, errors = program.communicate(timeout=60)
    assert program.returncode == 130, errors
    assert out == ""
    first, second = errors.splitlines()
    done = len(kept.read_text().splitlines()) - 1
    assert first == f"Stopped: {done} of 16 tasks are kept in {kept}. To go on:"
    assert second.startswith("  lowcarb sweep --forecast examples/issues.csv --actuals ")
    assert second.endswith(f"--jobs 2 --resume '{kept}'")
    assert eventually(lambda: all(map(is_gone, workers)))
    assert figures(kept) == untouched


def test_ctrl_c_without_a_file_says_that_nothing_is_kept() -> None:
    program = begin()
    assert eventually(lambda: len(descendants(program.pid)) >= 2, 60)
    os.killpg(program.pid, signal.SIGINT)
    out, errors = program.communicate(timeout=60)
    assert program.returncode == 130, errors
    assert out == ""
    assert errors.startswith("Stopped after ")
    assert errors.endswith("which are lost; with --resume FILE they would be kept.\n")
    assert len(errors.splitlines()) == 1
