"""Ctrl-C while the command line is still importing: it ends, and prints no traceback."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.data import ENVIRONMENT

# Sends itself the signal in the moment in which a module is looked for.
CUSTOMIZE = """
import os, signal, sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
"""
AS_MODULE = ["-m", "lowcarb"]
AS_SCRIPT = ["-c", "import sys; from lowcarb.__main__ import main; sys.exit(main())"]


@pytest.mark.parametrize("start", [AS_MODULE, AS_SCRIPT])
@pytest.mark.parametrize(
    "module", ["lowcarb.cli", "typer", "click", "lowcarb.cli.report", "numpy", "lowcarb.planning"]
)
def test_an_import_that_is_interrupted_prints_no_traceback(
    tmp_path: Path, start: list[str], module: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(CUSTOMIZE.format(module=module))
    path = f"{tmp_path}:{ENVIRONMENT.get('PYTHONPATH', '')}"
    done = subprocess.run(
        [sys.executable, *start, "demo"],
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, "PYTHONPATH": path},
        cwd=tmp_path,
        check=False,
        timeout=120,
    )
    assert done.returncode in (-signal.SIGINT, 1, 130)
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr
