"""Running a Flower app in a simulation: a single `flwr run`, and no process left behind."""

import os
import shutil
import socket
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from lowcarb.errors import SimulationError

_BEAT_S = 0.2
# Ray counts processors; more clients than this never train at once, each on one processor.
_CPUS = 2
# Sockets of Ray must have names below 104 characters, and macOS's temporary folders are longer.
_SHORT = "/tmp"  # noqa: S108 - the folder made in it is private


def simulate(
    app: Path,
    *,
    clients: int,
    config: Mapping[str, str | int | float],
    log: Path,
    time_limit_s: float,
    beat: Callable[[], None],
) -> None:
    """Run a Flower app in a simulation.

    Flower's SuperLink, Ray and all they start end with the call, also if this process is killed.

    Parameters
    ----------
    app
        Its folder.
    clients
        Simulated nodes.
    config
        Run-config, over the app's own.
    log
        Where everything that is printed goes.
    time_limit_s
        When to give up, in seconds.
    beat
        Called a few times a second meanwhile.

    Raises
    ------
    SimulationError
        If the app cannot be started or does not end in time. An app that ended need not have done
        what it should: Flower does not say.
    """
    try:
        from lowcarb.demo.process_guard import guarded
    except ModuleNotFoundError as error:
        raise SimulationError(
            f"{error.name} is missing: install Lowcarb with its extra 'demo'"
        ) from None
    with (
        tempfile.TemporaryDirectory(
            prefix="lowcarb-",
            dir=_SHORT if Path(_SHORT).is_dir() else None,
            ignore_cleanup_errors=True,
        ) as scratch,
        log.open("wb") as output,
    ):
        env = environment(scratch)
        flwr = shutil.which("flwr", path=env["PATH"])
        if flwr is None:
            raise SimulationError(f"the program flwr is not beside {sys.executable}")
        command = [
            flwr,
            "run",
            str(app),
            "--stream",
            "--federation-config",
            f"num-supernodes={clients} client-resources-num-cpus=1 init-args-num-cpus={_CPUS}",
            "--run-config",
            " ".join(f"{key}={_toml(value)}" for key, value in config.items()),
        ]
        deadline = time.monotonic() + time_limit_s
        with guarded(command, env=env, output=output) as guard:
            while guard.poll() is None:
                if time.monotonic() > deadline:
                    raise SimulationError(f"not at its end after {time_limit_s:g} s")
                beat()
                time.sleep(_BEAT_S)
        if guard.returncode:
            raise SimulationError(f"flwr run ended with status {guard.returncode}")


def environment(scratch: str) -> dict[str, str]:
    """Make an environment for Flower: quiet, offline, in a folder and on ports of its own."""
    return {
        **os.environ,
        "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")]),
        "FLWR_HOME": str(Path(scratch) / "flwr"),
        "RAY_TMPDIR": scratch,
        "TMPDIR": scratch,
        "FLWR_LOCAL_SUPERLINK_HTTP_API_PORT": str(_free_port()),
        "FLWR_LOCAL_CONTROL_API_PORT": str(_free_port()),
        "FLWR_TELEMETRY_ENABLED": "0",
        "FLWR_DISABLE_UPDATE_CHECK": "1",
        "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
        "RAY_USAGE_STATS_ENABLED": "0",
        # Ray forks, and what gRPC and OpenBLAS do before a fork can hang: then Ray's server never
        # comes up. Forked processes use no connection of their parent, and clients share the cores.
        "GRPC_ENABLE_FORK_SUPPORT": "0",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _toml(value: str | float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value)
    if "'" in value or not value.isprintable():
        raise SimulationError(f"cannot hand over a value with a quote in it: {value!r}")
    return f"'{value}'"
