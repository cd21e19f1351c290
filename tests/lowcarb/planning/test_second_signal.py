"""A plan by one signal, accounted for by another as well."""

import re
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import Client, CoverageError, Fairness, Fleet, InputError, Planner
from lowcarb.carbon.kinds import Kind
from lowcarb_solvers import Greedy
from tests.helpers.data import START
from tests.helpers.two_signals import AVERAGE, MARGINAL, fleet, intensities

FIRST = intensities(AVERAGE, "average")


def planner(*regions: str, rounds: int = 2, cohort_size: int = 1, minutes: int = 60) -> Planner:
    return Planner(
        fleet=fleet(*regions, minutes=minutes),
        cohort_size=cohort_size,
        rounds=rounds,
        fairness=Fairness(min_share=0),
        solvers=(Greedy("regret"),),
    )


def test_both_signals_are_told_where_they_disagree() -> None:
    plan = planner().plan(START, FIRST, also=intensities(MARGINAL, "marginal"))
    second = plan.also
    assert second is not None
    # Both rounds go to A: 2 x 100 g, random 2 x (100 + 300) / 2 g.
    assert plan.planned_g == 200
    assert plan.baselines["random"].planned_g == 400
    # By the other signal that is 2 x 800 g, and random 2 x (800 + 400) / 2 g.
    assert (second.planned.grams, second.random.grams, second.saved_g) == (1600, 1200, -400)
    assert (second.kind, second.first) == (Kind("marginal"), (Kind("average"),))
    assert second.missing == ()
    said = "SecondSignal(marginal: 1,600.0 g planned, 1,200.0 g random, from that file)"
    assert repr(second) == said


@pytest.mark.parametrize(
    ("first", "second", "in_a", "planned", "beside"),
    [("average", "marginal", 16, 2480, 14840), ("marginal", "average", 4, 10160, 5120)],
)
def test_the_example_of_the_documentation(
    first: str, second: str, in_a: int, planned: float, beside: float
) -> None:
    levels = {"average": {"A": 80.0, "B": 300.0}, "marginal": {"A": 820.0, "B": 430.0}}
    random = {"average": 3800, "marginal": 12500}
    hour = timedelta(hours=1)
    clients = [
        Client(name=f"{i}{region}", region=region, energy_kwh=1, duration=hour)
        for i in range(2)
        for region in "AB"
    ]
    plan = Planner(
        fleet=Fleet.from_clients(clients),
        cohort_size=2,
        rounds=10,
        fairness=Fairness(min_rounds=2),
        solvers=(Greedy("regret"),),
    ).plan(START, intensities(levels[first], first), also=intensities(levels[second], second))
    turns = [name for planned in plan.rounds for name in planned.clients]
    assert plan.also is not None
    assert sum(name.endswith("A") for name in turns) == in_a
    assert (plan.planned_g, plan.baselines["random"].planned_g) == (planned, random[first])
    assert (plan.also.planned.grams, plan.also.random.grams) == (beside, random[second])


def test_a_plan_is_the_same_whatever_stands_beside_it() -> None:
    alone = planner().plan(START, FIRST)
    beside = planner().plan(START, FIRST, also=intensities(MARGINAL, "marginal"))
    assert alone.also is None
    assert "also" not in alone.to_dict()
    content = {**beside.to_dict(), "seconds": 0}
    assert content.pop("also")["saved_g"] == -400
    assert content == {**alone.to_dict(), "seconds": 0}


def test_figures_of_some_regions_say_of_how_much_they_are() -> None:
    known = intensities({"B": 400.0}, "marginal")
    second = planner(rounds=4, cohort_size=1).plan(START, FIRST, also=known).also
    assert second is not None
    assert second.missing == ("A",)
    # All rounds go to A, of which nothing is known; of random cohorts half are in B.
    assert (second.planned.grams, second.planned.share) == (None, 0)
    assert (second.random.grams, second.random.share) == (800, 0.5)
    assert second.saved_g is None
    assert second.to_dict()["planned_g"] is None


def test_figures_of_some_times_say_of_how_much_they_are() -> None:
    known = intensities(MARGINAL, "marginal", hours=3)
    second = planner(rounds=4).plan(START, FIRST, also=known).also
    assert second is not None
    assert (second.planned.grams, second.planned.share) == (2400, 0.75)
    assert (second.missing, second.saved_g) == ((), None)


