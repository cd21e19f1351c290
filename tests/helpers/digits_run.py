"""Runs of the digits app without processes."""

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from flwr.app import Context, RecordDict

from digits import client_app, server_app
from tests.helpers.data import ROOT
from tests.helpers.flower_grid import InProcessGrid

APP = ROOT / "benchmarks" / "learning"
DEFAULTS: dict[str, Any] = tomllib.loads((APP / "pyproject.toml").read_text())["tool"]["flwr"][
    "app"
]["config"]


def run(folder: Path, *, clients: int = 12, shuffled: bool = False, **config: Any) -> InProcessGrid:
    """Run the app in this process.

    Parameters
    ----------
    folder
        Where the report goes.
    clients
        How many there are; node 1000 + i is partition i.
    shuffled
        Whether node ids follow another order.
    config
        The run-config with underscores for dashes.
    """
    given = {key.replace("_", "-"): value for key, value in config.items()}
    settings = {**DEFAULTS, "report": str(folder / "report.jsonl"), **given}
    order = np.random.default_rng(0).permutation(clients) if shuffled else np.arange(clients)
    grid = InProcessGrid(
        client_app.app,
        {
            1000 + node: {"partition-id": i, "num-partitions": clients}
            for i, node in enumerate(order.tolist())
        },
        run_config=settings,
    )
    context = Context(run_id=1, node_id=0, node_config={}, state=RecordDict(), run_config=settings)
    server_app.app(grid=grid, context=context)
    return grid


def events(folder: Path, kind: str) -> list[dict[str, Any]]:
    """Lines of one kind in the report."""
    lines = [json.loads(line) for line in (folder / "report.jsonl").read_text().splitlines()]
    return [line for line in lines if line["event"] == kind]
