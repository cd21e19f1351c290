"""The app that the README makes carbon-aware, and its commands, word for word."""

import re
import shutil
import subprocess
from pathlib import Path

from tests.helpers.data import ROOT

_README = (ROOT / "README.md").read_text()

DIFFS = re.findall(r"```diff\n(.*?)```", _README, re.DOTALL)
"""For the server, for the clients, and for the server of a simulation after that."""

(_SIMULATION,) = [
    body for body in re.findall(r"```console\n(.*?)```", _README, re.DOTALL) if "flwr run" in body
]
(_END,) = [
    body for body in re.findall(r"```text\n(.*?)```", _README, re.DOTALL) if "is over" in body
]
SHOWN = _END.splitlines()
"""What the log of the simulation ends with, in part."""

COMMANDS = [line.removeprefix("$ ") for line in _SIMULATION.splitlines()]
"""Those of the simulation, given in the app's folder."""


def changed_app(folder: Path, *, simulated: bool = False) -> Path:
    """Copy the examples into a folder and change the app there as the README says."""
    examples = folder / "examples"
    shutil.copytree(ROOT / "examples", examples)
    app = examples / "quickstart"
    for diff in DIFFS if simulated else DIFFS[:2]:
        subprocess.run(["git", "apply", "-"], input=diff, text=True, cwd=app, check=True)
    return app
