"""The server: trains once for each policy and tests the model of each round."""

from collections import Counter

from flwr.app import ArrayRecord, Context, MetricRecord, RecordDict
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg

from digits.data import split
from digits.model import evaluate, initial_weights
from digits.report import Report
from digits.settings import ALIKE, CHOOSERS, FEDAVG, Settings
from digits.world import EVERY, World
from lowcarb import CarbonAware, Fairness, InputError, Ledger, SimulatedClock
from lowcarb.demo.scenario import START
from lowcarb.planning.policies import Planned

app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Train for each policy, from the same start and on the same clients."""
    settings = Settings.of(context.run_config)
    clients = len(list(grid.get_node_ids()))
    if settings.cohort_size > clients:
        raise InputError(
            f"cohort-size: expected at most the {clients} clients, got {settings.cohort_size}",
            field="cohort-size",
        )
    world = World(
        seed=settings.seed,
        clients=clients,
        rounds=settings.rounds,
        alike=settings.machines == ALIKE,
    )
    report = Report(settings.report)
    report.begin()
    for policy in settings.policies:
        _train(policy, settings, grid, world, report)


def _train(policy: str, settings: Settings, grid: Grid, world: World, report: Report) -> None:
    """Train once, and report each round's accuracy and what it all emitted."""
    _, tests = split(settings.seed)
    present = _Attendance()
    turns: Counter[int] = Counter()
    grams = [0.0]

    def test(number: int, arrays: ArrayRecord) -> MetricRecord:
        cohort = present.take()
        turns.update(cohort)
        grams.append(grams[-1] + world.emissions_g({number: cohort}))
        accuracy, loss = evaluate(arrays.to_numpy_ndarrays(), tests)
        report.add(
            "round",
            {
                "policy": policy,
                "round": number,
                "of": settings.rounds,
                "accuracy": accuracy,
                "emissions_g": grams[-1],
            },
        )
        return MetricRecord({"accuracy": accuracy, "loss": loss})

    strategy = _strategy(policy, settings, world, present)
    result = strategy.start(
        grid=grid,
        initial_arrays=ArrayRecord(initial_weights(settings.seed)),
        num_rounds=settings.rounds,
        evaluate_fn=test,
    )
    if settings.ledger is not None and isinstance(strategy, CarbonAware):
        with Ledger(settings.ledger).writing() as book:
            book.settle(world.actual)
    accuracy, loss = evaluate(result.arrays.to_numpy_ndarrays(), tests)
    report.add(
        "training",
        {
            "policy": policy,
            "clients": world.clients,
            "rounds": settings.rounds,
            "cohort_size": settings.cohort_size,
            "accuracy": accuracy,
            "loss": loss,
            "emissions_g": grams[-1],
            "planned_g": _planned_g(strategy),
            "random_g": world.random_g(settings.cohort_size),
            "turns": [turns[client] for client in range(world.clients)],
        },
    )


def _strategy(
    policy: str, settings: Settings, world: World, present: "_Attendance"
) -> FedAvg | CarbonAware:
    """Make the strategy of a policy: FedAvg, plain or carbon-aware."""
    plain = FedAvg(
        fraction_train=settings.cohort_size / world.clients,
        fraction_evaluate=0.0,
        min_train_nodes=settings.cohort_size,
        min_available_nodes=world.clients,
        train_metrics_aggr_fn=present,
    )
    if policy == FEDAVG:
        return plain
    value = settings.value if isinstance(CHOOSERS[policy], Planned) else None
    return CarbonAware(
        plain,
        provider=world,
        cohort_size=settings.cohort_size,
        fairness=Fairness(min_share=settings.min_share),
        ledger=settings.ledger,
        fleet=world.fleet,
        typical=world.typical,
        clock=SimulatedClock(START, every=EVERY),
        policy=CHOOSERS[policy],
        debias=settings.debias,
        value=value,
        max_extra_carbon=None if value is None else settings.max_extra_carbon,
        seed=settings.seed,
        resume=False,
    )


def _planned_g(strategy: FedAvg | CarbonAware) -> float | None:
    """Emissions by the forecasts that cohorts were chosen on; None where nobody looked at any."""
    if isinstance(strategy, FedAvg):
        return None
    planned = [booked.planned_g for booked in strategy.account.rounds]
    known = [grams for grams in planned if grams is not None]
    return sum(known) if len(known) == len(planned) else None


class _Attendance:
    """Notes who trained; stands in for the averaging of metrics, of which there is nothing."""

    def __init__(self) -> None:
        self._present: list[int] = []

    def __call__(self, replies: list[RecordDict], _weighted_by_key: str) -> MetricRecord:
        records = [next(iter(reply.metric_records.values())) for reply in replies]
        self._present += [_whole(record, "partition-id") for record in records]
        return MetricRecord({"clients": len(records)})

    def take(self) -> list[int]:
        """Return who trained since the last call."""
        present, self._present = self._present, []
        return present


def _whole(record: MetricRecord, key: str) -> int:
    value = record[key]
    if not isinstance(value, int):
        raise TypeError(f"{key}: expected a whole number, got {value!r}")
    return value
