"""Who is chosen by which policy, and what a random cohort costs."""

import inspect
import textwrap
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import InputError
from lowcarb.errors import PolicyError
from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.policies import (
    POLICIES,
    Choice,
    Lowcarb2022,
    Planned,
    Policy,
    Random,
    random_round_cost,
)
from lowcarb_solvers import Flow, Greedy, Problem, Solution, Status
from tests.helpers.candidates import choose


def problem(**changes: Any) -> Problem:
    """Five clients, three rounds of two; client 0 is cheapest now, client 4 dearest."""
    costs = np.add.outer(10.0 * np.arange(5), [1.0, 3.0, 5.0])
    arguments: dict[str, Any] = {"cohort_size": 2, "elastic": True}
    return Problem.from_costs(costs, **(arguments | changes))


def chosen(name: str, program: Problem) -> list[int]:
    return [int(i) for i in choose(POLICIES[name], program).cohort]


def test_cheapest_knows_neither_floors_nor_caps() -> None:
    program = problem(at_least=[0, 0, 0, 2, 3], at_most=[0, 0, 3, 3, 3])
    assert chosen("cheapest", program) == [0, 1]
    assert chosen("cheapest", replace(program, available=offline(0))) == [1, 2]


def offline(*clients: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    available = np.ones((5, 3), dtype=np.bool_)
    available[list(clients), 0] = False
    return available


def test_of_equally_cheap_ones_those_with_fewer_turns_come_first() -> None:
    program = Problem.from_costs(np.ones((4, 2)), 2, turns=[3, 1, 2, 0])
    assert chosen("cheapest", program) == [1, 3]


def test_least_turns_takes_those_who_are_owed_most() -> None:
    program = problem(at_least=[0, 1, 0, 0, 3], turns=[1, 1, 0, 1, 5])
    assert chosen("least-turns", program) == [1, 4]
    assert 2 in chosen("least-turns", problem(turns=[1, 1, 0, 1, 5]))
    # Caps are kept.
    capped = problem(at_least=[0, 0, 0, 0, 0], at_most=[0, 3, 0, 0, 3], turns=[0, 9, 0, 0, 9])
    assert chosen("least-turns", capped) == [1, 4]


@pytest.mark.parametrize("name", ["ilp", "regret", "greedy"])
def test_plans_keep_floors_and_carry_their_plan(name: str) -> None:
    program = problem(at_least=[0, 0, 0, 0, 3])
    choice = choose(POLICIES[name], program)
    assert choice.cohort.tolist() == [0, 4]
    assert isinstance(choice.solution, Solution)
    assert choice.by == choice.solution.solver
    assert not choice.solution.shortfalls


def test_the_plan_is_optimal() -> None:
    solution = choose(POLICIES["ilp"], problem(at_least=1)).solution
    assert solution is not None
    assert solution.status is Status.OPTIMAL


def test_random_draws_uniformly_and_by_its_seed() -> None:
    counts = np.zeros(5)
    for seed in range(400):
        cohort = chosen("random", problem(seed=seed, turns=[9, 0, 0, 0, 0]))
        assert cohort == chosen("random", problem(seed=seed, turns=[9, 0, 0, 0, 0]))
        counts[cohort] += 1
    # 160 expected of each, with a standard deviation of 10.
    assert np.abs(counts - 160).max() < 50


def test_random_draws_anew_in_each_round() -> None:
    cohorts = set()
    for left in range(1, 20):
        program = Problem.from_costs(np.ones((6, left)), 3)
        cohorts.add(tuple(Random()(program).cohort.tolist()))
    assert len(cohorts) > 5


@st.composite
def programs(draw: st.DrawFn) -> Problem:
    n, t = draw(st.integers(1, 7)), draw(st.integers(1, 3))
    numbers = st.lists(st.integers(0, t), min_size=n, max_size=n)
    low, high = draw(numbers), draw(numbers)
    return Problem.from_costs(
        np.array(draw(st.lists(st.floats(0, 99), min_size=n * t, max_size=n * t))).reshape(n, t),
        draw(st.integers(0, n)),
        at_least=np.minimum(low, high),
        at_most=np.maximum(low, high),
        available=np.array(draw(st.lists(st.booleans(), min_size=n * t, max_size=n * t))).reshape(
            n, t
        ),
        turns=draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)),
        elastic=True,
    )


@given(programs(), st.sampled_from(sorted(set(POLICIES) - {"ilp"})))
def test_every_policy_asks_only_who_is_there_and_fills_the_seats_it_can(
    program: Problem, name: str
) -> None:
    choice: Choice = choose(POLICIES[name], program)
    cohort = choice.cohort
    assert cohort.dtype == np.int64
    assert (np.diff(cohort) > 0).all()
    assert program.available is not None
    assert program.available[cohort, 0].all()
    can = program.available[:, 0]
    if name in ("regret", "greedy", "least-turns"):
        can = can & (program.at_most > 0)
        assert (program.at_most[cohort] > 0).all()
    assert len(cohort) <= min(program.cohort_size[0], can.sum())
    if name not in ("regret", "greedy"):
        assert len(cohort) == min(program.cohort_size[0], can.sum())


