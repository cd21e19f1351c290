"""The program to be solved, and the independent check of every answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray
from lowcarb_solvers.errors import ProblemError
from lowcarb_solvers.lazy import lazy
from lowcarb_solvers.slack_seats import SlackSeats

# Sums over clients and rounds of numbers up to this one cannot overflow.
_MOST = 2**31 - 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """Choose a cohort of clients for each round, as cheaply as the floors allow.

    With ``c[i, j] = weight[i] * cost_level[level_of[i], j]`` and ``x[i, j] = 1`` where client i
    works in round j::

        minimise    sum of c[i, j] x[i, j]
        subject to  sum over i of x[i, j] = cohort_size[j]                   for each round j
                    at_least[i] <= sum over j of x[i, j] <= at_most[i]       for each client i
                    x[i, j] <= available[i, j],  x[i, j] in {0, 1}

    With `cohort_least` and `cohort_most` cohorts breathe: round j has from `cohort_least[j]` to
    `cohort_most[j]` members, and over all rounds `cohort_total` turns are taken.

    If `elastic`, turns below `at_least` and seats below `cohort_size` may be missing: first as few
    of them as possible (one turn weighs as much as one seat), then as few turns of the client that
    lacks most, then the least cost. `at_most` and `available` are never broken. Where cohorts
    breathe, seats are missing below `cohort_least` and turns below `cohort_total`, each on its own,
    and a turn that a client lacks beyond what the worst one must lack weighs as much as two seats.
    `cohort_most` and `cohort_total` are never exceeded.

    Parameters
    ----------
    cost_level
        Shape (g, t), finite, not negative: the cost of one unit of weight, a row for each kind of
        client.
    level_of
        Shape (n,): the row of `cost_level` that each client pays.
    weight
        Shape (n,), finite, not negative.
    cohort_size
        Shape (t,): the seats of each round.
    at_least, at_most
        Shape (n,): bounds of each client's turns over all rounds.
    available
        Shape (n, t), or None if every client can work in every round.
    turns
        Shape (n,): turns taken before the first round. Among interchangeable clients those with
        fewer come first. None stands for zeros.
    seed
        Decides between interchangeable clients with equally many turns.
    elastic
        Whether turns and seats may be missing.
    cohort_least, cohort_most
        Shape (t,): bounds of each round's cohort, around `cohort_size`; None where that is one.
    cohort_total
        Turns over all rounds; None for the sum of `cohort_size`.

    Raises
    ------
    ProblemError
        If shapes or values contradict each other.
    """

    cost_level: FloatArray
    level_of: IntArray
    weight: FloatArray
    cohort_size: IntArray
    at_least: IntArray
    at_most: IntArray
    available: BoolArray | None = None
    turns: IntArray | None = None
    seed: int = 0
    elastic: bool = False
    cohort_least: IntArray | None = None
    cohort_most: IntArray | None = None
    cohort_total: int | None = None

    def __post_init__(self) -> None:
        """Refuse shapes and values that contradict each other."""
        if self.cost_level.ndim != 2:
            raise ProblemError(f"cost_level: expected shape (g, t), got {self.cost_level.shape}")
        n, t = len(self.level_of), self.cost_level.shape[1]
        if n == 0 or t == 0:
            raise ProblemError(f"expected at least one client and one round, got {n} and {t}")
        for name, size in {
            "level_of": n,
            "weight": n,
            "at_least": n,
            "at_most": n,
            "turns": n,
        }.items():
            self._check_shape(name, (size,))
        for name in ("cohort_size", "cohort_least", "cohort_most"):
            self._check_shape(name, (t,))
        self._check_shape("available", (n, t))
        for name in (
            "level_of",
            "cohort_size",
            "cohort_least",
            "cohort_most",
            "at_least",
            "at_most",
            "turns",
        ):
            self._check_integer(name)
        if self.available is not None and self.available.dtype != np.bool_:
            raise ProblemError(f"available: expected booleans, got {self.available.dtype}")
        if not (np.isfinite(self.cost_level) & (self.cost_level >= 0)).all():
            raise ProblemError("cost_level: expected finite numbers, zero or more")
        if not (np.isfinite(self.weight) & (self.weight >= 0)).all():
            raise ProblemError("weight: expected finite numbers, zero or more")
        if self.level_of.min() < 0 or self.level_of.max() >= len(self.cost_level):
            raise ProblemError(f"level_of: expected 0 to {len(self.cost_level) - 1}")
        for name in ("cohort_size", "at_least"):
            if getattr(self, name).min() < 0 or getattr(self, name).max() > _MOST:
                raise ProblemError(f"{name}: expected zero or more, up to {_MOST}")
        self._check_ranges()
        dearest = float(self.weight.max()) * float(self.cost_level.max())
        # Each seat and each owed turn may be charged a penalty, of so many times the dearest turn.
        charged = (2 * t + 4) * (int(self.most.sum()) + int(self.at_least.sum()))
        if not np.isfinite(dearest * charged):
            raise ProblemError(
                "weight times cost_level: expected costs whose sums are finite, got a turn that "
                f"costs {dearest:g}"
            )
        if (self.at_most < self.at_least).any():
            client = int(np.argmax(self.at_most < self.at_least))
            raise ProblemError(
                f"client {client}: at_most {self.at_most[client]} is below "
                f"at_least {self.at_least[client]}"
            )

    def __repr__(self) -> str:
        sizes = {"client": self.clients, "round": self.rounds, "seat": self.total}
        parts = [f"{size:,} {word}{'s' * (size != 1)}" for word, size in sizes.items()]
        parts += ["breathing"] * self.slack.breathes + ["elastic"] * self.elastic
        return f"Problem({', '.join(parts)})"

    def _check_ranges(self) -> None:
        """Refuse bounds of cohorts that contradict each other, or the total."""
        least, most = self.fewest, self.most
        wrong = np.flatnonzero((least < 0) | (least > self.cohort_size) | (most < self.cohort_size))
        if wrong.size or int(most.max()) > _MOST:
            j = int(wrong[0]) if wrong.size else int(most.argmax())
            raise ProblemError(
                f"round {j}: expected cohort_least <= cohort_size <= cohort_most, from 0 to "
                f"{_MOST}, got {least[j]}, {self.cohort_size[j]} and {most[j]}"
            )
        if self.cohort_total is not None and type(self.cohort_total) is not int:
            raise ProblemError(f"cohort_total: expected a whole number, got {self.cohort_total!r}")
        if not int(least.sum()) <= self.total <= int(most.sum()):
            raise ProblemError(
                f"cohort_total: expected {least.sum()} to {most.sum()}, which cohort_least and "
                f"cohort_most add up to, got {self.total}"
            )

    def _check_shape(self, name: str, expected: tuple[int, ...]) -> None:
        value = getattr(self, name)
        if value is not None and value.shape != expected:
            raise ProblemError(f"{name}: expected shape {expected}, got {value.shape}")

    def _check_integer(self, name: str) -> None:
        value = getattr(self, name)
        if value is not None and value.dtype != np.int64:
            raise ProblemError(f"{name}: expected int64, got {value.dtype}")

    @classmethod
    def from_costs(
        cls,
        costs: ArrayLike,
        cohort_size: ArrayLike,
        *,
        at_least: ArrayLike = 0,
        at_most: ArrayLike | None = None,
        available: ArrayLike | None = None,
        turns: ArrayLike | None = None,
        seed: int = 0,
        elastic: bool = False,
        cohort_least: ArrayLike | None = None,
        cohort_most: ArrayLike | None = None,
        cohort_total: int | None = None,
    ) -> "Problem":
        """Build a problem from one cost for each client and round, shape (n, t).

        Sizes of cohorts, `at_least` and `at_most` may be single numbers. Clients with equal rows
        stay interchangeable.
        """
        dense = np.asarray(costs, dtype=np.float64)
        if dense.ndim != 2:
            raise ProblemError(f"costs: expected shape (n, t), got {dense.shape}")
        n, t = dense.shape
        cost_level, level_of = np.unique(dense, axis=0, return_inverse=True)
        return cls(
            cost_level=cost_level,
            level_of=level_of.reshape(n).astype(np.int64),
            weight=np.ones(n),
            cohort_size=_integers("cohort_size", cohort_size, t),
            at_least=_integers("at_least", at_least, n),
            at_most=_integers("at_most", t if at_most is None else at_most, n),
            available=None if available is None else np.asarray(available, dtype=np.bool_),
            turns=None if turns is None else _integers("turns", turns, n),
            seed=seed,
            elastic=elastic,
            cohort_least=_sizes("cohort_least", cohort_least, t),
            cohort_most=_sizes("cohort_most", cohort_most, t),
            cohort_total=cohort_total,
        )

    @property
    def clients(self) -> int:
        """How many clients there are (n)."""
        return len(self.level_of)

    @property
    def rounds(self) -> int:
        """How many rounds there are (t)."""
        return int(self.cost_level.shape[1])

    @property
    def total(self) -> int:
        """Turns over all rounds."""
        return int(self.cohort_size.sum()) if self.cohort_total is None else self.cohort_total

    @property
    def fewest(self) -> IntArray:
        """The fewest members that each round's cohort should have (t,)."""
        return self.cohort_size if self.cohort_least is None else self.cohort_least

    @property
    def most(self) -> IntArray:
        """The most members that each round's cohort may have (t,), whatever the total."""
        return self.cohort_size if self.cohort_most is None else self.cohort_most

    @lazy
    def seats(self) -> IntArray:
        """The most members that each round's cohort may have (t,)."""
        # With no turn to spare above the least sizes, these are fixed, if none can be missing.
        fixed = not self.elastic and self.total == int(self.fewest.sum())
        return self.fewest if fixed else self.most

    @lazy
    def slack(self) -> SlackSeats:
        """How many of the `seats` stay empty by choice; none where cohorts are fixed."""
        empty = int(self.seats.sum()) - self.total
        width = self.seats - self.fewest
        fixed = not self.elastic and not empty
        return SlackSeats(width=np.zeros_like(width) if fixed else width, total=empty)

    @lazy
    def random_costs(self) -> FloatArray:
        """The exact expected cost of a uniformly drawn cohort in each round, shape (t,).

        Such cohorts know no floors and no caps, and fill `random_seats`.
        """
        seats = self.random_seats
        if self.available is None:
            totals = np.bincount(self.level_of, weights=self.weight, minlength=len(self.cost_level))
            expected: FloatArray = (totals @ self.cost_level) * (seats / self.clients)
            return expected
        expected = np.zeros(self.rounds)
        for j in range(self.rounds):
            there = self.available[:, j]
            if there.any():
                mean = float(self.costs(np.flatnonzero(there), j).mean())
                expected[j] = seats[j] * mean
        return expected

    @property
    def random_seats(self) -> FloatArray:
        """Seats that a uniformly drawn cohort fills in each round, shape (t,).

        As many as there are clients for: of the size `cohort_size`, or in proportion to it if the
        total is another one.
        """
        share = self.cohort_size if self.cohort_size.any() else self.seats
        size = share * (self.total / max(1, int(share.sum())))
        there = self.clients if self.available is None else self.available.sum(axis=0)
        return np.asarray(np.minimum(size, there), dtype=np.float64)

    @property
    def random_cost(self) -> float:
        """The sum of `random_costs`."""
        return float(self.random_costs.sum())

    def costs(self, clients: IntArray | slice, round: int) -> FloatArray:  # noqa: A002
        """Cost of a turn of each of some clients in a round, shape (len(clients),)."""
        costs: FloatArray = self.weight[clients] * self.cost_level[self.level_of[clients], round]
        return costs

    def cost(self, cohorts: Sequence[IntArray]) -> float:
        """Sum the cost of the given cohorts, one array of clients for each round."""
        return float(sum(self.costs(cohort, j).sum() for j, cohort in enumerate(cohorts)))

    def violations(self, cohorts: Sequence[IntArray]) -> list[str]:
        """Check cohorts, client by client, against every constraint of the program.

        Returns
        -------
        list of str
            One sentence for each broken constraint; empty if all hold. Missing turns and seats of
            an elastic problem are no violations.
        """
        if len(cohorts) != self.rounds:
            return [f"expected {self.rounds} cohorts, got {len(cohorts)}"]
        found = []
        least, most = self.fewest, self.most
        turns = np.zeros(self.clients, dtype=np.int64)
        for j, cohort in enumerate(cohorts):
            members = np.asarray(cohort)
            if members.size and (members.min() < 0 or members.max() >= self.clients):
                found.append(f"round {j}: a client outside 0 to {self.clients - 1}")
                continue
            if len(np.unique(members)) != len(members):
                found.append(f"round {j}: a client sits twice")
            if self.available is not None and not self.available[members, j].all():
                found.append(f"round {j}: a client is not available")
            if len(members) > most[j] or (len(members) < least[j] and not self.elastic):
                size = f"{least[j]}" if least[j] == most[j] else f"{least[j]} to {most[j]}"
                found.append(f"round {j}: expected {size} clients, got {len(members)}")
            np.add.at(turns, members, 1)
        taken = int(turns.sum())
        breathes = bool((least < most).any())
        if breathes and (taken > self.total or (taken < self.total and not self.elastic)):
            found.append(f"expected {self.total} turns over all rounds, got {taken}")
        over = np.flatnonzero(turns > self.at_most)
        under = np.flatnonzero((turns < self.at_least) & (not self.elastic))
        return [
            *found,
            *(f"client {i}: {turns[i]} turns, at most {self.at_most[i]} allowed" for i in over),
            *(f"client {i}: {turns[i]} turns, at least {self.at_least[i]} owed" for i in under),
        ]


def _integers(name: str, value: ArrayLike, size: int) -> IntArray:
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "iu":
        raise ProblemError(f"{name}: expected whole numbers, got {numbers.dtype}")
    if numbers.ndim == 0:
        numbers = np.full(size, numbers)
    return numbers.astype(np.int64)


def _sizes(name: str, value: ArrayLike | None, rounds: int) -> IntArray | None:
    return None if value is None else _integers(name, value, rounds)
