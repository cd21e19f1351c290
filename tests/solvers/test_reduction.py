"""Fixing columns by prices is exact: the same optimum as with all columns, or an honest bound."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.instances import Instance, small
from benchmarks.peers import highs
from lowcarb_solvers import (
    Cbc,
    Greedy,
    Problem,
    Status,
    cbc,
    certify,
    core,
    merge,
    reduction,
    solve,
)
from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.reduction import RestrictedProblem, _choice, coarsen, fix_columns
from tests.helpers.optima import check_optima
from tests.helpers.params import first_fast


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the coarse model's prices, which else stand in where the search for prices fails."""
    monkeypatch.setattr(core, "find_prices", lambda *_: None)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reduce even the smallest problem."""
    monkeypatch.setattr(cbc, "_MOST_DIRECT", 0)


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("block", first_fast(range(4), 2))
@pytest.mark.parametrize("sampled", [False, True])
def test_awkward_problems_reach_the_same_optimum(
    block: int, sampled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sampled:
        monkeypatch.setattr(reduction, "_COARSE_COLUMNS", 12)
    assert check_optima(range(40 * block, 40 * block + 40)) > 10


@pytest.mark.parametrize(
    "shape",
    [
        Instance(clients=600, rounds=40, cohort_size=40, max_share=2.0),
        Instance(clients=600, rounds=40, cohort_size=40, max_share=2.0, online=0.7),
        Instance(clients=2000, rounds=24, cohort_size=20, min_share=0.9),
        Instance(clients=700, rounds=30, cohort_size=300, min_share=0.3),
    ],
)
def test_distinct_clients_agree_with_one_large_model(
    shape: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = shape.problem()
    assert len(merge(problem)) * problem.rounds > cbc._MOST_DIRECT
    reduced = solve(problem, Greedy(), Cbc(time_limit=60))
    monkeypatch.setattr(cbc, "_MOST_DIRECT", 10**9)
    direct = solve(problem, Greedy(), Cbc(time_limit=60))
    assert reduced.status is direct.status is Status.OPTIMAL
    assert reduced.objective == pytest.approx(direct.objective, rel=1e-9)


def test_what_is_fixed_is_right_at_optimal_prices() -> None:
    problem = Instance(clients=300, rounds=24, cohort_size=20, max_share=2.0).problem()
    best = solve(problem)
    prices = certify(best.classes, best.answer).prices
    rest = fix_columns(merge(problem), prices, margin=1e-6 * float(prices.mean()))
    assert rest.columns < 0.1 * problem.clients * problem.rounds
    assert (rest.fixed.dense <= best.answer).all()
    clearly_out = np.ones_like(best.answer, dtype=np.bool_)
    clearly_out[rest.rows] = rest.capacity == 0
    clearly_out &= rest.fixed.dense == 0
    assert not best.answer[clearly_out].any()


def test_coarse_problems_are_small_and_close() -> None:
    problem = Instance(clients=5000, rounds=24, cohort_size=100).problem()
    coarse = coarsen(problem).classes
    assert len(coarse) <= 26 * 13
    assert coarse.problem.weight == pytest.approx(problem.weight, rel=0.08)
    away = Instance(clients=5000, rounds=24, cohort_size=100, online=0.5).problem()
    sampled = coarsen(away).classes
    assert len(sampled) * 24 <= 40_000
    share = sampled.problem.clients / away.clients
    assert sampled.problem.cohort_size[0] == pytest.approx(100 * share, abs=1)
    # Without seats it would have no prices.
    few = Instance(clients=5000, rounds=24, cohort_size=1, online=0.5).problem()
    assert coarsen(few).classes.problem.cohort_size.min() == 1


def test_how_clear_a_choice_is() -> None:
    reduced = np.array([[-3.0, -1.0, 2.0, 6.0]])

    def slack(at_least: int, at_most: int, owed: float = 100.0) -> list[float]:
        # A missing turn costs twelve times the dearest where there are four rounds.
        classes = merge(
            Problem.from_costs(
                np.full((1, 4), owed / 12), 0, at_least=at_least, at_most=at_most, elastic=True
            )
        )
        chosen, found, _ = _choice(classes, np.array([0]), reduced)
        assert chosen.tolist() == [[True, at_most > 1, at_least > 2, False]]
        return list(found[0])

    # Free to take what pays: each is as clear as its own reduced cost, or its swap.
    assert slack(0, 4) == [3, 1, 2, 6]
    # One turn at most: it could only be swapped for the second.
    assert slack(0, 1) == [2, 2, 5, 9]
    # Three turns owed: they could be swapped for the fourth, or missed at the penalty.
    assert slack(3, 4) == [9, 7, 4, 4]
    assert slack(3, 4, owed=1.0) == [4, 2, -1, 4]


def count_passes(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> int:
    """Solve to proven optimality and count the models that it took."""
    margins: list[float] = []
    fix = fix_columns

    def spy(classes: Classes, prices: FloatArray, margin: float, _: object) -> RestrictedProblem:
        margins.append(margin)
        return fix(classes, prices, margin)

    monkeypatch.setattr(core, "fix_columns", spy)
    solution = solve(problem, Greedy(), Cbc(time_limit=60))
    assert solution.status is Status.OPTIMAL
    assert solution.solver == "cbc"
    return len(margins)


def test_few_passes_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Instance(clients=2000, rounds=40, cohort_size=60, max_share=2.0).problem()
    assert count_passes(problem, monkeypatch) <= 4


def test_rounds_that_owed_turns_overbook(monkeypatch: pytest.MonkeyPatch) -> None:
    # Half of the fleet is online in two rounds only and owes two turns there: too many.
    problem = Instance(clients=1200, rounds=40, cohort_size=40, max_share=4.0).problem()
    available = np.ones((1200, 40), dtype=np.bool_)
    available[:600, 2:] = False
    owing = np.where(np.arange(1200) < 600, 2, 0)
    problem = replace(problem, available=available, at_least=owing)
    assert count_passes(problem, monkeypatch) <= 12


def test_nothing_free_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cbc, "_MOST_DIRECT", 0)
    monkeypatch.setattr(reduction, "_PART_OF_LEVEL", 0.0)
    for seed in range(30):
        problem = small(seed, elastic=True, most_clients=10)
        expected = highs(problem, whole=False)
        solution = solve(problem)
        assert expected is not None
        assert solution.status is Status.OPTIMAL
        assert solution.notes == () or "failed" not in solution.notes[0]
        assert solution.objective == pytest.approx(expected.cost, rel=1e-9, abs=1e-9)


def test_a_coarse_answer_never_proves_that_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cbc, "_MOST_DIRECT", 0)
    path = tmp_path / "cbc"
    path.write_text(
        '#!/bin/sh\nwhile [ "$1" != "-solution" ]; do shift; done\n'
        "echo 'Infeasible - objective value 0' > $2\n"
    )
    path.chmod(0o755)
    problem = Problem.from_costs(np.ones((3, 2)), 1)
    assert Cbc(path=str(path))(merge(problem)).status is Status.UNKNOWN


def test_free_turns_and_equal_weights_are_no_special_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cbc, "_MOST_DIRECT", 0)
    for costs in (np.zeros((5, 4)), np.ones((5, 4))):
        solution = solve(Problem.from_costs(costs, 2, at_least=1))
        assert solution.status is Status.OPTIMAL
        assert solution.objective == 8 * costs[0, 0]
