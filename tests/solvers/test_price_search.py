"""Prices by numpy alone: close to those of the optimum, on every shape, and never in the way."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from benchmarks.instances import Instance
from benchmarks.peers import highs
from lowcarb_solvers import (
    Cbc,
    Greedy,
    Problem,
    Status,
    cbc,
    core,
    merge,
    open_columns,
    price_search,
    solve,
)
from lowcarb_solvers.core import CoreSearch
from lowcarb_solvers.deadline import OutOfTimeError
from lowcarb_solvers.open_columns import OpenColumns, columns_of, respond, slope
from lowcarb_solvers.price_search import find_prices
from lowcarb_solvers.prices import lagrangian_bound
from lowcarb_solvers.reduction import RestrictedProblem, fix_columns
from lowcarb_solvers.slack_seats import SlackSeats
from tests.helpers.optima import check_optima


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search for prices in the smallest problem too."""
    monkeypatch.setattr(cbc, "_MOST_DIRECT", 0)


SHAPES = [
    Instance(clients=100, rounds=96, cohort_size=10, max_share=2.0, owing=0.4),
    Instance(clients=400, rounds=40, cohort_size=40, max_share=1.3, online=0.7),
    Instance(clients=3000, rounds=24, cohort_size=20, owing=0.02),
    Instance(clients=400, rounds=30, cohort_size=200, min_share=0.3),
    Instance(clients=500, rounds=1, cohort_size=50),
    Instance(clients=60, rounds=100, cohort_size=6, min_share=0.95, max_share=1.2),
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("columns", [4_000, 10**9])
def test_prices_prove_nearly_everything(
    shape: Instance, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_search, "_COARSE_COLUMNS", columns)
    problem = shape.problem()
    classes = merge(problem)
    found = find_prices(classes)
    assert found is not None
    best = solve(problem, Greedy(), Cbc(time_limit=60))
    assert best.status is Status.OPTIMAL
    assert best.objective is not None
    bound = lagrangian_bound(classes, found.prices, classes.penalty)
    enough = max(400, 8 * problem.rounds)
    assert 0 <= best.objective - bound <= 3 * enough * found.width
    rest = fix_columns(classes, found.prices, 5 * found.width)
    assert (rest.fixed.dense <= best.answer).all()
    assert rest.columns <= 5 * enough


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("block", range(5))
def test_any_problem_reaches_the_optimum_with_them(block: int) -> None:
    assert check_optima(range(1000 + 30 * block, 1030 + 30 * block)) > 5


def random_columns(seed: int) -> tuple[OpenColumns, int]:
    rng = np.random.default_rng(seed)
    r, t = int(rng.integers(1, 40)), int(rng.integers(1, 20))
    least = rng.integers(0, t + 1, r)
    width = rng.integers(0, 4, t) if seed % 2 else np.zeros(t, dtype=np.int64)
    columns, _ = columns_of(
        rng.uniform(0, 3, (r, t)),
        rng.random((r, t)) < 0.7,
        rng.integers(1, 4, r).astype(np.float64),
        least,
        np.minimum(t, least + rng.integers(0, t + 1, r)),
        rng.integers(0, r + 1, t).astype(np.float64),
        SlackSeats(width=width, total=int(width.sum() * rng.random())),
    )
    return columns, t


@pytest.mark.parametrize("seed", range(30))
def test_members_keep_floors_and_caps_and_the_slope_is_a_derivative(seed: int) -> None:
    columns, t = random_columns(seed)
    if not len(columns.size):
        return
    rng = np.random.default_rng(seed)
    prices, width = rng.uniform(0, 3, t), float(rng.choice([0.05, 0.3, 2.0]))
    at = respond(columns, prices, np.zeros(len(columns.size)), width)
    turns = np.add.reduceat(at.share, columns.begin)
    assert (turns >= columns.least - 1e-5).all()
    assert (turns <= columns.most + 1e-5).all()
    assert columns.slack.width @ at.empty == pytest.approx(columns.slack.total, abs=1e-5)
    step = 1e-4 * width
    j = int(rng.integers(t))
    up = respond(columns, prices + step * (np.arange(t) == j), at.turn, width)
    down = respond(columns, prices - step * (np.arange(t) == j), at.turn, width)
    # Where a bound is just about to bind, the two sides differ.
    if ((at.turn == 0) == (up.turn == 0)).all() and ((at.turn == 0) == (down.turn == 0)).all():
        measured = (up.counts - down.counts) / 2e-4
        expected = slope(columns, at).times(np.eye(t)[j])
        assert expected == pytest.approx(measured, rel=1e-2, abs=1e-1)


@pytest.mark.parametrize("seed", range(30))
def test_products_with_the_slope_do_not_depend_on_how_it_is_kept(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns, t = random_columns(seed)
    rng = np.random.default_rng(seed)
    at = respond(columns, rng.uniform(0, 3, t), np.zeros(len(columns.size)), 0.3)
    found = []
    for entry in (0, 10**9):
        monkeypatch.setattr(open_columns, "_ENTRY", entry)
        kept = slope(columns, at)
        matrix = np.stack([kept.times(unit) for unit in np.eye(t)])
        assert matrix == pytest.approx(matrix.T)
        assert np.diag(matrix) == pytest.approx(kept.diagonal)
        found.append(matrix)
    assert found[0] == pytest.approx(found[1])


def test_what_leaves_the_columns_is_taken_off_seats_floors_and_caps() -> None:
    columns, _ = columns_of(
        np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]),
        np.array([[1, 1, 1], [1, 0, 0], [1, 1, 1], [0, 0, 0]], dtype=np.bool_),
        np.array([1.0, 5.0, 2.0, 9.0]),
        np.array([1, 1, 0, 0]),
        np.array([2, 1, 0, 3]),
        np.array([9.0, 9.0, 9.0]),
        SlackSeats(width=np.zeros(3, dtype=np.int64), total=0),
    )
    # The second row owes all it has, the third may take nothing, the last has nothing.
    assert columns.seats.tolist() == [4, 9, 9]
    assert columns.size.tolist() == [1]
    kept, rows = columns.keep(np.array([False, True, True]), np.array([True, False, False]))
    assert kept.seats.tolist() == [3, 9, 9]
    assert (kept.least.tolist(), kept.most.tolist()) == ([0], [1])
    assert rows.tolist() == [0]


