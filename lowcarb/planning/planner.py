"""From forecast, fleet and history to a plan: pure, no files, no network."""

import math
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from time import perf_counter

import numpy as np

from lowcarb._util.integers import is_whole
from lowcarb._util.times import require_utc
from lowcarb.carbon.forecast import Forecast
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.errors import InputError
from lowcarb.fleet.availability import Presence
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.baselines import baselines
from lowcarb.planning.emissions import intensities
from lowcarb.planning.fairness import MOST_ROUNDS, Fairness
from lowcarb.planning.history import History
from lowcarb.planning.plan import Plan
from lowcarb_solvers import Problem, Solver, solve
from lowcarb_solvers.solver import DEFAULT


@dataclass(frozen=True, kw_only=True)
class Planner:
    """Plans the cohorts of a training.

    Parameters
    ----------
    fleet
        The clients.
    cohort_size
        How many of them work in a round.
    rounds
        Rounds of the whole training.
    every
        Time from the start of one round to the start of the next.
    fairness
        Bounds on each client's turns over the whole training.
    solvers
        Who solves, one after the other; each begins from the best answer so far.
    seed
        Decides between interchangeable clients.

    Raises
    ------
    InputError
        If the cohort is empty or larger than the fleet, if there are no rounds, or if `every` is
        shorter than a client's workload.
    """

    fleet: Fleet
    cohort_size: int
    rounds: int
    every: timedelta = timedelta(hours=1)
    fairness: Fairness = field(default_factory=Fairness)
    solvers: tuple[Solver, ...] = DEFAULT
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a training that cannot be."""
        for name in ("rounds", "cohort_size", "seed"):
            if not is_whole(value := getattr(self, name)):
                raise InputError(f"{name}: expected a whole number, got {value!r}", field=name)
        if not 1 <= self.rounds <= MOST_ROUNDS:
            raise InputError(
                f"rounds: expected 1 to {MOST_ROUNDS}, got {self.rounds}", field="rounds"
            )
        if self.seed < 0:
            raise InputError(f"seed: expected zero or more, got {self.seed}", field="seed")
        if not 1 <= self.cohort_size <= len(self.fleet):
            raise InputError(
                f"cohort size: expected 1 to {len(self.fleet)}, the size of the fleet, got "
                f"{self.cohort_size}",
                field="cohort_size",
            )
        longest = int(np.argmax(self.fleet.duration_s))
        if self.fleet[longest].duration > self.every:
            raise self.fleet.error(
                f"rounds start every {_minutes(self.every)}, but client "
                f"{self.fleet.clients[longest]!r} works for "
                f"{_minutes(self.fleet[longest].duration)}: a round would start before the last "
                "one ended",
                longest,
                "every",
            )
        self.fairness.floor_and_cap(self.equal_share, self.rounds)

    @property
    def equal_share(self) -> Fraction:
        """Turns of each client if all took equally many."""
        return Fraction(self.cohort_size * self.rounds, len(self.fleet))

    def plan(
        self,
        start: datetime,
        forecast: Forecast,
        history: History | None = None,
        availability: Presence | None = None,
        typical: TypicalDay | None = None,
    ) -> Plan:
        """Plan all rounds that are left.

        Parameters
        ----------
        start
            When the next round starts, with a zone.
        forecast
            Must cover every workload window that the plan can use, unless `typical` does.
        history
            Rounds that are over; None if the training has not begun.
        availability
            When clients are online; None if all are, all the time.
        typical
            Typical days for the time beyond the forecast's reach.

        Raises
        ------
        InputError
            If no rounds are left, or the forecast does not know a region.
        CoverageError
            If the forecast is too short.
        """
        began = perf_counter()
        history = history or History.empty(len(self.fleet))
        problem = self.problem(start, forecast, history, availability, typical)
        solution = solve(problem, *self.solvers)
        solution = replace(solution, seconds=perf_counter() - began)
        return Plan(
            fleet=self.fleet,
            start=require_utc(start, "start"),
            every=self.every,
            first_round=history.rounds + 1,
            solution=solution,
            baselines=baselines(problem),
            fairness=self.fairness.describe(self.equal_share, self.rounds, self.fleet),
            notes=() if typical is None else self._tail_note(start, forecast, history, problem),
        )

    def _tail_note(
        self, start: datetime, forecast: Forecast, history: History, problem: Problem
    ) -> tuple[str, ...]:
        """Say from which round on typical days stood in for the forecast, if they did."""
        reach = min(forecast.of(region).ends[-1] for region in self.fleet.regions)
        left_s = float(reach) - require_utc(start, "start").timestamp()
        longest_s = float(self.fleet.duration_s.max())
        covered = max(0, math.floor((left_s - longest_s) / self.every.total_seconds()) + 1)
        if covered >= problem.rounds:
            return ()
        first = history.rounds + 1 + covered
        return (f"the forecast ends in round {first}; from there on typical days stand in",)

    def problem(
        self,
        start: datetime,
        forecast: Forecast,
        history: History | None = None,
        availability: Presence | None = None,
        typical: TypicalDay | None = None,
    ) -> Problem:
        """Build the program that `plan` solves, in grams; the arguments are those of `plan`.

        With actual intensities in place of the forecast it prices the same cohorts by what came
        true.
        """
        begin = require_utc(start, "start")
        history = history or History.empty(len(self.fleet))
        if history.turns.shape != (len(self.fleet),):
            raise InputError(
                f"history: expected turns of {len(self.fleet)} clients, got {len(history.turns)}"
            )
        left = self.rounds - history.rounds
        if left < 1:
            raise InputError(f"all {self.rounds} rounds are over", field="rounds")
        try:
            _ = begin + left * self.every
        except OverflowError:
            raise InputError(
                f"{left} rounds every {_minutes(self.every)} end beyond the calendar", field="every"
            ) from None
        starts = begin.timestamp() + self.every.total_seconds() * np.arange(left, dtype=np.float64)
        if typical is not None:
            end = float(starts[-1] + self.fleet.duration_s.max())
            forecast = typical.extend(forecast, end)
        online = None if availability is None else availability.matrix(self.fleet, starts)
        at_least, at_most = self.fairness.bounds(self.fleet, self.equal_share, self.rounds)
        may_take = np.maximum(0, at_most - history.turns)
        paid = intensities(self.fleet, forecast, starts, able=may_take > 0, online=online)
        return Problem(
            cost_level=paid.intensity,
            level_of=paid.intensity_of,
            weight=self.fleet.energy_kwh,
            cohort_size=np.full(len(starts), self.cohort_size, dtype=np.int64),
            at_least=np.maximum(0, at_least - history.turns),
            at_most=may_take,
            available=online,
            turns=history.turns,
            seed=self.seed,
            elastic=True,
        )


def _minutes(duration: timedelta) -> str:
    return f"{duration / timedelta(minutes=1):g} min"
