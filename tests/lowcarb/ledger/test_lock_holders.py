"""A ledger's lock ends with its writer, whatever the writer leaves behind."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from lowcarb.ledger.lock import locked
from tests.helpers.ledgers import TRAINING
from tests.helpers.processes import eventually, is_gone, run_script

FORKS = {
    "fork": "if not os.fork():\n    stay()\n",
    "a worker": "multiprocessing.get_context('fork').Process(target=stay).start()\n",
    "a pool": ("pool = multiprocessing.get_context('fork').Pool(1)\npool.apply_async(stay)\n"),
    "a child of a child": "if not os.fork():\n    if not os.fork():\n        stay()\n    stay()\n",
    "fork within another lock": (
        "with Ledger(sys.argv[1] + '2').writing():\n    if not os.fork():\n        stay()\n"
    ),
    "fork after a second opening": (
        "with Ledger(sys.argv[1] + '2').writing():\n    pass\nif not os.fork():\n    stay()\n"
    ),
}
BEGINNING = """
import multiprocessing, os, signal, sys, time
from pathlib import Path
from lowcarb.ledger import Ledger

def stay():
    with open(sys.argv[2], "a") as stream:
        stream.write(f"{os.getpid()} ")
    time.sleep(50)

with Ledger(sys.argv[1]).writing():
"""
END = """
    while not Path(sys.argv[2]).exists():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def stayed(tmp_path: Path) -> Iterator[Path]:
    """Give a file into which processes that stay write their numbers; end them at last."""
    path = tmp_path / "stayed"
    yield path
    for process in path.read_text().split():
        if not is_gone(int(process)):
            os.kill(int(process), signal.SIGKILL)


@pytest.mark.parametrize("name", FORKS)
def test_a_forked_child_that_outlives_its_writer_keeps_nobody_out(
    tmp_path: Path, stayed: Path, name: str
) -> None:
    path = tmp_path / "run.db"
    fork = "".join(f"    {line}\n" for line in FORKS[name].splitlines())
    run_script(BEGINNING + fork + END, str(path), str(stayed))
    assert not is_gone(int(stayed.read_text().split()[0]))
    with Ledger(path).writing() as book:
        book.begin(TRAINING)


def test_a_child_takes_no_part_in_the_lock_and_its_end_does_not_drop_it(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with locked(path):
        child = os.fork()
        if not child:
            # Leaves the block as an exception would, with another file open by that number.
            code = 1
            try:
                with locked(path):
                    pass
            except LedgerError as error:
                code = 0 if f"another process ({os.getppid()})" in str(error) else 2
            os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        with pytest.raises(LedgerError, match="by this process already"), locked(path):
            pass
    with locked(path):
        pass


def test_leaving_the_block_in_a_child_closes_no_other_file(tmp_path: Path) -> None:
    done = run_script(
        "import os, sys\nfrom pathlib import Path\nfrom lowcarb.ledger.lock import locked\n"
        "child = None\n"
        "with locked(Path(sys.argv[1])):\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        "        handles = [os.open(os.devnull, os.O_RDONLY) for _ in range(9)]\n"
        "if child:\n"
        "    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "else:\n"
        "    for handle in handles:\n"
        "        os.fstat(handle)\n",
        str(tmp_path / "run.db"),
    )
    assert done == "0\n"


@pytest.mark.skipif(not Path("/proc/self/fdinfo").exists(), reason="only Linux tells who holds it")
def test_an_orphan_that_holds_the_lock_is_named(tmp_path: Path, stayed: Path) -> None:
    path = tmp_path / "run.db"
    # A process that Python does not fork inherits the lock all the same, if it is let.
    run_script(
        "import os, signal, subprocess, sys\nfrom pathlib import Path\n"
        "from lowcarb.ledger import lock\n"
        "with lock.locked(Path(sys.argv[1])):\n"
        "    (file,) = lock._HELD.values()\n"
        "    sleep = [sys.executable, '-c', 'import time; time.sleep(50)']\n"
        "    orphan = subprocess.Popen(sleep, pass_fds=[file.fileno()])\n"
        "    Path(sys.argv[2]).write_text(str(orphan.pid))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n",
        str(path),
        str(stayed),
    )
    orphan = stayed.read_text()
    writer = Path(f"{path}.lock").read_text().strip()
    assert writer != orphan
    refusal = re.escape(f"{path}: is held by process {orphan}, which the writer ({writer}) left")
    with pytest.raises(LedgerError, match=refusal), locked(path):
        pass
    os.kill(int(orphan), signal.SIGKILL)
    assert eventually(lambda: is_gone(int(orphan)))
    with locked(path):
        pass
