"""Methods on one instance: whether they agree, and how far they are apart."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

from benchmarks.solve.measure import Row
from benchmarks.solve.methods import BASE, METHODS
from benchmarks.solve.program import OPTIMAL, Answer

TOLERANCE = 1e-7
"""Relative difference of objectives that are the same."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What the methods took and found on one instance.

    Parameters
    ----------
    instance
        Its name.
    rows
        Method to what it did with each seed, the same seeds for all; nothing if it is left out.
    """

    instance: str
    rows: Mapping[str, Sequence[Row]]

    @property
    def _paired(self) -> Iterator[dict[str, Answer]]:
        """Answers of all methods, seed by seed."""
        for seed in range(max(map(len, self.rows.values()), default=0)):
            yield {method: rows[seed].answer for method, rows in self.rows.items() if rows}

    def differences(self) -> list[str]:
        """Say where objectives differ that have to be the same."""
        return [
            f"{self.instance}, seed {seed}: {difference}"
            for seed, answers in enumerate(self._paired)
            for difference in _differences(answers)
        ]

    def seconds(self, method: str) -> float | None:
        """Median CPU seconds; None if left out, infinite if most runs had no end in time."""
        return _median(self.rows[method], lambda row: row.cpu_s)

    def median_of(self, method: str, figure: Callable[[Row], float | None]) -> float | None:
        """Median of a figure of the rows, likewise."""
        return _median(self.rows[method], figure)

    def times_base(self, method: str) -> float | None:
        """Median over the seeds of the ratio of CPU seconds to those of `BASE`, None if unknown."""
        pairs = zip(self.rows[method], self.rows.get(BASE, ()), strict=False)
        ratios = [
            row.cpu_s / base.cpu_s
            for row, base in pairs
            if row.cpu_s is not None and base.cpu_s is not None
        ]
        return median(ratios) if ratios else None

    def above(self, method: str) -> float | None:
        """Largest relative distance above the optimum, None if one of both is unknown."""
        distances = []
        for answers in self._paired:
            found, best = answers.get(method), reference(answers)
            optimum = None if found is None else found.expected
            if optimum is None and best is not None and not METHODS[method].later:
                optimum = answers[best].cost
            if found is not None and found.cost is not None and optimum:
                distances.append(found.cost / optimum - 1)
        return max(distances) if distances else None

    def status(self, method: str) -> str:
        """What the method says of its answers, and what is missing in them."""
        answers = [row.answer for row in self.rows[method]]
        statuses = [answer.status for answer in answers]
        parts = [
            status if len(set(statuses)) == 1 else f"{status} ({statuses.count(status)})"
            for status in dict.fromkeys(statuses)
        ]
        missing = max((answer.missing or 0 for answer in answers), default=0)
        return ", ".join([*parts, *[f"{missing:,} missing"] * (missing > 0)])


def reference(answers: Mapping[str, Answer]) -> str | None:
    """Name the first exact method, ours first, that claims an optimum of the common problem."""
    for method, answer in answers.items():
        known = METHODS[method]
        if known.exact and not known.later and answer.status == OPTIMAL:
            return method
    return None


def _differences(answers: Mapping[str, Answer]) -> Iterator[str]:
    best = reference(answers)
    for method, answer in answers.items():
        if answer.cost is None:
            continue
        label = METHODS[method].label
        if METHODS[method].later:
            known = answer.status == OPTIMAL and answer.expected is not None
            if known and _apart(answer.cost, answer.expected or 0.0):
                yield f"{label} found {answer.cost!r}, from nothing {answer.expected!r}"
            continue
        if best is None or method == best:
            continue
        optimum = answers[best]
        assert optimum.cost is not None  # noqa: S101 - an optimum has a cost
        claims = METHODS[method].exact and answer.status == OPTIMAL
        found = f"{label} found {answer.cost!r} with {answer.missing} missing, "
        found += f"{METHODS[best].label} {optimum.cost!r} with {optimum.missing}"
        if answer.missing != optimum.missing:
            # Who does not claim an optimum may miss more of the owed turns, never fewer.
            if claims or (answer.missing or 0) < (optimum.missing or 0):
                yield found
        elif _apart(answer.cost, optimum.cost):
            # Of answers with as much missing ours share that among clients, which others do not.
            cheaper = answer.cost < optimum.cost
            if (cheaper and optimum.missing == 0) or (claims and not cheaper):
                yield found


def _apart(one: float, other: float) -> bool:
    return abs(one - other) > TOLERANCE * max(abs(one), abs(other))


def _median(rows: Sequence[Row], figure: Callable[[Row], float | None]) -> float | None:
    figures = [figure(row) for row in rows]
    return median(inf if one is None else one for one in figures) if figures else None
