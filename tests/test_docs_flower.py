"""The Python of docs/flower.md runs as it stands, with stand-ins for what is around it."""

import re
from pathlib import Path
from typing import Any

import pytest
from flwr.app import ConfigRecord, Message, RecordDict
from flwr.serverapp.strategy import FedAvg

from lowcarb import CarbonAware
from lowcarb.providers import CsvProvider
from tests.helpers.data import ROOT
from tests.helpers.flower_app import Invented, grid, initial_arrays

TEXT = (ROOT / "docs" / "flower.md").read_text()
# Secure aggregation is tested with the older API that it is of.
BLOCKS = [b for b in re.findall(r"```python\n(.*?)```", TEXT, re.S) if "SecAggPlus" not in b]


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_it_runs(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("forecast.csv", "clients.csv"):
        (tmp_path / name).symlink_to(ROOT / "examples" / name)
    monkeypatch.chdir(tmp_path)
    around: dict[str, Any] = {
        "CarbonAware": CarbonAware,
        "ConfigRecord": ConfigRecord,
        "CsvProvider": CsvProvider,
        "FedAvg": FedAvg,
        "Message": Message,
        "RecordDict": RecordDict,
        "arrays": initial_arrays(),
        "carbon": Invented(),
        "grid": grid(),
    }
    exec(compile(block, "docs/flower.md", "exec"), around)  # noqa: S102 - our own page
    strategy = around.get("strategy")
    if "rounds=20" in block:
        assert isinstance(strategy, CarbonAware)
        assert strategy.account.rounds_over == 20


def test_there_are_blocks_to_run() -> None:
    assert len(BLOCKS) >= 5
