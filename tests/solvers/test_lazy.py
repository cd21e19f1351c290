"""Computed once, and by forked processes too, whatever another thread computes meanwhile."""

import threading

from lowcarb_solvers.lazy import lazy
from tests.helpers.processes import run_script


class Thing:
    def __init__(self) -> None:
        self.computed = 0

    @lazy
    def value(self) -> list[int]:
        """What it is."""
        self.computed += 1
        return [self.computed]


def test_it_is_computed_once_for_each_instance() -> None:
    one, other = Thing(), Thing()
    assert one.value is one.value
    assert one.value is not other.value
    assert one.computed == other.computed == 1
    assert Thing.value.__doc__ == "What it is."


def test_threads_that_ask_together_get_the_same() -> None:
    meeting = threading.Barrier(4)

    class Slow:
        @lazy
        def value(self) -> object:
            meeting.wait(timeout=30)
            return object()

    slow = Slow()
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(slow.value)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(found) == 4
    assert all(value is slow.value for value in found)


FORK = """
import os, threading, warnings
warnings.simplefilter("ignore")  # newer Pythons warn of forks with threads
from benchmarks.instances import INSTANCES
from lowcarb_solvers import Classes, Greedy, Problem, merge, solve
problem = INSTANCES["day"].problem()
inside, forked = threading.Event(), threading.Event()
compute = {function}
def wait(self, *arguments):
    # In the parent's thread alone: the fork comes in the middle of the property.
    if threading.current_thread().name == "solving":
        inside.set()
        assert forked.wait(30)
    return compute(self, *arguments)
{function} = wait
thread = threading.Thread(target=lambda: ({attribute}), name="solving")
thread.start()
assert inside.wait(30)
pid = os.fork()
if not pid:
    import signal
    signal.alarm(30)  # a child that hangs is killed
    {attribute}
    os._exit(0)
status = os.waitpid(pid, 0)[1]
forked.set()
thread.join()
print(status)
"""


def forked(function: str, attribute: str) -> str:
    return run_script(FORK.format(function=function, attribute=attribute))


def test_a_fork_while_a_thread_computes_a_penalty_does_not_hang() -> None:
    assert forked("Classes.cost", "merge(problem).penalty") == "0\n"


def test_a_fork_while_a_thread_sums_an_objective_does_not_hang() -> None:
    assert forked("Classes.total_cost", "Greedy()(merge(problem)).objective") == "0\n"


def test_a_fork_while_a_thread_draws_cohorts_does_not_hang() -> None:
    assert forked("Classes.cohorts", "Greedy()(merge(problem)).cohorts") == "0\n"


def test_a_fork_while_a_thread_counts_turns_does_not_hang() -> None:
    assert forked("Classes.turns", "Greedy()(merge(problem)).turns") == "0\n"
