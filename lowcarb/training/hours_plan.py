"""When the rounds of a training are, on what is known now: the next one, or how long to wait."""

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.times import from_seconds, show
from lowcarb.errors import InputError
from lowcarb.planning.chosen_hours import ChosenHours, choose_hours, slot_search
from lowcarb.planning.cohort_range import Breathing
from lowcarb.planning.hours import LONGEST, Hours
from lowcarb.planning.partly_usual import PartlyUsual, usual_levels
from lowcarb.planning.policies import Planned, Policy
from lowcarb.planning.slot_program import slot_program
from lowcarb.planning.slot_solver import SlotSolver, ToldSlots, warmed
from lowcarb.planning.slots import Slots
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.training.candidates import Candidates

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, eq=False)
class HoursPlan:
    """When the rounds left are.

    Parameters
    ----------
    next
        When the next one begins, in UTC.
    ahead
        Shape (t,): when each begins, seconds since 1970.
    length
        How long a round is taken to last.
    latest
        When the next one begins at the latest, in UTC; None if the deadline cannot be met.
    chosen
        The slots; None where none were chosen.
    informed
        Whether anything was known to choose by.
    """

    next: datetime
    ahead: FloatArray
    length: timedelta
    latest: datetime | None
    chosen: ChosenHours | None = None
    informed: bool = True

    def at(self, start: datetime) -> FloatArray:
        """When each round left begins, if the next one begins at another time (t,)."""
        ahead = self.ahead.copy()
        ahead[0] = start.timestamp()
        # Whoever begins later than planned ends later, too.
        earliest = ahead[0] + self.length.total_seconds() * np.arange(len(ahead))
        later: FloatArray = np.maximum(ahead, earliest)
        return later


@dataclass(kw_only=True)
class HoursPlanner:
    """Chooses the hours of a training, again and again.

    Parameters
    ----------
    hours
        When rounds may be.
    slot
        Time from one candidate start to the next.
    forecasts
        What is known of the intensities.
    policy
        Who chooses cohorts; one that plans says by whom slots are priced.
    seed
        Decides between interchangeable clients.
    """

    hours: Hours
    slot: timedelta
    forecasts: FallbackForecasts
    policy: Policy
    seed: int
    _late: bool = field(default=False, init=False)
    _solver: SlotSolver | None = field(default=None, init=False)

    def plan(
        self,
        candidates: Candidates,
        now: datetime,
        left: int,
        *,
        length: timedelta,
        cohort_size: int,
        breathing: Breathing | None = None,
        last_end: datetime | None,
        begun: bool,
    ) -> HoursPlan:
        """Choose the hours of the rounds that are left.

        Parameters
        ----------
        candidates
            The clients; all of them are taken to be there.
        now
            In UTC.
        left
            Rounds.
        length
            Of a round, its slowest member's.
        cohort_size
            Of each round.
        breathing
            Bounds of each cohort, and the turns left in all; None where all are of `cohort_size`.
        last_end
            When the round before ended; None if there was none.
        begun
            Whether the training has been under way: then it goes on, too late if need be.

        Raises
        ------
        InputError
            If it has not begun and the deadline cannot be met.
        """
        latest = self.hours.latest_start(now, left, length)
        slots = self._slots(now, left, length, last_end, begun=begun)
        if slots is None:
            return self._behind(now, left, length)
        chosen = self._choose(candidates, slots, left, cohort_size, breathing)
        ahead = slots.starts[slots.soonest(left)] if chosen is None else chosen.starts
        return HoursPlan(
            next=from_seconds(ahead[0]),
            ahead=ahead,
            length=length,
            latest=latest,
            chosen=chosen,
            informed=chosen is not None,
        )

    def _slots(
        self,
        now: datetime,
        left: int,
        length: timedelta,
        last_end: datetime | None,
        *,
        begun: bool,
    ) -> Slots | None:
        """Candidate starts that suffice, without a longest pause and slots if need be."""
        try:
            return self.hours.require_possible(
                now, left, length=length, slot=self.slot, last_end=last_end
            )
        except InputError:
            if not begun:
                raise
        # Better closer together, or with a longer pause, than too late.
        packed = self.hours.packed().slots(now, length=length, slot=length)
        return packed if len(packed.longest_chain()) >= left else None

    def _behind(self, now: datetime, left: int, length: timedelta) -> HoursPlan:
        """Go on as soon as it is open: the deadline cannot be met any more."""
        if not self._late:
            logger.warning(
                "lowcarb: the deadline, %s UTC, cannot be met: %d rounds of %.0f s are left; they "
                "follow each other as soon as may be",
                show(self.hours.deadline),
                left,
                length.total_seconds(),
            )
        self._late = True
        windows = self.hours.windows(now, now + min(LONGEST, timedelta(days=30)))
        fitting = [a for a, b in windows if b - a >= length.total_seconds()]
        start = from_seconds(fitting[0]) if fitting else now
        ahead = start.timestamp() + length.total_seconds() * np.arange(left, dtype=np.float64)
        return HoursPlan(next=start, ahead=ahead, length=length, latest=None)

    def _choose(
        self,
        candidates: Candidates,
        slots: Slots,
        left: int,
        cohort_size: int,
        breathing: Breathing | None,
    ) -> ChosenHours | None:
        """Choose slots by the newest forecast; None where nothing is known to choose by."""
        fleet = candidates.fleet
        most_s = max(slots.length_s, 1.0)
        fleet = replace(
            fleet,
            duration_s=np.minimum(fleet.duration_s, most_s),
            energy_kwh=candidates.alike_kwh,
        )
        now = from_seconds(slots.starts[0])
        end = from_seconds(slots.starts[-1] + slots.length_s)
        longest = timedelta(seconds=float(fleet.duration_s.max()))
        view = self.forecasts.get(fleet.regions, now, end, longest)
        if view.forecast is None or view.missing == set(fleet.regions):
            return None
        planned = self.policy if isinstance(self.policy, Planned) else Planned()
        question = slot_program(
            fleet,
            view.forecast,
            slots,
            rounds=(left, left),
            cohort_size=min(cohort_size, len(fleet)),
            bounds=(candidates.at_least, candidates.at_most),
            turns=candidates.turns,
            online=None,
            seed=self.seed,
            breathing=breathing,
        )
        if self._solver is None:
            self._solver = PartlyUsual(inner=slot_search(planned.solvers))
        if isinstance(self._solver, ToldSlots):
            days = self.forecasts.usual(fleet.regions)
            self._solver = self._solver.told(usual_levels(question.problem, fleet, days, slots))
        chosen = choose_hours(question, slots, planned.solvers, self._solver)
        self._solver = warmed(self._solver, chosen.answer)
        return chosen
