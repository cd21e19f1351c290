"""Rules that contradict each other whatever the plan, found without a solver.

Found are the plain cases: a lower and an upper bound of which one counts at most so many times what
the other counts, minima of groups that share no client against the seats, and maxima of groups that
hold everyone. Seats count as a rule of both kinds, and so does the total where cohorts breathe.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray
from lowcarb_solvers.limits.limited_problem import LimitedProblem
from lowcarb_solvers.limits.rules import shown

SEATS = "seats"
"""What seats are called among rules."""

# Sums that differ by less, relatively, are equal.
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Rules that no plan can keep together.

    Parameters
    ----------
    rules
        Their names; "seats" are the seats of a round.
    rounds
        In which rounds, from 0; empty for the whole horizon.
    why
        The reason, in the first of them, for people.
    """

    rules: tuple[str, ...]
    rounds: tuple[int, ...]
    why: str

    def __str__(self) -> str:
        """Say it in a sentence."""
        where = "over the horizon"
        if self.rounds:
            more = len(self.rounds) - 1
            where = f"in round {self.rounds[0]}" + (f" and {more} more" if more else "")
        if len(self.rules) == 1:
            return f"{self.rules[0]} cannot be kept {where}: {self.why}"
        return f"{' and '.join(self.rules)} contradict each other {where}: {self.why}"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Row:
    """What a rule counts of each client (n,), and its bounds (t,), or (1,) if `whole`."""

    name: str
    unit: str
    whole: bool
    counts: FloatArray
    low: FloatArray
    high: FloatArray


def find_conflicts(limited: LimitedProblem) -> tuple[Conflict, ...]:
    """Find rules that contradict each other.

    Parameters
    ----------
    limited
        The problem; its clients' availability and the floors are not looked at.
    """
    rows = _rows(limited)
    found = [*_pairs([*_seats(limited), *rows]), *_groups(rows, limited)]
    seen: dict[tuple[str, ...], Conflict] = {}
    for conflict in found:
        known = seen.setdefault(conflict.rules, conflict)
        rounds = tuple(sorted({*known.rounds, *conflict.rounds}))
        seen[conflict.rules] = replace(known, rounds=rounds)
    return tuple(seen.values())


def _seats(limited: LimitedProblem) -> list[_Row]:
    """Sizes of cohorts, and their total where they breathe, as rows."""
    problem = limited.problem
    bounds = [(False, problem.fewest, problem.most)]
    if (problem.fewest < problem.most).any():
        total = np.array([problem.total])
        bounds.append((True, total, total))
    return [
        _Row(
            name=SEATS,
            unit="clients" if not whole else "turns",
            whole=whole,
            counts=np.ones(problem.clients),
            low=low.astype(np.float64),
            high=high.astype(np.float64),
        )
        for whole, low, high in bounds
    ]


def _rows(limited: LimitedProblem) -> list[_Row]:
    """What rules count, but for costs."""
    everyone = np.ones(limited.problem.clients)
    rows = []
    for rule in limited.limits.rules:
        if rule.costs:
            continue  # what a turn costs changes from round to round
        counts = everyone if rule.amount is None else rule.amount
        if rule.clients is not None:
            counts = counts * rule.clients
        rows.append(
            _Row(
                name=rule.name,
                unit=rule.unit,
                whole=rule.whole,
                counts=counts,
                low=np.maximum(0.0, rule.at_least),
                high=rule.at_most,
            )
        )
    return rows


def _pairs(rows: list[_Row]) -> Iterator[Conflict]:
    """Find lower bounds that an upper bound does not leave room for."""
    for one in rows:
        for other in rows:
            if one is other or not (one.low > 0).any() or not np.isfinite(other.high).any():
                continue
            asked = one.counts > 0
            if not asked.any():
                yield _empty(one)
                break
            if (other.counts[asked] <= 0).any():
                continue  # who counts for the first alone could fill it
            times = float((one.counts[asked] / other.counts[asked]).max())
            low, high = one.low, other.high
            if one.whole != other.whole:
                low, high = np.array([low.sum()]), np.array([high.sum()])
            room = np.where(np.isfinite(high), high * times, np.inf)
            broken = np.flatnonzero(low > room * (1 + _ROUNDING))
            if broken.size:
                j = int(broken[0])
                yield Conflict(
                    rules=(one.name, other.name),
                    rounds=_numbers(broken, one, other),
                    why=f"{shown(low[j])} {one.unit} at least, but {shown(high[j])} {other.unit} "
                    f"at most leave room for {shown(room[j])}",
                )


def _numbers(rounds: IntArray, *rows: _Row) -> tuple[int, ...]:
    """The rounds, unless one of the rows is of the whole horizon."""
    return () if any(row.whole for row in rows) else tuple(int(j) for j in rounds)


def _empty(row: _Row) -> Conflict:
    j = int((row.low > 0).argmax())
    return Conflict(
        rules=(row.name,),
        rounds=_numbers(np.flatnonzero(row.low > 0), row),
        why=f"{shown(row.low[j])} {row.unit} at least, but nobody counts for it",
    )


def _groups(rows: list[_Row], limited: LimitedProblem) -> Iterator[Conflict]:
    """Find minima of groups that do not fit into the seats, and maxima that cannot fill them."""
    problem = limited.problem
    quotas = [
        row
        for row in rows
        if len(row.low) == problem.rounds and set(np.unique(row.counts)) <= {0, 1}
    ]
    for j in range(problem.rounds):
        fewest, places = int(problem.fewest[j]), int(problem.most[j])
        least, most = (" at least", " at most") if fewest < places else ("", "")
        apart = _apart(sorted(quotas, key=lambda row: -row.low[j]))
        asked = [row for row in apart if row.low[j] > 0]
        wanted = sum(row.low[j] for row in asked)
        if wanted > places and len(asked) > 1:
            yield Conflict(
                rules=(*(row.name for row in asked), SEATS),
                rounds=(j,),
                why=f"{shown(wanted)} clients at least, but {shown(places)} seats{most}",
            )
        bounded = [row for row in quotas if np.isfinite(row.high[j])]
        whole = _covering(sorted(bounded, key=lambda row: row.high[j]))
        allowed = sum(row.high[j] for row in whole)
        if len(whole) > 1 and allowed < fewest:
            yield Conflict(
                rules=(*(row.name for row in whole), SEATS),
                rounds=(j,),
                why=f"{shown(allowed)} clients at most, but {shown(fewest)} seats{least}",
            )


def _apart(rows: list[_Row]) -> list[_Row]:
    """Those that share no client with one before."""
    taken: BoolArray | None = None
    apart = []
    for row in rows:
        own = row.counts > 0
        if taken is None or not (taken & own).any():
            apart.append(row)
            taken = own if taken is None else taken | own
    return apart


def _covering(rows: list[_Row]) -> list[_Row]:
    """Rows that hold everyone together, none of them without a client of its own; or nothing."""
    if not rows:
        return []
    held = np.zeros(len(rows[0].counts), dtype=np.bool_)
    chosen = []
    for row in rows:
        if ((row.counts > 0) & ~held).any():
            chosen.append(row)
            held |= row.counts > 0
    return chosen if held.all() else []
