"""Thousands of plans in one process leave nothing behind."""

import gc
import tempfile
from pathlib import Path

import psutil
import pytest

from benchmarks.instances import small
from lowcarb_solvers import chain, solve


def held(process: psutil.Process) -> dict[str, object]:
    """What may only grow for a while: threads, files, children and their files, folders."""
    children = process.children(recursive=True)
    return {
        "threads": process.num_threads(),
        "files": process.num_fds(),
        "children": len(children),
        "children's files": sorted(child.num_fds() for child in children),
        "folders": sorted(Path(tempfile.gettempdir()).glob("lowcarb-*")),
    }


def megabytes(process: psutil.Process) -> float:
    gc.collect()
    family = [process, *process.children(recursive=True)]
    return sum(one.memory_info().rss for one in family) / 1e6


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(psutil.Process, "num_fds"), reason="files are counted on POSIX")
def test_a_thousand_plans_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    process = psutil.Process()

    def plan(seeds: range) -> None:
        for seed in seeds:
            problem = small(seed, elastic=True, most_clients=12, most_rounds=8)
            solve(problem, *chain(solver="flow" if seed % 3 == 0 else "cbc"))

    plan(range(200))
    before, mb = held(process), megabytes(process)
    plan(range(200, 1200))
    assert held(process) == before
    assert megabytes(process) - mb < 20
