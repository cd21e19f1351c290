"""Trainings that wait for the cheapest hours before a deadline."""

import itertools
import logging
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.serverapp.strategy import FedAvg

from lowcarb import Fairness, InputError, Ledger, SimulatedClock, WallClock
from lowcarb.carbon.forecast import Series
from lowcarb.errors import ProviderUnavailableError
from lowcarb.ledger.account import Account
from lowcarb.planning.policies import Planned
from lowcarb.providers import Answer
from lowcarb.report.account.waiting import WaitingSummary
from lowcarb_solvers import Greedy
from tests.helpers.changing_grid import changing
from tests.helpers.crashes import Crash, crash_in
from tests.helpers.data import START
from tests.helpers.flower_app import carbon_aware, grid, run

HOUR = timedelta(hours=1)
DEADLINE = START + 40 * HOUR
OPEN = "06:00-22:00 UTC"


class Updated:
    """Gives hourly intensities that a newer issue changes, and fails for some hours.

    Parameters
    ----------
    fails
        Hours since the start in which nothing can be had.
    step_s
        How long each value holds.
    """

    def __init__(self, fails: Sequence[int] = (), step_s: float = 3600.0) -> None:
        self.fails = fails
        self.step_s = step_s
        self.asked: list[datetime] = []
        self.begin = self.reach = START

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        self.asked.append(start)
        self.reach = end
        hour = (start - self.begin).total_seconds() // self.step_s
        if hour in self.fails:
            raise ProviderUnavailableError("down for repairs")
        issue = int(hour // 12)
        times = self.begin.timestamp() + self.step_s * np.arange(72, dtype=np.float64)
        found = {}
        for name in regions:
            rng = np.random.default_rng([int(name[1:]), issue])
            found[name] = Series(times=times, values=rng.uniform(50, 500, 72))
        return found, {}


def hourly(ledger: Path | None = None, **options: Any) -> Any:
    given: dict[str, Any] = {
        "provider": Updated(),
        "deadline": DEADLINE,
        "open_hours": OPEN,
        "longest_pause": "12h",
        "fairness": Fairness(min_rounds=2),
        "ledger": ledger,
        # What is tested here is when; greedy cohorts take no time.
        "policy": Planned((Greedy(),)),
    }
    return carbon_aware(FedAvg(fraction_evaluate=0.0), **(given | options))


def check(account: Account, rounds: int = 8) -> None:
    """Fail where hours, pauses, the deadline or floors are not kept."""
    starts = [booked.start for booked in account.rounds]
    assert len(starts) == rounds
    for start in starts:
        assert 6 <= start.hour < 22
        assert start + HOUR <= DEADLINE
    for before, after in itertools.pairwise(starts):
        assert timedelta() <= after - before - HOUR <= 12 * HOUR
    assert not account.owed


@pytest.mark.slow
def test_updates_a_late_node_an_outage_and_two_restarts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = tmp_path / "run.db"
    late = list(range(1000, 1012))
    for number in (2, 5, None):
        on, turn = changing(13, {1: late, 2: late, 3: late})
        on.number = 1 if number == 2 else (2 if number == 5 else 5) + 1

        def evaluate(done: int, arrays: Any, number: int | None = number, turn: Any = turn) -> None:
            if done:
                turn(done, arrays)
            if number is not None:
                crash_in(number)(done, arrays)

        strategy = hourly(path, provider=Updated(fails=(9, 10, 11, 12)))
        if number is None:
            run(strategy, on, rounds=8, evaluate_fn=evaluate)
        else:
            with pytest.raises(Crash):
                run(strategy, on, rounds=8, evaluate_fn=evaluate)
    account = Ledger(path).account()
    check(account)
    assert {booked.start for booked in account.rounds} != {START + h * HOUR for h in range(6, 14)}
    joined = {member.name: member.joined for member in account.members}
    assert joined["client-12"] > 1
    said = [one.message for one in caplog.records if " waits until " in one.message]
    assert said
    assert any("waiting saves" in line and f"create {path}.go" in line for line in said)
    assert account.training.deadline == DEADLINE
    waiting = WaitingSummary.of(account)
    assert waiting is not None
    assert waiting.met
    # Of a round that was waited for by two servers all of the wait counts.
    ends = [START, *(booked.start + HOUR for booked in account.rounds)]
    assert [booked.ready_at for booked in account.rounds] == ends[:-1]
    # Of one round the intensity of one region is unknown.
    assert waiting.saved is not None
    assert waiting.saved.rounds >= 6
    assert waiting.saved.saved_g > 0


def test_the_deadline_of_now_counts_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    asked = {"open_hours": None, "longest_pause": None, "fairness": Fairness()}
    with pytest.raises(Crash):
        run(hourly(path, **asked), grid(12), rounds=4, evaluate_fn=crash_in(3))
    before = Ledger(path).account().training
    assert (before.deadline, before.hours) == (DEADLINE, "by 2022-07-16 16:00 UTC")
    later = DEADLINE + 5 * HOUR
    run(hourly(path, **asked, deadline=later), grid(12), rounds=4)
    account = Ledger(path).account()
    assert account.training.deadline == later
    assert account.training.hours == "by 2022-07-16 21:00 UTC"
    assert len(account.rounds) == 4


def test_cohorts_may_breathe_in_chosen_hours() -> None:
    # Greedy cohorts would all be of one size.
    short: dict[str, Any] = {"deadline": START + 18 * HOUR, "fairness": Fairness(min_rounds=1)}
    fixed = hourly(**short)
    breathing = hourly(**short, cohort_range="2..10", policy=Planned())
    for strategy in (fixed, breathing):
        run(strategy, grid(12), rounds=4)
        check(strategy.account, rounds=4)
    sizes = [len(booked.turns) for booked in breathing.account.rounds]
    assert sum(sizes) == sum(len(booked.turns) for booked in fixed.account.rounds)
    assert 2 <= min(sizes) < 5 < max(sizes) <= 10
    assert (breathing.account.planned_g or 0) < (fixed.account.planned_g or 0)


def test_it_waits_no_longer_than_the_deadline_allows() -> None:
    strategy = hourly(
        open_hours=None, longest_pause=None, deadline=START + 9 * HOUR, fairness=Fairness()
    )
    run(strategy, grid(12), rounds=8)
    starts = [booked.start for booked in strategy.account.rounds]
    assert sum(after - before > HOUR for before, after in itertools.pairwise(starts)) <= 1
    assert starts[-1] + HOUR <= START + 9 * HOUR


def test_without_any_forecast_it_goes_at_once() -> None:
    strategy = hourly(provider=Updated(fails=range(100)), open_hours=None, longest_pause=None)
    run(strategy, grid(12), rounds=4)
    assert [(b.start - START) / HOUR for b in strategy.account.rounds] == [0, 1, 2, 3]


def test_while_it_waits_it_sends_nothing() -> None:
    on, sent = grid(12), list[int]()

    class Counting(Updated):
        def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
            sent.append(len(on.sent))
            return super().forecasts(regions, start=start, end=end)

    provider = Counting()
    strategy = hourly(provider=provider, fairness=Fairness())
    run(strategy, on, rounds=1)
    waited = [
        count for at, count in zip(provider.asked, sent, strict=True) if at < START + 7 * HOUR
    ]
    assert len(waited) > 1
    # The nodes were asked who they are before, and are asked to train after.
    assert set(waited) == {12}


@pytest.mark.parametrize(
    ("options", "rounds", "said"),
    [
        ({"deadline": START + 6 * HOUR}, 8, "deadline: 8 rounds of 1 h need until"),
        ({"deadline": "tomorrow"}, 8, "deadline: expected a time such as"),
        ({"deadline": None}, 8, "open_hours: says which hours may be chosen until a deadline"),
        ({"open_hours": "6-22"}, 8, "open_hours: expected hours and a zone"),
        ({"longest_pause": "3h"}, 20, "longest-pause: only 16 rounds can follow each other"),
    ],
)
def test_what_cannot_be_is_refused_at_once(options: dict[str, Any], rounds: int, said: str) -> None:
    with pytest.raises(InputError, match=f"^{said}"):
        run(hourly(**options), grid(12), rounds=rounds)


def test_a_deadline_that_passed_while_the_server_was_down_is_said_and_made_up_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"
    options: dict[str, Any] = {"open_hours": None, "longest_pause": None, "fairness": Fairness()}
    with pytest.raises(Crash):
        run(hourly(path, **options), grid(12), rounds=4, evaluate_fn=crash_in(2))
    late = options | {"deadline": START + 3 * HOUR}
    last = hourly(path, **late)
    run(last, grid(12), rounds=4)
    assert len(last.account.rounds) == 4
    assert sum("cannot be met: 2 rounds" in one.message for one in caplog.records) == 1


@pytest.mark.slow
def test_by_real_clocks_it_keeps_a_deadline_of_seconds_and_goes_on_when_told(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.db"
    provider = Updated(step_s=2.0)
    provider.begin = datetime.now(UTC)
    deadline = provider.begin + timedelta(seconds=40)
    configs = grid(12).nodes
    for config in configs.values():
        config["duration-min"] = 1 / 60
    on = grid(12)
    on.nodes = configs
    strategy = hourly(
        path,
        provider=provider,
        clock=WallClock(),
        round_every="2s",
        deadline=deadline,
        open_hours=None,
        longest_pause=None,
        fairness=Fairness(min_rounds=1),
    )
    told = threading.Timer(6.0, Path(f"{path}.go").touch)
    told.start()
    began = time.monotonic()
    run(strategy, on, rounds=6)
    told.cancel()
    assert time.monotonic() - began < 45
    account = Ledger(path).account()
    starts = [booked.start for booked in account.rounds]
    assert len(starts) == 6
    assert starts[-1] < deadline
    assert not account.owed
    assert not isinstance(strategy.account.training.clock, SimulatedClock)
