"""A training that begins each round from earlier prices is the one that does not."""

from pathlib import Path

import pytest
from flwr.serverapp.strategy import FedAvg

from lowcarb import CarbonAware, Fairness
from lowcarb.planning.policies import Planned
from lowcarb.planning.round_prices import RoundPrices
from tests.helpers.begun_solver import BegunSolver
from tests.helpers.crashes import Crash, crash_in
from tests.helpers.flower_app import carbon_aware, cohorts, grid, run

# So many that prices decide: smaller plans are solved as a whole.
CLIENTS, ROUNDS = 80, 10
FAIRNESS = Fairness(min_rounds=1, max_rounds=4)


def training(path: Path, **options: object) -> CarbonAware:
    """Train ten rounds with a crash in the fourth one."""
    asked = {"fairness": FAIRNESS, "ledger": path, "cohort_size": 10} | options
    with pytest.raises(Crash):
        run(
            carbon_aware(FedAvg(), **asked),
            grid(CLIENTS),
            rounds=ROUNDS,
            evaluate_fn=crash_in(4),
        )
    last = carbon_aware(FedAvg(), **asked)
    run(last, grid(CLIENTS), rounds=ROUNDS)
    return last


@pytest.mark.slow
def test_cohorts_and_grams_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warm = training(tmp_path / "warm.db")
    monkeypatch.setattr(RoundPrices, "warm", lambda *_: None)
    cold = training(tmp_path / "cold.db")
    assert cohorts(warm) == cohorts(cold)
    assert len(cohorts(warm)) == ROUNDS
    for one, other in zip(warm.account.rounds, cold.account.rounds, strict=True):
        assert (one.solver, one.status) == ("cbc", "optimal")
        assert one.planned_g == pytest.approx(other.planned_g, rel=1e-9)


@pytest.mark.parametrize("kept", [True, False])
def test_a_restarted_server_begins_where_the_last_one_ended(tmp_path: Path, kept: bool) -> None:
    solver = BegunSolver()
    if kept:
        training(tmp_path / "run.db", policy=Planned((solver,)))
    else:
        strategy = carbon_aware(FedAvg(), policy=Planned((solver,)), rounds=ROUNDS)
        run(strategy, grid(), rounds=4)
        run(strategy, grid(), rounds=ROUNDS - 4)
    first, *later = solver.starts
    assert first is None
    assert [len(start or []) for start in later] == list(range(ROUNDS - 1, 0, -1))