def test_clients_that_are_away_are_in_no_expectation() -> None:
    online = np.array([[True, False], [True, True]])
    second = (
        planner().plan(START, FIRST, online=online, also=intensities(MARGINAL, "marginal")).also
    )
    assert second is not None
    # A is only there in the first round.
    assert (second.planned.grams, second.random.grams) == (1200, 1000)


@pytest.mark.parametrize(
    ("first", "second", "field", "message"),
    [
        (("average", None), (None, None), "signal", "does not say whether.*--also-signal"),
        (("average", "direct"), (None, "lifecycle"), "signal", "--also-signal"),
        ((None, None), ("marginal", None), "signal", "what is planned by does not say.*--signal"),
        (("average", None), ("average", None), "accounting", "--also-accounting"),
        (("marginal", "direct"), ("marginal", None), "accounting", "marginal, direct as well"),
        (("average", "direct"), ("average", "direct"), "signal", "average, direct as well"),
    ],
)
def test_two_signals_that_are_not_known_to_be_two_are_refused(
    first: tuple[str | None, str | None],
    second: tuple[str | None, str | None],
    field: str,
    message: str,
) -> None:
    ours = intensities(AVERAGE, first[0], accounting=first[1])
    theirs = intensities(MARGINAL, second[0], accounting=second[1], source="m.csv")
    with pytest.raises(InputError, match=message) as caught:
        planner().plan(START, ours, also=theirs)
    assert (caught.value.file, caught.value.field) == ("m.csv", field)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("average", None), ("marginal", None)),
        (("average", "direct"), ("marginal", "direct")),
        (("average", "lifecycle"), ("average", "direct")),
        (("marginal", None), ("average", "lifecycle")),
    ],
)
def test_another_signal_or_another_accounting_is_another_kind(
    first: tuple[str, str | None], second: tuple[str, str | None]
) -> None:
    ours = intensities(AVERAGE, first[0], accounting=first[1])
    theirs = intensities(MARGINAL, second[0], accounting=second[1])
    also = planner().plan(START, ours, also=theirs).also
    assert also is not None
    assert also.kind == second


def test_a_sum_over_two_kinds_is_refused() -> None:
    mixed = intensities(MARGINAL, "marginal")
    other = intensities(MARGINAL, "average", accounting="direct").series["B"]
    mixed = replace(mixed, series={**mixed.series, "B": other})
    with pytest.raises(InputError, match=r"of 2 kinds \(average, direct; marginal\)"):
        planner().plan(START, FIRST, also=mixed)


def test_what_knows_nothing_of_these_clients_or_times_is_refused() -> None:
    with pytest.raises(InputError, match=r"none of the clients' regions.*it has X"):
        planner().plan(START, FIRST, also=intensities({"X": 1.0}, "marginal"))
    late = intensities(MARGINAL, "marginal")
    late = replace(
        late,
        series={n: replace(s, times=s.times + 1e6) for n, s in late.series.items()},
        source="late.csv",
    )
    with pytest.raises(CoverageError, match="none of the times of these rounds; it has A: 2022"):
        planner().plan(START, FIRST, also=late)
    with pytest.raises(InputError, match=re.escape("also: expected a Forecast of another signal")):
        planner().plan(START, FIRST, also=MARGINAL)  # type: ignore[arg-type]


@given(
    levels=st.lists(st.floats(0, 1000), min_size=3, max_size=3),
    missing=st.sets(st.sampled_from("ABC"), max_size=2),
    minutes=st.integers(1, 60),
)
def test_figures_are_those_of_each_turn_added_up(
    levels: list[float], missing: set[str], minutes: int
) -> None:
    regions = ("A", "B", "C")
    known = {r: level for r, level in zip(regions, levels, strict=True) if r not in missing}
    first = intensities(dict.fromkeys(regions, 100.0), "average")
    one = planner(*regions, rounds=3, cohort_size=2, minutes=minutes)
    plan = one.plan(START, first, also=intensities(known, "marginal"))
    turns = [client.upper() for planned in plan.rounds for client in planned.clients]
    second = plan.also
    assert second is not None
    assert second.planned.energy_kwh == len(turns) == 6
    assert second.planned.known_kwh == sum(region in known for region in turns)
    assert second.planned.known_g == pytest.approx(sum(known.get(region, 0) for region in turns))
    assert second.random.known_g == pytest.approx(6 * sum(known.values()) / 3)
    assert (second.saved_g is None) == (not (second.planned.whole and second.random.whole))
