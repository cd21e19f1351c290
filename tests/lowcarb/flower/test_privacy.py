"""Differential privacy: exact cohorts, or no round at all."""

import pytest
from flwr.app import Message

from lowcarb import SimulatedClock, StrategyError
from lowcarb.ledger.entries import Outcome
from tests.helpers.changing_grid import changing
from tests.helpers.data import START
from tests.helpers.flower_app import carbon_aware, grid, is_training, run
from tests.helpers.strategies import accounted, private


def test_privacy_accounting_gets_its_exact_cohort_or_no_round(
    caplog: pytest.LogCaptureFixture,
) -> None:
    strategy = accounted()
    on, turn = changing(12, {2: list(range(1000, 1005))})
    wrapped = carbon_aware(strategy, cohort_size=7, wait="1s")
    run(wrapped, on, rounds=4, evaluate_fn=turn)
    assert [len(b.turns) for b in wrapped.account.rounds] == [7, 0, 7, 7]
    assert strategy.privacy_spent().num_releases == 3  # type: ignore[attr-defined]
    assert (
        "round 2/4 is left out: privacy accounting needs exactly 7 clients, 5 can be had"
        in caplog.text
    )


def test_privacy_accounting_waits_in_each_round() -> None:
    """Those missing are waited for again and again: rounds must not be used up in no time."""
    slept: list[float] = []
    few = list(range(1000, 1005))
    on, turn = changing(12, dict.fromkeys((2, 3, 4), few))

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if on.number == 4 and len(slept) == 65:
            on.online = {}

    wrapped = carbon_aware(
        accounted(), cohort_size=7, wait="30s", clock=SimulatedClock(START, sleep=sleep)
    )
    run(wrapped, on, rounds=5, evaluate_fn=turn)
    assert [len(booked.turns) for booked in wrapped.account.rounds] == [7, 0, 0, 7, 7]
    assert sum(slept) == 65


def test_privacy_accounting_would_rather_ask_who_failed_than_leave_the_round_out() -> None:
    def fault(node: int, message: Message) -> str | None:
        fails = node == 1003 and is_training(message) and on.number <= 2
        return "error" if fails else None

    on, turn = changing(7, {})
    on.fault = fault
    wrapped = carbon_aware(accounted(), cohort_size=7)
    run(wrapped, on, rounds=5, evaluate_fn=turn)
    assert [len(booked.turns) for booked in wrapped.account.rounds] == [7] * 5
    assert [booked.aggregated for booked in wrapped.account.rounds] == [False] * 2 + [True] * 3


def test_cohorts_that_contradict_differential_privacy_are_refused() -> None:
    with pytest.raises(StrategyError, match="num_sampled_clients=7, but cohort_size=5"):
        carbon_aware(private("Fixed", clipping_norm=1.0), cohort_size=5)
    with pytest.raises(StrategyError, match="over_selection=1; they must agree"):
        carbon_aware(private("Fixed", clipping_norm=1.0), cohort_size=7, over_selection=1)


def test_one_error_reply_drops_the_whole_private_round() -> None:
    def fault(node: int, message: Message) -> str | None:
        return "error" if is_training(message) and node == 1003 else None

    strategy = carbon_aware(private("Fixed", clipping_norm=1.0), cohort_size=7)
    run(strategy, grid(7, fault=fault), rounds=1)
    booked = strategy.account.rounds[0]
    assert not booked.aggregated
    assert {turn.outcome for turn in booked.turns} == {Outcome.DROPPED, Outcome.FAILED}
    assert sum(strategy.account.turns.values()) == 0
