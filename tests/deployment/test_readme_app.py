"""The app that the README makes carbon-aware trains in a real federation."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from lowcarb.ledger import Ledger
from tests.deployment.documented import README, joined, starting
from tests.deployment.federation import Federation
from tests.helpers.data import ROOT
from tests.helpers.readme_app import changed_app

pytestmark = pytest.mark.slow
TRAINING_S = 200.0
REGIONS = ("CISO", "BPAT", "ERCO", "PJM")


@pytest.mark.timeout(500)
@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_the_readmes_app_trains_in_a_deployment(tmp_path: Path) -> None:
    (shown,) = [line for line in starting(README) if "--node-config" in line]
    (facts,) = re.findall(r"""--node-config 'client-id="hospital-0" (.*)'""", joined(shown)[0])
    nodes = {f"hospital-{i}": facts.replace("CISO", name) for i, name in enumerate(REGIONS)}
    app = changed_app(tmp_path)
    with Federation(tmp_path, nodes) as federation:
        missing = federation.run_app(app)
        missing.wait_for_text("there is no such forecast file", TRAINING_S)
        assert str(tmp_path / "forecast.csv") in missing.output
        missing.wait(TRAINING_S)
        # Where the SuperLink was started.
        shutil.copy(ROOT / "examples" / "forecast.csv", tmp_path)
        run = federation.run_app(app)
        run.wait_for_text("the training is over, after 3 rounds", TRAINING_S)
        run.wait(60)
        for text in ("the training starts with", "nodes: 4 online, 4 wanted", "hospital-3"):
            assert text in run.output
    account = Ledger(tmp_path / "quickstart.db").account()
    assert account.turns == dict.fromkeys(nodes, 3)
    assert account.measured_share == 1
