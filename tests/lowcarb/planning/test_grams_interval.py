"""Planned grams with an interval: the errors of past issues played on the cohorts."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from lowcarb import Client, Fairness, Fleet, Planner
from lowcarb.carbon.correction import Corrector
from lowcarb.demo.scenario import Scenario
from lowcarb.planning.grams_interval import GramsInterval, grams_interval
from lowcarb.planning.plan import Plan
from tests.helpers.biased_days import biased_days
from tests.helpers.data import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def planner_of(regions: list[str], rounds: int = 24, minutes: float = 60) -> Planner:
    fleet = Fleet.from_clients(
        [
            Client(
                name=f"c{i}",
                region=regions[i % len(regions)],
                energy_kwh=0.5 + 0.1 * i,
                duration=timedelta(minutes=minutes),
            )
            for i in range(12)
        ]
    )
    return Planner(
        fleet=fleet,
        cohort_size=3,
        rounds=rounds,
        every=timedelta(minutes=max(60, minutes)),
        fairness=Fairness(min_rounds=1),
    )


def interval(corrector: Corrector, planner: Planner, now: datetime) -> tuple[Plan, GramsInterval]:
    forecast = corrector.at(now)
    plan = planner.plan(now, forecast)
    starts, cohorts = planner.starts(now), plan.solution.cohorts
    return plan, grams_interval(corrector.errors, forecast, planner.fleet, starts, cohorts, now)


def test_what_comes_true_lies_within_about_nine_times_in_ten() -> None:
    days = Scenario(seed=1, days=70)
    corrector = Corrector(issues=days.issues, actual=days.actual)
    planner = planner_of(["CISO", "ERCO", "PJM", "MISO"], rounds=12)
    held = []
    for issue in days.issues.forecasts[24:64:3]:
        assert issue.issued_at is not None
        plan, found = interval(corrector, planner, issue.issued_at)
        assert found.bounds is not None
        low, high = found.bounds
        assert low < high < 2 * low
        true = planner.problem(issue.issued_at, days.actual).cost(plan.solution.cohorts)
        held.append(low <= true <= high)
    assert 0.75 <= np.mean(held) <= 1


def test_the_interval_is_the_sum_with_the_errors_of_each_issue() -> None:
    issues, actual = biased_days(days=40, factor=1.1)
    corrector = Corrector(issues=issues, actual=actual)
    planner = planner_of(["R0", "R1"])
    plan, found = interval(corrector, planner, START)
    assert corrector.errors is not None
    factor = np.exp(corrector.errors.replayed(START))
    forecast = corrector.at(START)
    sums = np.zeros(len(factor))
    for j, cohort in enumerate(plan.solution.cohorts):
        for i in cohort.tolist():
            client = planner.fleet[i]
            mean = forecast.mean(client.region, START + j * HOUR, client.duration)
            r = corrector.errors.past.regions.index(client.region)
            sums += planner.fleet.energy_kwh[i] * ((mean + 1) * factor[:, j, r] - 1)
    known = np.sort(sums[~np.isnan(sums)])
    assert found.issues == len(known) > 19
    assert found.bounds is not None
    assert np.isclose(found.bounds[0], known[0])
    assert np.isclose(found.bounds[1], known[-1])


def test_long_workloads_take_the_errors_of_all_their_hours() -> None:
    issues, actual = biased_days(days=40, factor=1.1, noise=0.2)
    corrector = Corrector(issues=issues, actual=actual)
    planner = planner_of(["R0"], rounds=4, minutes=600)
    plan, found = interval(corrector, planner, START)
    assert corrector.errors is not None
    factor = np.exp(corrector.errors.replayed(START))[:, :, 0]
    forecast = corrector.at(START)
    sums = np.zeros(len(factor))
    for j, cohort in enumerate(plan.solution.cohorts):
        mean = forecast.mean("R0", START + 10 * j * HOUR, 10 * HOUR)
        mine = (mean + 1) * factor[:, 10 * j : 10 * j + 10].mean(axis=1) - 1
        sums += planner.fleet.energy_kwh[cohort].sum() * mine
    known = np.sort(sums[~np.isnan(sums)])
    assert found.issues == len(known)
    assert found.bounds == pytest.approx((known[0], known[-1]))


def test_where_too_little_is_known_there_is_none_and_that_is_said() -> None:
    issues, actual = biased_days(days=40, factor=1.1)
    corrector = Corrector(issues=issues, actual=actual)
    planner = planner_of(["R0", "R1"])
    _, few = interval(corrector, planner, START - 30 * DAY)
    assert few.bounds is None
    assert few.sentence.startswith("no interval of what is emitted: the errors of ")
    assert few.sentence.endswith("are known, 19 are needed")
    forecast = corrector.at(START)
    cohorts = [np.array([0])]
    far = np.array([(START + 6 * DAY).timestamp()])
    long = replace(
        forecast,
        series={
            r: replace(
                s,
                times=np.append(s.times, far),
                values=np.append(s.values, 1.0),
                until=np.append(s.ends, far + 7200),
            )
            for r, s in forecast.series.items()
        },
    )
    found = grams_interval(corrector.errors, long, planner.fleet, far, cohorts, START)
    assert found.bounds is None
    assert "do not reach" in found.sentence
    assert grams_interval(None, forecast, planner.fleet, far, cohorts, START).bounds is None
