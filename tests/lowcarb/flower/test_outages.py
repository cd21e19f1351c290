"""Forecasts, clocks and solvers that fail. The training never stops."""

import itertools
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from flwr.serverapp.strategy import FedAvg

from lowcarb import Fairness, ProviderError
from lowcarb.carbon.provenance import Quality
from lowcarb.planning.policies import POLICIES
from lowcarb.providers import Answer
from lowcarb.training.clock import WallClock
from tests.helpers.data import START
from tests.helpers.flower_app import Invented, carbon_aware, cohorts, grid, run


class Night(Invented):
    """Fails as its script says: by round, a set of regions, "all", or an exception."""

    def __init__(self, script: dict[int, Any]) -> None:
        super().__init__()
        self.script = script
        self.number = 0

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        self.number += 1
        what = self.script.get(self.number, ())
        if isinstance(what, Exception):
            raise what
        found, _ = super().forecasts(regions, start=start, end=end)
        failed = {name: ProviderError("out of order") for name in found if name in what}
        return {name: one for name, one in found.items() if name not in failed}, failed


def qualities(strategy: Any) -> list[set[Quality]]:
    return [{o.quality for o in b.provenances.values()} for b in strategy.account.rounds]


def test_a_night_of_outages_never_stops_the_training(caplog: pytest.LogCaptureFixture) -> None:
    provider = Night(
        {2: {"R03"}, 3: ProviderError("the service is down"), 4: ValueError("a bug"), 5: {"R01"}}
    )
    strategy = carbon_aware(FedAvg(), provider=provider, fairness=Fairness(min_rounds=1))
    run(strategy, grid(20), rounds=6)
    fresh, old = Quality.FRESH, Quality.LAST_GOOD
    assert qualities(strategy) == [{fresh}, {fresh, old}, {old}, {old}, {fresh, old}, {fresh}]
    assert [len(cohort) for cohort in cohorts(strategy)] == [5] * 6
    assert not strategy.account.owed
    for text in ("out of order", "the service is down", "a bug", "last good for 20 regions"):
        assert text in caplog.text


@pytest.mark.parametrize("late", [timedelta(days=365 * 56), timedelta(days=-365 * 20)])
def test_a_clock_that_is_set_stops_no_training(late: timedelta) -> None:
    # A machine that boots without a clock of its own, and asks for the time after some rounds.
    strategy: Any = None
    count = itertools.count()

    def now() -> datetime:
        booked = len(strategy.account.rounds) if strategy._runs.newest else 0
        set_since = timedelta() if booked < 2 else late
        return START + set_since + timedelta(minutes=next(count))

    provider = Invented()
    strategy = carbon_aware(
        FedAvg(), clock=WallClock(now=now), provider=provider, policy=POLICIES["regret"]
    )
    short, rounds = 4, 400

    def until(number: int, _arrays: Any) -> None:
        if number > short:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(strategy, grid(10), rounds=rounds, evaluate_fn=until)
    assert [len(cohort) for cohort in cohorts(strategy)] == [5] * (short + 1)
    # The round in which it was set says nothing of the others.
    spans = [end - start for _, start, end in provider.asked]
    assert max(spans) <= spans[0]


def test_without_any_forecast_those_with_the_fewest_turns_train(
    caplog: pytest.LogCaptureFixture,
) -> None:
    provider = Night(dict.fromkeys(range(1, 20), ProviderError("the service is down")))
    strategy = carbon_aware(FedAvg(), provider=provider)
    with caplog.at_level(logging.INFO, "flwr.lowcarb"):
        run(strategy, grid(10), rounds=4)
    assert qualities(strategy) == [{Quality.MISSING}] * 4
    assert set(strategy.account.turns.values()) == {2}
    assert {booked.solver for booked in strategy.account.rounds} == {"least turns"}
    assert all(booked.planned_g is None for booked in strategy.account.rounds)
    assert "grams unknown; least turns, " in caplog.text


def test_a_region_without_forecast_gets_the_turns_it_is_owed_and_no_grams() -> None:
    provider = Night({number: {"R03"} for number in range(1, 20)})
    strategy = carbon_aware(FedAvg(), provider=provider, fairness=Fairness(min_rounds=2))
    run(strategy, grid(10), rounds=8)
    assert strategy.account.turns["client-03"] == 2
    for booked in strategy.account.rounds:
        for turn in booked.turns:
            assert (turn.intensity is None) == (turn.client == "client-03")


def test_a_solver_that_fails_does_not_stop_the_training() -> None:
    def broken(_problem: Any, _candidates: Any) -> Any:
        raise RuntimeError("no solver today")

    strategy = carbon_aware(FedAvg(), policy=broken)
    run(strategy, grid(10), rounds=2)
    assert [booked.solver for booked in strategy.account.rounds] == ["least turns"] * 2
    assert strategy.account.rounds[0].notes == ("no plan could be made",)
    assert strategy.account.rounds[0].planned_g is not None
