"""How a training waited for its hours: how long, what that saved, and whether it was in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from lowcarb._util.text import count, grams
from lowcarb._util.times import show, show_duration, to_iso
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import BookedRound
from lowcarb.planning.wording import compared

# What is shorter is no wait but the time that deciding takes.
_SHORTEST = timedelta(seconds=1)

METHOD = (
    "What waiting saved is by the forecasts, added up over the rounds: what a round and those "
    "after it were expected to emit at once when it could begin, less what was planned for it as "
    "it began, and less what those after it were then expected to emit at once."
)


@dataclass(frozen=True, kw_only=True)
class WaitingSaved:
    """What waiting saved against rounds at once, by the forecasts.

    Parameters
    ----------
    rounds
        How many rounds are compared: those of which both figures are known.
    at_once_g
        What these were expected to emit at once, gCO2eq.
    planned_g
        What they were planned to emit when they began, gCO2eq.
    """

    rounds: int
    at_once_g: float
    planned_g: float

    @property
    def saved_g(self) -> float:
        """Saved, gCO2eq."""
        return self.at_once_g - self.planned_g

    @property
    def share(self) -> float | None:
        """Share saved; None where rounds at once would emit nothing."""
        return self.saved_g / self.at_once_g if self.at_once_g > 0 else None


@dataclass(frozen=True, kw_only=True)
class WaitingSummary:
    """All that a report says of waiting; of a training whose hours are chosen."""

    account: Account

    @classmethod
    def of(cls, account: Account) -> "WaitingSummary | None":
        """Sum up how a training waited; None where no hours were chosen."""
        chosen = account.training.deadline or account.waits
        if chosen is None and not any(booked.ready_at for booked in account.rounds):
            return None
        return cls(account=account)

    @cached_property
    def waited(self) -> dict[int, timedelta]:
        """How long rounds waited, by their numbers; those that did not are left out."""
        waits = {booked.number: waited(booked) for booked in self.account.rounds}
        return {number: wait for number, wait in waits.items() if wait is not None and wait}

    @cached_property
    def told(self) -> dict[int, str]:
        """What told rounds to go on before their hour, by their numbers."""
        return {one.number: one.told_by for one in self.account.rounds if one.told_by is not None}

    @cached_property
    def saved(self) -> WaitingSaved | None:
        """What waiting saved; None where too little is known.

        The rounds from one at which rounds at once were priced to the next such one count, if
        what was planned is known of all of them.
        """
        account = self.account
        at_once = {r.number: r.at_once_g for r in account.rounds if r.at_once_g is not None}
        if account.waits is not None and account.waits.at_once_g is not None:
            at_once[account.waits.number] = account.waits.at_once_g
        if not account.rounds_left:
            at_once[account.rounds_over + 1] = 0.0
        known = {r.number: r.planned_g for r in account.rounds if r.planned_g is not None}
        stretches = [
            (first, after)
            for first, after in pairwise(sorted(at_once))
            if all(number in known for number in range(first, after))
        ]
        if not stretches:
            return None
        return WaitingSaved(
            rounds=sum(after - first for first, after in stretches),
            at_once_g=sum(at_once[first] - at_once[after] for first, after in stretches),
            planned_g=sum(known[number] for pair in stretches for number in range(*pair)),
        )

    @cached_property
    def end(self) -> datetime | None:
        """When the last booked round was over, in UTC; None where that is unknown.

        By the longest time that a client measured, or, where none did, was expected to take.
        """
        if not self.account.rounds:
            return None
        last = self.account.rounds[-1]
        expected = {member.name: member.duration_s for member in self.account.members}
        took = [
            expected.get(turn.client) if turn.seconds is None else turn.seconds
            for turn in last.turns
        ]
        known = [seconds for seconds in took if seconds is not None]
        return last.start + timedelta(seconds=max(known)) if known else None

    @property
    def met(self) -> bool | None:
        """Whether the deadline was met; None where that is not known, or not yet."""
        deadline = self.account.training.deadline
        if deadline is None or not self.account.rounds:
            return None
        if (self.end or self.account.rounds[-1].start) > deadline:
            return False
        return True if self.end is not None and not self.account.rounds_left else None

    def sentences(self) -> list[str]:
        """Say how rounds waited, what that saved, and whether the deadline was met."""
        lines = [*self._asked(), self._waited(), *self._deadline()]
        if self.told:
            rounds = ", ".join(f"round {number} by {who}" for number, who in self.told.items())
            lines.append(f"Told to go on before the hour: {rounds}")
        if (wait := self.account.waits) is not None:
            lines.append(
                f"Round {wait.number} waits since {show(wait.since)} UTC until "
                f"{show(wait.until)} UTC, unless newer forecasts say otherwise"
            )
        return lines

    def _asked(self) -> list[str]:
        hours = self.account.training.hours
        return [] if hours is None else [f"Hours: {hours}"]

    def _waited(self) -> str:
        rounds = len(self.account.rounds)
        if not self.waited:
            text = f"Waiting: none of {count(rounds, 'round')} waited"
        else:
            hours = sum(self.waited.values(), timedelta()) / timedelta(hours=1)
            text = (
                f"Waiting: {len(self.waited)} of {count(rounds, 'round')} waited, {hours:,.1f} h "
                "in all"
            )
        saved = self.saved
        if saved is None:
            return f"{text}; what rounds at once would have emitted is not known"
        some = f" (of {count(saved.rounds, 'round')})" if saved.rounds < rounds else ""
        what = "saved" if saved.saved_g >= 0 else "cost"
        share = "" if saved.share is None else f" ({100 * abs(saved.share):.1f}%)"
        told = (
            f"by the forecasts that {what} {grams(abs(saved.saved_g), saved.at_once_g)}{share} "
            f"against {grams(saved.at_once_g)} at once{some}"
        )
        return f"{text}; {compared(told, self.account.lost_turns)}"

    def _deadline(self) -> list[str]:
        deadline, account = self.account.training.deadline, self.account
        if deadline is None:
            return []
        name = f"Deadline {show(deadline)} UTC"
        end = self.end or (account.rounds[-1].start if account.rounds else None)
        if end is not None and end > deadline:
            over = "was over" if self.end is not None else "began"
            which = "the last round" if not account.rounds_left else f"round {account.rounds_over}"
            late = show_duration(end - deadline)
            return [f"{name}: MISSED; {which} {over} at {show(end)} UTC, {late} late"]
        if account.rounds_left:
            return [f"{name}: {count(account.rounds_left, 'round')} to come by then"]
        if self.end is None:
            return [f"{name}: when the last round was over is not known"]
        return [f"{name}: met; the last round was over at {show(self.end)} UTC"]

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON; unknown figures are null."""
        deadline, saved, wait = self.account.training.deadline, self.saved, self.account.waits
        return {
            "deadline": None if deadline is None else to_iso(deadline),
            "deadline_met": self.met,
            "last_end": None if self.end is None else to_iso(self.end),
            "rounds_waited": len(self.waited),
            "waited_s": sum(self.waited.values(), timedelta()).total_seconds(),
            "compared_rounds": 0 if saved is None else saved.rounds,
            "at_once_g": None if saved is None else saved.at_once_g,
            "planned_g": None if saved is None else saved.planned_g,
            "saved_g": None if saved is None else saved.saved_g,
            "saved_share": None if saved is None else saved.share,
            "told": [{"round": number, "by": who} for number, who in self.told.items()],
            "now": None
            if wait is None
            else {
                "round": wait.number,
                "since": to_iso(wait.since),
                "until": to_iso(wait.until),
                "saved_g": wait.saved_g,
            },
        }


def waited(booked: BookedRound) -> timedelta | None:
    """How long a round waited; None where no hours were chosen."""
    if booked.ready_at is None:
        return None
    wait = booked.start - booked.ready_at
    return wait if wait > _SHORTEST else timedelta()
