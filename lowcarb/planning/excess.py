"""What sites' excess energy saves cohorts, whoever chooses them."""

from collections.abc import Sequence

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb_solvers import Excess, Problem

# Cohorts that are drawn for what it saves random ones, a round; of large fleets fewer.
_DRAWN, _LEAST_DRAWN, _MOST_NUMBERS = 400, 20, 2_000_000


def saved_by(excess: Sequence[Excess], cohort: IntArray, j: int) -> FloatArray:
    """What excess energy saves each of a round's clients, in proportion to their energies, gCO2eq.

    Parameters
    ----------
    excess
        Of sites.
    cohort
        Who works.
    j
        The round, from 0.
    """
    saved = np.zeros(len(cohort))
    for site in excess:
        amounts = np.where(site.clients[cohort], site.amount[cohort], 0.0)
        used = float(amounts.sum())
        if used > 0:
            share = min(float(site.supply[j]), used) / used
            saved += site.saves[j] * share * amounts
    return saved


def saved_in_all(excess: Sequence[Excess], cohorts: Sequence[IntArray]) -> float:
    """What excess energy saves the cohorts of all rounds, gCO2eq."""
    return sum(float(saved_by(excess, cohort, j).sum()) for j, cohort in enumerate(cohorts))


def random_saved(excess: Sequence[Excess], problem: Problem) -> float:
    """What excess energy saves random cohorts in all rounds, gCO2eq: a mean of drawn ones."""
    if not excess:
        return 0.0
    total = 0.0
    rng = np.random.default_rng(0)
    random_seats = problem.random_seats
    drawn = max(_LEAST_DRAWN, min(_DRAWN, _MOST_NUMBERS // problem.clients))
    for j in range(problem.rounds):
        there = np.arange(problem.clients)
        if problem.available is not None:
            there = np.flatnonzero(problem.available[:, j])
        # Of rounds of several sizes their share of the total need not be whole.
        seats = min(round(float(random_seats[j])), len(there))
        lots = rng.random((drawn, len(there))).argsort(axis=1)[:, :seats]
        for site in excess:
            amounts = np.where(site.clients, site.amount, 0.0)[there]
            used = np.minimum(site.supply[j], amounts[lots].sum(axis=1))
            total += float(site.saves[j] * used.mean())
    return total
