"""What the server does: it trains, and writes down the model."""

import json
from pathlib import Path

import numpy as np
from flwr.app import ArrayRecord, Context
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg, Strategy

from lowcarb import CarbonAware, Fairness
from lowcarb.providers import CsvProvider

app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Train a model of one count of aggregations and one entry for each hospital."""
    config = context.run_config
    clients = int(config["clients"])
    strategy: Strategy
    if config["ledger"]:
        cohort = int(config["cohort"])
        strategy = CarbonAware(
            FedAvg(fraction_evaluate=0.0, min_train_nodes=cohort, min_available_nodes=cohort),
            provider=CsvProvider(str(config["forecast"])),
            cohort_size=cohort,
            fairness=Fairness(min_rounds=int(config["floor"])),
            round_every=None,
            ledger=str(config["ledger"]),
        )
    else:
        strategy = FedAvg(
            fraction_evaluate=0.0, min_train_nodes=clients, min_available_nodes=clients
        )
    result = strategy.start(
        grid=grid,
        initial_arrays=ArrayRecord([np.zeros(1 + clients)]),
        num_rounds=int(config["rounds"]),
        timeout=float(config["timeout"]),
    )
    (model,) = result.arrays.to_numpy_ndarrays()
    path = Path(str(config["result"]))
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps({"model": model.tolist()}))
    unfinished.replace(path)