DAY = Instance(clients=80, rounds=24, cohort_size=8).problem()


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize(
    "problem",
    [
        replace(DAY, weight=DAY.weight * 0),
        replace(DAY, weight=DAY.weight * 0 + 1, cost_level=DAY.cost_level * 0 + 1),
        replace(DAY, cost_level=DAY.cost_level * (np.arange(24) % 2)),
        replace(DAY, at_most=DAY.at_most * 0, at_least=DAY.at_least * 0),
        replace(DAY, cohort_size=DAY.cohort_size * 10),
        replace(DAY, cohort_size=DAY.cohort_size * 0),
        replace(DAY, cohort_size=DAY.cohort_size * 20),
        replace(DAY, cohort_size=np.arange(24) * 3),
        replace(DAY, at_least=DAY.at_least * 0 + 20, at_most=DAY.at_most * 0 + 22),
        replace(DAY, at_least=(np.arange(80) < 20) * 24),
        replace(DAY, available=np.zeros((80, 24), dtype=np.bool_)),
        replace(DAY, available=np.tile((np.arange(80) % 3 > 0)[:, None], 24)),
        replace(DAY, available=np.tile(np.arange(24) % 5 > 0, (80, 1))),
        replace(DAY, weight=10.0 ** np.linspace(-15, 15, 80)),
        replace(DAY, weight=np.where(np.arange(80) < 40, 0.0, DAY.weight)),
        replace(DAY, weight=np.repeat(DAY.weight[:8], 10)),
    ],
    ids=[
        "free", "equal", "free rounds", "caps of zero", "all clients", "no seats",
        "too many seats", "growing cohorts", "floors too high", "floors of everything",
        "nobody", "some never", "rounds without anybody", "thirty orders", "half free",
        "duplicates",
    ],
)  # fmt: skip
def test_awkward_problems_are_solved_as_ever(problem: Problem) -> None:
    expected = highs(problem, whole=False)
    solution = solve(problem)
    assert expected is not None
    assert problem.violations(solution.cohorts) == []
    assert solution.notes == ()
    assert solution.status is Status.OPTIMAL
    assert solution.classes.missing(solution.answer) == expected.missing
    assert solution.objective == pytest.approx(expected.cost, rel=1e-7, abs=1e-7)


def test_where_the_search_fails_the_coarse_model_takes_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = SHAPES[1].problem()
    expected = solve(problem)
    asked: list[int] = []
    monkeypatch.setattr(core, "find_prices", lambda *_: asked.append(1))
    solution = solve(problem, Greedy(), Cbc(time_limit=60))
    assert asked == [1]
    assert (solution.status, solution.solver, solution.notes) == (Status.OPTIMAL, "cbc", ())
    assert solution.objective == pytest.approx(expected.objective, rel=1e-9)


@dataclass
class Looks:
    """Counts how often the clock is looked at; the time is over after so many looks."""

    most: float = float("inf")
    seen: int = 0

    def __call__(self) -> bool:
        self.seen += 1
        return self.seen > self.most


def test_the_search_can_be_stopped_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_search, "_COARSE_COLUMNS", 4_000)
    classes = merge(SHAPES[1].problem())
    looks = Looks()
    assert find_prices(classes, None, looks) is not None
    assert looks.seen > 10
    late = 0
    for calls in range(0, looks.seen, 3):
        clock = Looks(most=calls)
        try:
            found = find_prices(classes, None, clock)
        except OutOfTimeError:
            late += 1
        else:
            # Coarse prices are better than none.
            assert found is not None
            assert np.isfinite(found.prices).all()
        assert clock.seen <= calls + 3
    assert late > 0


def test_an_empty_core_writes_nothing() -> None:
    problem = SHAPES[0].problem()
    best = solve(problem)
    classes = merge(problem)
    chosen, rounds = np.nonzero(best.answer)
    rest = RestrictedProblem(
        shape=best.answer.shape,
        inside=(chosen, rounds, best.answer[chosen, rounds]),
        rows=np.zeros(0, dtype=np.int64),
        capacity=np.zeros((0, problem.rounds), dtype=np.int64),
        turn=np.zeros(0),
    )
    search = CoreSearch(
        name="cbc",
        decide=lambda *_: pytest.fail("CBC was asked"),
        whole=lambda *_: pytest.fail("CBC was asked"),
        late="late",
        prices=None,
        searches=True,
        least_share=0.0,
        may_rank=False,
    )
    counts = search._decide(classes, rest, 1e18)
    assert counts is not None
    assert (counts.dense == best.answer).all()
