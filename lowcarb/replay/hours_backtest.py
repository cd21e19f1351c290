"""One way to choose hours on recorded days: when it would have trained, and what that emitted.

At each slot a policy sees the newest issue that was published by then, extended by the last days,
as in `replay.backtest`. It is asked again after each round, and at each slot while it waits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np

from lowcarb._util.arrays import IntArray
from lowcarb._util.times import from_seconds
from lowcarb.carbon.forecast import Forecast
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.errors import InputError
from lowcarb.planning.even import evened
from lowcarb.planning.fairness import Fairness
from lowcarb.planning.history import History
from lowcarb.planning.hours import Hours
from lowcarb.planning.partly_usual import usual_levels
from lowcarb.planning.planner import Planner
from lowcarb.planning.slot_program import slot_program
from lowcarb.planning.slot_solver import SlotSolver, ToldSlots, soonest, warmed
from lowcarb.planning.slots import Slots
from lowcarb.replay.backtest import Run
from lowcarb.replay.recording import Recording
from lowcarb_solvers import Problem, SlotProblem


@dataclass(frozen=True, kw_only=True)
class HoursAfter:
    """Hours that are counted from each start.

    Parameters
    ----------
    within
        From the start to the deadline.
    open_hours, longest_pause, slot
        As of `Hours`.
    fewest_rounds
        As of `Planner`.
    """

    within: timedelta
    open_hours: str | None = None
    longest_pause: timedelta | str | None = None
    slot: timedelta | str | None = None
    fewest_rounds: int | None = None

    def at(self, start: datetime) -> Hours:
        """Return the hours of a start."""
        return Hours(
            deadline=start + self.within,
            open_hours=self.open_hours,
            longest_pause=self.longest_pause,
            slot=self.slot,
        )

    def planner(self, planner: Planner, start: datetime) -> Planner:
        """Return a planner that chooses the hours of a start."""
        return replace(planner, hours=self.at(start), fewest_rounds=self.fewest_rounds)

    def to_dict(self) -> dict[str, Any]:
        """Return what was asked for, for JSON; null where nothing was."""
        return {"within_s": self.within.total_seconds(), **self.asked()}

    def asked(self) -> dict[str, Any]:
        """Return what was asked for beside the deadline, for JSON; null where nothing was."""
        pause = self.at(datetime(2000, 1, 1, tzinfo=UTC)).to_dict()["longest_pause_s"]
        return {"open_hours": self.open_hours, "longest_pause_s": pause}


def reaching(planner: Planner, hours: Sequence[HoursAfter]) -> Planner:
    """Return a planner whose rounds reach to the last deadline: what a start needs of the days.

    Parameters
    ----------
    planner
        Rounds, and the time from one to the next.
    hours
        Counted from each start; none where rounds follow each other.
    """
    slots = [-(-one.within // planner.every) for one in hours]
    rounds = max([planner.rounds, *slots])
    # Floors and caps say nothing of days, and may be impossible in so many rounds.
    return replace(planner, rounds=rounds, fairness=Fairness(min_share=0))


def last_deadline(hours: Sequence[HoursAfter]) -> timedelta | None:
    """Time from a start to the last deadline; None where rounds follow each other."""
    return max((one.within for one in hours), default=None)


@dataclass(frozen=True, kw_only=True, eq=False)
class HoursRun(Run):
    """What one way to choose hours did from one start.

    Parameters
    ----------
    policy, start, cohorts, planned_g_by_round, realised_g_by_round, turns, at_least, at_most
        As of `Run`.
    seconds
        What each choice took; it is asked more often than there are rounds.
    fallbacks, plans, unproven
        As of `Run`; choices of slots are not counted as unproven.
    starts
        When each round began, in UTC.
    asked
        How often it was asked.
    """

    starts: tuple[datetime, ...]
    asked: int


@dataclass(frozen=True, kw_only=True, eq=False)
class HoursBacktest:
    """Recorded days from one start on, before a deadline.

    Parameters
    ----------
    planner
        Fleet, cohort size, rounds and fairness; it has hours.
    recording
        What was forecast and what came true.
    start
        From when on rounds may be, with a zone.
    """

    planner: Planner
    recording: Recording
    start: datetime

    def __post_init__(self) -> None:
        """Refuse a planner that has no hours."""
        if self.planner.hours is None:
            raise InputError(
                "hours: expected a planner with hours, such as Planner(hours=Hours(deadline=...))",
                field="hours",
            )

    @cached_property
    def slots(self) -> Slots:
        """All slots before the deadline."""
        return self.planner.timetable.slots(self.start)

    @cached_property
    def truth(self) -> Problem:
        """The program of all slots with the intensities that came true."""
        return self.whole.problem

    @cached_property
    def whole(self) -> SlotProblem:
        """What there was to choose from the start on, with the intensities that came true."""
        return self._question(
            self.slots, 0, History.empty(len(self.planner.fleet)), clairvoyant=True
        )

    @cached_property
    def _views(self) -> dict[int, Forecast]:
        """What can be known at a slot; the same for every policy."""
        return {}

    @cached_property
    def _days(self) -> dict[int, TypicalDay | None]:
        """Typical days as they are known at a slot."""
        return {}

    def _view(self, j: int) -> Forecast:
        if j not in self._views:
            end = float(self.slots.starts[-1]) + self.slots.length_s
            self._views[j] = self.recording.view(from_seconds(self.slots.starts[j]), end)
        return self._views[j]

    def _usual(self, j: int) -> TypicalDay | None:
        """Typical days as they are known at slot j; None where forecasts are corrected by them."""
        if self.recording.corrector is not None:
            return None
        if j not in self._days:
            now = from_seconds(self.slots.starts[j])
            self._days[j] = self.recording.typical(self.planner.fleet.regions, now)
        return self._days[j]

    def _question(
        self, slots: Slots, j: int, history: History, *, clairvoyant: bool
    ) -> SlotProblem:
        """What is left to choose from slot j on, by what is known then or by what came true."""
        planner = self.planner
        return slot_program(
            planner.fleet,
            self.recording.actual if clairvoyant else self._view(j),
            slots,
            rounds=planner.timetable.left(history).bounds,
            cohort_size=planner.cohort_size,
            bounds=planner.bounds,
            turns=history.turns,
            online=None,
            seed=planner.seed,
            breathing=planner.timetable.breathing(history.turns_asked),
        )

    def run(self, name: str, policy: SlotSolver, *, clairvoyant: bool = False) -> HoursRun:
        """Let a policy choose slots and cohorts on what it can know.

        Parameters
        ----------
        name, policy
            Who chooses.
        clairvoyant
            Whether it is shown the actual intensities in place of forecasts.
        """
        seconds: list[float] = []
        asked = policy

        def choose(j: int, history: History, slots: Slots) -> tuple[int, IntArray]:
            nonlocal asked
            began = perf_counter()
            question = self._question(slots, j, history, clairvoyant=clairvoyant)
            if isinstance(asked, ToldSlots):
                fleet = self.planner.fleet
                asked = asked.told(usual_levels(question.problem, fleet, self._usual(j), slots))
            answer = asked(question, slots)
            asked = warmed(asked, answer)
            seconds.append(perf_counter() - began)
            chosen, held = answer.answer
            return int(chosen[0]), evened(held.classes.problem, held.cohort(0))

        return self._play(name, choose, seconds, clairvoyant=clairvoyant)

    def _play(
        self,
        name: str,
        choose: Callable[[int, History, Slots], tuple[int, IntArray]],
        seconds: list[float],
        *,
        clairvoyant: bool,
    ) -> HoursRun:
        planner, all_slots = self.planner, self.slots
        history = History.empty(len(planner.fleet))
        cohorts: list[IntArray] = []
        taken: list[int] = []
        planned: list[float] = []
        j, first_by_s = 0, np.inf
        while not planner.timetable.left(history).is_over:
            slots = replace(all_slots, starts=all_slots.starts[j:], first_by_s=first_by_s)
            first, cohort = choose(j, history, slots)
            if first:
                # More may be known by the next slot.
                j += 1
                continue
            turns = history.turns.copy()
            turns[cohort] += 1
            now = self._question(slots, j, history, clairvoyant=clairvoyant).problem
            history = History(turns=turns, rounds=history.rounds + 1)
            cohorts.append(cohort)
            taken.append(j)
            planned.append(float(now.costs(cohort, 0).sum()))
            end = all_slots.starts[j] + all_slots.length_s
            first_by_s = end + all_slots.pause_s
            j = int(np.searchsorted(all_slots.starts, end - 1e-3, side="left"))
        turns = history.turns
        at_least, at_most = planner.bounds
        realised = [
            float(self.truth.costs(cohort, slot).sum())
            for cohort, slot in zip(cohorts, taken, strict=True)
        ]
        return HoursRun(
            policy=name,
            start=self.start,
            cohorts=tuple(cohorts),
            planned_g_by_round=np.array(planned),
            realised_g_by_round=np.array(realised),
            turns=turns,
            at_least=at_least,
            at_most=at_most,
            seconds=np.array(seconds),
            fallbacks=0,
            plans=True,
            starts=tuple(from_seconds(all_slots.starts[slot]) for slot in taken),
            asked=len(seconds),
        )

    def oracle(self, policy: SlotSolver) -> HoursRun:
        """Choose with perfect foresight: the limit, as far as the policy finds it."""
        seconds: list[float] = []
        began = perf_counter()
        chosen, held = policy(self.whole, self.slots).answer
        seconds.append(perf_counter() - began)

        def choose(j: int, history: History, _: Slots) -> tuple[int, IntArray]:
            return int(chosen[history.rounds]) - j, held.cohorts[history.rounds]

        return self._play("oracle", choose, seconds, clairvoyant=True)

    def random_g(self) -> float:
        """What random cohorts at once are expected to emit, the exact expectation, gCO2eq."""
        problem = self.truth
        return sum(
            float(problem.costs(slice(None), int(j)).mean())
            * min(int(problem.cohort_size[j]), problem.clients)
            for j in soonest(self.whole, self.slots)
        )
