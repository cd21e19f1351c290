"""Recorded days played back: charges, leaks, dropouts, limits."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from lowcarb import Fairness, InputError, Series
from lowcarb.carbon.last_days import LEARNT_DAYS
from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.policies import POLICIES, Choice, Planned, Random
from lowcarb.replay import Disruptions, Recording, draw_disruptions
from lowcarb_solvers import Greedy, Problem
from tests.helpers.biased_days import biased_days
from tests.helpers.data import START
from tests.helpers.recorded_days import HOUR, RECORDING, ROUNDS, backtest


def test_what_a_cohort_emits_is_recomputed_client_by_client() -> None:
    on = backtest()
    run = on.run("regret", POLICIES["regret"])
    clients = on.planner.fleet
    for j in (0, 7, ROUNDS - 1):
        grams = sum(
            clients[i].energy_kwh
            * RECORDING.actual.mean(clients[i].region, START + j * HOUR, clients[i].duration)
            for i in run.cohorts[j].tolist()
        )
        assert run.realised_g_by_round[j] == pytest.approx(grams)
    assert run.turns.sum() == 4 * ROUNDS
    assert run.realised_g == pytest.approx(run.realised_g_by_round.sum())


@pytest.mark.parametrize("name", ["greedy", "regret", "ilp"])
def test_floors_and_caps_hold(name: str) -> None:
    run = backtest().run(name, POLICIES[name])
    assert run.floors_met == 1
    assert run.turns.max() <= 6


def test_the_oracle_is_the_limit() -> None:
    on = backtest()
    best = on.oracle(Planned())
    assert best.realised_g == pytest.approx(
        Planned()(on.truth).solution.objective  # type: ignore[union-attr]
    )
    for name in ("greedy", "regret", "ilp"):
        assert on.run(name, POLICIES[name]).realised_g >= best.realised_g - 1e-6


def test_the_oracle_calls_nobody_who_is_away_or_drops_out() -> None:
    disruptions = draw_disruptions(20, ROUNDS, seed=3, dropout=0.2, absence=0.1)
    run = backtest(disruptions).oracle(Planned())
    assert disruptions.drops is not None
    assert disruptions.online is not None
    for j, cohort in enumerate(run.cohorts):
        assert not disruptions.drops[cohort, j].any()
        assert disruptions.online[cohort, j].all()
    assert run.turns.sum() == 4 * ROUNDS
    assert run.floors_met == 1
    assert run.planned_g_by_round.tolist() == run.realised_g_by_round.tolist()


@pytest.mark.parametrize("name", ["greedy", "regret", "ilp"])
@pytest.mark.parametrize("seed", range(4))
def test_floors_are_met_in_spite_of_dropouts_and_absences(name: str, seed: int) -> None:
    disruptions = draw_disruptions(20, ROUNDS, seed=seed, dropout=0.1, absence=0.1)
    on = backtest(disruptions)
    run = on.run(name, POLICIES[name])
    assert disruptions.online is not None
    assert disruptions.drops is not None
    lost = 0
    for j, cohort in enumerate(run.cohorts):
        assert disruptions.online[cohort, j].all()
        lost += int(disruptions.drops[cohort, j].sum())
    assert lost > 0
    assert run.turns.sum() == sum(map(len, run.cohorts)) - lost
    # The oracle shows that they can be met.
    assert on.oracle(Planned()).floors_met == 1
    assert run.floors_met == 1


def test_turns_are_kept_in_reserve_once_turns_get_lost() -> None:
    # The first two rounds lose all of their eight turns; one client owes one.
    drops = np.zeros((20, ROUNDS), dtype=np.bool_)
    drops[:, :2] = True
    reserves: dict[bool, list[int]] = {}
    for lossy in (False, True):
        seen: list[Problem] = []

        def policy(given: Problem, view: CandidateView, seen: list[Problem] = seen) -> Choice:
            seen.append(given)
            return POLICIES["greedy"](given, view)

        on = backtest(Disruptions(drops=drops) if lossy else None, fairness=Fairness(min_rounds=0))
        owing = replace(on.planner.fleet, min_rounds=np.array([1] + 19 * [0]))
        on = replace(on, planner=replace(on.planner, fleet=owing))
        run = on.run("greedy", policy)
        assert run.floors_met == 1
        reserves[lossy] = [int(given.at_least.max()) - 1 for given in seen[:3]]
    # 4 of 24 turns come to nothing, and then 8 of 28, twenty being taken to have gone well.
    assert reserves[False] == [0, 0, 0]
    assert reserves[True] == [0, 3, 5]


def test_announced_absences_are_planned_around() -> None:
    online = np.ones((20, ROUNDS), dtype=np.bool_)
    online[0, 2:] = False
    known = backtest(Disruptions(online=online, announced=True), fairness=Fairness(min_rounds=2))
    assert known.run("ilp", POLICIES["ilp"]).turns[0] >= 2


def corrupted(recording: Recording, after: datetime) -> Recording:
    """Spoil all that cannot be known at a time: later issues and actual values."""
    rng = np.random.default_rng(9)
    assert recording.delay is not None
    last = after.timestamp() - recording.delay.total_seconds()

    def spoil(series: Series) -> Series:
        values = np.where(
            series.ends > last, rng.uniform(0, 900, len(series.values)), series.values
        )
        return replace(series, values=values)

    def nonsense(series: Series) -> Series:
        return replace(series, values=rng.uniform(0, 900, len(series.values)))

    forecasts = tuple(
        issue
        if issue.issued_at is not None and issue.issued_at <= after
        else replace(issue, series={r: nonsense(s) for r, s in issue.series.items()})
        for issue in recording.issues.forecasts
    )
    return replace(
        recording,
        issues=replace(recording.issues, forecasts=forecasts),
        actual=replace(
            recording.actual, series={r: spoil(s) for r, s in recording.actual.series.items()}
        ),
    )


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("rounds_known", [0, 5, 11])
def test_no_decision_knows_the_future(name: str, rounds_known: int) -> None:
    # Starts at noon: new issues come in within the replay, and its end is beyond the first one.
    start = START + timedelta(hours=20)
    honest = replace(backtest(), start=start)
    moment = start + rounds_known * HOUR
    blind = replace(honest, recording=corrupted(RECORDING, moment))
    one, other = honest.run(name, POLICIES[name]), blind.run(name, POLICIES[name])
    for j in range(rounds_known + 1):
        assert one.cohorts[j].tolist() == other.cohorts[j].tolist()
    if rounds_known:
        assert blind.truth.cost_level.tolist() != honest.truth.cost_level.tolist()


@pytest.mark.parametrize("hours", [0, 3, 7 * 24])
def test_nothing_that_stands_in_beyond_the_forecast_knows_the_future(hours: int) -> None:
    now = START + hours * HOUR
    until = (now + timedelta(days=20)).timestamp()
    one, other = (days.view(now, until) for days in (RECORDING, corrupted(RECORDING, now)))
    for region, series in one.series.items():
        assert series.ends[-1] >= until
        assert series.values.tolist() == other.series[region].values.tolist()
    # The corrupted part is not out of reach.
    later = now + 30 * HOUR
    one, other = (days.view(later, until) for days in (RECORDING, corrupted(RECORDING, now)))
    assert all(
        series.values[-1] != other.series[region].values[-1]
        or series.values.tolist() != other.series[region].values.tolist()
        for region, series in one.series.items()
    )


@pytest.mark.parametrize("rounds_known", [0, 5])
def test_no_decision_knows_who_will_be_away_or_whose_turn_will_be_lost(rounds_known: int) -> None:
    disruptions = draw_disruptions(20, ROUNDS, seed=3, dropout=0.02, absence=0.02)
    assert disruptions.online is not None
    assert disruptions.drops is not None
    # Who is here is seen when a round begins, whose turn is lost when it is over.
    online, drops = disruptions.online.copy(), disruptions.drops.copy()
    online[:, rounds_known + 1 :] = False
    drops[:, rounds_known:] ^= True
    asked: list[list[tuple[list[int], list[list[bool]]]]] = []
    for one in (disruptions, Disruptions(online=online, drops=drops)):
        seen: list[tuple[list[int], list[list[bool]]]] = []

        def policy(
            given: Problem,
            view: CandidateView,
            seen: list[tuple[list[int], list[list[bool]]]] = seen,
        ) -> Choice:
            assert given.available is not None
            if given.rounds >= ROUNDS - rounds_known:
                seen.append((given.at_least.tolist(), given.available.tolist()))
            return POLICIES["greedy"](given, view)

        backtest(one, fairness=Fairness(min_rounds=1)).run("greedy", policy)
        asked.append(seen)
    assert len(asked[0]) > rounds_known
    # There are seats for a larger reserve, and turns to keep.
    assert 20 <= sum(asked[0][0][0]) < 4 * ROUNDS
    assert asked[0] == asked[1]


def test_beyond_the_forecast_the_last_three_weeks_come_again_as_far_as_they_were_known() -> None:
    weeks_s = LEARNT_DAYS * 86_400.0
    issues, actual = biased_days(days=30)
    days = Recording(issues=issues, actual=actual)
    begin = (START + timedelta(days=4)).timestamp()
    series = days.view(START, begin + 2 * weeks_s).series["R0"]
    tail = series.values[series.times >= begin]
    known = days.known(START)["R0"]
    assert len(known.values) == LEARNT_DAYS * 24
    assert known.ends[-1] == (START - HOUR).timestamp()
    weeks = dict(zip((known.times % weeks_s).tolist(), known.values.tolist(), strict=True))
    hours = begin + 3600.0 * np.arange(2 * LEARNT_DAYS * 24)
    assert tail.tolist() == [weeks[hour] for hour in (hours % weeks_s).tolist()]


def test_a_policy_that_cheats_is_refused() -> None:
    def twice(_problem: Problem, _: CandidateView) -> Choice:
        return Choice(cohort=np.array([1, 1, 2, 3]), by="twice")

    with pytest.raises(InputError, match="policy twice: cohort: expected each client once"):
        backtest().run("twice", twice)
    online = np.ones((20, ROUNDS), dtype=np.bool_)
    online[3] = False

    def away(_problem: Problem, _: CandidateView) -> Choice:
        return Choice(cohort=np.array([1, 2, 3]), by="away")

    with pytest.raises(
        InputError, match="policy away: cohort: expected clients that can be asked now, got 3"
    ):
        backtest(Disruptions(online=online)).run("away", away)


def test_the_random_expectation_agrees_with_two_hundred_seeds() -> None:
    on = backtest()
    drawn = np.array([on.run("random", Random(), seed).realised_g for seed in range(200)])
    error = drawn.std(ddof=1) / np.sqrt(len(drawn))
    assert abs(drawn.mean() - on.truth.random_cost) < 3 * error


def test_a_policy_of_ones_own_takes_five_lines() -> None:
    def mine(problem: Problem, _: CandidateView) -> Choice:
        now = problem.weight * problem.cost_level[problem.level_of, 0]
        order = np.argsort(now, kind="stable")[: problem.cohort_size[0]]
        return Choice(cohort=np.sort(order), by="mine")

    on = backtest()
    assert on.run("mine", mine).realised_g == pytest.approx(
        on.run("cheapest", POLICIES["cheapest"]).realised_g
    )
    assert on.run("greedy", Planned((Greedy("cost"),))).floors_met == 1
