"""What works on Windows, as far as it can be imitated: no ledgers, everything else."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.helpers.data import ROOT
from tests.helpers.processes import eventually
from tests.helpers.windows import left_behind, run_as_on_windows

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")

PACKAGES = ("lowcarb", "lowcarb.providers", "lowcarb.replay", "lowcarb_solvers")
PLAN = (
    "plan --forecast examples/forecast.csv --clients examples/clients.csv "
    "--cohort-size 4 --rounds 24 --min-rounds 4"
)
TRAIN = """
from flwr.serverapp.strategy import FedAvg
from lowcarb import LedgerError
from tests.helpers import flower_app
options = {} if not sys.argv[1] else {"ledger": sys.argv[1]}
grid = flower_app.grid(6)
strategy = flower_app.carbon_aware(FedAvg(), cohort_size=2, **options)
try:
    flower_app.run(strategy, grid, rounds=2)
    print(len(strategy.account.rounds), "rounds booked")
except LedgerError as error:
    print(error)
print(len(grid.sent), "messages")
"""
# A child at its deadline, with a program that it started; it has begun to work in any case.
LATE = """
from lowcarb_solvers import child
import late
child.run("late.begin", None, 60.0)
try:
    child.run("late.wait", sys.argv[1], 2.0)
except child.DeadlineError as error:
    print(error)
"""
LATE_JOB = """
import os, pathlib, subprocess, time

def begin(nothing, deadline):
    return nothing

def wait(note, deadline):
    program = subprocess.Popen(["sleep", "50"])
    pathlib.Path(note).write_text(f"{os.getpid()} {program.pid}")
    time.sleep(50)
"""
# What ends processes there: this one, and those that it started.
TASKKILL = """#!/bin/sh
echo "$@" >> "{log}"
kill -9 $(cat /proc/$4/task/$4/children) $4
"""


def test_all_public_names_are_imported(tmp_path: Path) -> None:
    script = "import importlib\n" + "".join(
        f"package = importlib.import_module({name!r})\n"
        "for name in package.__all__: assert getattr(package, name) is not None\n"
        for name in PACKAGES
    )
    done = run_as_on_windows(
        tmp_path, ["-c", script + "print('imported')"], first="import platformdirs"
    )
    assert (done.stdout, done.stderr) == ("imported\n", "")


def test_the_imitation_lacks_what_windows_lacks(tmp_path: Path) -> None:
    script = """
import importlib.util, os, signal, sys
from lowcarb_solvers import descendants
print([n for n in ("fork", "killpg", "getpgid", "geteuid", "O_NOFOLLOW", "WNOHANG", "pathconf")
       if hasattr(os, n)], hasattr(signal, "SIGKILL"), sys.modules["fcntl"],
      descendants.sys.platform)
"""
    done = run_as_on_windows(tmp_path, ["-c", script])
    assert done.stdout == "[] False None win32\n", done.stderr


def test_plans_are_proven_and_leave_no_process(tmp_path: Path) -> None:
    done = run_as_on_windows(tmp_path, ["-m", "lowcarb", *PLAN.split()], cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "proven optimal, by CBC" in done.stdout
    assert "2,704.9 g CO2eq forecast" in done.stdout
    assert eventually(lambda: not left_behind(tmp_path)), left_behind(tmp_path)


@pytest.mark.parametrize("command", [True, False], ids=["taskkill", "no taskkill"])
def test_a_child_that_is_late_is_ended(tmp_path: Path, command: bool) -> None:
    (tmp_path / "late.py").write_text(LATE_JOB)
    (tmp_path / "System32").mkdir()
    if command:
        program = tmp_path / "System32" / "taskkill.exe"
        program.write_text(TASKKILL.format(log=tmp_path / "killed"))
        program.chmod(0o755)
    done = run_as_on_windows(
        tmp_path, ["-c", f"import os, sys\n{LATE}", str(tmp_path / "note")], root=tmp_path
    )
    assert done.stdout.startswith("killed after "), done.stderr
    assert done.stderr == ""
    child, program_of_child = (tmp_path / "note").read_text().split()
    assert eventually(lambda: not Path(f"/proc/{child}").exists())
    if command:
        assert (tmp_path / "killed").read_text() == f"/F /T /PID {child}\n"
        assert eventually(lambda: not left_behind(tmp_path)), left_behind(tmp_path)
    else:
        os.kill(int(program_of_child), signal.SIGKILL)


@pytest.mark.parametrize("with_ledger", [False, True])
def test_a_training_works_without_a_ledger_and_is_refused_with_one(
    tmp_path: Path, with_ledger: bool
) -> None:
    ledger = str(tmp_path / "run.db") if with_ledger else ""
    done = run_as_on_windows(
        tmp_path, ["-c", f"import sys\n{TRAIN}", ledger], first="import pytest, flwr.serverapp"
    )
    printed = done.stdout.splitlines()
    if with_ledger:
        assert printed == [
            f"{ledger}: a ledger is written under locks of POSIX, which this system does not have; "
            "train without a ledger, or under Linux or macOS",
            "0 messages",
        ]
        assert not (tmp_path / "run.db").exists()
    else:
        assert printed[0] == "2 rounds booked", done.stderr
        assert "solver" not in done.stderr
