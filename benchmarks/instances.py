"""Random problems by seed and size, shared by the benchmarks and the tests."""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb_solvers import Problem, Solution
from lowcarb_solvers.arrays import FloatArray


def diurnal(regions: int, rounds: int, rng: np.random.Generator) -> FloatArray:
    """Invent hourly intensities with a solar dip, an evening peak and weather, shape (g, t)."""
    hour = np.arange(rounds)
    base = rng.uniform(40, 700, (regions, 1))
    solar = rng.uniform(0.0, 0.6, (regions, 1))
    local = (hour + rng.integers(-8, 9, (regions, 1))) % 24
    dip = solar * np.exp(-0.5 * ((local - 12.5) / 2.8) ** 2)
    peak = 0.15 * np.exp(-0.5 * ((local - 19.5) / 2.0) ** 2)
    weather = np.cumsum(rng.normal(0, 0.03, (regions, rounds)), axis=1)
    return np.asarray(base * np.clip(1 - dip + peak + weather, 0.08, None))


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A family of problems; a seed makes one of them.

    Parameters
    ----------
    clients, rounds, cohort_size
        Size.
    regions
        Rows of `cost_level`.
    hardware
        Distinct energies; None gives every client its own.
    min_share, max_share
        Floor and cap as shares of an equal share; None for no cap.
    online
        Probability that a client is available in a round; 1 for always.
    owing
        Share of the clients that owe one turn more than the floor.
    """

    clients: int
    rounds: int
    cohort_size: int
    regions: int = 26
    hardware: int | None = None
    min_share: float = 0.5
    max_share: float | None = None
    online: float = 1.0
    owing: float = 0.0

    def problem(self, seed: int = 0) -> Problem:
        """Make the problem of a seed."""
        rng = np.random.default_rng(seed)
        n, t = self.clients, self.rounds
        if self.hardware is None:
            energy = np.exp(rng.uniform(np.log(0.05), np.log(0.25), n))
        else:
            energy = rng.choice(np.geomspace(0.05, 0.25, self.hardware), n)
        equal_share = self.cohort_size * t / n
        cap = t if self.max_share is None else int(np.ceil(self.max_share * equal_share))
        floor = np.full(n, int(self.min_share * equal_share))
        if self.owing:
            floor += rng.random(n) < self.owing
        return Problem(
            cost_level=diurnal(self.regions, t, rng),
            level_of=rng.integers(0, self.regions, n),
            weight=energy,
            cohort_size=np.full(t, self.cohort_size),
            at_least=floor,
            at_most=np.full(n, cap),
            available=None if self.online == 1 else rng.random((n, t)) < self.online,
            elastic=True,
        )


def small(seed: int, *, elastic: bool, most_clients: int = 6, most_rounds: int = 4) -> Problem:
    """Make a small problem with everything that can be awkward: ties, zeros, caps, absences."""
    rng = np.random.default_rng(seed)
    n, t = int(rng.integers(1, most_clients + 1)), int(rng.integers(1, most_rounds + 1))
    g = int(rng.integers(1, 4))
    owed = rng.integers(0, t + 1, n) * (rng.random(n) < 0.6)
    return Problem(
        cost_level=rng.integers(0, 8, (g, t)) * rng.choice([1.0, 0.37, 61.0]),
        level_of=rng.integers(0, g, n),
        weight=rng.choice([0.0, 1.0, 1.5, 2.25], n, p=[0.1, 0.4, 0.3, 0.2]),
        cohort_size=rng.integers(0, max(2, n), t)
        if rng.random() < 0.5
        else np.full(t, (n + 1) // 2),
        at_least=owed,
        at_most=np.minimum(t, owed + rng.integers(0, t + 1, n)),
        available=rng.random((n, t)) < 0.7 if rng.random() < 0.6 else None,
        turns=rng.integers(0, 3, n),
        seed=seed,
        elastic=elastic,
    )


def any_size(seed: int, most: int = 4_000_000) -> Problem:
    """Make a problem of 1,000 to `most` clients times rounds, of any tightness.

    Half of them have availability rows, half cohorts that change from round to round. There are
    200,000 clients at most.
    """
    rng = np.random.default_rng(seed)
    t = int(np.exp(rng.uniform(np.log(2), np.log(600))))
    n = max(2, min(200_000, int(10 ** rng.uniform(3, np.log10(most)) / t)))
    seats = max(1, int(n * 10 ** rng.uniform(-2.5, -0.3)))
    regions = int(rng.integers(1, 60))
    available = rng.random((n, t)) < rng.uniform(0.2, 0.95) if rng.random() < 0.5 else None
    cohort_size = np.full(t, seats)
    if rng.random() < 0.5:
        cohort_size = rng.integers(seats // 2, 2 * seats + 1, t)
    weight = np.exp(rng.uniform(np.log(0.05), np.log(0.25), n))
    if rng.random() < 0.3:
        weight = rng.choice([0.05, 0.1, 0.2], n)
    equal_share = seats * t / n
    owed = (rng.uniform(0, 1.1) * equal_share + rng.random(n)).astype(np.int64)
    most_turns = min(int(np.ceil(rng.uniform(1, 4) * equal_share)), t)
    return Problem(
        cost_level=diurnal(regions, t, rng),
        level_of=rng.integers(0, regions, n),
        weight=weight,
        cohort_size=cohort_size,
        at_least=owed,
        at_most=np.maximum(owed, most_turns),
        available=available,
        seed=seed,
        elastic=True,
    )


def _planned(clients: int, rounds: int, cohort_size: int) -> Instance:
    """Clients that all differ, 0.6 to 2 equal shares of turns for each."""
    owed = 0.6 * cohort_size * rounds / clients
    return Instance(
        clients=clients,
        rounds=rounds,
        cohort_size=cohort_size,
        regions=50,
        min_share=0.6,
        max_share=2.0,
        owing=owed - int(owed),
    )


PLANNED = {
    "100x96": _planned(100, 96, 10),
    "1,000x100": _planned(1_000, 100, 50),
    "3,000x60": _planned(3_000, 60, 150),
    "10^4x100": _planned(10_000, 100, 100),
    "10^5x24": _planned(100_000, 24, 1_000),
    "10^6x24": _planned(1_000_000, 24, 1_000),
    "10^6x24, 20,000": _planned(1_000_000, 24, 20_000),
    "100x500": _planned(100, 500, 10),
    "1,000x480": _planned(1_000, 480, 50),
    "100x2,000": _planned(100, 2_000, 10),
    "100x10,000": _planned(100, 10_000, 10),
    "2,000x100 online": replace(_planned(2_000, 100, 100), online=0.7),
}
"""Families for planning from nothing and again each round, by name."""

HUGE = {"10^7x24": _planned(10_000_000, 24, 1_000)}
"""Families that take seconds and gigabytes, by name; they are measured only when asked for."""

INSTANCES = {
    "day": Instance(clients=100, rounds=24, cohort_size=10),
    "two-days": Instance(clients=100, rounds=48, cohort_size=10, hardware=12),
    "two-days-online": Instance(clients=100, rounds=48, cohort_size=10, online=0.6),
    "classes": Instance(clients=1000, rounds=100, cohort_size=50, regions=10, hardware=5),
    "million": Instance(clients=1_000_000, rounds=24, cohort_size=1000, hardware=5, owing=0.02),
    "million-distinct": Instance(clients=1_000_000, rounds=24, cohort_size=1000, owing=0.02),
    "three-thousand": Instance(clients=3000, rounds=60, cohort_size=200, max_share=2.0),
    "distinct": Instance(clients=500, rounds=60, cohort_size=50, max_share=2.0),
}
"""Families by name."""

IN_CLIENTS = {
    f"{name}x24, {n // 50:,}": _planned(n, 24, n // 50)
    for name, n in {
        "100": 100,
        "300": 300,
        "1,000": 1_000,
        "3,000": 3_000,
        "10^4": 10_000,
        "10^5": 100_000,
        "10^6": 1_000_000,
    }.items()
}
"""Growth in clients, of whom a fiftieth works in each of 24 rounds, by name."""

IN_ROUNDS = {
    f"100x{t:,}": _planned(100, t, 10) for t in (24, 48, 96, 200, 500, 1_000, 2_000, 10_000)
}
"""Growth in rounds, of 100 clients and cohorts of 10, by name."""


def later(problem: Problem, plan: Solution) -> Problem:
    """What is left to plan after the first round of a plan."""
    took = np.bincount(plan.cohort(0), minlength=problem.clients)
    return replace(
        problem,
        cost_level=problem.cost_level[:, 1:],
        cohort_size=problem.cohort_size[1:],
        at_least=np.maximum(0, problem.at_least - took),
        at_most=problem.at_most - took,
        available=None if problem.available is None else problem.available[:, 1:],
    )
