"""The program on class counts by rows: counts, excess energy, and what may be missed.

Rows of amounts are divided by a power of two, about their largest coefficient, since solvers have
absolute tolerances. Whole numbers stay as they are: solvers are exact with them, if not too large.
"""

from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray
from lowcarb_solvers.limits.limited_classes import LimitedClasses
from lowcarb_solvers.limits.row_program import Rows
from lowcarb_solvers.limits.rules import Rule, Stage

# Rows of whole numbers up to this one are not scaled.
_MOST_WHOLE = 1e5
# What bounds of other rows are widened by, in their scale; the check allows for more.
_HAIR = 2e-7


@dataclass(frozen=True, kw_only=True, eq=False)
class Goal:
    """A sum of shortfalls to be made as small as can be.

    Parameters
    ----------
    stage
        Which shortfalls they are.
    unit
        What they are of; "worst" for those of the client that lacks most.
    columns, weights
        Shape (m,): the columns of the sum, and what one of each counts.
    row
        The row that bounds the sum.
    scale
        What one of the sum is, in the unit.
    """

    stage: Stage
    unit: str
    columns: IntArray
    weights: FloatArray
    row: int
    scale: float

    @property
    def is_whole(self) -> bool:
        """Whether the sum is a whole number."""
        return self.stage not in (Stage.COVERS, Stage.CAPS)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Side:
    """One bound of a rule in one round, or of the whole: the column of its shortfall."""

    stage: Stage
    unit: str
    column: int
    scale: float


