"""Fewer rows for a search of prices: neighbours in weight that stand for one another.

Of a large fleet many clients differ in weight alone, and by very little. As long as prices are not
known better than that, one row of the mean weight answers like all of them.
"""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.classes import Classes, combine, upto


@dataclass(frozen=True, kw_only=True, eq=False)
class Thinned:
    """Rows that stand for neighbours.

    Parameters
    ----------
    classes
        The rows, of nobody's members in particular.
    apart
        How much heavier a row typically is than its lighter neighbour, relatively.
    """

    classes: Classes
    apart: float


def thin(classes: Classes, which: IntArray, each: int) -> Thinned:
    """Group some classes that are always available by `each` neighbours; the others are left out.

    Neighbours agree in all but weight.
    """
    kind = combine([classes.level_of[which], classes.at_least[which], classes.at_most[which]])
    order = np.argsort(kind, kind="stable")
    kind, which = kind[order], which[order]
    starts = np.flatnonzero(np.r_[True, kind[1:] != kind[:-1]])
    place = upto(np.diff(starts, append=len(kind)))
    begin = np.flatnonzero(place % each == 0)
    size = np.add.reduceat(classes.size[which], begin)
    weight = np.add.reduceat(classes.size[which] * classes.weight[which], begin) / size
    first = which[begin]
    beside = (place[begin][1:] > 0) & (weight[1:] > 0)
    apart = 1 - (weight[:-1] / np.where(beside, weight[1:], 1.0))[beside]
    # As all classes, by level and then by weight.
    order = np.lexsort((weight, classes.level_of[first]))
    first = first[order]
    return Thinned(
        classes=replace(
            classes,
            member_of=np.zeros(0, dtype=np.int64),
            size=size[order],
            level_of=classes.level_of[first],
            weight=weight[order],
            at_least=classes.at_least[first],
            at_most=classes.at_most[first],
        ),
        apart=float(np.median(apart)) if apart.size else 0.0,
    )
