"""Work on all cores: order, errors, processes that die."""

import os
import signal
import subprocess
import sys
from multiprocessing import active_children
from pathlib import Path
from threading import Event, Thread
from threading import enumerate as enumerate_threads
from time import sleep

import pytest

from lowcarb.errors import InputError, LowcarbError
from lowcarb.replay.parallel import _uninterrupted, side_by_side
from tests.helpers.data import ENVIRONMENT
from tests.helpers.processes import eventually, is_gone


def square(number: int) -> int:
    sleep(0.2 if number == 1 else 0)
    return number**2


def refuse(number: int) -> int:
    if number == 2:
        raise InputError("expected another number", file="f.csv", line=3, field="number")
    sleep(60 if number == 3 else 0)
    return number


def die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("workers", [1, 2, 9])
def test_results_come_in_order(workers: int) -> None:
    assert list(side_by_side(square, [1, 2, 3], workers)) == [1, 4, 9]


def test_an_error_ends_the_others_and_keeps_its_place() -> None:
    with pytest.raises(InputError, match=r"f\.csv:3: expected another number") as caught:
        list(side_by_side(refuse, [1, 2, 3], 2))
    assert caught.value.field == "number"
    assert active_children() == []


def always_refuse(number: int) -> int:
    raise InputError(f"number {number}")


def test_an_error_of_many_tasks_leaves_no_thread_behind() -> None:
    before = set(enumerate_threads())
    for _ in range(3):
        with pytest.raises(InputError, match="number 0"):
            list(side_by_side(always_refuse, range(40), 2))
        assert eventually(lambda: set(enumerate_threads()) <= before)


def test_a_killed_process_is_an_error_of_ours() -> None:
    with pytest.raises(LowcarbError, match="was killed; perhaps the memory was full"):
        list(side_by_side(die, [1, 2], 2))


def test_whoever_stops_listening_stops_the_work() -> None:
    results = side_by_side(refuse, [1, 3], 2)
    assert next(results) == 1
    results.close()  # type: ignore[attr-defined]
    assert active_children() == []


def test_ctrl_c_waits_until_workers_are_started() -> None:
    # A thread that blocks nothing takes the signal for the whole process.
    done = Event()
    other = Thread(target=done.wait)
    other.start()
    started = []

    def start() -> None:
        with _uninterrupted():
            os.kill(os.getpid(), signal.SIGINT)
            sleep(0.1)
            started.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    with pytest.raises(KeyboardInterrupt):
        start()
    done.set()
    other.join()
    assert started == [True]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


_KILLED = """
import os, sys, time
from lowcarb.replay.parallel import side_by_side

def work(folder):
    open(os.path.join(folder, str(os.getpid())), "w").close()
    time.sleep(60)

if __name__ == "__main__":
    list(side_by_side(work, [sys.argv[1]] * 2, 2))
"""


def test_workers_end_with_a_program_that_is_killed(tmp_path: Path) -> None:
    script, folder = tmp_path / "killed.py", tmp_path / "pids"
    script.write_text(_KILLED)
    folder.mkdir()
    program = subprocess.Popen([sys.executable, str(script), str(folder)], env=ENVIRONMENT)
    assert eventually(lambda: len(list(folder.iterdir())) == 2, 60)
    program.kill()
    program.wait()
    workers = [int(path.name) for path in folder.iterdir()]
    assert eventually(lambda: all(is_gone(pid) for pid in workers))
