"""Min-cost flow finds what CBC and an independent solver find, however a problem is shaped."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.instances import INSTANCES, PLANNED, Instance, small
from benchmarks.peers import highs
from lowcarb_solvers import (
    Cbc,
    Classes,
    Flow,
    Greedy,
    NoSolver,
    Problem,
    Solution,
    Solver,
    Status,
    chain,
    flow,
    flow_network,
    merge,
    solve,
)
from lowcarb_solvers.count_program import CountProgram
from lowcarb_solvers.flow_network import Translation, translate
from lowcarb_solvers.whole import whole_program

WAYS = {"whole, alone": (Flow(),), "whole": chain(solver="flow"), "core": chain(solver="flow")}


def by_flow(problem: Problem, *solvers: Solver) -> None:
    """Solve by flow and compare with the independent solver."""
    found = solve(problem, *solvers)
    expected = highs(problem)
    if expected is None:
        assert found.status is Status.INFEASIBLE
        return
    assert found.status is Status.OPTIMAL
    assert problem.violations(found.cohorts) == []
    assert found.classes.missing(found.answer) == expected.missing
    assert found.classes.worst_shortfall(found.answer) == expected.worst
    assert found.objective == pytest.approx(expected.cost, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("elastic", [True, False])
@pytest.mark.parametrize("way", WAYS)
def test_small_problems_with_everything_awkward(
    elastic: bool, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "core":
        monkeypatch.setattr(flow, "_MOST_DIRECT", 0)
    for seed in range(25):
        by_flow(small(seed, elastic=elastic), *WAYS[way])


@pytest.mark.slow
@pytest.mark.parametrize("elastic", [True, False])
@pytest.mark.parametrize("way", WAYS)
def test_many_small_problems_with_everything_awkward(
    elastic: bool, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "core":
        monkeypatch.setattr(flow, "_MOST_DIRECT", 0)
    for seed in range(1000, 1250):
        by_flow(small(seed, elastic=elastic, most_clients=12, most_rounds=7), *WAYS[way])


def tied(seed: int) -> Problem:
    """Clients in regions whose intensities are few whole numbers: most answers have equals."""
    rng = np.random.default_rng(seed)
    return Problem(
        cost_level=rng.integers(1, 4, (6, 20)).astype(float),
        level_of=rng.integers(0, 6, 60),
        weight=rng.choice([1.0, 2.0, 3.0], 60),
        cohort_size=np.full(20, 7),
        at_least=rng.integers(0, 3, 60),
        at_most=np.full(60, 5),
        seed=seed,
        elastic=True,
    )


SAME = {
    "a day": INSTANCES["day"].problem(),
    "classes": INSTANCES["two-days"].problem(),
    "availability": INSTANCES["two-days-online"].problem(),
    "caps": PLANNED["100x96"].problem(),
    "ties": tied(0),
    "more ties": tied(1),
    "all alike": replace(tied(2), cost_level=np.ones((6, 20))),
    "for nothing": replace(tied(3), weight=np.zeros(60)),
}


@pytest.mark.parametrize("name", SAME)
def test_the_cohorts_are_those_of_cbc(name: str) -> None:
    flowing, writing = solve(SAME[name], *chain(solver="flow")), solve(SAME[name])
    assert (flowing.solver, writing.solver) == ("flow", "cbc")
    assert flowing.status is writing.status is Status.OPTIMAL
    assert flowing.notes == ()
    assert (flowing.answer == writing.answer).all()


def test_the_core_leads_to_the_same_cohorts(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = SAME["caps"]
    whole = solve(problem, Flow())
    monkeypatch.setattr(flow, "_MOST_DIRECT", 0)
    assert Flow().reduces(merge(problem))
    core = solve(problem, Flow())
    assert core.status is Status.OPTIMAL
    assert (core.answer == whole.answer).all()


def test_floors_and_seats_that_cannot_be_met() -> None:
    problem = Instance(clients=30, rounds=12, cohort_size=12, online=0.3, min_share=1.0).problem()
    by_flow(problem, Flow())
    assert solve(problem, Flow()).shortfalls != ()
    rigid = solve(replace(problem, elastic=False), Flow())
    assert rigid.status is Status.INFEASIBLE


def test_penalties_of_dear_clients_do_not_hide_differences_among_cheap_ones() -> None:
    problem = INSTANCES["day"].problem()
    dear = replace(
        problem,
        weight=np.where(
            np.arange(problem.clients) % 10 == 0, problem.weight * 1e12, problem.weight
        ),
        at_least=np.zeros_like(problem.at_least),
    )
    found = solve(dear, Flow())
    assert found.status is Status.OPTIMAL
    cheap = replace(dear, at_most=np.where(dear.weight > 1e6, 0, dear.at_most))
    assert found.objective == pytest.approx(solve(cheap, Cbc()).objective, rel=1e-8)


def test_more_rounds_than_prices_can_prove() -> None:
    problem = Instance(clients=8, rounds=2001, cohort_size=2, regions=3, hardware=2).problem()
    found = solve(problem, Flow())
    assert found.status is Status.OPTIMAL, "by the solver's own account"
    assert found.bound is not None
    assert found.objective == pytest.approx(found.bound, rel=1e-9)
    assert found.objective == pytest.approx(solve(problem, Cbc()).objective, rel=1e-9)


@given(st.integers(0, 10**6), st.booleans())
def test_a_network_is_balanced_and_its_costs_fit(seed: int, elastic: bool) -> None:
    program = whole_program(merge(small(seed, elastic=elastic)), 0.0)
    translation = translate(program)
    network = translation.network
    assert network.supply.sum() == 0
    assert (network.room >= 0).all()
    assert (network.cost >= 0).all()
    most = flow_network._MOST_TIMES_NODES * (1 + 1e-9)
    assert int(network.cost.max(initial=0)) * len(network.supply) <= most
    used = program.capacity > 0
    assert network.asked == used.sum()
    flows = network.room[: network.asked]
    assert (translation.counts(flows, program.capacity.shape) == program.capacity).all()
    costs = program.cost[translation.rows, translation.rounds]
    error = np.abs(network.cost[: network.asked] * translation.unit - costs)
    assert (error <= 0.5001 * translation.unit + 1e-15 * costs).all()


def test_classes_without_bounds_of_their_own_have_no_node() -> None:
    problem = Problem.from_costs(np.arange(12.0).reshape(4, 3), 2, at_least=[0, 0, 0, 1])
    network = translate(whole_program(merge(problem), 0.0)).network
    assert len(network.supply) == 3 + 1 + 1


def test_costs_that_leave_the_range_are_rounded_more(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = INSTANCES["two-days"].problem()
    expected = solve(problem, Flow()).objective
    units = []

    def recorded(program: CountProgram, coarser: float) -> Translation:
        translation = translate(program, coarser)
        units.append(translation.unit)
        return translation

    monkeypatch.setattr(flow, "translate", recorded)
    monkeypatch.setattr(flow_network, "_MOST_TIMES_NODES", 2**63)
    found = solve(problem, Flow())
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(expected, rel=1e-9)
    assert units[1] == pytest.approx(units[0] * 2**8)


def test_a_solver_is_chosen_by_its_name() -> None:
    assert [one.name for one in chain()] == ["regret", "cbc"]
    assert [one.name for one in chain(solver="flow")] == ["regret", "flow"]
    assert [one.name for one in chain(solver="greedy")] == ["regret"]
    assert [getattr(one, "time_limit", None) for one in chain(3.0, solver="flow")] == [1.5, 3.0]
    with pytest.raises(NoSolver, match="expected cbc or flow or greedy, got 'magic'"):
        chain(solver="magic")
    with pytest.raises(NoSolver, match=r"^gap: only the solver cbc can stop at one, got 0\.1 and"):
        chain(solver="flow", gap=0.1)


def test_greedy_waits_behind_flow_where_it_counts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = INSTANCES["day"].problem()
    asked = []
    really = Greedy.__call__

    def watched(greedy: Greedy, classes: Classes, start: Solution | None = None) -> Solution:
        asked.append(classes)
        return really(greedy, classes, start)

    monkeypatch.setattr(Greedy, "__call__", watched)
    assert solve(problem, *chain(solver="flow")).status is Status.OPTIMAL
    assert asked == [], "flow had an optimum"
    online = INSTANCES["two-days-online"].problem()
    assert solve(online, *chain(solver="flow")).status is Status.OPTIMAL
    assert len(asked) == 1, "how long greedy takes is not known, so it comes first"
