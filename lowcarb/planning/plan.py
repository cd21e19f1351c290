"""A plan: who works when, what it emits, what fairness costs."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.csv_bytes import csv_bytes
from lowcarb._util.lazy import lazy
from lowcarb._util.output_file import output_file
from lowcarb._util.text import count
from lowcarb._util.times import from_seconds, show, to_iso
from lowcarb.errors import FloorsNotMet
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.baselines import Baseline, baselines
from lowcarb.planning.chosen_hours import ChosenHours
from lowcarb.planning.cohort_range import CohortRange, size_text
from lowcarb.planning.hours import Hours
from lowcarb.planning.limit_words import seats_said
from lowcarb.planning.limits_kept import LimitsKept
from lowcarb.planning.second_signal import SecondSignal
from lowcarb.planning.value_price import Paid
from lowcarb.planning.wording import not_comparable
from lowcarb_solvers import LimitShortfall, Problem, Shortfall, Solution, Solver

if TYPE_CHECKING:
    import pandas as pd

# Above this many clients only those with a turn are listed.
_LISTED = 10_000


@dataclass(frozen=True, kw_only=True)
class PlannedRound:
    """One round of a plan.

    Parameters
    ----------
    round
        Its number in the training, from 1.
    start
        In UTC.
    clients
        Who works.
    planned_g
        Forecast emissions, gCO2eq.
    """

    round: int
    start: datetime
    clients: tuple[str, ...]
    planned_g: float


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Plan:
    """Cohorts for the rounds that are left.

    Parameters
    ----------
    fleet
        The clients.
    start
        When the first of these rounds starts, in UTC.
    every
        Time between the starts of two rounds.
    first_round
        Number of the first of these rounds in the training.
    solution
        The verified answer.
    fairness
        What the fairness rule means in turns, for people.
    notes
        What a person should know of the plan, beside the notes of the solution.
    fixed
        The best plan whose cohorts are all of one size; None where these are.
    also
        The same cohorts by a second signal; None if nobody asked. No figure of it is part of any
        other figure here.
    hours, chosen
        When rounds may be, and the slots that were chosen; None where rounds follow each other.
    solvers
        Who said who takes part; none for those of `chain`.
    interval90_g
        Within which bounds 90 % of such plans emit, gCO2eq; None where that is unknown.
    limits
        What the plan has of its limits; None where there are none.
    paid
        For the value of turns; None where they have none. All other figures are of true grams.
    """

    fleet: Fleet
    start: datetime
    every: timedelta
    first_round: int
    solution: Solution
    fairness: str
    notes: tuple[str, ...] = ()
    also: SecondSignal | None = None
    fixed: Solution | None = None
    hours: Hours | None = None
    chosen: ChosenHours | None = None
    solvers: tuple[Solver, ...] = ()
    interval90_g: tuple[float, float] | None = None
    limits: LimitsKept | None = None
    paid: Paid | None = None

    def __repr__(self) -> str:
        solution = self.solution
        grams = (
            "no answer" if solution.objective is None else f"{solution.objective:,.1f} g planned"
        )
        short = len(self.shortfalls) + len(self.broken)
        missing = count(short, "shortfall") if short else "no shortfall"
        return (
            f"Plan({count(len(self), 'round')} of {self.sizes} from "
            f"{show(self.start)} UTC, {grams}, {solution.status} by {solution.solver}, {missing})"
        )

    @property
    def problem(self) -> Problem:
        """The program that was solved, over the rounds that are left."""
        return self.solution.classes.problem

    @lazy
    def starts(self) -> tuple[datetime, ...]:
        """When each of these rounds starts, in UTC."""
        if self.chosen is None:
            return tuple(self.start + j * self.every for j in range(len(self)))
        return tuple(map(from_seconds, self.chosen.starts))

    @property
    def end(self) -> datetime:
        """When the last of these rounds is over, in UTC."""
        if self.chosen is None:
            return self.start + len(self) * self.every
        return self.starts[-1] + timedelta(seconds=self.chosen.slots.length_s)

    @property
    def cohort_range(self) -> CohortRange | None:
        """The fewest and the most clients that a round may have; None where all are of one size."""
        problem = self.problem
        if not problem.slack.breathes:
            return None
        return int(problem.fewest[0]), int(problem.most[0])

    @property
    def sizes(self) -> str:
        """How many clients are in a round, such as "10", or "5 to 20 (10 on average)"."""
        return size_text(self.problem.total / len(self), self.cohort_range)

    @property
    def planned_g(self) -> float:
        """Forecast emissions of all these rounds, gCO2eq."""
        self.solution.raise_for_status()
        assert self.solution.objective is not None  # noqa: S101 - there is an answer
        return self.solution.objective

    @lazy
    def baselines(self) -> dict[str, Baseline]:
        """What other ways to choose would emit, by name; computed when it is first asked for."""
        excess = () if self.limits is None else self.limits.solution.limited.limits.excess
        return baselines(self.solution.classes, excess)

    @lazy
    def own(self) -> Baseline:
        """The plan itself as one of the ways to choose."""
        return Baseline.of(self.problem, self.solution.turns, self.planned_g)

    @property
    def not_comparable(self) -> str | None:
        """Why what the plan saves compares with nothing; None where it does."""
        return not_comparable(self.missing_turns, self.own.left_empty)

    def __len__(self) -> int:
        return self.problem.rounds

    def __getitem__(self, j: int) -> PlannedRound:
        """Draw the clients of the j-th of these rounds, alone."""
        if not -len(self) <= j < len(self):
            raise IndexError(f"round {j} of {len(self)}")
        j %= len(self)
        cohort, emitted = self._cohort(j)
        return PlannedRound(
            round=self.first_round + j,
            start=self.starts[j],
            clients=tuple(self.fleet.clients[i] for i in cohort),
            planned_g=float(emitted.sum()),
        )

    @lazy
    def rounds(self) -> tuple[PlannedRound, ...]:
        """All rounds, with their clients drawn."""
        return tuple(self[j] for j in range(len(self)))

    def _cohort(self, j: int) -> tuple[IntArray, FloatArray]:
        """Clients of a round, and what each of them emits in it, gCO2eq."""
        cohort = self.solution.cohort(j)
        costs = self.problem.costs(cohort, j)
        return cohort, costs if self.limits is None else costs - self.limits.saved_in(cohort, j)

    @property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """Owed turns and seats that could not be had, with reasons."""
        return self.solution.shortfalls if self.limits is None else self.limits.shortfalls

    @property
    def broken(self) -> tuple[LimitShortfall, ...]:
        """Limits that could not be kept, with reasons."""
        return () if self.limits is None else self.limits.broken

    @property
    def not_met(self) -> list[str]:
        """All that could not be had or kept, a sentence for each client, reason and limit."""
        seats = [one for one in self.shortfalls if one.round is not None]
        others = [self.describe(one) for one in self.shortfalls if one.round is None]
        limits = () if self.limits is None else self.limits.not_kept
        return [*others, *seats_said(seats, self.first_round), *limits]

    @property
    def missing_turns(self) -> dict[str, int]:
        """Clients that get fewer turns than they are owed, and how many fewer."""
        short = np.maximum(0, self.problem.at_least - self.solution.turns)
        return {self.fleet.clients[i]: int(short[i]) for i in np.flatnonzero(short).tolist()}

    @property
    def missing_in_all(self) -> int:
        """Turns that are missing to the total of all rounds, where cohorts breathe."""
        return sum(s.short for s in self.shortfalls if s.client is None and s.round is None)

    def raise_for_shortfalls(self) -> "Plan":
        """Return self, or raise `FloorsNotMet` if turns or seats are open, or limits broken."""
        missing = self.not_met
        if missing:
            first, more = missing[0], len(missing) - 1
            raise FloorsNotMet(first + (f" (and {more} more)" if more else ""))
        return self

    def describe(self, shortfall: Shortfall) -> str:
        """Say for people what is short and why."""
        if shortfall.client is not None:
            who = f"client {self.fleet.clients[shortfall.client]!r}"
        elif shortfall.round is not None:
            who = f"round {self.first_round + shortfall.round}"
        else:
            who = "the training"
        unit = shortfall.unit if shortfall.short > 1 else shortfall.unit.removesuffix("s")
        return f"{who} is {shortfall.short} {unit} short: {shortfall.why}"

    def to_dict(self) -> dict[str, Any]:
        """Everything a program may want to know, ready for JSON."""
        solution = self.solution
        turns = solution.turns
        listed = range(len(turns)) if len(turns) <= _LISTED else np.flatnonzero(turns).tolist()
        return {
            "status": str(solution.status),
            "solver": solution.solver,
            "seconds": solution.seconds,
            "objective_g": self.planned_g,
            "interval90_g": None if self.interval90_g is None else list(self.interval90_g),
            "bound_g": solution.bound,
            "gap": solution.gap,
            "cohort_range": None if self.cohort_range is None else list(self.cohort_range),
            "fixed_cohorts_g": None if self.fixed is None else self.fixed.objective,
            "rounds": [
                {
                    "round": planned.round,
                    "start": to_iso(planned.start),
                    "size": len(planned.clients),
                    "clients": list(planned.clients),
                    "emissions_g": planned.planned_g,
                    **self._by_region(planned),
                }
                for planned in self.rounds
            ],
            "hours": None if self.chosen is None else self._hours_to_dict(self.chosen),
            "participation": {self.fleet.clients[i]: int(turns[i]) for i in listed},
            "baselines_g": {name: b.planned_g for name, b in self.baselines.items()},
            "baselines_comparable": {name: b.comparable for name, b in self.baselines.items()},
            "comparable": self.own.comparable,
            "not_comparable": self.not_comparable,
            "shortfalls": [
                *(self._shortfall_to_dict(shortfall) for shortfall in self.shortfalls),
                *(self._broken_to_dict(shortfall) for shortfall in self.broken),
            ],
            "limits": None if self.limits is None else self.limits.to_dict(),
            "seat_price_g": _nullable(solution.seat_prices, len(self)),
            "notes": [*self.notes, *solution.notes],
            **({} if self.also is None else {"also": self.also.to_dict()}),
            **({} if self.paid is None else {"value": self.paid.to_dict()}),
        }

    def _by_region(self, planned: PlannedRound) -> dict[str, Any]:
        """With hours, for batch systems: when a round ends at the latest, and who works where."""
        if self.chosen is None:
            return {}
        by_region: dict[str, list[str]] = {}
        for client in planned.clients:
            region = self.fleet.regions[self.fleet.region[self.fleet.position[client]]]
            by_region.setdefault(region, []).append(client)
        length = timedelta(seconds=self.chosen.slots.length_s)
        return {"end": to_iso(planned.start + length), "by_region": by_region}

    def _hours_to_dict(self, chosen: ChosenHours) -> dict[str, Any]:
        assert self.hours is not None  # noqa: S101 - slots were chosen in them
        return {
            **self.hours.to_dict(),
            "round_s": chosen.slots.length_s,
            "slots": len(chosen.slots),
            "at_once_start": to_iso(from_seconds(chosen.at_once_starts[0])),
            "at_once_g": chosen.at_once_g,
            "saved_g": chosen.saved_g,
            "saved_pct": None if chosen.saved is None else 100 * chosen.saved,
        }

    def _shortfall_to_dict(self, shortfall: Shortfall) -> dict[str, Any]:
        if shortfall.client is not None:
            subject: dict[str, Any] = {"client": self.fleet.clients[shortfall.client]}
        elif shortfall.round is not None:
            subject = {"round": self.first_round + shortfall.round}
        else:
            subject = {}
        return subject | {"short": shortfall.short, "unit": shortfall.unit, "why": shortfall.why}

    def _broken_to_dict(self, shortfall: LimitShortfall) -> dict[str, Any]:
        j = shortfall.round
        return {
            "limit": shortfall.rule,
            **({} if j is None else {"round": self.first_round + j}),
            "short": shortfall.short,
            "unit": shortfall.unit,
            "too_much": shortfall.above,
            "why": shortfall.why,
        }

    def _rows(self) -> Iterator[tuple[int, str, str, str, float, float, float, float]]:
        problem, fleet = self.problem, self.fleet
        for j in range(len(self)):
            start = to_iso(self.starts[j])
            at_random = round(float(problem.random_costs[j]), 6)
            cohort, emitted = self._cohort(j)
            # A client's cost is its energy times a mean intensity: see `planning.program`.
            energies = problem.weight[cohort].tolist()
            means = problem.cost_level[problem.level_of[cohort], j]
            if self.limits is not None and self.limits.sites:
                # With excess energy a kWh emits less, and energy times mean are the grams again.
                used = problem.weight[cohort]
                means = np.divide(emitted, used, out=means.copy(), where=used > 0)
            for i, grams, kwh, mean in zip(cohort, emitted, energies, means.tolist(), strict=True):
                yield (
                    self.first_round + j,
                    start,
                    fleet.clients[i],
                    fleet.regions[fleet.region[i]],
                    round(float(grams), 6),
                    kwh,
                    round(mean, 6),
                    at_random,
                )

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each turn.

        Columns are round, start, client, region, emissions_g (gCO2eq, forecast), energy_kwh,
        intensity_g_per_kwh (the mean over the client's workload, with excess energy of its site)
        and random_cohort_g: what a random cohort is expected to emit in that round as a whole, from
        the grid, the same in all of its rows.
        """
        import pandas as pd

        frame = pd.DataFrame(self._rows(), columns=list(_COLUMNS))
        frame["start"] = pd.to_datetime(frame["start"], utc=True)
        return frame

    def to_csv(self) -> str:
        """Write a row for each turn as CSV, with the columns of `to_frame`."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(self._rows())
        return text.getvalue()

    def write_csv(self, path: str | Path) -> None:
        """Write that CSV into a file, which appears whole or not at all.

        The file is in UTF-8, marked as such where it holds more than ASCII.

        Raises
        ------
        LowcarbError
            If it cannot be written.
        """
        with output_file(path) as stream:
            stream.write(csv_bytes(self.to_csv()))


_COLUMNS = (
    *("round", "start", "client", "region", "emissions_g"),
    *("energy_kwh", "intensity_g_per_kwh", "random_cohort_g"),
)


def _nullable(values: FloatArray | None, size: int) -> list[float | None]:
    if values is None:
        return [None] * size
    return [None if np.isnan(value) else float(value) for value in values]
