"""Choosing among equally good answers, so that it does not matter how an answer was found."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.prices import Certificate

# What decides between equal answers, in typical costs: large enough for CBC to see, and less and
# less where it decides between answers that are not quite equal.
_NUDGES = (1e-7, 1e-9, 0.0)
# So many columns have answers that are nearer to each other than the first nudge.
_CROWDED = 1_000_000


def nudges_for(classes: Classes) -> list[float]:
    """What `preferences` are multiplied with before they are added to costs, one try each."""
    crowded = len(classes) * classes.problem.rounds > _CROWDED
    # Where everything is for nothing, preferences alone decide, whatever their size.
    typical = classes.typical_cost or 1.0
    return [nudge * typical for nudge in _NUDGES[crowded:]]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Preferring(Classes):
    """Classes whose costs are nudged, so that they have one optimum."""

    nudge: float

    @property
    def uneven(self) -> float:
        """How far a cost may be off from what is linear in the weight."""
        return self.nudge

    def cost(self, which: slice | IntArray = slice(None)) -> FloatArray:
        """Cost of one turn of a member of the given classes, shape (len(which), t)."""
        numbers = np.arange(len(self))[which] if isinstance(which, slice) else which
        problem = self.problem
        return super().cost(which) + self.nudge * preferences(problem.seed, numbers, problem.rounds)


def preferring(classes: Classes, nudge: float) -> Classes:
    """Add to the costs of classes a nudge that decides between equal answers."""
    if not nudge:
        return classes
    parts = {part.name: getattr(classes, part.name) for part in fields(classes)}
    return _Preferring(**parts, nudge=nudge)


def explains(nudge: float, classes: Classes, proof: Certificate) -> bool:
    """Whether a nudge may be all that an answer lacks to be optimal."""
    total = classes.problem.total
    return nudge > 0 and proof.objective - proof.bound <= 2 * nudge * total


def preferences(seed: int, classes: IntArray, rounds: int) -> FloatArray:
    """Draw a number from 0 to 1 for each class and round, shape (len(classes), rounds).

    It depends on the seed, the number of the class and that of the round alone (splitmix64).
    """
    bits: NDArray[np.uint64] = np.repeat(classes[:, None].astype(np.uint64), rounds, axis=1)
    with np.errstate(over="ignore"):
        bits *= np.uint64(rounds)
        bits += np.arange(rounds, dtype=np.uint64)
        bits += np.uint64(seed % 2**32) * np.uint64(0xD1342543DE82EF95)
        bits *= np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits ^= bits >> np.uint64(31)
    return np.asarray((bits >> np.uint64(11)) / 2.0**53, dtype=np.float64)
