"""When rounds may be: a deadline, opening hours, and pauses that are not too long."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from lowcarb._util.arrays import IntArray
from lowcarb._util.text import count
from lowcarb._util.times import (
    as_duration,
    from_seconds,
    require_utc,
    show,
    show_duration,
    to_iso,
)
from lowcarb.errors import InputError
from lowcarb.planning.open_hours import OpenHours
from lowcarb.planning.slots import Slots

MOST_SLOTS = 20_000
"""Candidate starts, at most; a year has 8,760 hours."""
LONGEST = timedelta(days=366)
"""How far ahead a deadline may be, and how far ahead the earliest possible one is looked for."""
# Seconds by which a round may end after its window because of rounding.
_ROUNDING_S = 1e-3


@dataclass(frozen=True, kw_only=True)
class Hours:
    """The hours that rounds may take; the cheapest of them are chosen.

    A round begins and ends while it is open, and the last one ends by the deadline.

    Parameters
    ----------
    deadline
        When the last round is over, with a zone.
    earliest
        When the first round begins at the earliest, with a zone; None for at once.
    open_hours
        When rounds may be, week after week: an `OpenHours` or its text, such as
        "Mon-Fri 07:00-19:00 Europe/Berlin". None: always.
    longest_pause
        Time between the end of a round and the start of the next one, at most: a duration, or its
        text, such as "12h". None: any.
    slot
        Time from one candidate start to the next, counted from when it opens: a duration, or its
        text. None: the time between round starts, or an hour.

    Raises
    ------
    InputError
        If a value is not of that form, or the deadline is not after the earliest start.
    """

    deadline: datetime
    earliest: datetime | None = None
    open_hours: OpenHours | str | None = None
    longest_pause: timedelta | str | None = None
    slot: timedelta | str | None = None

    def __post_init__(self) -> None:
        """Read what is text, and refuse what contradicts itself."""
        object.__setattr__(self, "deadline", require_utc(self.deadline, "deadline"))
        if self.earliest is not None:
            object.__setattr__(self, "earliest", require_utc(self.earliest, "earliest"))
            if self.deadline <= self.earliest:
                raise InputError(
                    f"deadline: expected a time after the earliest start, {show(self.earliest)} "
                    f"UTC, got {show(self.deadline)} UTC",
                    field="deadline",
                )
        if isinstance(self.open_hours, str):
            object.__setattr__(self, "open_hours", OpenHours(text=self.open_hours))
        elif not isinstance(self.open_hours, OpenHours | None):
            OpenHours(text=self.open_hours)
        for name in ("longest_pause", "slot"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, as_duration(value, name.replace("_", "-")))

    def __str__(self) -> str:
        parts = [f"by {show(self.deadline)} UTC"]
        if self.earliest is not None:
            parts.append(f"from {show(self.earliest)} UTC on")
        if self.open_hours is not None:
            parts.append(f"open {self.open_hours}")
        if isinstance(self.longest_pause, timedelta):
            parts.append(f"pauses of {show_duration(self.longest_pause)} at most")
        return ", ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return what was asked for, for JSON; null where nothing was."""
        pause = self.longest_pause
        return {
            "deadline": to_iso(self.deadline),
            "earliest": None if self.earliest is None else to_iso(self.earliest),
            "open_hours": None if self.open_hours is None else str(self.open_hours),
            "longest_pause_s": pause.total_seconds() if isinstance(pause, timedelta) else None,
        }

    def begin(self, now: datetime) -> datetime:
        """When the first round may begin: now, or at the earliest start."""
        return now if self.earliest is None else max(now, self.earliest)

    def windows(self, now: datetime, until: datetime | None = None) -> list[tuple[float, float]]:
        """Return when it is open from now to the deadline, or until another time.

        In seconds since 1970, earliest first.
        """
        begin, end = self.begin(now), until or self.deadline
        if isinstance(self.open_hours, OpenHours):
            return self.open_hours.between(begin, end)
        return [(begin.timestamp(), end.timestamp())] if begin < end else []

    def slots(
        self,
        now: datetime,
        *,
        length: timedelta,
        slot: timedelta,
        last_end: datetime | None = None,
        until: datetime | None = None,
    ) -> Slots:
        """Return the candidate starts from now on.

        Parameters
        ----------
        now
            With a zone; the first candidate, if it is open then.
        length
            Of a round: as long as its slowest possible member takes.
        slot
            Time from one candidate to the next, unless these hours have their own.
        last_end
            When the round before ended; None if there was none.
        until
            Another deadline.

        Raises
        ------
        InputError
            If there are too many of them.
        """
        step_s = self.step(slot).total_seconds()
        windows = self.windows(now, until)
        length_s = length.total_seconds()
        fit = [math.floor((b - a - length_s + _ROUNDING_S) / step_s) + 1 for a, b in windows]
        many = sum(max(0, k) for k in fit)
        if many > MOST_SLOTS:
            raise InputError(
                f"slot: expected at most {MOST_SLOTS:,} candidate starts before the deadline, got "
                f"{many:,}, one every {show_duration(self.step(slot))}; longer slots or a sooner "
                "deadline make them fewer",
                field="slot",
            )
        starts = [
            a + step_s * np.arange(k, dtype=np.float64)
            for (a, _), k in zip(windows, fit, strict=True)
            if k > 0
        ]
        pause_s = self._pause_s
        return Slots(
            starts=np.concatenate(starts) if starts else np.zeros(0),
            length_s=length_s,
            pause_s=pause_s,
            first_by_s=math.inf if last_end is None else last_end.timestamp() + pause_s,
        )

    def step(self, otherwise: timedelta) -> timedelta:
        """Time from one candidate start to the next."""
        return self.slot if isinstance(self.slot, timedelta) else otherwise

    def packed(self) -> "Hours":
        """Return the same hours without slots of their own and without a longest pause."""
        return replace(self, slot=None, longest_pause=None)

    @property
    def _pause_s(self) -> float:
        pause = self.longest_pause
        return pause.total_seconds() if isinstance(pause, timedelta) else math.inf

    def latest_start(self, now: datetime, rounds: int, length: timedelta) -> datetime | None:
        """When the next of so many rounds begins at the latest, if they then follow at once.

        None if they cannot all be over by the deadline.
        """
        length_s, left = length.total_seconds(), rounds
        for opens, closes in reversed(self.windows(now)):
            fit = math.floor((closes - opens + _ROUNDING_S) / length_s)
            if fit >= left:
                return from_seconds(closes - left * length_s)
            left -= fit
        return None

    def require_possible(
        self,
        now: datetime,
        rounds: int,
        *,
        length: timedelta,
        slot: timedelta,
        last_end: datetime | None = None,
    ) -> Slots:
        """Return the candidate starts, if so many rounds can be had by the deadline.

        Parameters
        ----------
        rounds
            How many are left.
        now, length, slot, last_end
            As of `slots`.

        Raises
        ------
        InputError
            If they cannot; it says why, and which deadline is possible.
        """
        slots = self.slots(now, length=length, slot=slot, last_end=last_end)
        chain = slots.longest_chain()
        if len(chain) >= rounds:
            return slots
        freely = replace(self, longest_pause=None)
        free = freely.slots(now, length=length, slot=slot).longest_chain()
        if len(free) >= rounds:
            raise InputError(
                f"longest-pause: {self._too_long_a_pause(slots, chain, last_end)}; give a longer "
                "pause or longer opening hours",
                field="longest_pause",
            )
        where = "slot is" if len(free) == 1 else "slots are"
        text = (
            f"{count(rounds, 'round')} of {show_duration(length)} need "
            f"{freely._earliest_end(now, rounds, length, slot)}; only {len(free)} {where} open "
            f"from {show(self.begin(now))} to {show(self.deadline)} UTC"
        )
        if length < self.step(slot):
            text += f" (one every {show_duration(self.step(slot))}; shorter slots hold more)"
        raise InputError(f"deadline: {text}", field="deadline")

    def _too_long_a_pause(self, slots: Slots, chain: IntArray, last_end: datetime | None) -> str:
        """Say which stretch without a slot is longer than a pause may be."""
        pause = self.longest_pause
        assert isinstance(pause, timedelta)  # noqa: S101 - else no pause is too long
        ends = slots.starts + slots.length_s
        first = float(slots.starts[chain[0]]) if len(chain) else math.inf
        if len(chain):
            end = float(ends[chain[-1]])
        else:
            assert last_end is not None  # noqa: S101 - else any slot may be the first
            end = last_end.timestamp()
        after = slots.starts[slots.starts >= end]
        if len(after):
            gap = end, float(after[0])
        else:
            # It is the last stretch that is the longest: the pause lies before it.
            gap = float(ends[ends <= first].max(initial=-math.inf)), first
        between = " to ".join(show(from_seconds(one)) for one in gap)
        return (
            f"only {count(len(chain), 'round')} can follow each other, since none can begin from "
            f"{between} UTC, which is longer than the longest pause of {show_duration(pause)}"
        )

    def _earliest_end(self, now: datetime, rounds: int, length: timedelta, slot: timedelta) -> str:
        """Say until when so many rounds need at least."""
        begin = until = self.begin(now)
        while until < begin + LONGEST:
            # Mostly one step is enough: as long as the rounds take, and a week.
            until += rounds * max(length, self.step(slot)) + timedelta(days=7)
            try:
                slots = self.slots(now, length=length, slot=slot, until=until)
            except InputError:  # too many to be counted
                break
            chain = slots.longest_chain()
            if len(chain) >= rounds:
                end = from_seconds(slots.starts[chain[rounds - 1]]) + length
                return f"until {show(end)} UTC"
            longest = max((b - a for a, b in self.windows(now, until)), default=0.0)
            if longest < length.total_seconds():
                most = show_duration(timedelta(seconds=longest)) if longest else "never"
                return f"longer hours, since it is open for {most} at most"
        return "more than a year"
