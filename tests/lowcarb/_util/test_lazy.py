"""What the rooms of a plan compute once is computed without a lock that forks would inherit."""

import os
import threading
from collections.abc import Callable

import pytest

from lowcarb._util.lazy import lazy
from lowcarb.carbon.forecast import Forecast
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.plan import Plan


def test_it_is_computed_once_for_each_instance() -> None:
    computed: list[object] = []

    class Thing:
        @lazy
        def value(self) -> int:
            computed.append(self)
            return len(computed)

    one, other = Thing(), Thing()
    assert (one.value, other.value, one.value) == (1, 2, 1)
    assert computed == [one, other]


def test_another_thread_may_compute_meanwhile() -> None:
    # A lock that all instances share, as a fork would inherit it, would never be free.
    inside, done = threading.Event(), threading.Event()

    class Thing:
        def __init__(self, compute: Callable[[], int]) -> None:
            self.compute = compute

        @lazy
        def value(self) -> int:
            return self.compute()

    def wait() -> int:
        inside.set()
        assert done.wait(30)
        return os.getpid()

    thread = threading.Thread(target=lambda: Thing(wait).value)
    thread.start()
    assert inside.wait(30)
    assert Thing(lambda: 7).value == 7
    done.set()
    thread.join()


@pytest.mark.parametrize("kind", [Fleet, Forecast, Plan])
def test_the_rooms_of_a_plan_hold_no_such_lock(kind: type) -> None:
    assert not [name for name, value in vars(kind).items() if hasattr(value, "lock")]
    assert [name for name, value in vars(kind).items() if isinstance(value, lazy)]
