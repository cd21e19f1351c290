"""A child process that works under a hard deadline, whatever the code in it does.

The child runs in a process group of its own. When the deadline passes, the whole group is killed,
with every program that the child started, also those that left the group; see `descendants`. A
child that answers in time waits for the next job, since starting Python and importing a modelling
library takes longer than most models; it ends by itself when its parent closes the pipe or dies.
A child gets jobs of one module alone, since libraries that cannot be imported into one process must
not meet in it.
"""

import atexit
import contextlib
import os
import pickle
import queue
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from lowcarb_solvers.descendants import adopt_orphans, collect_ended, end_descendants, end_group

# How many children may wait for work of one module at once; more than one only if threads solve
# side by side.
_MOST_IDLE = 2
# How often a child looks whether its parent is still there, in seconds.
_WATCH_S = 0.5
# Where a child waits: the user's folder, or that of a job, may be removed meanwhile.
_HOME = "/"


class ChildError(Exception):
    """The child did not answer: it was too late, it died, or its code raised."""


class DeadlineError(ChildError):
    """The deadline passed and the child was killed."""


class _DeathError(ChildError):
    """The child ended without an answer."""


class _Child:
    """One process, one job at a time, all of one module."""

    def __init__(self, module: str) -> None:
        self.module = module
        source = str(Path(__file__).resolve().parent.parent)
        path = os.environ.get("PYTHONPATH")
        self._process = subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
            # -P: nothing in the user's working folder may stand in for a library.
            [sys.executable, "-P", "-m", "lowcarb_solvers.child", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{path}" if path else source},
            cwd=_HOME,
            start_new_session=True,
            # On Windows, where the other has no meaning: Ctrl-C is not for the child.
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, job: object, seconds: float) -> object:
        """Send a job and wait for its answer, or kill the child when the time is over."""
        answers: queue.SimpleQueue[tuple[bool, object] | None] = queue.SimpleQueue()

        def talk() -> None:
            assert self._process.stdin is not None  # noqa: S101 - both are pipes
            assert self._process.stdout is not None  # noqa: S101
            try:
                _send(self._process.stdin, job)
                answers.put(_receive(self._process.stdout))
            except (OSError, EOFError, pickle.UnpicklingError):
                answers.put(None)

        talker = threading.Thread(target=talk, daemon=True, name="lowcarb-child")
        talker.start()
        try:
            answer = answers.get(timeout=max(0.0, seconds))
        except queue.Empty:
            self._end()
            raise DeadlineError(f"killed after {seconds:.3g} s") from None
        except BaseException:
            self._end()
            raise
        finally:
            # It reads to the end of the pipe, which must not be closed under it.
            talker.join()
            if not self.alive:
                self.forget()
        if answer is None:
            self.kill()
            raise _DeathError("the child process died")
        good, content = answer
        if not good:
            self.kill()
            raise ChildError(str(content))
        return content

    def kill(self) -> None:
        """Kill the process group, collect the child and close the pipes."""
        self._end()
        self.forget()

    def _end(self) -> None:
        if self.alive:  # otherwise the number may be another process's by now
            end_descendants(self._process.pid)
        end_group(self._process.pid)
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Close the pipes; an idle child then ends by itself."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


_idle: list[_Child] = []
_lock = threading.Lock()


