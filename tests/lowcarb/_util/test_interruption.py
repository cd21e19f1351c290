"""An interruption waits for the end of what belongs together."""

import os
import signal
from threading import Thread

import pytest

from lowcarb._util.interruption import held_back


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_an_interruption_takes_effect_after_the_block() -> None:
    done = []

    def work() -> None:
        with held_back() as held:
            interrupt()
            done.append(held)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == [True]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interruption_is_not_lost_where_the_block_fails() -> None:
    def fail() -> None:
        with held_back():
            interrupt()
            raise ValueError("failed")

    with pytest.raises(KeyboardInterrupt) as stopped:
        fail()
    assert isinstance(stopped.value.__context__, ValueError)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_nothing_happens_without_an_interruption() -> None:
    with held_back() as held:
        assert held
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_say_that_they_cannot_hold_it_back() -> None:
    told = []

    def work() -> None:
        with held_back() as held:
            told.append(held)

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert told == [False]