@given(programs())
def test_a_random_cohort_costs_the_mean_over_all_cohorts(program: Problem) -> None:
    assert program.available is not None
    here = np.flatnonzero(program.available[:, 0])
    seats = min(int(program.cohort_size[0]), len(here))
    costs = program.weight * program.cost_level[program.level_of, 0]
    every = [costs[list(cohort)].sum() for cohort in combinations(here, seats)]
    assert random_round_cost(program) == pytest.approx(np.mean(every))


def test_nobody_there_costs_nothing() -> None:
    program = problem(available=offline(0, 1, 2, 3, 4))
    assert random_round_cost(program) == 0
    assert all(chosen(name, program) == [] for name in POLICIES)


def test_solvers_may_be_chosen() -> None:
    assert POLICIES["regret"].solvers == (Greedy("regret"),)  # type: ignore[attr-defined]


def test_the_rule_of_2022_looks_ahead_as_far_as_its_turns_allow() -> None:
    # Client 0 has had most turns and sees the dip in round 2; 1 has few and takes what is clean
    # now; 2 is dirty; 3 is above the 80th percentile and comes last.
    problem = Problem.from_costs(
        np.array([[5.0, 4.0, 1.0], [3.0, 9.0, 9.0], [8.0, 9.0, 9.0], [1.0, 9.0, 9.0]]),
        cohort_size=np.full(3, 2, dtype=np.int64),
    )
    problem = replace(problem, turns=np.array([6, 2, 1, 9], dtype=np.int64))
    chosen = choose(POLICIES["lowcarb-2022"], problem)
    assert chosen.cohort.tolist() == [1, 2]
    rested = replace(problem, turns=np.zeros(4, dtype=np.int64))
    # Everyone looks ahead at the start: least to gain from waiting are 3 (-8) and 1 (-6).
    assert choose(POLICIES["lowcarb-2022"], rested).cohort.tolist() == [1, 3]


def test_the_rule_of_2022_looks_no_further_than_turns_and_window_allow() -> None:
    # Within two rounds client 0 gains 1 from waiting, and client 1 gains 2; the third is beyond.
    costs = [[5.0, 4.0, 4.0, 0.0, 0.0], [5.0, 3.0, 9.0, 9.0, 9.0], [9.0] * 5]
    program = Problem.from_costs(costs, cohort_size=1)
    # Half way from half of the most turns to the most, half of the window of four rounds.
    half = replace(program, turns=np.array([6, 6, 8], dtype=np.int64))
    assert Lowcarb2022(window=4)(half).cohort.tolist() == [0]
    most = replace(program, turns=np.array([8, 8, 8], dtype=np.int64))
    assert Lowcarb2022(window=2)(most).cohort.tolist() == [2]
    assert Lowcarb2022(window=3)(replace(most, available=_there(0, 1))).cohort.tolist() == [1]
    assert Lowcarb2022(window=2)(replace(most, available=_there(0, 1))).cohort.tolist() == [0]


def _there(*clients: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Of three clients and five rounds."""
    available = np.zeros((3, 5), dtype=np.bool_)
    available[list(clients)] = True
    return available


def test_the_policy_of_ones_own_in_the_documentation_works() -> None:
    code = (inspect.getdoc(Policy) or "").split("::\n\n")[1]
    names: dict[str, Any] = {
        "np": np,
        "Problem": Problem,
        "Choice": Choice,
        "CandidateView": CandidateView,
    }
    exec(textwrap.dedent(code), names)  # noqa: S102 - our own documentation
    lightest: Policy = names["lightest"]
    weighed = replace(problem(), level_of=np.zeros(5, np.int64), weight=np.array([5.0, 1, 4, 2, 3]))
    assert choose(lightest, weighed).cohort.tolist() == [1, 3]
    online = np.ones((5, 3), dtype=np.bool_)
    online[1] = False
    assert choose(lightest, replace(weighed, available=online)).cohort.tolist() == [3, 4]


@pytest.mark.parametrize("solvers", [(), "cbc", (Greedy,), None])
def test_a_plan_needs_solvers(solvers: Any) -> None:
    with pytest.raises(InputError, match="solvers: expected a tuple of solvers, such as"):
        Planned(solvers)


def test_flow_chooses_what_the_default_chooses() -> None:
    flow = choose(Planned((Greedy(), Flow())), problem(at_least=1))
    assert (flow.by, flow.fallback) == ("flow", False)
    assert flow.cohort.tolist() == choose(Planned(), problem(at_least=1)).cohort.tolist()


def test_a_solver_that_is_not_installed_is_no_reason_to_plan_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lowcarb_solvers.flow.find_spec", lambda _: None)
    with pytest.raises(PolicyError, match=r"flow needs OR-tools.*pip install 'lowcarb\[fast\]'"):
        choose(Planned((Greedy(), Flow())), problem())
