"""When the next round starts: by the wall clock, or in simulated time."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from lowcarb._util.times import as_duration, require_utc, utc_now
from lowcarb.ledger.entries import ClockKind

# Sleeping in short stretches notices a clock that was set, and a machine that was suspended.
_LONGEST_SLEEP_S = 60.0


class Clock(Protocol):
    """Says when the next round starts, having waited for it."""

    @property
    def name(self) -> ClockKind:
        """Say which time it is, for the account."""

    @property
    def every(self) -> timedelta | None:
        """Time between round starts that the clock itself brings about; None if it does not."""

    def now(self) -> datetime:
        """Return the time, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Let real time pass, as while nodes are waited for."""

    def __call__(self, last: datetime | None, every: timedelta | None) -> datetime:
        """Wait for the next round and return its start in UTC.

        Parameters
        ----------
        last
            Start of the round before; None for the first one.
        every
            Time wanted between the two starts; None to start at once.
        """


@dataclass(frozen=True, kw_only=True)
class WallClock:
    """Real time: waits until the next round is due.

    Parameters
    ----------
    now, sleep
        For tests.
    """

    now: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep
    name: ClockKind = field(default=ClockKind.WALL, init=False)
    every: timedelta | None = field(default=None, init=False)

    def __call__(self, last: datetime | None, every: timedelta | None) -> datetime:
        """Wait until the next round is due; one that is overdue starts at once.

        A clock that was set back prolongs no wait beyond `every`.
        """
        if last is not None and every is not None:
            patience = every.total_seconds()
            while (left := min(patience, (last + every - self.now()).total_seconds())) > 0:
                nap = min(left, _LONGEST_SLEEP_S)
                self.sleep(nap)
                patience -= nap
        return self.now()


class SimulatedClock:
    """Imagined time: every round takes equally long, and nobody waits.

    Parameters
    ----------
    start
        Start of the first round, with a zone.
    every
        Time between the starts of two rounds, for example "1h".
    sleep
        Lets real time pass while nodes are waited for; for tests.
    """

    name = ClockKind.SIMULATED

    def __init__(
        self,
        start: datetime,
        *,
        every: str | timedelta = "1h",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.sleep = sleep
        self.start = require_utc(start, "start")
        self.every: timedelta | None = as_duration(every, "every")

    def now(self) -> datetime:
        """Return the start of the first round: between rounds no time is imagined."""
        return self.start

    def __call__(self, last: datetime | None, every: timedelta | None) -> datetime:
        """Return the start of the first round, or the time of the next one."""
        step = every or self.every
        assert step is not None  # noqa: S101 - it was given
        return self.start if last is None else last + step
