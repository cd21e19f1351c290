"""Each round of a replay begins from the prices of the round before, and plans the same."""

from dataclasses import replace

import numpy as np
import pytest

from lowcarb import Fairness
from lowcarb.planning.policies import POLICIES, Planned
from lowcarb.planning.round_prices import RoundPrices
from lowcarb.replay import Disruptions, draw_disruptions
from tests.helpers.begun_solver import BegunSolver
from tests.helpers.recorded_days import ROUNDS, backtest, fleet

# So many that prices decide: smaller plans are solved as a whole.
CLIENTS = 60
DISRUPTIONS = {
    "none": Disruptions(),
    "lost turns": draw_disruptions(CLIENTS, ROUNDS, seed=2, dropout=0.1, absence=0.1),
}


@pytest.mark.parametrize("disruptions", DISRUPTIONS)
def test_plans_are_the_same_with_and_without_a_start(
    disruptions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = backtest()
    planner = replace(on.planner, fleet=fleet(CLIENTS), fairness=Fairness(min_rounds=1))
    on = replace(on, planner=planner, disruptions=DISRUPTIONS[disruptions])
    warm = on.run("ilp", POLICIES["ilp"])
    monkeypatch.setattr(RoundPrices, "warm", lambda *_: None)
    cold = on.run("ilp", POLICIES["ilp"])
    assert warm.planned_g_by_round == pytest.approx(cold.planned_g_by_round, rel=1e-9)
    assert warm.realised_g == pytest.approx(cold.realised_g, rel=1e-9)
    assert [c.tolist() for c in warm.cohorts] == [c.tolist() for c in cold.cohorts]


def test_each_round_is_told_the_prices_of_the_one_before() -> None:
    solver = BegunSolver()
    on = backtest()
    run = on.run("begun", Planned((solver,)))
    assert solver.starts[0] is None
    starts = [start for start in solver.starts if start is not None]
    assert [len(start) for start in starts] == list(range(ROUNDS - 1, 0, -1))
    first = Planned((BegunSolver(),))(on.planner.problem(on.start, on._views[0])).solution
    assert first is not None
    assert first.prices is not None
    assert starts[0] == first.prices[1:].tolist()
    # Another replay by the same policy begins from nothing.
    again = on.run("begun", Planned((solver,)))
    assert solver.starts[ROUNDS] is None
    assert again.planned_g == run.planned_g


def test_clients_may_come_and_go() -> None:
    solver = BegunSolver()
    online = np.ones((20, ROUNDS), dtype=np.bool_)
    online[3:, 4:6] = False
    on = backtest(Disruptions(online=online, announced=True), fairness=Fairness(min_rounds=1))
    on.run("begun", Planned((solver,)))
    assert sum(start is None for start in solver.starts) == 1
    assert all(np.isfinite(start).all() for start in solver.starts if start is not None)
