"""Bounds that no cohort can come up to, brought to where cohorts can.

A bound a thousand times out of reach asks for the same plan as one just out of reach, but adds so
much to what is missing that solvers no longer see what plans differ by. Upper bounds need less
care: no sum is below zero, and neither is a bound, so that nothing is missed by more than a plan
comes to; one that is never reached is none.
"""

from dataclasses import replace

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.limits.excess import Excess
from lowcarb_solvers.limits.limited_classes import LimitedClasses
from lowcarb_solvers.limits.limited_problem import LimitedProblem
from lowcarb_solvers.limits.rules import Rule


def within_reach(merged: LimitedClasses) -> LimitedClasses:
    """Bring bounds of rules, and the supply of sites, to what cohorts can come to at most.

    The best plans stay the same, with the same order of what they lack: of each bound that is out
    of reach all plans lack the same amount more.

    Parameters
    ----------
    merged
        The classes of the problem as it was asked for.
    """
    limited, capacity = merged.limited, _capacity(merged)
    rules = tuple(_rule_within(merged, capacity, rule) for rule in limited.limits.rules)
    excess = tuple(_site_within(merged, capacity, site) for site in limited.limits.excess)
    limits = replace(limited.limits, rules=rules, excess=excess)
    return replace(merged, limited=replace(limited, limits=limits))


def reached(merged: LimitedClasses, rule: Rule) -> Rule:
    """Bring bounds of one rule to what cohorts can come to at most."""
    return _rule_within(merged, _capacity(merged), rule)


def is_out_of_reach(limited: LimitedProblem, near: LimitedProblem) -> bool:
    """Whether a bound was brought within reach, so that no plan keeps it.

    Parameters
    ----------
    limited
        What was asked.
    near
        The same with bounds within reach.
    """
    return any(
        (asked.at_least > reached.at_least + limited.tolerance(asked)).any()
        for asked, reached in zip(limited.limits.rules, near.limits.rules, strict=True)
    )


def _capacity(merged: LimitedClasses) -> IntArray:
    """Members of each class that may work in each round (k, t), none of those without turns."""
    able = merged.classes.at_most[:, None] > 0
    return np.where(able, merged.classes.capacity(), 0)


def _rule_within(merged: LimitedClasses, capacity: IntArray, rule: Rule) -> Rule:
    counted = merged.coefficients(rule)
    everyone = np.einsum("kj,kj->j", counted, capacity)
    if rule.whole:
        everyone = np.array([everyone.sum()])
    at_least = rule.at_least
    if (at_least > 0).any():
        most = _in_rounds(merged, capacity, counted)
        if rule.whole:
            in_seats = _in_all(merged, capacity, counted)
            most = np.array([min(in_seats, _by_turns(merged, capacity, counted))])
        at_least = np.minimum(at_least, most)
    at_most = np.where(rule.at_most > everyone, np.inf, rule.at_most)
    return replace(rule, at_least=at_least, at_most=at_most)


def _site_within(merged: LimitedClasses, capacity: IntArray, site: Excess) -> Excess:
    drawn = np.broadcast_to(merged.drawn(site)[:, None], capacity.shape)
    return replace(site, supply=np.minimum(site.supply, _in_rounds(merged, capacity, drawn)))


def _in_rounds(merged: LimitedClasses, capacity: IntArray, counted: FloatArray) -> FloatArray:
    """The most that the seats of each round can come to (t,), of what turns count (k, t)."""
    values, taken = _largest(merged, capacity, counted)
    most: FloatArray = (values * taken).sum(axis=0)
    return most


def _in_all(merged: LimitedClasses, capacity: IntArray, counted: FloatArray) -> float:
    """The most that all turns of the total can come to, of what turns count (k, t)."""
    values, taken = _largest(merged, capacity, counted)
    if merged.classes.problem.slack.breathes:
        # Rounds have more seats than there are turns: these take the largest of all rounds.
        values, taken = np.broadcast_to(values, taken.shape).ravel(), taken.ravel()
        order = np.argsort(-values, kind="stable")
        values, able = values[order], taken[order]
        before = np.cumsum(able) - able
        taken = np.clip(merged.classes.problem.total - before, 0, able)
    return float((values * taken).sum())


def _largest(
    merged: LimitedClasses, capacity: IntArray, counted: FloatArray
) -> tuple[FloatArray, IntArray]:
    """What turns count that fill the seats of each round, the largest first, and how many do."""
    some = (counted > 0).any(axis=1)
    capacity, counted = capacity[some], counted[some]
    # Mostly a turn counts the same in all rounds, and one order will do.
    ranked = counted[:, :1] if (counted == counted[:, :1]).all() else counted
    order = np.argsort(-ranked, axis=0, kind="stable")
    able = np.take_along_axis(capacity, np.broadcast_to(order, capacity.shape), axis=0)
    before = np.cumsum(able, axis=0) - able
    taken = np.clip(merged.classes.problem.most - before, 0, able)
    return np.take_along_axis(ranked, order, axis=0), taken


def _by_turns(merged: LimitedClasses, capacity: IntArray, counted: FloatArray) -> float:
    """The most that all turns that clients may take can come to, of what turns count (k, t)."""
    classes = merged.classes
    rested = classes.size * -(-classes.problem.rounds // (merged.rest + 1))
    turns = np.minimum(np.minimum(classes.ceiling, capacity.sum(axis=1)), rested)
    return float(counted.max(axis=1) @ turns)
