"""The notebooks run from top to bottom, and are kept without outputs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.data import ENVIRONMENT, ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# This one starts a simulation, which takes a minute on a busy machine.
SLOW = {"hospitals", "quickstart", "what-if"}

# In a process of its own: a kernel's client warns of things that are none of ours.
_EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=300, resources={"metadata": {"path": sys.argv[2]}}).execute()
"""


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(p, id=p.stem, marks=[pytest.mark.slow] if p.stem in SLOW else [])
        for p in NOTEBOOKS
    ],
)
def test_it_runs(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _EXECUTE, str(path), str(path.parent)],
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, "MPLBACKEND": "agg"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_not_kept(path: Path) -> None:
    for cell in json.loads(path.read_text())["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert not re.search(r"\.\./shared|['\"(]/(home|root|work|tmp)/", "".join(cell["source"]))


def test_each_is_listed() -> None:
    listed = (ROOT / "notebooks" / "README.md").read_text()
    assert len(NOTEBOOKS) == 4
    for path in NOTEBOOKS:
        assert f"[{path.name}]({path.name})" in listed