def _scale(values: FloatArray) -> float:
    """What a row of values is divided by."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0 or (largest <= _MOST_WHOLE and (values == np.rint(values)).all()):
        return 1.0
    return float(2.0 ** np.ceil(np.log2(largest)))


class CountRows:
    """Columns and rows of the program on counts, and the way from counts to columns.

    Attributes
    ----------
    merged
        The classes.
    index
        Shape (k, t): the column of each count, -1 where nobody can work.
    program
        With the cost as its objective; every shortfall may be as large as it can get.
    goals
        In the order in which they are pursued.
    resting
        Shape (r,): the class of each row that holds a rest, which are many and rarely tight; -1 for
        all others.
    names
        Of rows of seats and rules, by their number: the rule's name and the round, None for all.
    """

    def __init__(self, merged: LimitedClasses) -> None:
        self.merged = merged
        capacity = merged.classes.capacity()
        opened = capacity > 0
        self.index: IntArray = np.full(capacity.shape, -1, dtype=np.int64)
        self.index[opened] = np.arange(opened.sum())
        self.names: dict[int, tuple[str, int | None]] = {}
        self._rows = Rows()
        self._cost = [merged.classes.cost()[opened]]
        self._upper = [capacity[opened].astype(np.float64)]
        self._integer = [np.ones(int(opened.sum()), dtype=np.bool_)]
        self._size = int(opened.sum())
        self._sides: list[_Side] = []
        self._add_excess()
        self._add_seats()
        self._missing = self._add_floors()
        self._add_ceilings()
        for rule in merged.limited.limits.rules:
            self._add_rule(rule)
        self.goals = self._add_goals()
        before = self._rows.count
        self.resting = np.concatenate([np.full(before, -1), *self._add_rests()])
        self.program = self._rows.program(
            np.concatenate(self._cost),
            np.zeros(self._size),
            np.concatenate(self._upper),
            np.concatenate(self._integer),
        )

    def _add_columns(
        self, upper: FloatArray, cost: FloatArray | None = None, *, integer: bool = False
    ) -> IntArray:
        first = self._size
        self._size += len(upper)
        self._cost.append(np.zeros(len(upper)) if cost is None else cost)
        self._upper.append(upper.astype(np.float64))
        self._integer.append(np.full(len(upper), integer))
        return np.arange(first, self._size)

    def _add_excess(self) -> None:
        """Columns of energy drawn from each site, no more than there is, and than is used."""
        self._excess: list[tuple[IntArray, FloatArray]] = []
        for site in self.merged.limited.limits.excess:
            drawn = self.merged.drawn(site)
            scale = _scale(drawn)
            columns = self._add_columns(site.supply / scale, -site.saves * scale)
            self._excess.append((columns, drawn / scale))
            for j, column in enumerate(columns):
                of, used = self._in_round(j, drawn / scale)
                self._rows.add(np.append(of, column), np.append(-used, 1.0), high=0.0)

    def _in_round(self, j: int, values: FloatArray) -> tuple[IntArray, FloatArray]:
        """Columns and values (k,) of a round, without those that are closed or zero."""
        some = (self.index[:, j] >= 0) & (values != 0)
        return self.index[some, j], values[some]

    def _add_seats(self) -> None:
        """Rows of each round's cohort, and of the total where cohorts breathe.

        Seats below the smallest cohort and turns below the total are missed in one sum.
        """
        problem = self.merged.classes.problem
        empty = self._add_columns(problem.fewest.astype(np.float64))
        everyone = np.ones(len(self.merged))
        for j, (least, most) in enumerate(zip(problem.fewest, problem.most, strict=True)):
            of, ones = self._in_round(j, everyone)
            row = self._rows.add(np.append(of, empty[j]), np.append(ones, 1.0), least, most)
            self.names[row] = ("seats", j)
            self._sides.append(_Side(stage=Stage.SEATS, unit="seats", column=empty[j], scale=1.0))
        if problem.slack.breathes:
            total = float(problem.total)
            of, lost = self.index[self.index >= 0], self._add_columns(np.array([total]))
            row = self._rows.add(np.append(of, lost), np.ones(len(of) + 1), total, total)
            self.names[row] = ("seats", None)
            side = _Side(stage=Stage.SEATS, unit="seats", column=int(lost[0]), scale=1.0)
            self._sides.append(side)

    def _add_floors(self) -> tuple[IntArray, IntArray]:
        """Columns of missing turns, and the classes that they are of."""
        classes = self.merged.classes
        owing = classes.owing
        missing = self._add_columns(classes.floor[owing].astype(np.float64))
        for k, column in zip(owing, missing, strict=True):
            of = self.index[k][self.index[k] >= 0]
            floor = float(classes.floor[k])
            self._rows.add(np.append(of, column), np.ones(len(of) + 1), low=floor)
            self._sides.append(_Side(stage=Stage.FLOORS, unit="turns", column=column, scale=1.0))
        return missing, owing

    def _add_ceilings(self) -> None:
        classes = self.merged.classes
        for k in np.flatnonzero(classes.at_most < (self.index >= 0).sum(axis=1)):
            of = self.index[k][self.index[k] >= 0]
            self._rows.add(of, np.ones(len(of)), high=float(classes.ceiling[k]))

    def _add_rule(self, rule: Rule) -> None:
        coefficients = self.merged.coefficients(rule)
        discounts = self.merged.discounts(rule)
        sites = self.merged.limited.limits.excess
        parts = []
        for j in range(coefficients.shape[1]):
            of, value = self._in_round(j, coefficients[:, j])
            for site, (columns, _) in zip(sites, self._excess, strict=True):
                if site in discounts:
                    of = np.append(of, columns[j])
                    # The column's cost says what one of it saves.
                    saved = self._cost_of(int(columns[j]))
                    value = np.append(value, saved)
            parts.append((of, value))
        if rule.whole:
            parts = [(np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts]))]
        for j, (of, value) in enumerate(parts):
            scale = _scale(value)
            # Sums of fractions that meet a bound exactly are off by rounding.
            hair = _HAIR * scale if (value != np.rint(value)).any() else 0.0
            for low, high, stage, sign in (
                (rule.at_least[j] - hair, np.inf, rule.stage_below, 1.0),
                (-np.inf, rule.at_most[j] + hair, rule.stage_above, -1.0),
            ):
                if low <= 0 and not np.isfinite(high):
                    continue
                most = low if sign > 0 else self._most(of, value) - high
                slack = self._add_columns(np.array([max(0.0, most) / scale]))
                row = self._rows.add(
                    np.append(of, slack), np.append(value / scale, sign), low / scale, high / scale
                )
                self.names[row] = (rule.name, None if rule.whole else j)
                side = _Side(stage=stage, unit=rule.unit, column=int(slack[0]), scale=scale)
                self._sides.append(side)

    def _cost_of(self, column: int) -> float:
        return float(np.concatenate(self._cost)[column])

    def _most(self, of: IntArray, value: FloatArray) -> float:
        """The most that a row can come to."""
        return float((np.concatenate(self._upper)[of] * np.maximum(0.0, value)).sum())

    def _add_goals(self) -> tuple[Goal, ...]:
        goals: list[Goal] = []
        for stage in self.merged.limited.limits.stages:
            sides = [side for side in self._sides if side.stage is stage]
            for unit in dict.fromkeys(side.unit for side in sides):
                own = [side for side in sides if side.unit == unit]
                goals.append(self._goal(stage, unit, own))
            if stage is Stage.FLOORS and sides:
                goals.append(self._worst())
        return tuple(goals)

    def _goal(self, stage: Stage, unit: str, sides: list[_Side]) -> Goal:
        columns = np.array([side.column for side in sides])
        scale = max(side.scale for side in sides)
        weights = np.array([side.scale / scale for side in sides])
        row = self._rows.add(columns, weights)
        return Goal(stage=stage, unit=unit, columns=columns, weights=weights, row=row, scale=scale)

    def _worst(self) -> Goal:
        """What the client lacks that lacks most: turns are shared within a class."""
        classes = self.merged.classes
        missing, owing = self._missing
        most = float(classes.at_least.max())
        worst = self._add_columns(np.array([most]), integer=True)
        for k, column in zip(owing, missing, strict=True):
            size = float(classes.size[k])
            self._rows.add(np.array([column, worst[0]]), np.array([1.0, -size]), high=0.0)
        row = self._rows.add(worst, np.ones(1))
        return Goal(
            stage=Stage.FLOORS, unit="worst", columns=worst, weights=np.ones(1), row=row, scale=1.0
        )

    def _add_rests(self) -> list[IntArray]:
        """Rows of rests; returns the classes that they are of."""
        rounds = self.index.shape[1]
        classes = []
        for rest in np.unique(self.merged.rest[self.merged.rest > 0]):
            which = np.flatnonzero(self.merged.rest == rest)
            window = min(int(rest) + 1, rounds)
            starts = np.arange(rounds - window + 1)
            rounds_of = np.tile(starts[:, None] + np.arange(window), (len(which), 1))
            columns = self.index[np.repeat(which, len(starts))[:, None], rounds_of]
            size = np.repeat(self.merged.classes.size[which], len(starts)).astype(np.float64)
            # Alone in its window a count has a bound already.
            several = (columns >= 0).sum(axis=1) > 1
            columns, size = columns[several], size[several]
            opened = columns >= 0
            entries = columns[opened]
            low = np.full(len(size), -np.inf)
            self._rows.add_many(entries, np.ones(len(entries)), opened.sum(axis=1), low, size)
            classes.append(np.repeat(which, len(starts))[several])
        return classes

    @property
    def rounds(self) -> IntArray:
        """The round of each count's column, -1 for all other columns (c,)."""
        rounds = np.full(self._size, -1)
        opened = self.index >= 0
        rounds[self.index[opened]] = np.nonzero(opened)[1]
        return rounds

    @property
    def slacks(self) -> BoolArray:
        """Which columns are shortfalls (c,)."""
        slack = np.zeros(self._size, dtype=np.bool_)
        for goal in self.goals:
            slack[goal.columns] = True
        return slack

    def columns(self, counts: IntArray) -> FloatArray:
        """Fill in all columns (c,) from counts (k, t), with shortfalls as small as they can be."""
        x = np.zeros(self._size)
        x[self.index[self.index >= 0]] = counts[self.index >= 0]
        for columns, drawn in self._excess:
            x[columns] = np.minimum(self.program.upper[columns], drawn @ counts)
        program = self.program
        lacks = np.maximum(0.0, program.low - program.activity(x))
        lacks = np.maximum(lacks, program.activity(x) - program.high)
        slack = self.slacks & ~program.integer
        own = (
            slack[program.column]
            & (np.isfinite(program.low) | np.isfinite(program.high))[program.row]
        )
        # Each shortfall stands in one row with a bound of its own; rows of worst ones come to less.
        first = np.full(self._size, -1)
        first[program.column[own][::-1]] = program.row[own][::-1]
        x[slack] = lacks[first[slack]]
        missing, owing = self._missing
        if len(owing):
            worst = next(goal.columns[0] for goal in self.goals if goal.unit == "worst")
            x[worst] = np.ceil(x[missing] / self.merged.classes.size[owing] - 1e-9).max()
        return x

    def counts(self, x: FloatArray) -> IntArray:
        """Take the counts (k, t) out of the columns."""
        counts = np.zeros(self.index.shape, dtype=np.int64)
        opened = self.index >= 0
        counts[opened] = np.rint(x[self.index[opened]]).astype(np.int64)
        return counts

    def sums(self, x: FloatArray) -> FloatArray:
        """What each goal comes to, in its own scale."""
        sums = np.array([float(goal.weights @ x[goal.columns]) for goal in self.goals])
        whole = np.array([goal.is_whole for goal in self.goals], dtype=np.bool_)
        return np.where(whole, np.rint(sums), sums)
