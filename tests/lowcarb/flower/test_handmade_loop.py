"""A strategy that has written all of its loop itself, with a schedule and a best model to keep."""

from collections.abc import Callable, Iterable
from pathlib import Path

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg, Result

from lowcarb import Fairness
from tests.helpers.flower_app import carbon_aware, cohorts, grid, initial_arrays

Evaluate = Callable[[int, ArrayRecord], MetricRecord]


class Handmade(FedAvg):
    """Takes over the whole loop; halves the pull of the clients from its fifth round on."""

    def keep_in(self, folder: Path) -> None:
        """Say where the rounds' figures go, before `start`."""
        self.folder = folder

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        pull = 1.0 if server_round >= 5 else 0.0
        config["proximal-mu"] = pull
        with (self.folder / "schedule").open("a") as file:
            file.write(f"{server_round}: {pull}\n")
        return super().configure_train(server_round, arrays, config, grid)

    def start(  # type: ignore[override]
        self, grid: Grid, initial_arrays: ArrayRecord, num_rounds: int, evaluate_fn: Evaluate
    ) -> Result:
        result, arrays = Result(), initial_arrays
        evaluate_fn(0, arrays)
        for number in range(1, num_rounds + 1):
            messages = self.configure_train(number, arrays, ConfigRecord(), grid)
            trained, _ = self.aggregate_train(number, grid.send_and_receive(messages))
            arrays = arrays if trained is None else trained
            questions = self.configure_evaluate(number, arrays, ConfigRecord(), grid)
            self.aggregate_evaluate(number, grid.send_and_receive(questions))
            evaluate_fn(number, arrays)
        result.arrays = arrays
        return result


def test_it_trains_on_cohorts_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    evaluated: list[int] = []

    def evaluate(number: int, arrays: ArrayRecord) -> MetricRecord:
        evaluated.append(number)
        return MetricRecord({"size": len(arrays)})

    def train(ledger: str, rounds: int) -> tuple[Result, list[list[str]]]:
        on = grid(10)
        strategy = carbon_aware(
            Handmade(fraction_train=0.1),
            cohort_size=4,
            ledger=tmp_path / ledger,
            fairness=Fairness(min_rounds=1),
        )
        strategy.keep_in(tmp_path)
        result = strategy.start(on, initial_arrays(), rounds, evaluate_fn=evaluate)
        assert [kind for kind, _ in on.sent].count("train") == 4 * (len(evaluated) - 1)
        return result, cohorts(strategy)

    train("stopped.db", 3)
    assert evaluated == [0, 1, 2, 3]
    evaluated.clear()
    result, asked = train("stopped.db", 5)
    # Its counting goes on too: with it the schedule and the server's evaluation.
    assert evaluated == [3, 4, 5]
    schedule = (tmp_path / "schedule").read_text().split("\n")
    assert schedule == ["1: 0.0", "2: 0.0", "3: 0.0", "4: 0.0", "5: 1.0", ""]
    assert [len(cohort) for cohort in asked] == [4] * 5
    assert {name for cohort in asked for name in cohort} == {f"client-{i:02d}" for i in range(10)}
    assert result.arrays is not None
