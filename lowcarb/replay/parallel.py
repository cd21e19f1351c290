"""Work on all cores: processes that end with the program, and that write nothing."""

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context, parent_process
from typing import TypeVar

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
    context, others = get_context("spawn"), active_children()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin) as pool:
        try:
            yield from pool.map(work, tasks)
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


def _begin() -> None:
    """Make a worker that writes nothing and ends with the program, even if that is killed."""
    # Solutions carry what the solvers have to say.
    logging.getLogger("lowcarb_solvers").addHandler(logging.NullHandler())
    threading.Thread(target=_end_with_the_program, daemon=True).start()


def _end_with_the_program() -> None:
    program = parent_process()
    if program is not None:
        program.join()
        os._exit(1)
