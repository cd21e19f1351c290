"""Fixing most columns by round prices, so that fleets without equal clients can be solved too.

Good prices come from a coarse problem: energies rounded to a few levels, or, if clients differ in
more than energy, a sample of them. At those prices most columns are clearly in or clearly out: a
column whose reduced cost would have to change by more than a margin is fixed, and only the columns
near the threshold stay free. What is left is small. Whether the fixing was right is for the
certificate to say, on all clients; if it is not, the margin is doubled.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray
from lowcarb_solvers.classes import Classes, in_chunks, upto
from lowcarb_solvers.deadline import OutOfTimeError, never
from lowcarb_solvers.lazy import lazy
from lowcarb_solvers.merging import merge
from lowcarb_solvers.neighbours import Neighbours
from lowcarb_solvers.problem import Problem
from lowcarb_solvers.sparse_counts import SparseCounts

# Levels that energies are rounded to, the first number that is coarse enough, and columns of a
# coarse problem.
_LEVELS = (12, 6, 3)
_COARSE_COLUMNS = 40_000
# How far prices are off at first guess: a part of the distance between two levels, or the error of
# a sample. A guess that is too small costs a second model, one too large makes the first one large.
_PART_OF_LEVEL = 0.25
_SAMPLE_ERROR = 0.1

Entries = tuple[IntArray, IntArray, IntArray]
"""Class, round and count of some columns."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Coarse:
    """A smaller problem of the same kind.

    Parameters
    ----------
    classes
        Of a problem that is rounded or sampled, always elastic: its answer is only asked for
        prices.
    error
        How far its prices may be off, relatively.
    """

    classes: Classes
    error: float


@dataclass(frozen=True, kw_only=True, eq=False)
class RestrictedProblem:
    """What fixing leaves to decide.

    Parameters
    ----------
    shape
        Classes and rounds (k, t).
    inside
        Class, round and count (f,) of every column that is in for certain.
    rows
        Shape (r,): classes with free columns.
    capacity
        Shape (r, t): members of those classes that are still to be decided on.
    turn
        Shape (r,): about what a turn less would cost a member whose floor binds, or its negative
        what a turn more would save one whose cap binds; zero for the others.
    """

    shape: tuple[int, int]
    inside: Entries
    rows: IntArray
    capacity: IntArray
    turn: FloatArray

    @property
    def columns(self) -> int:
        """How many columns are free."""
        return int((self.capacity > 0).sum())

    @lazy
    def fixed(self) -> SparseCounts:
        """Counts that are in for certain."""
        return SparseCounts.collect(self.shape, *self.inside)

    def with_core(self, counts: IntArray) -> SparseCounts:
        """Counts that are in for certain, and those (r, t) of the `rows`."""
        row, round_ = np.nonzero(counts)
        core = self.rows[row], round_, counts[row, round_]
        inside = zip(self.inside, core, strict=True)
        return SparseCounts.collect(self.shape, *(np.concatenate(pair) for pair in inside))

    @property
    def fixed_turns(self) -> IntArray:
        """Turns that are in for certain, of each of `rows` (r,)."""
        return self.fixed.turns_of(self.rows)

    @property
    def fixed_seats(self) -> IntArray:
        """Seats that are filled for certain in each round (t,)."""
        return self.fixed.seats


