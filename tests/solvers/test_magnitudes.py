"""Costs of any size: CBC gets finite numbers of a size that it can work with."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import INSTANCES, Instance
from lowcarb_solvers import Cbc, Classes, Greedy, Problem, ProblemError, Status, cbc, merge, solve
from lowcarb_solvers.cbc_job import Answer, Model
from lowcarb_solvers.core import NoAnswerError

DAY = INSTANCES["day"].problem()


def weighed(weight: float, *, others: float | None = None) -> Problem:
    """Give every client of a day a weight; with `others`, the first client alone."""
    given = np.full(DAY.clients, weight if others is None else others)
    given[0] = weight
    return replace(DAY, weight=given)


@pytest.mark.parametrize("weight", [5e-324, 1e-320, 1e-310, 1e-300, 1e-9, 1.0, 1e12, 1e150, 1e277])
def test_equal_weights_of_any_size_are_solved_by_cbc(weight: float) -> None:
    problem = weighed(weight)
    solution = solve(problem, Greedy("cost"), Cbc())
    assert solution.solver == "cbc"
    assert solution.status is Status.OPTIMAL
    assert solution.notes == ()
    assert problem.violations(solution.cohorts) == []
    # The best cohorts do not depend on the weight, up to what the smallest numbers round away.
    usual = solve(weighed(1.0), Greedy("cost"), Cbc())
    assert usual.objective is not None
    at_usual = usual.classes.problem.cost(solution.cohorts)
    assert at_usual == pytest.approx(usual.objective, rel=1e-9 if weight > 1e-300 else 0.02)


@pytest.mark.parametrize(
    ("weight", "others"), [(1e-320, 0.0), (1e-320, 0.2), (0.0, 1e-320), (1e250, 0.2), (0.2, 1e-320)]
)
def test_a_single_weight_of_another_size_breaks_nothing(weight: float, others: float) -> None:
    problem = weighed(weight, others=others)
    solution = solve(problem, Greedy(), Cbc())
    assert problem.violations(solution.cohorts) == []
    assert solution.shortfalls == ()
    assert not any("failed" in note for note in solution.notes)
    assert solution.objective is not None
    assert np.isfinite(solution.objective)


def test_large_fleets_with_tiny_weights_are_reduced_all_the_same() -> None:
    problem = Instance(clients=900, rounds=30, cohort_size=40).problem()
    tiny = replace(problem, weight=problem.weight * 1e-318)
    assert len(merge(tiny)) * tiny.rounds > cbc._MOST_DIRECT
    solution = solve(tiny, Greedy(), Cbc(time_limit=20))
    assert tiny.violations(solution.cohorts) == []
    assert solution.notes == ()


@pytest.mark.parametrize("seed", range(20))
def test_every_number_of_a_model_is_finite(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(seed)
    models: list[Model] = []

    def ask(_: Cbc, model: Model, __: float) -> Answer:
        models.append(model)
        raise NoAnswerError("seen")

    monkeypatch.setattr(cbc.Cbc, "_ask", ask)
    sizes = 10.0 ** rng.uniform(-323, rng.uniform(-300, 277), DAY.clients)
    classes: Classes = merge(replace(DAY, weight=sizes))
    Cbc()(classes)
    (model,) = models
    assert np.isfinite(model.program.cost).all()
    assert model.program.cost.max() > 0
    assert model.program.penalty is not None
    assert model.program.cost.max() < model.program.penalty <= 1e20 * (1 + 1e-9)


@pytest.mark.parametrize(("weight", "level"), [(1e200, 1e200), (1.7e308, 1.0), (1.0, 1e306)])
def test_costs_whose_sums_are_not_finite_are_refused(weight: float, level: float) -> None:
    with pytest.raises(ProblemError, match="weight times cost_level: expected costs whose sums"):
        replace(DAY, weight=DAY.weight * 0 + weight, cost_level=DAY.cost_level * 0 + level)
