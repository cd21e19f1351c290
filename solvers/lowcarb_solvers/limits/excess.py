"""Energy at a site that would be wasted otherwise, and what it makes turns cost."""

from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray
from lowcarb_solvers.errors import ProblemError
from lowcarb_solvers.problem import Problem

# Costs of a kWh that differ by less, relatively, are the same.
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Excess:
    """Energy at a site that would be wasted otherwise: used first, before that of the grid.

    A site's turns of round j use so many kWh; of these ``min(supply[j], used)`` cost less, by
    ``saves[j]`` each. That keeps the cost convex, so that no integers are needed for it.

    Parameters
    ----------
    name
        Of the site, for messages.
    clients
        Shape (n,): whose turns draw on it; no client draws on two.
    amount
        Shape (n,): kWh of a turn of each client.
    supply
        Shape (t,): kWh that there are in each round.
    saves
        Shape (t,), not negative: what a kWh of it costs less than one of the grid.

    Raises
    ------
    ProblemError
        If the fields contradict each other.
    """

    name: str
    clients: BoolArray
    amount: FloatArray
    supply: FloatArray
    saves: FloatArray

    def __post_init__(self) -> None:
        """Refuse what would not be convex, or not finite."""
        if self.clients.dtype != np.bool_:
            raise ProblemError(f"{self.name}: clients: expected booleans, got {self.clients.dtype}")
        for part in ("amount", "supply", "saves"):
            value = getattr(self, part)
            if not (np.isfinite(value) & (value >= 0)).all():
                raise ProblemError(
                    f"{self.name}: {part}: expected finite numbers, zero or more, got "
                    f"{value[~(np.isfinite(value) & (value >= 0))][0]}"
                )
        if self.supply.shape != self.saves.shape or self.supply.ndim != 1:
            raise ProblemError(
                f"{self.name}: supply and saves: expected shapes (t,), got {self.supply.shape} "
                f"and {self.saves.shape}"
            )


def excess_at(
    problem: Problem,
    name: str,
    clients: BoolArray,
    amount: FloatArray,
    supply: FloatArray,
    own: FloatArray,
) -> Excess:
    """Make excess energy of a site that has an intensity of its own.

    Parameters
    ----------
    problem
        Whose costs say what a kWh of the grid costs at the site.
    name
        Of the site.
    clients
        Shape (n,): whose turns draw on it; they pay the same for a kWh in every round.
    amount
        Shape (n,): kWh of a turn of each client.
    supply, own
        Shape (t,): kWh that there are in each round, and what one of them costs.

    Raises
    ------
    ProblemError
        If clients pay differently, or the excess costs more than the grid, which nobody would use
        first.
    """
    who = np.flatnonzero(clients & (amount > 0))
    saves = np.zeros(problem.rounds)
    for j in range(problem.rounds) if who.size else ():
        paid = problem.costs(who, j) / amount[who]
        if paid.max() - paid.min() > _ROUNDING * paid.max():
            raise ProblemError(
                f"{name}: expected clients that pay the same for a kWh, got {paid.min():g} to "
                f"{paid.max():g} in round {j}"
            )
        saves[j] = paid.min() - own[j] if supply[j] > 0 else 0.0
        if saves[j] < 0:
            raise ProblemError(
                f"{name}: own: expected no more than a kWh of the grid costs, {paid.min():g} in "
                f"round {j}, got {own[j]:g}"
            )
    return Excess(name=name, clients=clients, amount=amount, supply=supply, saves=saves)
