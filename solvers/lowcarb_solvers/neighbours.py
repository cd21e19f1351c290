"""Classes that differ in weight alone, beside each other: what two of them do, those between do.

At given prices the cost of each set of rounds is linear in the weight, and a member takes a set of
least cost. So the set that is best for two members is best for all between them, by a margin that
is no smaller: it is enough to ask few of a large fleet. And as long as prices are not known well,
one row of the mean weight may stand for several neighbours.
"""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray
from lowcarb_solvers.classes import Classes, upto
from lowcarb_solvers.keys import combine

# Classes that are asked together, and how many there must be.
_BLOCK, _WORTH_BLOCKS = 8, 4_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Neighbours:
    """Classes in blocks of neighbours.

    Parameters
    ----------
    which
        Shape (c,): the classes, ordered by all that they have in common and then by weight.
    begin
        Shape (b,): where each block begins.
    last
        Shape (b,): whether no block of the same kind follows; these blocks have one class each.
    """

    which: IntArray
    begin: IntArray
    last: BoolArray

    @classmethod
    def of(
        cls, classes: Classes, which: IntArray, *, most: int | None = None, blocks: int = 1
    ) -> "Neighbours":
        """Put some classes, given in ascending order, into blocks.

        They must always be available. A block has up to `most` classes, or else so many that no
        kind has many more blocks than its part of `blocks`.
        """
        kind = combine([classes.level_of[which], classes.at_least[which], classes.at_most[which]])
        order = np.argsort(combine([kind, np.arange(len(which))]))
        kind = kind[order]
        first = np.flatnonzero(np.r_[True, kind[1:] != kind[:-1]][: len(kind)])
        length = np.diff(first, append=len(kind))
        each = np.full(len(length), most or 1)
        if most is None:
            each = np.maximum(1, -(-length * len(length) // blocks))
        begins = upto(length) % np.repeat(each, length) == 0
        ends = first + length - 1
        begins[ends] = True
        begin = np.flatnonzero(begins)
        last = np.zeros(len(kind), dtype=np.bool_)
        last[ends] = True
        return cls(which=which[order], begin=begin, last=last[begin])

    @classmethod
    def where_worth(cls, classes: Classes, which: IntArray) -> "Neighbours | None":
        """Put some classes into small blocks; None if it is as fast to ask each of them."""
        if classes.available is not None or len(which) < _WORTH_BLOCKS:
            return None
        return cls.of(classes, which, most=_BLOCK)

    @property
    def first(self) -> IntArray:
        """The first class of each block (b,)."""
        return self.which[self.begin]

    @property
    def length(self) -> IntArray:
        """How many classes each block has (b,)."""
        return np.diff(self.begin, append=len(self.which))

    def agree(self, *answers: IntArray | BoolArray) -> BoolArray:
        """Whether all of each block answer as its first class does (b,).

        Each of the answers, those of the first classes, is of shape (b,) or (b, t).
        """
        same = np.ones(len(self.begin), dtype=np.bool_)
        for answer in answers:
            equal = answer[1:] == answer[:-1]
            same[:-1] &= equal if equal.ndim == 1 else equal.all(axis=1)
        return same | self.last

    def of_classes(self, blocks: BoolArray) -> tuple[IntArray, IntArray]:
        """Classes of some blocks (b,), and the block of each."""
        block = np.repeat(np.flatnonzero(blocks), self.length[blocks])
        return self.which[np.repeat(blocks, self.length)], block

    def between(self, values: FloatArray, weight: FloatArray) -> FloatArray:
        """Values of all classes (c,), linear in their weight (c,) between those of blocks (b,)."""
        heavier = np.append(values[1:], 0.0)
        here = weight[self.begin]
        step = np.append(here[1:], 0.0) - here
        step[self.last | (step <= 0)] = np.inf
        block = np.repeat(np.arange(len(values)), self.length)
        part = (weight - here[block]) / step[block]
        between: FloatArray = values[block] * (1 - part) + heavier[block] * part
        return between


@dataclass(frozen=True, kw_only=True, eq=False)
class Thinned:
    """Rows that stand for neighbours.

    Parameters
    ----------
    classes
        The rows, which have no members to be drawn.
    apart
        How much lighter a row typically is than its heavier neighbour, relatively; of rows that
        stand for others.
    """

    classes: Classes
    apart: float


def thin(classes: Classes, which: IntArray, rows: int) -> Thinned:
    """Let about so many rows stand for some classes; those that are not given are left out."""
    blocks = Neighbours.of(classes, which, blocks=rows)
    members = classes.size[blocks.which]
    size = np.add.reduceat(members, blocks.begin)
    weight = np.add.reduceat(members * classes.weight[blocks.which], blocks.begin) / size
    beside = ~blocks.last[:-1] & (blocks.length[:-1] > 1) & (weight[1:] > 0)
    apart = 1 - weight[:-1][beside] / weight[1:][beside]
    # As all classes, by level and then by weight.
    order = np.lexsort((weight, classes.level_of[blocks.first]))
    one = blocks.first[order]
    return Thinned(
        classes=replace(
            classes,
            member_of=np.zeros(0, dtype=np.int64),
            size=size[order],
            level_of=classes.level_of[one],
            weight=weight[order],
            at_least=classes.at_least[one],
            at_most=classes.at_most[one],
        ),
        apart=float(np.median(apart)) if apart.size else 0.0,
    )
