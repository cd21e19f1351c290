"""Waiting for the hour of the next round, and listening meanwhile."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Begun:
    """How a round came to begin.

    Parameters
    ----------
    start
        When it begins, in UTC.
    ready_at
        When it could have begun at the soonest, in UTC.
    plan
        By which it begins; None if none could be made.
    at_once_g
        What was expected at the soonest of the rounds left at once, gCO2eq; None where unknown.
    told_by
        What told it to begin before its hour; None if nothing did.
    """

    start: datetime
    ready_at: datetime
    plan: HoursPlan | None
    at_once_g: float | None
    told_by: str | None


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
    ) -> Begun:
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
        """
        ready_at = now if before is None else before.since
        if before is not None and self.clock.name == ClockKind.SIMULATED:
            # In imagined time the server ended where it waited last.
            now = max(now, before.decided_at)
        begun = number > 1 or before is not None
        known, decided = before, self._planned(plan, now, begun=begun)
        at_once_g = _at_once_g(decided) if before is None else before.at_once_g
        while True:
            until = self._until(now, decided, known)
            told = self.go.told()
            due = until <= now + _AT_ONCE
            if told is not None and not due:
                logger.info("lowcarb: %s says to go on: round %d begins now", told, number)
            if told is not None or due:
                return Begun(
                    start=now,
                    ready_at=ready_at,
                    plan=decided,
                    at_once_g=at_once_g,
                    told_by=None if due else told,
                )
            decision = Wait(
                number=number, since=ready_at, decided_at=now, until=until, at_once_g=at_once_g
            )
            known = self._say(decision, decided, known)
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

    def _say(self, decision: Wait, decided: HoursPlan | None, known: Wait | None) -> Wait:
        """Say and write until when it waits, once for each decision."""
        until = decision.until
        same = known is not None and abs(known.until - until) < _SAME * self.listen
        if known is not None and same and self._said == known:
            return known
        chosen = None if decided is None else decided.chosen
        saved_g = None if chosen is None else chosen.saved_g
        wait = (
            known
            if known is not None and same
            else replace(decision, saved_g=None if saved_g is None else max(0.0, saved_g))
        )
        parts = [f"round {decision.number}/{self.rounds} waits until {show(until)} UTC"]
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


def _at_once_g(decided: HoursPlan | None) -> float | None:
    """What rounds at once are expected to emit; None where that compares with nothing."""
    chosen = None if decided is None else decided.chosen
    return None if chosen is None or chosen.saved_g is None else chosen.at_once_g
