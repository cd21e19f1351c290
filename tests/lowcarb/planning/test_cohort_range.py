"""Cohorts that breathe: what a range may be, and plans within it."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb import Fairness, Forecast, History, InputError, Planner, Series
from lowcarb.planning.cohort_range import Breathing, as_range, size_text
from lowcarb.planning.decide import decide
from lowcarb.planning.hours import Hours
from lowcarb.planning.policies import POLICIES, CandidateView, Choice
from lowcarb_solvers import Problem, Status
from tests.helpers.breathing import by_highs
from tests.helpers.data import START, invented_forecast, mixed_fleet

REGIONS = [f"R{r:02d}" for r in range(4)]
FORECAST = invented_forecast(len(REGIONS))


def planner(**changes: object) -> Planner:
    given: dict[str, object] = {
        "fleet": mixed_fleet(REGIONS, clients=12, distinct=True),
        "cohort_size": 3,
        "rounds": 12,
        "fairness": Fairness(min_rounds=1),
    }
    return Planner(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["5..20", " 5 .. 20 ", (5, 20), [5, 20], (np.int64(5), 20)])
def test_a_range_is_a_pair_or_a_text(value: object) -> None:
    assert as_range(value, cohort_size=10) == (5, 20)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("5-20", "such as 5..20, got '5-20'"),
        ("5..", "got '5..'"),
        ("", "got ''"),
        ("5..20..30", "got '5..20..30'"),
        ("-5..20", "got '-5..20'"),
        ("1.5..20", "got '1.5..20'"),
        ("\u0665..20", "got '\u0665..20'"),
        ("5.." + "9" * 5000, "such as 5..20, got '5..9999"),
        (10, "got 10"),
        ((5,), r"got \(5,\)"),
        ((True, 20), r"got \(True, 20\)"),
        ((5.0, 20), r"got \(5.0, 20\)"),
        ("0..20", "1 or more clients in each round, such as 1..20, got 0..20"),
        ((-1, 20), r"such as 1..20, got -1..20"),
        ("20..5", "the fewest clients before the most, such as 5..20, got 20..5"),
        ("12..20", "holds the cohort size 10, such as 10..20, got 12..20"),
        ((1, 9), "holds the cohort size 10, such as 1..10, got 1..9"),
        ("5..40", "up to 30 clients, the size of the fleet, such as 5..30, got 5..40"),
    ],
)
def test_what_is_no_range_is_refused_in_one_line(value: object, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        as_range(value, cohort_size=10, clients=30)
    assert refused.value.field == "cohort_range"
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 250


def test_a_planner_refuses_them_too() -> None:
    with pytest.raises(InputError, match="cohort range: expected up to 12 clients"):
        planner(cohort_range="1..13")
    assert planner(cohort_range="1..12").cohort_range == (1, 12)


def test_sizes_in_words() -> None:
    assert size_text(10, None) == "10"
    assert size_text(10, (5, 20)) == "5 to 20 (10 on average)"
    assert size_text(10, (10, 10)) == "10"
    assert size_text(20 / 3, (5, 20)) == "5 to 20 (6.7 on average)"
    assert size_text(2_000_000, None) == "2000000"
    assert size_text(1000, (500, 2000)) == "500 to 2000 (1000 on average)"


def test_turns_go_where_it_is_clean() -> None:
    """Two clients alike, four rounds of which two are clean: all turns are taken there."""
    hours = START.timestamp() + 3600.0 * np.arange(6, dtype=np.float64)
    series = Series(times=hours, values=np.array([500.0, 50, 500, 50, 500, 500]))
    fleet = mixed_fleet(["A"], clients=3)
    one = Planner(
        fleet=fleet, cohort_size=2, rounds=4, fairness=Fairness(min_share=0), cohort_range=(1, 3)
    )
    plan = one.plan(START, Forecast(series={"A": series}, source="test"))
    assert [len(planned.clients) for planned in plan.rounds] == [1, 3, 1, 3]
    assert plan.cohort_range == (1, 3)
    assert plan.sizes == "1 to 3 (2 on average)"
    assert [one["size"] for one in plan.to_dict()["rounds"]] == [1, 3, 1, 3]
    assert plan.to_dict()["cohort_range"] == [1, 3]
    assert plan.fixed is not None
    assert plan.to_dict()["fixed_cohorts_g"] == plan.fixed.objective
    assert plan.fixed.objective is not None
    assert plan.fixed.objective > plan.planned_g


@pytest.mark.parametrize("cohort_range", [(1, 6), (2, 4), (3, 12), (1, 12)])
def test_a_range_agrees_with_another_solver(cohort_range: tuple[int, int]) -> None:
    plan = planner(cohort_range=cohort_range).plan(START, FORECAST)
    sizes = [len(planned.clients) for planned in plan.rounds]
    assert sum(sizes) == 3 * 12
    assert min(sizes) >= cohort_range[0]
    assert max(sizes) <= cohort_range[1]
    assert plan.solution.status is Status.OPTIMAL
    assert plan.planned_g == pytest.approx(by_highs(plan.problem), rel=1e-6)
    by = plan.baselines
    assert by["cheapest"].planned_g <= plan.planned_g * (1 + 1e-9)
    assert plan.planned_g <= by["regret"].planned_g * (1 + 1e-9)


@settings(max_examples=10, deadline=None)
@given(
    size=st.integers(1, 6),
    rounds=st.integers(1, 8),
    seed=st.integers(0, 100),
    share=st.sampled_from(["0", "0.5", "1"]),
)
def test_a_range_of_one_size_changes_nothing(size: int, rounds: int, seed: int, share: str) -> None:
    one = planner(
        cohort_size=size, rounds=rounds, seed=seed, fairness=Fairness(min_share=share)
    ).plan(START, FORECAST)
    other = planner(
        cohort_size=size,
        rounds=rounds,
        seed=seed,
        fairness=Fairness(min_share=share),
        cohort_range=(size, size),
    ).plan(START, FORECAST)
    assert [planned.clients for planned in one.rounds] == [p.clients for p in other.rounds]
    assert other.cohort_range is None
    assert other.fixed is None


def test_turns_that_were_asked_for_are_gone_from_the_total() -> None:
    one = planner(cohort_range=(1, 6))
    history = History(turns=np.full(12, 1), rounds=6, asked=20)
    plan = one.plan(START, FORECAST, history)
    assert sum(len(planned.clients) for planned in plan.rounds) == 36 - 20
    taken = History(turns=np.full(12, 1), rounds=6)
    assert one.problem(START, FORECAST, taken).total == 36 - 12
    with pytest.raises(InputError, match="history: expected 12 turns asked for or more"):
        History(turns=np.full(12, 1), rounds=6, asked=11)


@pytest.mark.parametrize(("asked", "total"), [(0, 36), (36, 6), (100, 6)])
def test_a_total_out_of_reach_is_the_nearest(asked: int, total: int) -> None:
    history = History(turns=np.zeros(12, dtype=np.int64), rounds=6, asked=asked)
    problem = planner(cohort_range=(1, 6)).problem(START, FORECAST, history)
    assert problem.total == total
    sizes = {0: [6, 3, 3, 3, 3, 3], 36: [1, 3, 3, 3, 3, 3], 100: [1, 3, 3, 3, 3, 3]}[asked]
    assert problem.cohort_size.tolist() == sizes


def test_who_is_away_leaves_turns_missing_in_all() -> None:
    one = planner(cohort_range=(1, 6), fairness=Fairness(min_share=0))
    online = np.zeros((12, 12), dtype=np.bool_)
    online[:2] = True
    plan = one.plan(START, FORECAST, online=online)
    assert plan.missing_in_all == 12
    (shortfall,) = plan.shortfalls
    assert plan.describe(shortfall).startswith("the training is 12 turns short: 36 turns planned")
    assert plan.to_dict()["shortfalls"][0] == {
        "short": 12,
        "unit": "turns",
        "why": shortfall.why,
    }


@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_answers_within_the_range(name: str) -> None:
    problem = planner(cohort_range=(1, 6)).problem(START, FORECAST)
    view = CandidateView.of_fleet(planner().fleet)
    choice = decide(problem, POLICIES[name], view)
    if name == "ilp":
        assert 1 <= len(choice.cohort) <= 6
    else:
        assert len(choice.cohort) == 3


def test_a_policy_of_ones_own_may_use_the_range_as_far_as_the_total_goes() -> None:
    def largest(problem: Problem, _: CandidateView) -> Choice:
        return Choice(cohort=np.arange(int(problem.most[0]), dtype=np.int64), by="largest")

    view = CandidateView.of_fleet(planner().fleet)
    problem = planner(cohort_range=(1, 6)).problem(START, FORECAST)
    assert len(decide(problem, largest, view).cohort) == 6
    late = Breathing(least=1, most=6, total=7).of_problem(3, problem.rounds)
    assert late["cohort_total"] == 12
    few = planner(cohort_range=(1, 6)).problem(
        START, FORECAST, History(turns=np.zeros(12, dtype=np.int64), rounds=6, asked=28)
    )
    with pytest.raises(Exception, match="expected up to 3 clients, got 6"):
        decide(few, largest, view)


@given(st.data())
def test_any_sizes_that_are_allowed_end_at_the_total(data: st.DataObject) -> None:
    """Whatever policies take within the range, and never more than leaves the rest its fewest."""
    rounds, least = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 4))
    size = least + data.draw(st.integers(0, 4))
    most = size + data.draw(st.integers(least == size, 6))
    asked = 0
    for j in range(rounds):
        breathing = Breathing.after(
            (least, most), cohort_size=size, rounds=rounds, asked=asked, clients=50
        )
        assert breathing is not None
        assert breathing.out_of_reach(rounds - j) is None
        given_ = breathing.of_problem(size, rounds - j)
        problem = Problem.from_costs(np.ones((20, rounds - j)), elastic=True, **given_)
        assert problem.total == size * rounds - asked
        fewest = max(least, problem.total - most * (rounds - j - 1))
        largest = min(most, problem.total - least * (rounds - j - 1))
        assert fewest <= problem.cohort_size[0] <= largest
        usual = data.draw(st.booleans())
        asked += int(problem.cohort_size[0] if usual else data.draw(st.integers(fewest, largest)))
    assert asked == size * rounds


@pytest.mark.parametrize(
    ("total", "words"),
    [
        (61, "1 turn of the total cannot be asked for in 6 rounds"),
        (4, "2 turns more than the total: a round has 1 or more"),
        (60, None),
        (6, None),
    ],
)
def test_a_total_out_of_reach_is_said(total: int, words: str | None) -> None:
    assert Breathing(least=1, most=10, total=total).out_of_reach(6) == words


def test_a_plan_says_it() -> None:
    history = History(turns=np.zeros(12, dtype=np.int64), rounds=10, asked=20)
    plan = planner(cohort_range=(1, 6)).plan(START, FORECAST, history)
    assert plan.notes == ("4 turns of the total cannot be asked for in 2 rounds",)


def test_cohorts_breathe_in_chosen_hours() -> None:
    hours = Hours(deadline=START + 24 * timedelta(hours=1))
    plan = planner(cohort_range="1..6", hours=hours).plan(START, FORECAST)
    sizes = [len(one.clients) for one in plan.rounds]
    assert (len(sizes), sum(sizes)) == (12, 36)
    assert 1 <= min(sizes) < 3 < max(sizes) <= 6
    fixed = planner(cohort_range="3..3", hours=hours).plan(START, FORECAST)
    assert fixed.cohort_range is None
    assert plan.planned_g < fixed.planned_g
    # Fewer and larger rounds, with as many turns, are cleaner still or as clean.
    fewer = planner(cohort_range="1..6", hours=hours, fewest_rounds=1).plan(START, FORECAST)
    few = [len(one.clients) for one in fewer.rounds]
    assert sum(few) == 36
    assert 6 <= len(few) <= 12
    assert fewer.planned_g <= plan.planned_g * (1 + 1e-3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"cohort_range": "1..6", "fewest_rounds": 3},
            r"rounds: expected one number, got 3..12; .* give a deadline \(--deadline\) beside it",
        ),
        (
            {"hours": Hours(deadline=START + timedelta(hours=24)), "fewest_rounds": 3},
            r"rounds: expected one number, got 3..12; .* give cohort_range of two different sizes",
        ),
        (
            {
                "hours": Hours(deadline=START + timedelta(hours=24)),
                "fewest_rounds": 3,
                "cohort_range": "3..3",
            },
            r"rounds: expected one number, got 3..12; .* give cohort_range of two different sizes",
        ),
        (
            {"fewest_rounds": 3},
            r"give a deadline \(--deadline\) and cohort_range of two different sizes .* beside it",
        ),
        ({"fewest_rounds": 13}, "fewest_rounds: expected 1 to 12, got 13"),
    ],
)
def test_fewer_rounds_need_hours_and_a_range(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        planner(**changes)


def test_where_all_turns_were_asked_for_no_rounds_are_left() -> None:
    hours = Hours(deadline=START + timedelta(hours=24))
    one = planner(cohort_range="1..6", hours=hours, fewest_rounds=6)
    turns = np.full(12, 3, dtype=np.int64)
    assert one.timetable.left(History(turns=turns, rounds=6)).is_over
    with pytest.raises(InputError, match="all 36 turns of the training were asked for"):
        one.plan(START, FORECAST, History(turns=turns, rounds=6))
    # The fewest rounds are held all the same.
    assert not one.timetable.left(History(turns=turns, rounds=5)).is_over
    assert len(one.plan(START, FORECAST, History(turns=turns, rounds=5))) >= 1
