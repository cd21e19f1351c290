"""Of clients that are alike, those with fewer turns go first.

A plan may give all its free turns to one of several clients that are alike: they cost the same, so
nothing is lost by it, and nothing decides against it. Here the first round is changed to ask
those that had fewer turns so far. It stays the first round of a plan that is as good, whatever the
plan:

Let i be asked and k not, both of one cost in every round and there in the same rounds, k with
fewer turns so far, a higher cap on those to come, and more turns owed unless i is owed none. If k
works at least as often as i in the plan, there is a later round with k and without i. Let them
change places there too, and each keeps its number of turns. Otherwise k gains a turn and i loses
one, and then i works as often as k did before, or more, and k as often as i did, or less. So no
bound is broken that was kept, and nobody is shorter of turns than the worse off of the two was.
"""

import numpy as np

from lowcarb._util.arrays import IntArray
from lowcarb_solvers import Problem


def evened(problem: Problem, cohort: IntArray) -> IntArray:
    """Let those with fewer turns take the places of others that are like them.

    Parameters
    ----------
    problem
        Of n clients, with their turns so far.
    cohort
        Of the first round of a plan: numbers of clients, ascending.

    Returns
    -------
    array
        As many numbers, ascending.
    """
    turns = problem.turns
    if turns is None or not len(cohort):
        return cohort
    chosen = set(cohort.tolist())
    for members in _alike(problem, cohort):
        order = members[np.argsort(turns[members], kind="stable")].tolist()
        waiting = [k for k in order if k not in chosen]
        asked = [i for i in reversed(order) if i in chosen]
        for i, k in zip(asked, waiting, strict=False):
            if not _may_change_places(problem, turns, i, k):
                break
            chosen.remove(i)
            chosen.add(k)
    return np.array(sorted(chosen), dtype=np.int64)


def _may_change_places(problem: Problem, turns: IntArray, i: int, k: int) -> bool:
    owed, most = problem.at_least, problem.at_most
    return bool(turns[k] < turns[i] and most[k] > most[i] and (owed[i] == 0 or owed[k] > owed[i]))


def _alike(problem: Problem, cohort: IntArray) -> list[IntArray]:
    """Group the clients that are like one of the cohort, and there in the first round."""
    level, weight = problem.level_of, problem.weight
    # A first look, for large fleets: whoever differs from all of the cohort is like none of it.
    able = np.isin(level, level[cohort]) & np.isin(weight, weight[cohort])
    if problem.available is not None:
        able &= problem.available[:, 0]
    groups: dict[tuple[int, float, bytes], list[int]] = {}
    for i in np.flatnonzero(able).tolist():
        row = b"" if problem.available is None else problem.available[i].tobytes()
        groups.setdefault((int(level[i]), float(weight[i]), row), []).append(i)
    return [np.array(group, dtype=np.int64) for group in groups.values() if len(group) > 1]
