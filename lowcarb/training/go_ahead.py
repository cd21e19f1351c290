"""Telling a training that waits to go on: by a signal, or by a file beside its ledger."""

import contextlib
import logging
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from lowcarb._util.ledger_names import GO

logger = logging.getLogger(__name__)

SIGNAL: Any = getattr(signal, "SIGUSR1", None)
"""The signal; None on systems that have none."""


class GoAhead:
    """Hears whether somebody says that the next round may begin.

    Parameters
    ----------
    ledger
        The file of the ledger; None where there is none on this disk.
    """

    def __init__(self, ledger: Path | None = None) -> None:
        self.file = None if ledger is None else ledger.with_name(ledger.name + GO)
        self.hears_signal = False
        self._signalled = False
        self._said = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Hear the signal in this block, if it runs in the main thread; afterwards as before."""
        main = threading.current_thread() is threading.main_thread()
        if SIGNAL is None or not main:
            yield
            return

        def heard(_number: int, _frame: FrameType | None) -> None:
            self._signalled = True

        before = signal.signal(SIGNAL, heard)
        self.hears_signal = True
        try:
            yield
        finally:
            self.hears_signal = False
            # None: the one before was not set from Python, and cannot be set again from it.
            signal.signal(SIGNAL, signal.SIG_DFL if before is None else before)

    def told(self) -> str | None:
        """Say who told the training to go on since the last time that was asked; None if nobody."""
        if self._signalled:
            self._signalled = False
            return SIGNAL.name if isinstance(SIGNAL, signal.Signals) else "a signal"
        if self.file is not None and self.file.exists():
            try:
                self.file.unlink()
            except OSError as error:
                # It would end every wait from now on.
                if not self._said:
                    logger.warning(
                        "lowcarb: %s cannot be removed, and is not heeded: %s", self.file, error
                    )
                self._said = True
                return None
            return str(self.file)
        return None

    def waits(self) -> bool:
        """Whether somebody has said to go on, which `told` then tells."""
        return self._signalled or (self.file is not None and self.file.exists() and not self._said)

    @property
    def how(self) -> str:
        """Say how the training is told; empty if it cannot be."""
        ways = [f"send {SIGNAL.name}"] if self.hears_signal else []
        ways += [f"create {self.file}"] if self.file is not None else []
        return f"to go on at once, {' or '.join(ways)}" if ways else ""
