"""A plan from the relaxation's values: rounded down, filled up, and mended round by round.

Few values of a vertex are fractions, and what is rounded is mended by single exchanges, at costs
that know what turns are worth in other rounds. What rules of the whole horizon lose by rounding in
one round, the next ones are asked for.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.limits.exchanges import Exchanges, RoundRules, fill
from lowcarb_solvers.limits.limited_classes import LimitedClasses
from lowcarb_solvers.limits.room import room_in
from lowcarb_solvers.limits.round_sizes import seats_in, whole_sizes
from lowcarb_solvers.limits.rules import Rule

# Classes that are tried on each side of an exchange, and exchanges of a round.
_CANDIDATES, _MOST = 96, 200
# What an exchange must gain, in typical costs: prices of other rounds are not exact, and where many
# turns are worth the same a plan must not drift away from what the relaxation found.
_WORTH = 1e-3
# A value that is nearer to the next whole number is that number.
_TINY = 1e-6


def round_values(
    merged: LimitedClasses,
    values: FloatArray,
    cost: FloatArray,
    reduced: FloatArray,
    expired: Callable[[], bool],
) -> IntArray:
    """Round values (k, t) of the relaxation to counts that keep turn caps and rest.

    Parameters
    ----------
    merged
        The classes.
    values
        Shape (k, t): of the relaxation.
    cost
        Shape (k, t): what a turn costs, less what rows of several rounds pay for it.
    reduced
        Shape (k, t): the same, less what the rows of the round pay.
    expired
        Whether the time is over; what is left is then filled without exchanges.
    """
    rules = RoundRules(merged)
    planned = rules.sums(values)
    capacity = merged.classes.capacity()
    counts = np.minimum(np.floor(values + _TINY).astype(np.int64), capacity)
    typical = merged.classes.typical_cost or 1.0
    past = np.zeros(len(planned))
    # Seats that were planned and are not filled yet.
    behind, sizes = 0, whole_sizes(values.sum(axis=0))
    owed = np.zeros(len(merged))
    for j in range(counts.shape[1]):
        room = room_in(merged, counts, capacity, j)
        # Turns that are owed and that later rounds do not plan any more.
        later = np.ceil(values[:, j + 1 :].sum(axis=1) - _TINY).astype(np.int64)
        due = merged.classes.floor - counts[:, :j].sum(axis=1) - later
        due = np.clip(due, 0, room)
        base = np.maximum(np.minimum(counts[:, j], room), due)
        behind += int(sizes[j])
        seats = seats_in(merged.classes.problem, j, behind)
        owed += values[:, j]
        order = np.argsort(base - owed + _TINY * reduced[:, j] / typical, kind="stable")
        chosen = base + fill(room - base, order, max(0, seats[1] - int(base.sum())))

        elsewhere = past + planned[:, j + 1 :].sum(axis=1)
        exchanges = Exchanges(
            asked=rules.ask(j, seats, partial(_rest_of, elsewhere)),
            room=room,
            held=due,
            cost=cost[:, j] / typical,
            score=reduced[:, j] / typical,
            candidates=_CANDIDATES,
            most=_MOST,
            worth=_WORTH,
            expired=expired,
        )
        counts[:, j] = exchanges.mend(chosen)
        behind -= int(counts[:, j].sum())
        owed -= counts[:, j]
        past += rules.sums_in(j, counts[:, j])
    return counts


def _rest_of(elsewhere: FloatArray, number: int, rule: Rule) -> tuple[float, float]:
    """Bounds of a rule of the whole, less what other rounds come to (rules,)."""
    least, most = rule.at_least[0] - elsewhere[number], rule.at_most[0] - elsewhere[number]
    return float(least), float(most)
