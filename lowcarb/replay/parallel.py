"""Work on all cores: processes that end with the program, and that write nothing."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from typing import TypeVar

from lowcarb._util.interruption import held_back
from lowcarb.errors import LowcarbError

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def side_by_side(
    work: Callable[[_Given], _Made], tasks: Sequence[_Given], workers: int
) -> Iterator[_Made]:
    """Do tasks in several processes; give what comes of them in their order.

    Parameters
    ----------
    work
        Does one task; it and what it gives must be picklable. Of one worker it is done right here.
    tasks
        What to do.
    workers
        Processes, at most.

    Raises
    ------
    LowcarbError
        If a process was killed; and whatever `work` raises.
    """
    workers = min(workers, len(tasks))
    if workers <= 1:
        yield from map(work, tasks)
        return
    with _pool(workers) as pool:
        with _uninterrupted():
            # `map` would cancel what is left after an error, and a pool whose workers are ended
            # stumbles over work that is cancelled already.
            made = [pool.submit(work, task) for task in tasks]
        for one in made:
            yield one.result()


@dataclass(frozen=True)
class Processes:
    """Does tasks in processes of this machine.

    Parameters
    ----------
    workers
        Processes, at most; with 1 the tasks are done right here.
    """

    workers: int

    @property
    def elsewhere(self) -> bool:
        """Whether tasks leave this process, so that all that they need must be picklable."""
        return self.workers > 1

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
            If a process was killed; and whatever `work` raises.
        """
        workers = min(self.workers, len(tasks))
        if workers <= 1:
            yield from enumerate(map(work, tasks))
            return
        with _pool(workers) as pool:
            with _uninterrupted():
                places = {pool.submit(work, task): k for k, task in enumerate(tasks)}
            for done in as_completed(places):
                yield places.pop(done), done.result()


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Open so many workers; whatever goes wrong in the block ends them at once."""
    context, others = get_context("spawn"), active_children()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin) as pool:
        try:
            yield pool
        except BrokenProcessPool:
            raise LowcarbError(
                "a process that worked for this was killed; perhaps the memory was full"
            ) from None
        except BaseException:
            # Nobody waits for what is still being done.
            for worker in active_children():
                if worker not in others:
                    worker.terminate()
            raise


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start workers that Ctrl-C does not reach: it is the program that ends them, quietly.

    What a thread blocks stays blocked in processes that it starts. An interruption of the program,
    which another thread may take, waits for the end of the block: a worker that is only half
    started would say so at length.
    """
    with held_back() as held:
        if not held or not hasattr(signal, "pthread_sigmask"):
            yield
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """Make a worker that writes nothing and ends with the program, even if that is killed."""
    # Solutions and notes carry what is logged.
    for name in ("lowcarb_solvers", "lowcarb"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    threading.Thread(target=_end_with_the_program, daemon=True).start()


def _end_with_the_program() -> None:
    program = parent_process()
    if program is not None:
        program.join()
        os._exit(1)