def run(function: str, argument: object, seconds: float) -> object:
    """Call a function of this package in a child process and return its result.

    Parameters
    ----------
    function
        Dotted name, for example ``lowcarb_solvers.cbc_model.solve``. It is called with `argument`
        and the deadline as `time.monotonic` counts it, which is the same in all processes. It works
        in a new folder, which is removed afterwards, even if the child is killed.
    argument
        Anything that can be pickled.
    seconds
        The child's whole process group is killed when they are over.

    Raises
    ------
    DeadlineError
        If the child was killed.
    ChildError
        If the child died, or the function raised; the text says what.
    """
    deadline = time.monotonic() + seconds
    try:
        # The child makes the folder: whoever makes it must be there to remove it, and this process
        # may be killed before the child has heard of anything. Nobody can guess the name.
        # The child's working folder is another, and a `tempfile.tempdir` may be relative.
        folder = Path(tempfile.gettempdir()).absolute() / f"lowcarb-{secrets.token_hex(8)}"
        job = (function, argument, deadline, str(folder))
        try:
            module = function.rpartition(".")[0]
            waiting = _take_idle(module)
            if waiting is not None:
                try:
                    return _ask(waiting, job, deadline)
                except _DeathError:
                    # It may have died long before the job came, so the job gets another child.
                    shutil.rmtree(folder, ignore_errors=True)
            return _ask(_Child(module), job, deadline)
        finally:
            # A child that was killed could not.
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise ChildError(f"cannot start a child process: {error}") from error


def _ask(child: _Child, job: object, deadline: float) -> object:
    answer = child.ask(job, deadline - time.monotonic())
    with _lock:
        keep = [one.module for one in _idle].count(child.module) < _MOST_IDLE
        if keep:
            _idle.append(child)
    if not keep:
        child.kill()
    return answer


def _take_idle(module: str) -> _Child | None:
    with _lock:
        for child in [one for one in reversed(_idle) if one.module == module]:
            _idle.remove(child)
            if child.alive:
                return child
            child.kill()
    return None


@atexit.register
def end_idle() -> None:
    """End the children that wait for work; happens by itself when the program ends."""
    with _lock:
        while _idle:
            _idle.pop().kill()


def _after_fork() -> None:
    """Let go of the parent's children: they are not this process's, and their pipes would leak."""
    global _lock
    _lock = threading.Lock()
    while _idle:
        _idle.pop().forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _send(pipe: IO[bytes], message: object) -> None:
    pickle.dump(message, pipe, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> tuple[bool, object]:
    # Both ends are this package and the pipe is private, so unpickling is safe.
    good, answer = pickle.load(pipe)  # noqa: S301
    return good, answer


def _function(name: str) -> Callable[[object, float], object]:
    import importlib

    module, _, attribute = name.rpartition(".")
    function: Callable[[object, float], object] = getattr(
        importlib.import_module(module), attribute
    )
    return function


def _described(error: Exception, where: str) -> str:
    notes = getattr(error, "__notes__", [])
    said = "; ".join([f"{type(error).__name__}: {error}", *notes])
    # Errors hold names of programs and files as they are, and a note is one printable line.
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in said)
    return f"{line} (in a new folder of {where!r})"


def _watch_parent(parent: int, folders: list[str]) -> None:
    """Kill this process group, and remove the job's files, as soon as the parent is gone.

    Windows does not tell; there the child ends with its job, whose answer nobody takes.
    """
    while os.getppid() == parent:
        time.sleep(_WATCH_S)
    end_descendants(os.getpid())
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    end_group(os.getpid())


def _serve(parent: int) -> None:
    """Answer jobs of the process `parent` from standard input until it closes."""
    adopt_orphans()
    folders: list[str] = []
    threading.Thread(target=_watch_parent, args=(parent, folders), daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb")
    # What solvers print must not end up among the answers.
    os.dup2(2, 1)
    while True:
        try:
            name, argument, deadline, folder = pickle.load(sys.stdin.buffer)  # noqa: S301
        except (EOFError, pickle.UnpicklingError):
            return  # a parent that is killed may leave half a job
        folders.append(folder)
        try:
            call = _function(name)
            os.mkdir(folder, 0o700)  # noqa: PTH102 - Path.mkdir says nothing of the mode
            os.chdir(folder)
            answer = (True, call(argument, deadline))
        except Exception as error:
            answer = (False, _described(error, str(Path(folder).parent)))
        finally:
            os.chdir(_HOME)
            end_descendants(os.getpid())
            collect_ended()
            shutil.rmtree(folder, ignore_errors=True)
            folders.clear()
        _send(answers, answer)


if __name__ == "__main__":
    # Standard input is the parent's: Ctrl-C is its business, and it closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _serve(int(sys.argv[1]))
