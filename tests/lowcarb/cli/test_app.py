"""The command line as a whole: how it is started, and what it calls itself."""

import subprocess
import sys

import pytest

import lowcarb
from tests.helpers.data import ENVIRONMENT

AS_MODULE = ["-m", "lowcarb"]
AS_SCRIPT = ["-c", "import sys; sys.argv[0] = '/bin/lowcarb'; from lowcarb.cli import main; main()"]


def run(start: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *start, *arguments],
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, "COLUMNS": "80"},
        check=False,
    )


@pytest.mark.parametrize(
    ("start", "name"), [(AS_MODULE, "python -m lowcarb"), (AS_SCRIPT, "lowcarb")]
)
def test_it_calls_itself_what_it_was_called(start: list[str], name: str) -> None:
    shown = run(start, "--help")
    assert shown.returncode == 0
    assert shown.stdout.split("\n\n")[0].strip().startswith(f"Usage: {name} [OPTIONS] COMMAND")
    refused = run(start, "plan")
    assert refused.returncode == 2
    assert f"Usage: {name} plan [OPTIONS]" in refused.stderr
    assert f"Try '{name} plan -h' for help." in refused.stderr


@pytest.mark.parametrize("start", [AS_MODULE, AS_SCRIPT])
def test_it_says_its_version(start: list[str]) -> None:
    assert run(start, "--version").stdout == f"lowcarb {lowcarb.__version__}\n"


@pytest.mark.parametrize("command", ["demo", "fetch", "check", "plan", "compare", "report"])
def test_help_fits_in_80_columns(command: str) -> None:
    shown = run(AS_MODULE, command, "--help").stdout
    assert "--help" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown
