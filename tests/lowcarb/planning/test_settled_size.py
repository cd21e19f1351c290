"""How many are asked now where it is only assumed who will be there later."""

from dataclasses import replace

import numpy as np
import pytest

from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.decide import decide
from lowcarb.planning.policies import Cheapest, Planned
from lowcarb.planning.settled_size import settled
from lowcarb.replay import draw_disruptions
from lowcarb_solvers import Cbc, Greedy, Problem
from tests.helpers.data import mixed_fleet
from tests.helpers.recorded_days import ROUNDS, backtest

ROUNDS_LEFT, CLIENTS = 6, 10


def problem(*, away: int, costs: np.ndarray | None = None, **changes: object) -> Problem:
    """Ten clients, of whom the cheapest few are away now and taken to be back."""
    if costs is None:
        costs = np.repeat(np.arange(1.0, CLIENTS + 1)[:, np.newaxis], ROUNDS_LEFT, axis=1)
    available = np.ones(costs.shape, dtype=np.bool_)
    available[:away, 0] = False
    given: dict[str, object] = {
        "cohort_size": 3,
        "cohort_least": 1,
        "cohort_most": 6,
        "elastic": True,
        "available": available,
    }
    return Problem.from_costs(costs, **(given | changes))  # type: ignore[arg-type]


def chosen(one: Problem, *, assumed: bool) -> int:
    view = CandidateView.of_fleet(mixed_fleet(["A"], clients=one.clients))
    return len(decide(one, Planned(), view, assumed=assumed).cohort)


def test_turns_are_not_put_off_until_others_are_back() -> None:
    """As dear now as later, but for who is there: hopes would make this round the smallest."""
    one = problem(away=3)
    assert chosen(one, assumed=False) == 1
    assert chosen(one, assumed=True) == 3


def test_turns_are_put_off_until_it_is_clean() -> None:
    costs = np.outer(np.arange(1.0, CLIENTS + 1), [9.0, 1, 1, 1, 1, 1])
    assert chosen(problem(away=3, costs=costs), assumed=True) == 1
    costs = np.outer(np.arange(1.0, CLIENTS + 1), [0.1, 1, 1, 1, 1, 1])
    assert chosen(problem(away=3, costs=costs), assumed=True) == 6


@pytest.mark.parametrize(
    "one",
    [
        problem(away=0),
        problem(away=3, available=None),
        problem(away=3, cohort_least=None, cohort_most=None),
    ],
)
def test_nothing_is_settled_where_nothing_is_assumed(one: Problem) -> None:
    policy = Planned()
    assert settled(one, policy) == (one, policy)


@pytest.mark.parametrize("total", [6, 7, 18, 35, 36])
@pytest.mark.parametrize("away", [1, 5, 9, 10])
def test_the_total_stays_in_reach(total: int, away: int) -> None:
    sized, _ = settled(problem(away=away, cohort_total=total), Planned((Greedy("regret"),)))
    assert sized.total == total
    assert sized.fewest[0] == sized.most[0] == sized.cohort_size[0]
    assert 1 <= sized.cohort_size[0] <= 6
    assert (sized.fewest[1:] == 1).all()


def test_both_plans_share_one_limit() -> None:
    policy = Planned((Greedy("regret", time_limit=8.0), Cbc(time_limit=8.0)))
    _, rest = settled(problem(away=3), policy)
    assert rest.time_limit == pytest.approx(6.0)


def test_others_choose_as_before() -> None:
    view = CandidateView.of_fleet(mixed_fleet(["A"], clients=CLIENTS))
    assert len(decide(problem(away=3), Cheapest(), view, assumed=True).cohort) == 3


def test_unannounced_absences_do_not_pile_turns_up_at_the_end() -> None:
    gone = draw_disruptions(20, ROUNDS, dropout=0.15, absence=0.4, seed=4)
    one = backtest(gone)
    ranged = replace(one, planner=replace(one.planner, cohort_range=(1, 17)))
    run = ranged.run("ilp", Planned())
    sizes = [len(cohort) for cohort in run.cohorts]
    assert sum(sizes) == 4 * ROUNDS
    assert sum(sizes[-4:]) < 2 * 4 * 4
    assert run.floors_met == 1
