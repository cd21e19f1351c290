"""When the rounds of one training begin where hours are chosen, and how long they take."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.ledger.entries import BookedRound, ClockKind
from lowcarb.planning.cohort_range import Breathing
from lowcarb.planning.hours import Hours
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.training.booking import Booking
from lowcarb.training.candidates import Candidates
from lowcarb.training.clock import Clock
from lowcarb.training.go_ahead import GoAhead
from lowcarb.training.hours_plan import HoursPlan, HoursPlanner
from lowcarb.training.settings import Settings
from lowcarb.training.waiting import Begun, Waiting

SLOT = timedelta(hours=1)
"""Time from one candidate start to the next where nobody says another."""
# Rounds whose lengths say how long the next ones take, and how much longer they may be.
_LENGTHS, _MARGIN = 5, 1.1


@dataclass(kw_only=True)
class RoundTimes:
    """Says when the next round begins, having waited for it.

    Parameters
    ----------
    clock
        Real or simulated time.
    planner
        Chooses hours.
    booking
        The account, which knows what was decided before.
    go
        Hears whether a round may begin at once.
    rounds
        Of the training.
    """

    clock: Clock
    planner: HoursPlanner
    booking: Booking
    go: GoAhead
    rounds: int
    _took: list[timedelta] = field(default_factory=list, init=False)
    _plan: HoursPlan | None = field(default=None, init=False)
    _begun: Begun | None = field(default=None, init=False)
    length: timedelta = field(default=SLOT, init=False)

    def __post_init__(self) -> None:
        """Be ready to wait."""
        self._waiting = Waiting(
            clock=self.clock,
            go=self.go,
            listen=self.planner.hours.step(self.planner.slot),
            keep=self.booking.keep_wait,
            rounds=self.rounds,
        )

    @classmethod
    def of(
        cls, settings: Settings, forecasts: FallbackForecasts, booking: Booking, rounds: int
    ) -> "RoundTimes | None":
        """Choose hours as a user asks for it; None if rounds follow each other."""
        if settings.hours is None:
            return None
        planner = HoursPlanner(
            hours=settings.hours,
            slot=settings.every or SLOT,
            forecasts=forecasts,
            policy=settings.policy,
            seed=settings.seed,
        )
        ledger = None if settings.ledger is None else settings.ledger.path
        return cls(
            clock=settings.clock,
            planner=planner,
            booking=booking,
            go=GoAhead(ledger),
            rounds=rounds,
        )

    @property
    def hours(self) -> Hours:
        """When rounds may be."""
        return self.planner.hours

    def listening(self) -> AbstractContextManager[None]:
        """Hear in this block whether a round may begin at once."""
        return self.go.listening()

    def next(
        self,
        candidates: Candidates | None,
        number: int,
        cohort_size: int,
        breathing: Breathing | None = None,
    ) -> datetime:
        """Wait until a round begins and return its start.

        Parameters
        ----------
        candidates
            The clients; None if nobody is known, and then there is nothing to wait for.
        number
            Of the round.
        cohort_size
            Of each round from this one on.
        breathing
            Bounds of each cohort, and the turns left in all; None where all are of `cohort_size`.
        """
        last = self.booking.last
        now = self.clock(None if last is None else last.start, None)
        if candidates is None:
            self._plan = self._begun = None
            return now
        left = self.rounds - number + 1
        before = self.booking.wait
        if before is not None and before.number != number:
            before = None
        begun = last is not None or before is not None
        self.length = self._length(candidates, now, left if begun else 0)
        last_end = None
        if last is not None:
            took = self._took[-1] if self._took else self.length
            last_end = min(now, last.start + took)

        def plan(at: datetime) -> HoursPlan:
            found = self.planner.plan(
                candidates,
                at,
                left,
                length=self.length,
                cohort_size=cohort_size,
                breathing=breathing,
                last_end=last_end,
                begun=begun,
            )
            # Between two rounds hours may pass, and the server may be ended.
            self.booking.keep_learnt()
            return found

        self._begun = self._waiting.wait(number, now, plan, before)
        self._plan = self._begun.plan
        return self._begun.start

    def waited(self, booked: BookedRound) -> BookedRound:
        """Add to a round how it came to begin when it did."""
        begun = self._begun
        if begun is None or begun.start != booked.start:
            return booked
        return replace(
            booked, ready_at=begun.ready_at, at_once_g=begun.at_once_g, told_by=begun.told_by
        )

    def ahead(self, start: datetime, left: int) -> FloatArray | None:
        """When each round left begins, if the next one does at a start (t,); None if unknown."""
        if self._plan is None or len(self._plan.ahead) != left:
            return None
        return self._plan.at(start)

    def over(self, start: datetime) -> None:
        """Take note that a round is over that began at a start."""
        if self.clock.name != ClockKind.SIMULATED:
            self._took.append(max(timedelta(), self.clock.now() - start))

    def _length(self, candidates: Candidates, now: datetime, left: int) -> timedelta:
        """How long a round takes that its slowest possible member is in.

        Where `left` rounds as long as that would miss the deadline, the slowest members are left
        out of account: they are then asked in some rounds only.
        """
        if self.clock.name == ClockKind.SIMULATED and self.clock.every is not None:
            return self.clock.every
        took = [_MARGIN * length for length in self._took[-_LENGTHS:]]
        longest_first = np.unique(candidates.fleet.duration_s)[::-1].tolist()
        lengths = [max([timedelta(seconds=one), *took]) for one in longest_first]
        in_time = (one for one in lengths if self.hours.latest_start(now, left, one) is not None)
        return next(in_time, lengths[0])
