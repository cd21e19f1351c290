"""Linear side constraints: bounds on what the members of a set of clients bring or use."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from lowcarb_solvers.arrays import BoolArray, FloatArray
from lowcarb_solvers.errors import ProblemError


def shown(amount: float) -> str:
    """Write an amount for messages, to six figures; large ones wholly."""
    return f"{amount:,.0f}" if 1e6 - 0.5 <= abs(amount) < 1e15 else f"{amount:,.6g}"


class Stage(StrEnum):
    """Kinds of shortfall, in the order in which they are avoided unless another is asked for."""

    SEATS = "seats"
    """Seats of a round that stay empty."""

    FLOORS = "floors"
    """Turns that a client is owed."""

    QUOTAS = "quotas"
    """Members, or turns, of a group: too few or too many."""

    COVERS = "covers"
    """Too little of a column, for example of samples."""

    CAPS = "caps"
    """Too much of a column or of the cost: caps of a round, and budgets."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """Bounds on a sum over the turns of a set of clients, in each round or over the horizon.

    `quota`, `cover`, `knapsack` and `budget` make the usual ones.

    Parameters
    ----------
    name
        For messages, for example "region north"; each rule has another.
    unit
        Of the bounds, for messages: clients, samples, kWh, g.
    clients
        Shape (n,): whose turns count; None for all.
    amount
        Shape (n,): what a turn of each client counts, finite and not negative; None for one each.
    costs
        Whether a turn counts what it costs by `LimitedProblem.counting`, less what excess energy
        saves; then without `amount`.
    at_least, at_most
        Shape (t,), one bound a round, or shape (1,) if `whole`; -inf and inf where there is none.
    whole
        Whether the bounds are of the whole horizon.
    why
        What the rule is for, in a few words, for messages; may be empty.

    Raises
    ------
    ProblemError
        If the fields contradict each other.
    """

    name: str
    unit: str
    clients: BoolArray | None = None
    amount: FloatArray | None = None
    costs: bool = False
    at_least: FloatArray
    at_most: FloatArray
    whole: bool = False
    why: str = field(default="")

    def __post_init__(self) -> None:
        """Refuse what no plan could be checked against."""
        if not self.name.strip():
            raise ProblemError("name of a rule: expected a text, got none")
        if self.costs and self.amount is not None:
            raise ProblemError(f"{self.name}: expected costs or an amount, got both")
        if self.clients is not None and self.clients.dtype != np.bool_:
            raise ProblemError(f"{self.name}: clients: expected booleans, got {self.clients.dtype}")
        if self.amount is not None and not (np.isfinite(self.amount) & (self.amount >= 0)).all():
            client = int((~np.isfinite(self.amount) | (self.amount < 0)).argmax())
            raise ProblemError(
                f"{self.name}: amount: expected finite numbers, zero or more, got "
                f"{self.amount[client]} of client {client}"
            )
        if self.at_least.shape != self.at_most.shape or self.at_least.ndim != 1:
            raise ProblemError(
                f"{self.name}: at_least and at_most: expected shapes (t,), got "
                f"{self.at_least.shape} and {self.at_most.shape}"
            )
        if np.isnan(self.at_least).any() or np.isnan(self.at_most).any():
            raise ProblemError(f"{self.name}: at_least and at_most: expected numbers, got NaN")
        if (self.at_least == np.inf).any() or (self.at_most < 0).any():
            raise ProblemError(
                f"{self.name}: expected at_least below infinity and at_most of zero or more"
            )
        if self.counts_turns:
            bounds = np.concatenate([self.at_least, self.at_most])
            broken = bounds[np.isfinite(bounds) & (bounds != np.rint(bounds))]
            if broken.size:
                raise ProblemError(
                    f"{self.name}: expected whole numbers of {self.unit}, got {shown(broken[0])}"
                )
        crossed = np.flatnonzero(self.at_least > self.at_most)
        if crossed.size:
            low, high = self.at_least[crossed[0]], self.at_most[crossed[0]]
            where = "" if self.whole else f" in round {crossed[0]}"
            raise ProblemError(
                f"{self.name}{where}: at_least {shown(low)} is above at_most {shown(high)}"
            )

    def __repr__(self) -> str:
        return f"Rule({self.name!r}, {self.unit}{', whole' * self.whole})"

    @property
    def counts_turns(self) -> bool:
        """Whether each turn counts one."""
        return self.amount is None and not self.costs

    @property
    def stage_below(self) -> Stage:
        """What it is to stay below `at_least`."""
        return Stage.QUOTAS if self.counts_turns else Stage.COVERS

    @property
    def stage_above(self) -> Stage:
        """What it is to go beyond `at_most`."""
        return Stage.QUOTAS if self.counts_turns else Stage.CAPS


def quota(
    name: str,
    clients: ArrayLike,
    *,
    rounds: int,
    at_least: ArrayLike = -np.inf,
    at_most: ArrayLike = np.inf,
    whole: bool = False,
    why: str = "",
) -> Rule:
    """Ask for so many members of a group in each round, or for so many turns in all.

    Parameters
    ----------
    name
        For messages.
    clients
        Shape (n,): who is in the group, as booleans.
    rounds
        How many rounds the problem has.
    at_least, at_most
        One number, or shape (t,).
    whole
        Whether the bounds are of the whole horizon.
    why
        What it is for; may be empty.
    """
    return Rule(
        name=name,
        unit="turns" if whole else "clients",
        clients=np.asarray(clients),
        at_least=_bounds(at_least, 1 if whole else rounds),
        at_most=_bounds(at_most, 1 if whole else rounds),
        whole=whole,
        why=why,
    )


def cover(
    name: str,
    amount: ArrayLike,
    at_least: ArrayLike,
    *,
    rounds: int,
    unit: str = "samples",
    clients: BoolArray | None = None,
    whole: bool = False,
    why: str = "",
) -> Rule:
    """Ask for so much of a column at least, in each round or in all.

    Parameters
    ----------
    name
        For messages.
    amount
        Shape (n,): what a turn of each client brings.
    at_least
        One number, or shape (t,).
    rounds
        How many rounds the problem has.
    unit
        Of the column.
    clients
        Shape (n,): whose turns count, as booleans; None for all.
    whole
        Whether the bound is of the whole horizon.
    why
        What it is for; may be empty.
    """
    return Rule(
        name=name,
        unit=unit,
        clients=clients,
        amount=np.asarray(amount, dtype=np.float64),
        at_least=_bounds(at_least, 1 if whole else rounds),
        at_most=_bounds(np.inf, 1 if whole else rounds),
        whole=whole,
        why=why,
    )


def knapsack(
    name: str,
    amount: ArrayLike | None,
    at_most: ArrayLike,
    *,
    rounds: int,
    unit: str,
    clients: BoolArray | None = None,
    whole: bool = False,
    why: str = "",
) -> Rule:
    """Allow so much of a column, or of the cost, in each round or in all.

    Parameters
    ----------
    name
        For messages.
    amount
        Shape (n,): what a turn of each client uses; None for what it costs.
    at_most
        One number, or shape (t,).
    rounds
        How many rounds the problem has.
    unit
        Of the column, or of the cost.
    clients
        Shape (n,): whose turns count, as booleans; None for all. A site is a cap of its own.
    whole
        Whether the bound is of the whole horizon.
    why
        What it is for; may be empty.
    """
    return Rule(
        name=name,
        unit=unit,
        clients=clients,
        amount=None if amount is None else np.asarray(amount, dtype=np.float64),
        costs=amount is None,
        at_least=_bounds(-np.inf, 1 if whole else rounds),
        at_most=_bounds(at_most, 1 if whole else rounds),
        whole=whole,
        why=why,
    )


def budget(
    name: str,
    amount: ArrayLike | None,
    at_most: float,
    *,
    unit: str,
    clients: BoolArray | None = None,
    why: str = "",
) -> Rule:
    """Allow so much of a column, or of the cost, over the horizon.

    Parameters
    ----------
    name
        For messages.
    amount
        Shape (n,): what a turn of each client uses; None for what it costs.
    at_most
        The budget.
    unit
        Of the column, or of the cost.
    clients
        Shape (n,): whose turns count, as booleans; None for all.
    why
        What it is for; may be empty.
    """
    return knapsack(
        name, amount, at_most, rounds=1, unit=unit, clients=clients, whole=True, why=why
    )


def _bounds(value: ArrayLike, size: int) -> FloatArray:
    numbers = np.asarray(value, dtype=np.float64)
    return np.full(size, float(numbers)) if numbers.ndim == 0 else numbers
