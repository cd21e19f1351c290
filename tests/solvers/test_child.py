"""The child process: killed, orphaned, forked, shared by threads."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from benchmarks.instances import INSTANCES
from lowcarb_solvers import Cbc, Greedy, child, solve
from tests.helpers.params import first_fast
from tests.helpers.processes import eventually, fake_cbc, is_gone, run_script

PROBLEM = INSTANCES["two-days"].problem()


def idle_for_cbc() -> int:
    return [one.module for one in child._idle].count("lowcarb_solvers.cbc_model")


def test_a_child_that_is_killed_is_replaced() -> None:
    for _ in range(5):
        assert solve(PROBLEM).solver == "cbc"
        for idle in list(child._idle):
            os.killpg(idle._process.pid, signal.SIGKILL)
        # Whether it is seen to be dead already is a race, and must not matter.
        assert solve(PROBLEM).solver == "cbc"
        assert idle_for_cbc() <= 2


def test_a_removed_working_folder_does_not_matter(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from benchmarks.instances import INSTANCES\n"
        "from lowcarb_solvers import solve\n"
        "os.makedirs(sys.argv[1]); os.chdir(sys.argv[1]); os.rmdir(sys.argv[1])\n"
        "print(solve(INSTANCES['day'].problem()).solver)\n"
    )
    assert run_script(script, str(tmp_path / "gone")) == "cbc\n"


def test_a_fork_neither_hangs_nor_takes_the_child_away(tmp_path: Path) -> None:
    # The forked process holds the pipes of the parent's idle child when the parent ends.
    script = (
        "import os, time\n"
        "from benchmarks.instances import INSTANCES\n"
        "from lowcarb_solvers import child, solve\n"
        "problem = INSTANCES['day'].problem()\n"
        "assert solve(problem).solver == 'cbc'\n"
        "pid = os.fork()\n"
        "if not pid:\n"
        "    assert child._idle == []\n"
        "    assert solve(problem).solver == 'cbc'\n"
        "    time.sleep(60)\n"
        "assert solve(problem).solver == 'cbc'\n"
        "print(pid, flush=True)\n"
    )
    began = time.monotonic()
    pid = int(run_script(script, cwd=tmp_path))
    os.kill(pid, signal.SIGKILL)
    assert time.monotonic() - began < 30


def test_threads_solve_side_by_side() -> None:
    found: list[float | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(solve(PROBLEM).objective)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert idle_for_cbc() <= 2


@pytest.mark.parametrize("end", ["politely", "killed"])
def test_the_child_ends_with_its_parent(tmp_path: Path, end: str) -> None:
    script = (
        "from benchmarks.instances import INSTANCES\n"
        "from lowcarb_solvers import child, solve\n"
        "assert solve(INSTANCES['day'].problem()).solver == 'cbc'\n"
        "print(child._idle[0]._process.pid, flush=True)\n"
        "import os, sys\n"
        "if sys.argv[1] == 'killed': os.kill(os.getpid(), 9)\n"
    )
    pid = int(run_script(script, end, cwd=tmp_path))
    assert eventually(lambda: is_gone(pid))


def test_a_working_child_ends_with_its_parent_too(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    path = fake_cbc(tmp_path, f"echo $$ > {pid}; exec sleep 600")
    folder = tmp_path / "work"
    folder.mkdir()
    script = (
        "import sys, tempfile, threading, time, os\n"
        "from benchmarks.instances import INSTANCES\n"
        "from lowcarb_solvers import Cbc, solve\n"
        "tempfile.tempdir = sys.argv[3]\n"
        "job = lambda: solve(INSTANCES['day'].problem(), Cbc(path=sys.argv[1], time_limit=300))\n"
        "threading.Thread(target=job, daemon=True).start()\n"
        "while not os.path.exists(sys.argv[2]): time.sleep(0.05)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    run_script(script, path, str(pid), str(folder))
    sleeper = int(pid.read_text())
    assert eventually(lambda: is_gone(sleeper) and not list(folder.iterdir()))


LEAVES = {
    "own session": "setsid sleep 600 & echo $! > {pid}",
    "daemon": "(setsid sh -c 'echo $$ > {pid}; exec sleep 600' &) ; sleep 0.2",
    "deaf": "setsid sh -c 'trap \"\" HUP INT TERM; echo $$ > {pid}; while :; do sleep 600; done' &",
}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the process tree is not shown")
@pytest.mark.parametrize("then", first_fast(["sleep 600", "exit 3"], 1))
@pytest.mark.parametrize("leaves", LEAVES)
@pytest.mark.slow
def test_a_program_that_leaves_its_group_is_not_left_behind(
    tmp_path: Path, leaves: str, then: str
) -> None:
    pid = tmp_path / "pid"
    path = fake_cbc(tmp_path, f"{LEAVES[leaves].format(pid=pid)}\nsleep 0.3; {then}")
    assert solve(PROBLEM).solver == "cbc"
    assert solve(PROBLEM, Greedy(), Cbc(path=path, time_limit=4.0)).solver == "regret"
    sleeper = int(pid.read_text())
    assert eventually(lambda: is_gone(sleeper))


@pytest.mark.parametrize("kill_after", ["fork", "job"])
def test_a_parent_killed_while_its_child_starts_leaves_no_folder(
    tmp_path: Path, kill_after: str
) -> None:
    # The parent dies as soon as the child exists, or has been sent its job: it has imported
    # nothing by then.
    script = (
        "import os, sys, tempfile\n"
        "from benchmarks.instances import INSTANCES\n"
        "from lowcarb_solvers import child, solve\n"
        "tempfile.tempdir = sys.argv[1]\n"
        "send, popen = child._send, child.subprocess.Popen\n"
        "def begin(*arguments, **options):\n"
        "    process = popen(*arguments, **options)\n"
        "    print(process.pid, flush=True)\n"
        "    if sys.argv[2] == 'fork': os.kill(os.getpid(), 9)\n"
        "    return process\n"
        "def tell(*arguments):\n"
        "    send(*arguments)\n"
        "    os.kill(os.getpid(), 9)\n"
        "child.subprocess.Popen, child._send = begin, tell\n"
        "solve(INSTANCES['day'].problem())\n"
    )
    pid = int(run_script(script, str(tmp_path), kill_after))
    assert eventually(lambda: is_gone(pid))
    assert list(tmp_path.iterdir()) == []
