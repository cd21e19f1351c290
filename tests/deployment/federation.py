"""A Flower federation on this machine: real processes, TLS, and registered SuperNodes only."""

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.deployment.certificates import HOST, make_certificates, make_node_key
from tests.deployment.program import Program, kill_those_with, processes_with
from tests.deployment.run import Run
from tests.helpers.data import ENVIRONMENT
from tests.helpers.processes import eventually, is_gone

APP = Path(__file__).with_name("app")
_CONNECTION = "hospitals"
_SUPERLINK = "superlink"
_OPERATOR = "operator"
# Below the ports that the kernel gives to outgoing connections: a SuperNode that is started again
# must not find its port taken by one.
_PORTS = range(20_000, 32_000)
_ports = iter(_PORTS[os.getpid() % (len(_PORTS) // 2) :])
# In the environment of every process of a federation, and of one of its machines.
_FEDERATION = "LOWCARB_TEST_FEDERATION"
_MACHINE = "LOWCARB_TEST_MACHINE"
# Programs take a few seconds to start, many times that where others keep the machine busy.
_START_S = 90.0
# What a SuperNode says once it is online.
_ONLINE = "SuperNode ID"


class Federation:
    """One SuperLink and its SuperNodes, each on a machine of its own as far as they know.

    Every process is killed at the end, whatever happens.

    Parameters
    ----------
    folder
        For certificates, keys, logs, and what the clients note: `notes`.
    nodes
        For each SuperNode that is registered and started: its name and its configuration.
    """

    def __init__(self, folder: Path, nodes: Mapping[str, str]) -> None:
        self.folder = folder
        self.nodes = dict(nodes)
        self._programs: list[Program] = []
        self._port = free_port()
        self._runs = 0

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._kill_all()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._kill_all()

    @property
    def notes(self) -> Path:
        """Folder in which clients note their trainings."""
        return self.folder / "notes"

    @property
    def logs(self) -> dict[str, str]:
        """Everything that the programs wrote, by name."""
        paths = sorted(self.folder.glob("*.log"))
        return {path.stem: path.read_text("utf-8", "replace") for path in paths}

    def start_superlink(self) -> None:
        """Start the SuperLink, for the first time or again, and wait until it listens."""
        superlink = self._program(
            _SUPERLINK,
            *("flower-superlink", "--host", HOST, "--port", str(self._port)),
            *("--ssl-ca-certfile", self._path("ca.crt")),
            *("--ssl-certfile", self._path("server.pem")),
            *("--ssl-keyfile", self._path("server.key")),
            *("--enable-supernode-auth", "--database", self._path("state.db")),
            machine=_SUPERLINK,
        )
        superlink.wait_for(lambda: listens(self._port), f"port {self._port}", _START_S)

    def start_supernode(self, name: str) -> Program:
        """Start a SuperNode with its own key, for the first time or again; do not wait for it."""
        own = self.nodes.get(name, "")
        return self._program(
            name,
            *("flower-supernode", "--superlink", self._address),
            *("--root-certificates", self._path("ca.crt")),
            *("--auth-supernode-private-key", self._path(name)),
            *("--host", HOST, "--port", str(free_port())),
            *("--node-config", f'client-id="{name}" notes="{self.notes}" {own}'),
            machine=name,
        )

    def revive_supernode(self, name: str, seconds: float) -> None:
        """Start a SuperNode whose power was cut, until the SuperLink lets it in.

        It turns the node away as long as it takes the old process to be alive, up to a minute.
        """
        node = self.start_supernode(name)

        def is_in() -> bool:
            nonlocal node
            node.wait_for_end_or(_ONLINE, _START_S)
            if node.status is None:
                return True
            node = self.start_supernode(name)
            return False

        assert eventually(is_in, seconds), node.output

    def cut_power(self, machine: str) -> None:
        """Kill everything that runs for the SuperLink or on a SuperNode."""
        cut_power(self.folder, machine)

    def kill_server_app(self) -> None:
        """Kill the process of the ServerApp that runs."""

        def apps() -> list[int]:
            found = processes_with(_MACHINE, self._path(_SUPERLINK))
            return [pid for pid, command in found.items() if "flwr-serverapp" in command]

        # One whose run is over may take a moment to end.
        assert eventually(lambda: len(apps()) == 1), apps()
        (pid,) = apps()
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: is_gone(pid))

    def run(self, **config: object) -> Run:
        """Start a run of the app; `config` overrides what its pyproject.toml says."""
        self._runs += 1
        name = f"run-{self._runs}"
        result = self.folder / f"{name}.json"
        overrides = self.folder / f"{name}.toml"
        lines = {**config, "result": str(result)}
        # JSON's numbers and texts are TOML's.
        overrides.write_text("".join(f"{key} = {json.dumps(v)}\n" for key, v in lines.items()))
        program = self._program(
            name,
            *("flwr", "run", str(APP), _CONNECTION, "--stream"),
            *("--run-config", str(overrides)),
        )
        return Run(program, result, self.notes)

    def run_app(self, app: Path) -> Program:
        """Start a run of another app, as it is."""
        self._runs += 1
        command = ("flwr", "run", str(app), _CONNECTION, "--stream")
        return self._program(f"run-{self._runs}", *command)

    @contextmanager
    def holding(self, number: int) -> Iterator[None]:
        """Keep clients busy that train in a round of this number."""
        hold = self.notes / f"hold-{number}"
        hold.touch()
        try:
            yield
        finally:
            hold.unlink()

    def _start(self) -> None:
        self.notes.mkdir()
        home = self.folder / f"home-{_OPERATOR}"
        home.mkdir()
        (home / "config.toml").write_text(
            f'[superlink.{_CONNECTION}]\naddress = "{self._address}"\n'
            f'root-certificates = "{self._path("ca.crt")}"\n'
        )
        make_certificates(self.folder)
        self.start_superlink()
        registrations = [
            self._program(
                f"register-{name}",
                *("flwr", "supernode", "register"),
                *(str(make_node_key(self.folder / name)), _CONNECTION),
            )
            for name in self.nodes
        ]
        for registration in registrations:
            assert registration.wait(_START_S) == 0, registration.output
        for node in [self.start_supernode(name) for name in self.nodes]:
            node.wait_for_text(_ONLINE, _START_S)

    def _program(self, name: str, *command: str, machine: str = _OPERATOR) -> Program:
        program = Program(
            name,
            command,
            log=self.folder / f"{name}.log",
            environment={
                **environment_of(self.folder, machine),
                "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
            },
        )
        self._programs.append(program)
        return program

    @property
    def _address(self) -> str:
        return f"{HOST}:{self._port}"

    def _path(self, name: str) -> str:
        return str(self.folder / name)

    def _kill_all(self) -> None:
        kill_those_with(_FEDERATION, str(self.folder))
        for program in self._programs:
            program.kill()


def environment_of(folder: Path, machine: str) -> dict[str, str]:
    """Environment of the processes of one machine of the federation in a folder."""
    return {
        **ENVIRONMENT,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{ENVIRONMENT['PATH']}",
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": HOST,
        "OMP_NUM_THREADS": "1",
        "FLWR_HOME": str(folder / f"home-{machine}"),
        "FLWR_TELEMETRY_ENABLED": "0",
        "FLWR_DISABLE_UPDATE_CHECK": "1",
        _FEDERATION: str(folder),
        _MACHINE: str(folder / machine),
    }


def cut_power(folder: Path, machine: str) -> None:
    """Kill everything that runs on one machine of the federation in a folder."""
    kill_those_with(_MACHINE, str(folder / machine))


def free_port() -> int:
    """Find a port that nobody listens on; each is given out once."""
    for port in _ports:
        with socket.socket() as taken:
            try:
                taken.bind((HOST, port))
            except OSError:
                continue
            return port
    raise AssertionError("all ports are taken")


def listens(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as client:
        return client.connect_ex((HOST, port)) == 0
