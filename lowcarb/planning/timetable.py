"""When the rounds of a training are: their starts, which are left, and when the last one ends."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.times import from_seconds, require_utc, show
from lowcarb.errors import InputError
from lowcarb.planning.cohort_range import Breathing, CohortRange
from lowcarb.planning.history import History
from lowcarb.planning.hours import Hours
from lowcarb.planning.rounds_left import RoundsLeft
from lowcarb.planning.slots import Slots


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """When rounds may be, and how many turns they have.

    Parameters
    ----------
    rounds, fewest_rounds, every, hours, cohort_size, cohort_range
        As of `Planner`.
    clients
        How many there are.
    longest
        How long a round takes whose slowest possible member is in it.
    """

    rounds: int
    fewest_rounds: int | None
    every: timedelta
    hours: Hours | None
    cohort_size: int
    cohort_range: CohortRange | None
    clients: int
    longest: timedelta

    def breathing(self, asked: int) -> Breathing | None:
        """What cohorts may be once so many turns were asked for; None if all are of one size."""
        return Breathing.after(
            self.cohort_range,
            cohort_size=self.cohort_size,
            rounds=self.rounds,
            asked=asked,
            clients=self.clients,
        )

    def left(self, history: History | None = None) -> RoundsLeft:
        """What is left of the training."""
        asked, over = (0, 0) if history is None else (history.turns_asked, history.rounds)
        return RoundsLeft.of(
            self.rounds,
            self.fewest_rounds,
            over,
            self.breathing(asked),
            chosen=self.hours is not None,
        )

    def _some_left(self, history: History | None) -> RoundsLeft:
        """What is left of the training, or an error that says that nothing is."""
        left = self.left(history)
        if left.most < 1:
            raise InputError(f"all {self.rounds} rounds are over", field="rounds")
        if left.is_over:
            turns = self.cohort_size * self.rounds
            raise InputError(f"all {turns} turns of the training were asked for", field="rounds")
        return left

    def starts(self, start: datetime, history: History | None = None) -> FloatArray:
        """Starts of the rounds that are left, or of the slots that some are chosen of (t,).

        As of `Planner.starts`.
        """
        begin = require_utc(start, "start")
        if self.hours is not None:
            return self.slots(begin, history).starts
        left = self._some_left(history).most
        try:
            _ = begin + left * self.every
        except OverflowError:
            raise InputError(
                f"{left} rounds every {minutes(self.every)} end beyond the calendar", field="every"
            ) from None
        return begin.timestamp() + self.every.total_seconds() * np.arange(left, dtype=np.float64)

    def slots(self, start: datetime, history: History | None = None) -> Slots:
        """Return the slots of which rounds take some, from a time on.

        Raises
        ------
        InputError
            If there are no hours, or they do not suffice for the rounds that are left.
        """
        if self.hours is None:
            raise InputError(
                "hours: expected a planner with hours, such as Planner(hours=Hours(deadline=...))",
                field="hours",
            )
        needed = self._some_left(history).needed
        return self.hours.require_possible(start, needed, length=self.longest, slot=self.every)

    def end(self, start: datetime, history: History | None = None) -> datetime:
        """When the last workload of the rounds that are left may end, in UTC."""
        return from_seconds(self.starts(start, history)[-1] + self.longest.total_seconds())

    def reach_note(
        self, start: datetime, reach: float, history: History | None = None
    ) -> str | None:
        """Say from which round on a forecast does not reach; None if it reaches to the end.

        Parameters
        ----------
        start, history
            As of `Planner.plan`.
        reach
            When the forecast ends, in seconds since 1970.
        """
        starts, longest_s = self.starts(start, history), self.longest.total_seconds()
        if self.hours is not None:
            if reach >= starts[-1] + longest_s:
                return None
            ends = show(from_seconds(reach))
            return f"the forecast ends {ends} UTC; from there on typical days stand in"
        left_s = reach - starts[0]
        covered = max(0, math.floor((left_s - longest_s) / self.every.total_seconds()) + 1)
        if covered >= len(starts):
            return None
        first = self.rounds - len(starts) + 1 + covered
        return f"the forecast ends in round {first}; from there on typical days stand in"


def minutes(duration: timedelta) -> str:
    """Write a duration in minutes, such as "90 min"."""
    return f"{duration / timedelta(minutes=1):g} min"
