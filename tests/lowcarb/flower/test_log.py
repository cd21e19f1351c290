"""Lowcarb's log within Flower's: all of it, once, and as it was before when trainings are over."""

import logging
from contextlib import ExitStack

import pytest

from lowcarb.flower.log import in_flowers_log

OURS = [logging.getLogger("lowcarb"), logging.getLogger("lowcarb_solvers")]


def state() -> list[tuple[int, bool, int]]:
    return [(logger.level, logger.propagate, len(logger.handlers)) for logger in OURS]


def test_all_rooms_are_heard_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "flwr.lowcarb")
    with in_flowers_log():
        for name in ("lowcarb.training.session", "lowcarb_solvers.solver"):
            logging.getLogger(name).info("of %s", name)
    texts = [record.getMessage() for record in caplog.records]
    assert texts == ["of lowcarb.training.session", "of lowcarb_solvers.solver"]


def test_trainings_that_overlap_leave_the_log_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "flwr.lowcarb")
    before = state()
    one, other = ExitStack(), ExitStack()
    one.enter_context(in_flowers_log())
    other.enter_context(in_flowers_log())
    logging.getLogger("lowcarb.training").info("both")
    one.close()
    logging.getLogger("lowcarb.training").info("the other alone")
    other.close()
    assert [record.getMessage() for record in caplog.records] == ["both", "the other alone"]
    assert state() == before
