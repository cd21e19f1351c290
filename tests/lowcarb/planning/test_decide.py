"""One round's decision begins from what an earlier plan knows, if its policy plans."""

import numpy as np

from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.decide import decide
from lowcarb.planning.policies import POLICIES, Choice, Planned
from lowcarb.planning.round_prices import RoundPrices
from lowcarb_solvers import Problem, Warm
from tests.helpers.begun_solver import BegunSolver
from tests.helpers.candidates import view_of


def problem() -> Problem:
    costs = np.arange(12, dtype=np.float64).reshape(3, 4) ** 2
    return Problem.from_costs(costs, cohort_size=1, at_least=[0, 1, 1], elastic=True)


def test_a_policy_that_plans_begins_from_it() -> None:
    solver, asked = BegunSolver(), problem()
    policy = Planned((solver,))
    decide(asked, policy, view_of(asked))
    decide(asked, policy, view_of(asked), warm=Warm(prices=np.array([1.0, 2.0, 3.0, np.nan])))
    decide(asked, policy, view_of(asked))
    # What one decision began from is no part of the next: a policy may serve many trainings.
    assert solver.starts == [None, [1.0, 2.0, 3.0, 2.0], None]


def test_a_policy_of_ones_own_is_called_as_ever() -> None:
    def mine(given: Problem, _: CandidateView) -> Choice:
        return Choice(cohort=np.array([2]), by="mine", solution=Planned()(given).solution)

    asked, warm = problem(), Warm(prices=np.ones(4))
    choice = decide(asked, mine, view_of(asked), lost=0.1, warm=warm)
    assert choice.cohort.tolist() == [2]
    # The plan that it happens to make leaves prices as any other.
    assert RoundPrices.of(choice, 1) is not None
    for policy in POLICIES.values():
        one, other = (decide(asked, policy, view_of(asked), warm=w) for w in (None, warm))
        assert one.cohort.tolist() == other.cohort.tolist()


def test_a_plan_without_the_reserve_begins_from_the_one_with_it() -> None:
    solver = BegunSolver()
    # The first client's second turn would take the only round that the second one can have.
    crowded = Problem.from_costs(
        [[1.0, 9.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 9.0]],
        cohort_size=1,
        at_least=[1, 1, 0],
        available=np.array([[True, True, False], [True, False, False], [False, False, True]]),
        elastic=True,
    )
    decide(crowded, Planned((solver,)), view_of(crowded), lost=0.01)
    first, second = solver.starts
    assert first is None
    assert second is not None
    assert np.isfinite(second).all()
