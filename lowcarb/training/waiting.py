"""Waiting for the hour of the next round, and listening meanwhile."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lowcarb._util.text import grams
from lowcarb._util.times import show
from lowcarb.errors import InputError
from lowcarb.ledger.entries import ClockKind
from lowcarb.ledger.waits import Wait
from lowcarb.training.clock import Clock
from lowcarb.training.go_ahead import GoAhead
from lowcarb.training.hours_plan import HoursPlan

logger = logging.getLogger(__name__)

# How soon it is noticed that somebody says to go on, or that a clock was set.
_NAP_S = 1.0
# A round that begins so soon begins now.
_AT_ONCE = timedelta(milliseconds=50)
# Starts that differ by less are the same, as a share of the time between two slots.
_SAME = 0.5


@dataclass(kw_only=True)
class Waiting:
    """Waits for rounds at chosen hours.

    Parameters
    ----------
    clock
        Real or simulated time.
    go
        Hears whether the next round may begin at once.
    listen
        How often newer forecasts are asked for, at most.
    keep
        Writes a decision to wait.
    rounds
        Of the training.
    """

    clock: Clock
    go: GoAhead
    listen: timedelta
    keep: Callable[[Wait], None]
    rounds: int
    _said: Wait | None = field(default=None, init=False)

    def wait(
        self,
        number: int,
        now: datetime,
        plan: Callable[[datetime], HoursPlan],
        before: Wait | None,
    ) -> tuple[datetime, HoursPlan | None]:
        """Wait until a round begins.

        Parameters
        ----------
        number
            Of the round.
        now
            When it could begin at the soonest, in UTC.
        plan
            Chooses the hours by what is known at a time.
        before
            What an earlier server decided of this round; None if nothing.

        Returns
        -------
        tuple
            When it begins, and the plan by which it does; None if none could be made.
        """
        if before is not None and self.clock.name == ClockKind.SIMULATED:
            # In imagined time the server ended where it waited last.
            now = max(now, before.decided_at)
        begun = number > 1 or before is not None
        known, decided = before, self._planned(plan, now, begun=begun)
        while True:
            until = self._until(now, decided, known)
            told = self.go.told()
            if told is not None and until > now + _AT_ONCE:
                logger.info("lowcarb: %s says to go on: round %d begins now", told, number)
            if told is not None or until <= now + _AT_ONCE:
                return now, decided
            known = self._say(number, now, until, decided, known)
            now = self._rest(now, min(until, now + self.listen))
            decided = self._planned(plan, now, begun=True)

    def _planned(
        self, plan: Callable[[datetime], HoursPlan], now: datetime, *, begun: bool
    ) -> HoursPlan | None:
        """Choose the hours; a training must not end because that cannot be done later on."""
        try:
            return plan(now)
        except InputError:
            if not begun:
                raise
            logger.exception("lowcarb: no hours could be chosen")
        except Exception:
            logger.exception("lowcarb: no hours could be chosen")
        return None

    def _until(self, now: datetime, decided: HoursPlan | None, known: Wait | None) -> datetime:
        """When the round begins: as planned, or where nothing is known as decided before."""
        if decided is None:
            return now if known is None else known.until
        if decided.informed or known is None:
            return decided.next
        return known.until if decided.latest is None else min(known.until, decided.latest)

    def _say(
        self,
        number: int,
        now: datetime,
        until: datetime,
        decided: HoursPlan | None,
        known: Wait | None,
    ) -> Wait:
        """Say and write until when it waits, once for each decision."""
        same = known is not None and abs(known.until - until) < _SAME * self.listen
        if known is not None and same and self._said == known:
            return known
        chosen = None if decided is None else decided.chosen
        saved_g = None if chosen is None else chosen.saved_g
        wait = (
            known
            if known is not None and same
            else Wait(
                number=number,
                decided_at=now,
                until=until,
                saved_g=None if saved_g is None else max(0.0, saved_g),
            )
        )
        parts = [f"round {number}/{self.rounds} waits until {show(until)} UTC"]
        if chosen is not None and chosen.chosen[0] == chosen.first[0]:
            parts[0] += ", before which it is not open"
        elif chosen is not None and chosen.saved is not None:
            saved = grams(wait.saved_g or 0.0, chosen.at_once_g)
            parts[0] += (
                f": waiting saves {saved}, {chosen.saved:.1%} of what the rounds left would emit "
                "at once"
                if chosen.saved > 0
                else ": newer forecasts may find cheaper hours"
            )
        if decided is not None and decided.latest is not None:
            parts.append(f"for the deadline it must begin by {show(decided.latest)} UTC")
        parts += [self.go.how] if self.go.how else []
        logger.info("lowcarb: %s", "; ".join(parts))
        if wait != known:
            self.keep(wait)
        self._said = wait
        return wait

    def _rest(self, now: datetime, until: datetime) -> datetime:
        """Let time pass until a time, or until somebody says to go on; return what it is then."""
        if self.clock.name == ClockKind.SIMULATED:
            return until
        # A clock that was set back prolongs no wait.
        patience = (until - now).total_seconds()
        while (left := min(patience, (until - self.clock.now()).total_seconds())) > 0:
            if self.go.waits():
                break
            nap = min(left, _NAP_S)
            self.clock.sleep(nap)
            patience -= nap
        return max(now, self.clock.now())
