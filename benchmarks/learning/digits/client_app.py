"""The client: trains on its own digits."""

from functools import lru_cache

import numpy as np
from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

import lowcarb
from digits.data import Samples, partition, partition_in_order, split
from digits.model import losses, train
from digits.settings import REGIONAL, ROOT_MEAN_SQUARE, Settings
from digits.world import World

app = ClientApp(mods=[lowcarb.client_mod])


@app.train()
def train_here(message: Message, context: Context) -> Message:
    """Train the model that came on this client's digits."""
    settings = Settings.of(context.run_config)
    client = int(context.node_config["partition-id"])
    clients = int(context.node_config["num-partitions"])
    samples = _held(client, clients, settings.labels, settings.alpha, settings.seed)
    number = message.content.config_records["config"]["server-round"]
    if not isinstance(number, int):
        raise TypeError(f"server-round: expected a whole number, got {number!r}")
    received = message.content.array_records["arrays"].to_numpy_ndarrays()
    before = losses(received, samples)
    power = 2 if settings.loss == ROOT_MEAN_SQUARE else 1
    weights = train(
        received,
        samples,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        rng=np.random.default_rng([settings.seed, 4, number, client]),
    )
    content = RecordDict(
        {
            "arrays": ArrayRecord(weights),
            "metrics": MetricRecord(
                {
                    "num-examples": len(samples),
                    "partition-id": client,
                    # Of the model as it came: afterwards each client finds its own digits easy.
                    "train-loss": float(np.mean(before**power) ** (1 / power)),
                }
            ),
        }
    )
    return Message(content, reply_to=message)


@lru_cache(maxsize=1024)
def _held(client: int, clients: int, labels: str, alpha: float, seed: int) -> Samples:
    """Return what a client holds; one process plays many clients, many times."""
    trained, _ = split(seed)
    if labels == REGIONAL:
        order = World(seed=seed, clients=clients, rounds=1).cleanest_first
        parts = partition_in_order(trained.labels, order, seed=seed)
    else:
        parts = partition(trained.labels, clients=clients, alpha=alpha, seed=seed)
    return trained.take(parts[client])