def coarsen(problem: Problem) -> Coarse:
    """Make a problem whose prices are nearly those of the given one."""
    if not problem.weight.any():
        return Coarse(classes=merge(replace(problem, elastic=True)), error=0.0)
    most = max(1, _COARSE_COLUMNS // problem.rounds)
    for levels in _LEVELS:
        rounded, width = _round_weights(problem.weight, levels)
        coarse = merge(replace(problem, weight=rounded, elastic=True))
        if len(coarse) <= most:
            return Coarse(classes=coarse, error=_PART_OF_LEVEL * float(np.expm1(width)))
    rng = np.random.default_rng(problem.seed)
    sample = np.sort(rng.choice(problem.clients, min(most, problem.clients), replace=False))
    share = len(sample) / problem.clients
    # Empty seats by choice are rounded down, so that there are never more than fit.
    seats, width = np.ceil(problem.seats * share), np.floor(problem.slack.width * share)
    empty = min(int(problem.slack.total * share), int(width.sum()))
    sampled = Problem(
        cost_level=problem.cost_level,
        level_of=problem.level_of[sample],
        weight=problem.weight[sample],
        cohort_size=seats.astype(np.int64),
        cohort_least=(seats - width).astype(np.int64),
        cohort_total=int(seats.sum()) - empty,
        at_least=problem.at_least[sample],
        at_most=problem.at_most[sample],
        available=None if problem.available is None else problem.available[sample],
        elastic=True,
    )
    return Coarse(classes=merge(sampled), error=_SAMPLE_ERROR)


def _round_weights(weight: FloatArray, levels: int) -> tuple[FloatArray, float]:
    """Round weights to the middles of logarithmic levels; also return a level's width."""
    low, high = np.log(weight[weight > 0].min()), np.log(weight.max())
    width = max(float(high - low) / levels, 1e-12)
    level = np.floor((np.log(np.maximum(weight, np.exp(low))) - low) / width)
    middle = np.exp(low + (np.clip(level, 0, levels - 1) + 0.5) * width)
    return np.where(weight > 0, middle, 0.0), width


def fix_columns(
    classes: Classes, prices: FloatArray, margin: float, expired: Callable[[], bool] = never
) -> RestrictedProblem:
    """Fix every column whose reduced cost is further than a margin from where it would change.

    Raises
    ------
    OutOfTimeError
        If the time was over first.
    """
    shape = len(classes), classes.problem.rounds
    none = np.zeros(0, dtype=np.int64)
    inside: list[Entries] = [(none, none, none)]
    rows: list[IntArray] = [none]
    capacities: list[IntArray] = [np.zeros((0, shape[1]), dtype=np.int64)]
    turns: list[FloatArray] = []
    concerned = classes.concerned(prices + margin)
    if blocks := Neighbours.where_worth(classes, concerned):
        concerned, clear = _clear_blocks(classes, blocks, prices, margin + 4 * classes.uneven)
        inside.append(clear)
    for which in in_chunks(concerned, shape[1]):
        if expired():
            raise OutOfTimeError("the time was over before columns were fixed")
        chosen, slack, turn = _choice_of(classes, which, prices)
        free = slack <= margin
        if classes.available is not None:
            free &= classes.available[which]
        row, round_ = np.nonzero(chosen & ~free)
        inside.append((which[row], round_, classes.size[which[row]]))
        undecided = free.any(axis=1)
        rows.append(which[undecided])
        capacities.append((classes.size[which, None] * free)[undecided])
        turns.append(turn[undecided])
    return RestrictedProblem(
        shape=shape,
        inside=(
            np.concatenate([part[0] for part in inside]),
            np.concatenate([part[1] for part in inside]),
            np.concatenate([part[2] for part in inside]),
        ),
        rows=np.concatenate(rows),
        capacity=np.concatenate(capacities),
        turn=np.concatenate([np.zeros(0), *turns]),
    )


def _clear_blocks(
    classes: Classes, blocks: Neighbours, prices: FloatArray, margin: float
) -> tuple[IntArray, Entries]:
    """Decide on neighbours by few of them: return those that stay open, and what is in.

    Slacks are the least of functions that are linear in the weight: between two members with the
    same choice they are no smaller than the smaller one of these.
    """
    parts = [_choice_of(classes, part, prices)[:2] for part in in_chunks(blocks.first, len(prices))]
    chosen = np.concatenate([part[0] for part in parts])
    clear = np.concatenate([(part[1] > margin).all(axis=1) for part in parts])
    decided = clear & blocks.agree(chosen, clear)
    members, block = blocks.of_classes(decided)
    taken = chosen.sum(axis=1)
    rounds = np.nonzero(chosen)[1]
    amount = taken[block]
    column = np.repeat((np.cumsum(taken) - taken)[block], amount) + upto(amount)
    of = np.repeat(members, amount)
    open_, _ = blocks.of_classes(~decided)
    return np.sort(open_), (of, rounds[column], classes.size[of])


def turn_prices(classes: Classes, prices: FloatArray) -> FloatArray:
    """Price of a turn of each class (k,) at given prices of seats, as in `RestrictedProblem`."""
    turns = np.zeros(len(classes))
    for which in in_chunks(classes.concerned(prices), len(prices)):
        turns[which] = _choice_of(classes, which, prices)[2]
    return turns


def _choice_of(
    classes: Classes, which: IntArray, prices: FloatArray
) -> tuple[BoolArray, FloatArray, FloatArray]:
    """What `_choice` says of members of some classes."""
    reduced = classes.cost(which) - prices
    if classes.available is not None:
        reduced[~classes.available[which]] = np.inf
    return _choice(classes, which, reduced)


def _choice(
    classes: Classes, which: IntArray, reduced: FloatArray
) -> tuple[BoolArray, FloatArray, FloatArray]:
    """Which rounds a member takes at given reduced costs (m, t), and how clear each choice is.

    Also return the price of a turn (m,), as in `RestrictedProblem`.
    """
    at_least, at_most = classes.at_least[which], classes.at_most[which]
    edge = np.full((len(reduced), 1), np.inf)
    ordered = np.concatenate([-edge, np.sort(reduced, axis=1), edge], axis=1)
    pays = (reduced < 0).sum(axis=1)
    taken = np.clip(pays, at_least, at_most)
    taken = np.minimum(taken, np.isfinite(reduced).sum(axis=1))
    each = np.arange(len(reduced))
    last, following = ordered[each, taken][:, None], ordered[each, taken + 1][:, None]
    chosen = reduced <= last
    # What it takes to give up a turn that is owed.
    missing = classes.penalty if classes.problem.elastic else np.inf
    owed = missing * (1 + (taken <= classes.assured[which]))
    add = np.where((taken < at_most)[:, None], reduced, np.inf)
    with np.errstate(invalid="ignore"):  # rounds without availability are inf
        drop = np.where(taken > at_least, 0.0, owed)[:, None] - reduced
        slack = np.where(
            chosen, np.minimum(drop, following - reduced), np.minimum(add, reduced - last)
        )
        between = (last + following)[:, 0] / 2
        turn = np.where((taken != pays) & np.isfinite(between), between, 0.0)
    return chosen, np.nan_to_num(slack, nan=np.inf, posinf=np.inf, neginf=-np.inf), turn
