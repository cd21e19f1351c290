"""From forecast, fleet and history to a plan: pure, no files, no network."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from time import perf_counter
from typing import Any

import numpy as np

from lowcarb._util.arguments import Rules, check_number, check_parts, wrong
from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb._util.lazy import lazy
from lowcarb._util.times import as_duration, from_seconds, require_utc
from lowcarb.carbon.forecast import Forecast
from lowcarb.carbon.kinds import Kind, kinds_said, second_kind
from lowcarb.errors import InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.chosen_hours import choose_hours
from lowcarb.planning.cohort_range import (
    CohortRange,
    as_range,
    evenly,
    size_text,
)
from lowcarb.planning.fairness import MOST_ROUNDS, Fairness
from lowcarb.planning.history import History
from lowcarb.planning.hours import Hours
from lowcarb.planning.limited_planning import plan_within, refuse_beside
from lowcarb.planning.plan import Plan
from lowcarb.planning.policies import RULES as PLANS_RULES
from lowcarb.planning.program import program
from lowcarb.planning.rounds_left import check_fewest
from lowcarb.planning.second_signal import Repriced, SecondSignal
from lowcarb.planning.slot_solver import SlotSolver
from lowcarb.planning.timetable import Timetable, minutes
from lowcarb.planning.unreached import unreached
from lowcarb.planning.value import COLUMN, VALUE_COLUMN, Value, not_beside, require_values
from lowcarb.planning.value_price import Paid
from lowcarb.planning.valued import solve_valued
from lowcarb.planning.wording import kept_for_policies
from lowcarb_solvers import Problem, Solution, Solver, chain, solve

RULES: Rules = {
    **PLANS_RULES,
    "fleet": (lambda value: isinstance(value, Fleet), "a Fleet, as read_fleet gives"),
    "forecast": (lambda value: isinstance(value, Forecast), "a Forecast"),
    "also": (lambda value: isinstance(value, Forecast), "a Forecast of another signal"),
    "online": (
        lambda value: value is None or (isinstance(value, np.ndarray) and value.dtype == np.bool_),
        "a boolean array, as Availability.matrix gives",
    ),
    "fairness": (
        lambda value: isinstance(value, Fairness),
        "a Fairness, such as Fairness(min_share=0.5)",
    ),
}
"""What arguments of a training must be like."""


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
        Rounds of the whole training; the most where there may be fewer.
    every
        Time from the start of one round to the start of the next, or its text, such as "1h".
    fairness
        Bounds on each client's turns over the whole training.
    solvers
        Who solves, one after the other; each begins from the best answer so far.
    seed
        Decides between interchangeable clients.
    cohort_range
        The fewest and the most clients in a round, a pair or a text such as "5..20": cohorts
        breathe within it, and in all take as many turns as `cohort_size` in every round would.
        None: each round has `cohort_size`.
    hours
        When rounds may be: the cheapest slots before a deadline are chosen, and `every` is the time
        from one slot to the next. None: rounds follow each other, one every `every`.
    fewest_rounds
        The fewest rounds, with hours and a range of cohort sizes: then fewer and larger rounds may
        be held, with as many turns in all. None: `rounds` of them.
    slot_solver
        Who chooses slots; None for `SlotSearch` with the same solvers.
    limits
        Side constraints of the rounds: group sizes, sums, budgets, rest, sites. None for none.
    value
        What plans pay for, in grams, beside keeping carbon low; of a column of the fleet. None: for
        nothing.

    Raises
    ------
    InputError
        If the cohort is empty or larger than the fleet, if the range does not hold it or is larger
        than the fleet, if there are no rounds, if fewer are allowed where they cannot be, if
        `every` is shorter than a client's workload where no hours say when rounds may be, if limits
        do not fit the fleet, are given beside hours, or are shares of a round's clients beside a
        range, or if the value of turns is given beside a range or hours.
    """

    fleet: Fleet
    cohort_size: int
    rounds: int
    every: timedelta = timedelta(hours=1)
    fairness: Fairness = field(default_factory=Fairness)
    solvers: tuple[Solver, ...] = field(default_factory=chain)
    seed: int = 0
    cohort_range: CohortRange | None = None
    hours: Hours | None = None
    fewest_rounds: int | None = None
    slot_solver: SlotSolver | None = None
    limits: AskedLimits | None = None
    value: Value | None = None

    def __post_init__(self) -> None:
        """Refuse a training that cannot be."""
        check_parts(RULES, fleet=self.fleet, fairness=self.fairness, solvers=self.solvers)
        # Text is read here, so that every door takes durations alike.
        object.__setattr__(self, "every", as_duration(self.every, "every"))
        check_number("rounds", self.rounds, 1, MOST_ROUNDS)
        check_number("seed", self.seed, 0)
        check_number("cohort_size", self.cohort_size)
        if not 1 <= self.cohort_size <= len(self.fleet):
            raise InputError(
                f"cohort size: expected 1 to {len(self.fleet)}, the size of the fleet, got "
                f"{self.cohort_size}",
                field="cohort_size",
            )
        if not isinstance(self.hours, Hours | None):
            raise wrong("hours", "Hours, such as Hours(deadline=...)", self.hours)
        if self.cohort_range is not None:
            found = as_range(
                self.cohort_range, cohort_size=self.cohort_size, clients=len(self.fleet)
            )
            object.__setattr__(self, "cohort_range", found)
        check_fewest(
            self.fewest_rounds,
            self.rounds,
            chosen=self.hours is not None,
            breathes=self.timetable.breathing(0) is not None,
        )
        if not isinstance(self.limits, AskedLimits | None):
            expected = 'AskedLimits, such as AskedLimits.of(["region <= 4"])'
            raise wrong("limits", expected, self.limits)
        if self.limits is not None:
            refuse_beside(
                self.limits,
                self.solvers,
                self.cohort_range,
                hours=self.hours,
            )
            limits = self.limits.sized(self.cohort_size, self.rounds)
            object.__setattr__(self, "limits", limits)
            limits.check(self.fleet, self.rounds)
        longest = int(np.argmax(self.fleet.duration_s))
        if self.hours is None and self.fleet[longest].duration > self.every:
            raise self.fleet.error(
                f"rounds start every {minutes(self.every)}, but client "
                f"{self.fleet.clients[longest]!r} works for "
                f"{minutes(self.fleet[longest].duration)}: a round would start before the last "
                "one ended",
                longest,
                "every",
            )
        self.fairness.floor_and_cap(self.equal_share, self.rounds)
        if not isinstance(self.value, Value | None):
            raise wrong("value", "a Value, such as Value(of='column')", self.value)
        if self.value is not None:
            not_beside(self.value, cohort_range=self.cohort_range, hours=self.hours)
            if self.value.of != COLUMN:
                raise InputError(
                    "value: losses are returned in a training, and a plan knows none; give "
                    "Value(of='column') with values in the fleet, or CarbonAware(value='loss')",
                    field="value",
                )
            require_values(self.fleet)

    @property
    def sizes(self) -> str:
        """How many clients are in a round, such as "10", or "5 to 20 (10 on average)"."""
        return size_text(self.cohort_size, self.cohort_range)

    @property
    def equal_share(self) -> Fraction:
        """Turns of each client if all took equally many."""
        return Fraction(self.cohort_size * self.rounds, len(self.fleet))

    @lazy
    def timetable(self) -> Timetable:
        """When rounds are, and how many turns they have."""
        return Timetable(
            rounds=self.rounds,
            fewest_rounds=self.fewest_rounds,
            every=self.every,
            hours=self.hours,
            cohort_size=self.cohort_size,
            cohort_range=self.cohort_range,
            clients=len(self.fleet),
            longest=timedelta(seconds=float(self.fleet.duration_s.max())),
        )

    def starts(self, start: datetime, history: History | None = None) -> FloatArray:
        """Starts of the rounds that are left, the next one at `start`, in seconds since 1970 (t,).

        With hours these are the slots of which so many are chosen.

        Raises
        ------
        InputError
            If no rounds are left, they end beyond the calendar, or hours do not suffice for them.
        """
        return self.timetable.starts(start, history)

    def end(self, start: datetime, history: History | None = None) -> datetime:
        """When the last workload of the rounds that are left may end, in UTC."""
        return self.timetable.end(start, history)

    def reach_note(
        self, start: datetime, forecast: Forecast, history: History | None = None
    ) -> str | None:
        """Say from which round on a forecast does not reach; None if it reaches to the end."""
        reach = min(forecast.of(region).ends[-1] for region in self.fleet.regions)
        return self.timetable.reach_note(start, float(reach), history)

    def plan(
        self,
        start: datetime,
        forecast: Forecast,
        history: History | None = None,
        online: BoolArray | None = None,
        *,
        also: Forecast | None = None,
        prices: bool = False,
    ) -> Plan:
        """Plan all rounds that are left.

        Parameters
        ----------
        start
            When the next round starts, with a zone.
        forecast
            Must cover every workload window that the plan can use; `TypicalDay.extend` lets typical
            days stand in beyond its reach.
        history
            Rounds that are over; None if the training has not begun.
        online
            Shape (n, t): in which of the rounds left each client can work, for instance
            ``availability.matrix(fleet, planner.starts(start))``; None if all can, always.
        also
            Intensities of a second signal, such as marginal beside average ones: the plan is
            accounted for by them too, in `Plan.also`, and is the same plan. Regions and times may
            be missing.
        prices
            Whether to find out what a unit of each limit costs, by planning again for each.

        Raises
        ------
        InputError
            If no rounds are left, the forecast does not know a region, or the second signal is not
            known to be another one.
        CoverageError
            If the forecast is too short, or the second signal knows nothing of these rounds.
        """
        began = perf_counter()
        problem = self.problem(start, forecast, history, online)
        kinds = None if also is None else self._kinds(forecast, also)
        if self.hours is not None:
            plan = self._plan_hours(self.hours, problem, start, history, began)
        elif self.limits is not None:
            plan = self._plan_limits(self.limits, problem, start, history, prices, began)
        else:
            solution, paid = self._solved(problem)
            solution = replace(solution, seconds=perf_counter() - began)
            fixed = evenly(problem)
            plan = self._plan_of(
                solution=solution,
                start=require_utc(start, "start"),
                first_round=self.rounds - problem.rounds + 1,
                fixed=None if fixed is None else solve(fixed, *self.solvers),
                about=(
                    *self.timetable.left(history).notes,
                    *(() if paid is None else (paid.sentence,)),
                ),
                paid=paid,
            )
        if also is None or kinds is None:
            return plan
        starts = np.array([one.timestamp() for one in plan.starts])
        priced = Repriced.of(plan.problem, self.fleet, also, starts)
        second = SecondSignal.of(priced, plan.solution.cohorts, self.fleet, *kinds, also)
        return replace(plan, also=second)

    def _plan_limits(
        self,
        limits: AskedLimits,
        problem: Problem,
        start: datetime,
        history: History | None,
        prices: bool,
        began: float,
    ) -> Plan:
        """Plan within limits."""
        past = limits.past(self.fleet, history or History.empty(len(self.fleet)))
        starts, every_s = self.starts(start, history), self.every.total_seconds()
        bound = limits.bind(problem, self.fleet, starts, every_s, past)
        first_round = self.rounds - problem.rounds + 1
        worth = None if self.value is None else (self.value, self._worth(self.value))
        kept, paid = plan_within(
            limits, bound, self.solvers, first_round=first_round, prices=prices, worth=worth
        )
        return self._plan_of(
            solution=replace(kept.solution.plain, seconds=perf_counter() - began),
            start=require_utc(start, "start"),
            first_round=first_round,
            about=(
                *unreached(limits, self.fleet).values(),
                *kept.notes,
                *(() if paid is None else (paid.sentence,)),
            ),
            limits=kept,
            fixed=None if kept.even is None else kept.even.plain,
            paid=paid,
        )

    def _solved(self, problem: Problem) -> tuple[Solution, Paid | None]:
        if self.value is None:
            return solve(problem, *self.solvers), None
        found = solve_valued(problem, self.value, self._worth(self.value), self.solvers)
        return found.solution, found.paid

    def _worth(self, value: Value) -> FloatArray:
        return value.of_clients(CandidateView.of_fleet(self.fleet))

    def _kinds(self, forecast: Forecast, also: Forecast) -> tuple[Kind, tuple[Kind, ...]]:
        """Find the kind of a second signal, and of the first."""
        check_parts(RULES, also=also)
        regions = self.fleet.regions
        first = [forecast.of(name).provenance for name in regions]
        return second_kind(first, also, regions), kinds_said(first)

    def _plan_of(self, *, about: Sequence[str] = (), **made: Any) -> Plan:
        """Make a plan with what every plan of this planner has."""
        return Plan(
            fleet=self.fleet,
            every=self.every,
            fairness=self.fairness.describe(self.equal_share, self.rounds, self.fleet),
            notes=(*about, *kept_for_policies(self.unused_columns)),
            **made,
        )

    @property
    def unused_columns(self) -> list[str]:
        """Further columns of the fleet that no plan of this planner reads."""
        used = set() if self.limits is None else set(self.limits.columns)
        if self.value is not None:
            used.add(VALUE_COLUMN)
        return [column for column in self.fleet.attributes if column not in used]

    def _plan_hours(
        self,
        hours: Hours,
        problem: Problem,
        start: datetime,
        history: History | None,
        began: float,
    ) -> Plan:
        """Choose slots and cohorts from the program of all slots."""
        left, slots = (
            self.timetable.left(history),
            self.timetable.slots(require_utc(start, "start"), history),
        )
        question = slots.problem(problem, left.bounds, left.turns_in_slots)
        chosen = choose_hours(question, slots, self.solvers, self.slot_solver)
        return self._plan_of(
            start=from_seconds(slots.starts[chosen.chosen[0]]),
            first_round=self.rounds - left.most + 1,
            solution=replace(chosen.solution, seconds=perf_counter() - began),
            hours=hours,
            chosen=chosen,
            solvers=self.solvers,
            about=left.notes,
        )

    def problem(
        self,
        start: datetime,
        forecast: Forecast,
        history: History | None = None,
        online: BoolArray | None = None,
    ) -> Problem:
        """Build the program that `plan` solves, in grams; with hours it has a round for each slot.

        With actual intensities in place of the forecast it prices the same cohorts by what came
        true.

        Parameters
        ----------
        start, forecast, history, online
            As of `plan`.
        """
        n = len(self.fleet)
        check_parts(RULES, forecast=forecast, online=online)
        history = history or History.empty(n)
        if history.turns.shape != (n,):
            raise InputError(f"history: expected turns of {n} clients, got {len(history.turns)}")
        starts = self.starts(start, history)
        if online is not None and online.shape != (n, len(starts)):
            raise InputError(
                f"online: expected shape ({n}, {len(starts)}), got {online.shape}", field="online"
            )
        return program(
            self.fleet,
            forecast,
            starts,
            cohort_size=self.cohort_size,
            bounds=self.bounds,
            turns=history.turns,
            online=online,
            seed=self.seed,
            breathing=self.timetable.left(history).breathing,
        )

    @property
    def bounds(self) -> tuple[IntArray, IntArray]:
        """Floors and caps of each client's turns over the whole training (n,)."""
        return self.fairness.bounds(self.fleet, self.equal_share, self.rounds)
