"""Work on a Ray cluster: the same tasks on many machines. The only file that speaks to Ray."""

import logging
import socket
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from lowcarb._util.text import shortened
from lowcarb._version import __version__
from lowcarb.errors import InputError, LowcarbError

# Seconds in which an address must answer.
_KNOCK_S = 10.0
# Letters of what Ray says.
_SHOWN = 300

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


@dataclass(frozen=True)
class RayCluster:
    """Does tasks on a Ray cluster, one on each of its processors.

    All nodes need the same version of Lowcarb. A task whose node is lost is done again elsewhere,
    as Ray does it.

    Parameters
    ----------
    address
        Of the cluster, as Ray has it: ``auto``, ``host:6379`` or ``ray://host:10001``. A program
        that is connected already stays so.
    """

    address: str

    @property
    def elsewhere(self) -> bool:
        """Whether tasks leave this process, so that all that they need must be picklable."""
        return True

    def require(self) -> None:
        """Refuse to work without Ray, before anything else is done.

        Raises
        ------
        InputError
            Names the extra that brings it.
        """
        _ray()
        if not self.address.strip():
            raise InputError(
                "ray: expected an address such as auto, host:6379 or ray://host:10001, got ''",
                field="ray",
            )

    def as_finished(
        self, work: Callable[[_Given], _Made], tasks: Sequence[_Given]
    ) -> Generator[tuple[int, _Made], None, None]:
        """Do tasks; give what comes of each, with its place, as soon as it is done.

        Parameters
        ----------
        work, tasks
            As in `side_by_side`.

        Raises
        ------
        LowcarbError
            If the cluster cannot be had or is lost, or its nodes lack this version of Lowcarb; and
            what `work` raises of that kind.
        """
        self.require()
        if not tasks:
            return
        ray = _ray()
        with _connected(ray, self.address), _explained(ray):
            one = ray.remote(num_cpus=1)(_one)
            shared = ray.put(work)
            places = {one.remote(__version__, shared, task): k for k, task in enumerate(tasks)}
            while places:
                (done, *_), _left = ray.wait(list(places))
                yield places.pop(done), ray.get(done)


def _one(version: str, work: Callable[[_Given], _Made], task: _Given) -> _Made:
    """Do one task, on a node of the cluster."""
    if version != __version__:
        raise LowcarbError(
            f"ray: a node has Lowcarb {__version__}, this program {version}; install the same on "
            "all nodes"
        )
    # Solutions and notes carry what is logged.
    for name in ("lowcarb_solvers", "lowcarb"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    return work(task)


def _ray() -> Any:
    try:
        import ray
    except ImportError:
        raise InputError(
            "a Ray cluster needs Ray: install Lowcarb with its extra 'simulation'", field="ray"
        ) from None
    return ray


@contextmanager
def _connected(ray: Any, address: str) -> Iterator[None]:
    """Connect to a cluster until the block ends; what still runs for this program ends with it."""
    if ray.is_initialized():
        yield
        return
    try:
        _knock(address)
        with warnings.catch_warnings():
            # Ray tells of its own future versions.
            warnings.simplefilter("ignore", FutureWarning)
            ray.init(address=address.strip(), logging_level=logging.ERROR, log_to_driver=False)
    except Exception as error:
        # Ray raises errors of many kinds here, of its own, of gRPC and of Python.
        raise LowcarbError(
            f"ray: cannot connect to {address!r}: {_on_one_line(error)} (`ray start --head` begins "
            "a cluster)"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Ask whether anybody answers at an address, for which Ray itself would wait minutes.

    Raises
    ------
    OSError
        If nobody does.
    """
    host, colon, port = address.strip().removeprefix("ray://").rpartition(":")
    if colon and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCK_S).close()


@contextmanager
def _explained(ray: Any) -> Iterator[None]:
    """Give errors of tasks as they were raised, and those of the cluster as one line."""
    try:
        yield
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, LowcarbError):
            raise error.cause from None
        raise LowcarbError(f"ray: a task failed: {_last_line(error)}") from error
    except ray.exceptions.RayError as error:
        raise LowcarbError(f"ray: the cluster failed: {_on_one_line(error)}") from error


def _on_one_line(error: BaseException) -> str:
    return shortened(" ".join(str(error).split()), _SHOWN) or type(error).__name__


def _last_line(error: BaseException) -> str:
    """What was raised in a task: it stands below the lines that say where."""
    lines = str(error).strip().splitlines()
    return shortened(lines[-1], _SHOWN) if lines else type(error).__name__
