"""Whom to trust with a turn: clients that fail rest, as long as there is time for it."""

import pytest

from lowcarb.ledger.entries import Outcome
from lowcarb.training.candidates import MOST_REST
from tests.helpers.rosters import booked, candidates, met, named, online


def test_after_f_failures_in_a_row_a_client_rests_for_2_to_the_f_rounds() -> None:
    one = met(a=1, b=2)
    number = 1
    for failures in range(1, 9):
        one.record(booked(number, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
        rest = min(2**failures, MOST_REST)
        for later in range(1, rest + 1):
            found = candidates(one, number + later)
            assert named(found, found.resting) == {"a": rest - later + 1, "b": 0}
            assert named(found, found.able) == {"a": False, "b": True}
        number += rest + 1
        assert candidates(one, number).able.all()


def test_a_failure_or_two_leave_time_to_repay_what_is_owed() -> None:
    # Two clients, two seats, twenty rounds: each owes ten turns.
    one = met(a=1, b=2)
    for number, rest in ((8, 1), (10, 0)):
        one.record(booked(number, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
        assert named(candidates(one, number + 1), candidates(one, number + 1).resting)["a"] == rest
    # A third failure in a row is no chance any more.
    one.record(booked(11, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    assert named(candidates(one, 12), candidates(one, 12).resting)["a"] == 8


def test_rest_is_planned_for() -> None:
    one = met(a=1, b=2)
    one.record(booked(1, {"a": Outcome.SILENT, "b": Outcome.TRAINED}))
    found = candidates(one)
    here = online(found, 4)
    assert here.tolist() == [[False, False, True, True], [True] * 4]


def test_the_longest_rest_is_planned_for_to_its_end() -> None:
    one = met(a=1, b=2)
    for number in range(1, 8):
        one.record(booked(number, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    found = candidates(one, 8)
    here = online(found, MOST_REST + 2)
    assert here[0].tolist() == [False] * MOST_REST + [True, True]


@pytest.mark.parametrize("good", [Outcome.TRAINED, Outcome.DROPPED])
def test_a_success_wipes_failures_out(good: Outcome) -> None:
    one = met(a=1, b=2)
    one.record(booked(1, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    one.record(booked(4, {"a": good, "b": Outcome.TRAINED}))
    one.record(booked(5, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    found = candidates(one, 6)
    assert named(found, found.resting)["a"] == 2


def test_a_round_that_failed_as_a_whole_is_no_clients_fault() -> None:
    one = met(a=1, b=2, c=3)
    one.record(booked(1, {"a": Outcome.FAILED, "b": Outcome.SILENT}))
    found = candidates(one)
    assert found.able.all()
    assert found.turns.tolist() == [0, 0, 0]


def test_a_cohort_that_fails_again_and_again_rests() -> None:
    one = met(a=1, b=2, c=3)
    one.record(booked(1, {"a": Outcome.FAILED, "b": Outcome.SILENT}))
    # A round that was left out says nothing.
    one.record(booked(2, {}))
    one.record(booked(3, {"a": Outcome.FAILED, "b": Outcome.SILENT}))
    found = candidates(one, 4)
    assert named(found, found.able) == {"a": False, "b": False, "c": True}
    one.record(booked(4, {"c": Outcome.TRAINED}))
    one.record(booked(5, {"c": Outcome.FAILED}))
    assert candidates(one, 6).able.all()
