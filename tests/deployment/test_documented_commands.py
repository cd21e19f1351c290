"""The commands that the pages give start a federation, with the Flower that is installed here."""

import importlib.metadata
import json
import re
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from lowcarb.ledger import Ledger
from tests.deployment.certificates import HOST, make_certificates, make_node_key
from tests.deployment.documented import (
    OPERATING,
    PAGES,
    PROGRAMS,
    README,
    Block,
    blocks,
    connection,
    filled,
    starting,
    version,
)
from tests.deployment.federation import APP, cut_power, environment_of, free_port, listens
from tests.deployment.hospitals import write_forecast
from tests.deployment.program import Program
from tests.helpers.data import ROOT
from tests.helpers.readme_app import COMMANDS

FLOWER = version(importlib.metadata.version("flwr"))
START_S = 90.0
TRAINING_S = 100.0
ONLINE = "SuperNode ID"
# Older SuperLinks may set up a new database for two requests at once, and the second one fails.
ONE_SETS_UP = (1, 28)


def test_every_supported_version_has_one_block() -> None:
    found = blocks()
    requirement = re.search(r'"flwr>=([\d.]+),<2"', (ROOT / "pyproject.toml").read_text())
    assert requirement is not None
    assert found[0].first == version(requirement[1])
    assert [block.last for block in found[:-1]] == [
        (major, minor - 1) for major, minor in (block.first for block in found[1:])
    ]
    assert found[-1].last is None
    for block in found:
        named = [next(p for p in PROGRAMS if p in command) for command in block.commands]
        assert tuple(named) == PROGRAMS


def test_no_other_page_starts_a_process_of_flower_untested() -> None:
    found = {page: starting(page) for page in PAGES}
    assert sorted(found.pop(OPERATING)) == sorted(c for b in blocks() for c in b.commands)
    supernode, run = sorted(found.pop(README))
    assert supernode.removeprefix("$ ").startswith("flower-supernode ")
    # Another test runs it.
    assert run.removeprefix("$ ") == COMMANDS[-1]
    assert not any(found.values()), found


class Site:
    """A federation started by a block's commands; each program on a machine of its own."""

    def __init__(self, folder: Path, block: Block) -> None:
        self.folder = folder
        self.started: dict[str, Program] = {}
        self.commands = dict(zip(PROGRAMS, block.commands, strict=True))
        self.values = {
            "HOST": HOST,
            "PORT": str(free_port()),
            "FLEET_PORT": str(free_port()),
            "CONNECTION": "hospitals",
            "FOLDER": str(folder).removeprefix("/"),
            "APP": str(folder / "app"),
        }

    def start(self, machine: str, command: str) -> Program:
        """Start a command; only its placeholders are replaced."""
        (self.folder / f"home-{machine}").mkdir(exist_ok=True)
        line = filled(command, {**self.values, "NODE_PORT": str(free_port())})
        program = Program(
            machine,
            ("sh", "-c", line),
            log=self.folder / f"{machine}.log",
            environment=environment_of(self.folder, machine),
        )
        self.started[machine] = program
        return program

    def stop(self, machine: str) -> None:
        cut_power(self.folder, machine)
        self.started.pop(machine).kill()

    def operate(self, command: str) -> None:
        """Run a command to its end where the connection is known."""
        home = self.folder / "home-operator"
        home.mkdir(exist_ok=True)
        (home / "config.toml").write_text(filled(connection(), self.values))
        program = self.start("operator", command)
        assert program.wait(TRAINING_S) == 0, program.output
        self.stop("operator")


def write_app(folder: Path) -> None:
    """Copy the app, with its configuration for a training of one hospital."""
    shutil.copytree(APP, folder / "app")
    (folder / "notes").mkdir()
    project = folder / "app" / "pyproject.toml"
    text = project.read_text()
    for key, value in {
        "clients": 1,
        "cohort": 1,
        "rounds": 1,
        "result": str(folder / "result.json"),
        "notes": str(folder / "notes"),
        "ledger": str(folder / "run.db"),
        "forecast": str(write_forecast(folder / "forecast.csv")),
    }.items():
        text, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {json.dumps(value)}", text)
        assert count == 1, key
    project.write_text(text)


def is_set_up(database: Path) -> bool:
    """Whether a SuperLink has made its tables, which its own helper asks for at once."""
    if not database.exists():
        return False
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return bool(connection.execute("SELECT version_num FROM alembic_version").fetchall())
        except sqlite3.OperationalError:  # no such table yet, or it is being made
            return False


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_the_commands_for_this_flower_start_a_federation(tmp_path: Path) -> None:
    (block,) = [block for block in blocks() if block.holds(FLOWER)]
    taken = [port for port in block.ports if listens(port)]
    if taken:
        pytest.skip(f"Flower {FLOWER} needs ports that are in use here: {taken}")
    make_certificates(tmp_path)
    make_node_key(tmp_path / "hospital-0")
    write_app(tmp_path)
    site = Site(tmp_path, block)
    superlink, register, supernode, run = PROGRAMS
    try:
        server = site.start("server", site.commands[superlink])
        ports = [name for name in ("PORT", "FLEET_PORT") if name in site.commands[superlink]]
        server.wait_for(
            lambda: all(listens(int(site.values[name])) for name in ports), str(ports), START_S
        )
        if FLOWER < ONE_SETS_UP:
            server.wait_for(lambda: is_set_up(tmp_path / "state.db"), "database", START_S)
        site.operate(site.commands[register])
        node = site.start("client", site.commands[supernode])
        node.wait_for_text(ONLINE, START_S)
        site.operate(site.commands[run])
        account = Ledger(tmp_path / "run.db").account()
        assert [(member.name, member.region) for member in account.members] == [
            ("hospital-0", "DE")
        ]
        assert account.turns == {"hospital-0": 1}

        # The README leaves out what this page gives, and adds its own facts of the client.
        site.stop("client")
        make_node_key(tmp_path / "hospital-1")
        site.operate(site.commands[register].replace("hospital-0", "hospital-1"))
        shown, _ = sorted(starting(README))
        options = site.commands[supernode].split(" --node-config ")[0].removeprefix(supernode)
        command = shown.removeprefix("$ ").replace(
            " ... ", f"{options.replace('hospital-0', 'hospital-1')} "
        )
        site.start("other", command).wait_for_text(ONLINE, START_S)
    finally:
        for machine in list(site.started):
            site.stop(machine)
