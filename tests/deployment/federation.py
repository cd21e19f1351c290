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

from tests.data import ENVIRONMENT
from tests.deployment.certificates import HOST, make_certificates, make_node_key
from tests.deployment.program import Program, processes_with
from tests.processes import eventually, is_gone

APP = Path(__file__).with_name("app")
_CONNECTION = "hospitals"
# Below the ports that the kernel gives to outgoing connections: a SuperNode that is started again
# must not find its port taken by one.
_PORTS = range(20_000, 32_000)
# Marks every process of a federation, however far down.
_MARK = "LOWCARB_TEST_FEDERATION"
# Programs take a few seconds to start, many times that where others keep the machine busy.
_START_S = 90.0
# What a SuperNode says once it is online.
_ONLINE = "SuperNode ID"

_ports = iter(_PORTS[os.getpid() % (len(_PORTS) // 2) :])


class Federation:
    """One SuperLink and its SuperNodes.

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
        self.supernodes: dict[str, Program] = {}
        self._programs: list[Program] = []
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
        return {path.stem: path.read_text("utf-8", "replace") for path in self._log_paths}

    def start_supernode(self, name: str) -> Program:
        """Start a SuperNode with its own key, for the first time or again; do not wait for it."""
        self.supernodes[name] = self._program(
            name,
            *("flower-supernode", "--superlink", self._address),
            *("--root-certificates", self._path("ca.crt")),
            *("--auth-supernode-private-key", self._path(name)),
            *("--host", HOST, "--port", str(_free_port())),
            *(
                "--node-config",
                f'client-id="{name}" notes="{self.notes}" {self.nodes.get(name, "")}',
            ),
        )
        return self.supernodes[name]

    def run(self, app: Path = APP, **config: object) -> "Run":
        """Start a run of the app; its configuration is overridden by `config`."""
        self._runs += 1
        name = f"run-{self._runs}"
        result = self.folder / f"{name}.json"
        overrides = self.folder / f"{name}.toml"
        lines = {**config, "result": str(result)}
        # JSON's numbers, texts and truth values are TOML's.
        overrides.write_text("".join(f"{key} = {json.dumps(v)}\n" for key, v in lines.items()))
        program = self._program(
            name,
            *("flwr", "run", str(app), _CONNECTION, "--stream"),
            *("--run-config", str(overrides)),
        )
        return Run(program, result, self.notes)

    def revive_supernode(self, name: str, seconds: float) -> None:
        """Start a SuperNode that was killed, until the SuperLink lets it in.

        It turns the node away as long as it takes the old process to be alive, up to a minute.
        """

        def runs() -> bool:
            node = self.start_supernode(name)
            node.wait_for_end_or(_ONLINE, _START_S)
            return node.status is None

        assert eventually(runs, seconds), self.supernodes[name].output

    @contextmanager
    def holding(self, number: int) -> Iterator[None]:
        """Keep clients busy that train in a round of this number."""
        hold = self.notes / f"hold-{number}"
        hold.touch()
        try:
            yield
        finally:
            hold.unlink()

    def kill_server_app(self) -> None:
        """Kill the process of the ServerApp that runs."""

        def apps() -> list[int]:
            return [pid for pid, name in self._processes().items() if "flwr-serverapp" in name]

        # One whose run is over may take a moment to end.
        assert eventually(lambda: len(apps()) == 1), self._processes()
        (pid,) = apps()
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: is_gone(pid))

    def _start(self) -> None:
        self.notes.mkdir()
        make_certificates(self.folder)
        port = _free_port()
        self._address = f"{HOST}:{port}"
        home = self.folder / "flwr"
        home.mkdir()
        (home / "config.toml").write_text(
            f'[superlink.{_CONNECTION}]\naddress = "{self._address}"\n'
            f'root-certificates = "{self._path("ca.crt")}"\n'
        )
        superlink = self._program(
            "superlink",
            *("flower-superlink", "--host", HOST, "--port", str(port)),
            *("--ssl-ca-certfile", self._path("ca.crt")),
            *("--ssl-certfile", self._path("server.pem")),
            *("--ssl-keyfile", self._path("server.key")),
            *("--enable-supernode-auth", "--database", self._path("state.db")),
        )
        keys = {name: make_node_key(self.folder / name) for name in self.nodes}
        superlink.wait_for(lambda: _listens(port), f"port {port}", _START_S)
        registrations = [
            self._program(
                f"register-{name}", "flwr", "supernode", "register", str(key), _CONNECTION
            )
            for name, key in keys.items()
        ]
        for registration in registrations:
            assert registration.wait(_START_S) == 0, registration.output
        for name in self.nodes:
            self.start_supernode(name)
        for node in self.supernodes.values():
            node.wait_for_text(_ONLINE, _START_S)

    def _program(self, name: str, *command: str, home: str = "flwr") -> Program:
        program = Program(
            name,
            command,
            log=self.folder / f"{name}.log",
            environment={
                **ENVIRONMENT,
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{ENVIRONMENT['PATH']}",
                "PYTHONUNBUFFERED": "1",
                "NO_PROXY": HOST,
                "OMP_NUM_THREADS": "1",
                "FLWR_HOME": self._path(home),
                "FLWR_TELEMETRY_ENABLED": "0",
                "FLWR_DISABLE_UPDATE_CHECK": "1",
                "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
                _MARK: str(self.folder),
            },
        )
        self._programs.append(program)
        return program

    def _path(self, name: str) -> str:
        return str(self.folder / name)

    @property
    def _log_paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.log"))

    def _processes(self) -> dict[int, str]:
        return processes_with(_MARK, str(self.folder))

    def _kill_all(self) -> None:
        for program in self._programs:
            program.kill()

        def none_is_left() -> bool:
            # One that is just being started may be missed: look again until there is none.
            left = [pid for pid in self._processes() if not is_gone(pid)]
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            return not left

        assert eventually(none_is_left, 30.0), self._processes()


class Run:
    """A run of the app: the `flwr run` that started it and shows its log, and what came of it."""

    def __init__(self, program: Program, result: Path, notes: Path) -> None:
        self.program = program
        self._result = result
        self._notes = notes

    @property
    def number(self) -> str:
        """Flower's number of this run, once it has one."""
        return self.program.output.split("Successfully started run ", 1)[1].split()[0]

    @property
    def trainings(self) -> set[tuple[int, str]]:
        """Round and client of every training that its client finished."""
        return self._noted("finished")

    def training(self, number: int) -> set[str]:
        """Name the clients that train in a round of this number at this moment."""
        begun = self._noted("started") - self.trainings
        return {client for of, client in begun if of == number}

    def result(self, seconds: float) -> list[float]:
        """Wait for the end of the run; return its model."""
        self.program.wait_for(self._result.exists, "result", seconds)
        model: list[float] = json.loads(self._result.read_text())["model"]
        return model

    def _noted(self, event: str) -> set[tuple[int, str]]:
        if "Successfully started run" not in self.program.output:
            return set()
        names = [path.name.split(".") for path in self._notes.glob(f"{self.number}.*.{event}")]
        return {(int(number), client) for _, number, client, _ in names}


def _free_port() -> int:
    """Find a port that nobody listens on; each is given out once."""
    for port in _ports:
        with socket.socket() as taken:
            try:
                taken.bind((HOST, port))
            except OSError:
                continue
            return port
    raise AssertionError("all ports are taken")


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((HOST, port)) == 0
