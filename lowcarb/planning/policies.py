"""Ways to choose the next round's cohort, behind one protocol.

A policy sees the program over all rounds that are left and answers with the cohort of the first of
them. It is asked again in each round, when newer forecasts are known.
"""

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from lowcarb._util.arguments import Rules, check_parts
from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb.errors import PolicyError
from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.even import evened
from lowcarb.planning.limited_solve import ROLLING_GAP, solve_with_limits
from lowcarb.planning.value import Value
from lowcarb.planning.value_price import Paid
from lowcarb.planning.valued import solve_valued
from lowcarb.planning.valued_limits import solve_valued_within
from lowcarb_solvers import (
    Greedy,
    LimitedProblem,
    LimitedSolution,
    Limits,
    NoSolver,
    Problem,
    Solution,
    Solver,
    Warm,
    chain,
    limit_of,
    solve,
    within,
)

__all__ = [
    "POLICIES",
    "CandidateView",
    "Cheapest",
    "Choice",
    "LeastTurns",
    "Lowcarb2022",
    "Planned",
    "Policy",
    "Random",
    "RoundRobin",
    "random_round_cost",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """A cohort for the next round.

    Parameters
    ----------
    cohort
        Clients, ascending, as their numbers in the problem.
    by
        Who chose: the name of a solver or of a policy.
    solution
        The plan over all rounds left that the cohort is the first of; None without a plan.
    fallback
        Whether the plan of an earlier solver stood in for that of the last one.
    limited
        The plan with what it has of its limits; None where there are none, or no plan.
    paid
        What the plan pays for the value of turns; None where they have none.
    """

    cohort: IntArray
    by: str
    solution: Solution | None = None
    fallback: bool = False
    limited: LimitedSolution | None = None
    paid: Paid | None = None


class Policy(Protocol):
    """Chooses the next round's cohort; a function will do.

    A policy of your own, for `CarbonAware` and `lowcarb.replay.compare`::

        import numpy as np
        from lowcarb.planning.policies import CandidateView, Choice
        from lowcarb_solvers import Problem

        def lightest(problem: Problem, candidates: CandidateView) -> Choice:
            seats = problem.cohort_size[0]  # or up to problem.most[0], where cohorts breathe
            order = np.argsort(problem.weight, kind="stable")
            there = order if problem.available is None else order[problem.available[order, 0]]
            return Choice(cohort=np.sort(there[:seats]), by="lightest")
    """

    def __call__(self, problem: Problem, candidates: CandidateView, /) -> Choice:
        """Choose among the clients that are available in the first round of the problem.

        Parameters
        ----------
        problem
            The program over all rounds that are left. Once turns get lost, `at_least` includes
            turns in reserve for clients that owe some.
        candidates
            Names, regions, durations, samples and last losses of its clients, in its order.
        """


RULES: Rules = {
    "solvers": (
        lambda value: (
            isinstance(value, tuple)
            and bool(value)
            and all(callable(one) and not isinstance(one, type) for one in value)
        ),
        "a tuple of solvers, such as lowcarb_solvers.chain()",
    ),
}
"""What arguments of a plan must be like."""


@dataclass(frozen=True)
class Planned:
    """Plan all rounds that are left, and take the first: Lowcarb's own way.

    Parameters
    ----------
    solvers
        As in `Planner`: greedy and then CBC unless others are named.
    warm
        What an earlier plan knows of the rounds of the next program. It changes how long planning
        takes, not what is planned.
    keeps_limits
        Whether limits of a training are kept, as far as can be. False of rankings that are played
        beside plans that do.
    limits
        Of the rounds of the next program; None for none.
    value
        What plans pay for, in grams, beside keeping carbon low; None: for nothing.
    """

    solvers: tuple[Solver, ...] = field(default_factory=chain)
    warm: Warm | None = field(default=None, compare=False, repr=False)
    keeps_limits: bool = True
    limits: Limits | None = field(default=None, compare=False, repr=False)
    value: Value | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot solve."""
        check_parts(RULES, solvers=self.solvers)

    def __call__(self, problem: Problem, candidates: CandidateView | None = None) -> Choice:
        """Solve the program.

        Raises
        ------
        PolicyError
            If a solver is not installed, or turns have a value and nobody says of whom.
        InputError
            If the clients have no column that says what their turns are worth, or there are limits
            and the last solver knows nothing of them.
        """
        worth = self._worth(candidates)
        if self.limits:
            limited = LimitedProblem(problem=problem, limits=self.limits)
            return self._within_limits(limited, worth)
        paid = None
        try:
            if self.value is None or worth is None:
                solution = solve(problem, *self.solvers, warm=self.warm).raise_for_status()
            else:
                found = solve_valued(problem, self.value, worth, self.solvers, self.warm)
                problem, solution, paid = found.asked, found.solution, found.paid
        except NoSolver as error:
            raise PolicyError(str(error), field="policy") from error
        return Choice(
            cohort=evened(problem, solution.cohort(0)),
            by=solution.solver,
            solution=solution,
            fallback=solution.solver != self.solvers[-1].name,
            paid=paid,
        )

    def _worth(self, candidates: CandidateView | None) -> FloatArray | None:
        """What a turn of each client is worth (n,); None where turns have no value."""
        if self.value is None:
            return None
        if candidates is None:
            raise PolicyError("value: expected the candidates, got None", field="policy")
        return self.value.of_clients(candidates)

    def _within_limits(self, limited: LimitedProblem, worth: FloatArray | None) -> Choice:
        paid = None
        if self.value is None or worth is None:
            found = solve_with_limits(limited, self.solvers, least_gap=ROLLING_GAP)
        else:
            found, paid = solve_valued_within(
                limited, self.value, worth, self.solvers, least_gap=ROLLING_GAP
            )
        found = found.raise_for_status()
        return Choice(
            cohort=found.cohort(0),
            by=found.solver,
            solution=found.plain,
            fallback=found.solver != self.solvers[-1].name,
            limited=found,
            paid=paid,
        )

    def within_limits(self, limits: Limits | None) -> "Planned":
        """Plan within limits of the next program's rounds, if the policy keeps any."""
        return replace(self, limits=limits) if self.keeps_limits else self

    @property
    def time_limit(self) -> float:
        """Seconds that a plan may take, the longest limit of its solvers; inf if none has one."""
        return limit_of(self.solvers)

    def within(self, seconds: float) -> "Planned":
        """Plan in less time: limits shrink in proportion, solvers without one stay as they are."""
        return replace(self, solvers=within(self.solvers, seconds))

    def warmed(self, warm: Warm | None) -> "Planned":
        """Begin from what an earlier plan knows of the next program's rounds."""
        return replace(self, warm=warm)


@dataclass(frozen=True)
class Cheapest:
    """Take those that emit least now; floors and caps are ignored."""

    def __call__(self, problem: Problem, _: CandidateView | None = None) -> Choice:
        """Rank by emissions, equal ones by their turns."""
        return Choice(cohort=_first(problem, _present(problem), _costs(problem)), by="cheapest")


@dataclass(frozen=True)
class Random:
    """Draw uniformly, as Flower does; floors and caps are ignored."""

    def __call__(self, problem: Problem, _: CandidateView | None = None) -> Choice:
        """Draw by the problem's seed and the number of rounds left."""
        no_rank = np.zeros(problem.clients)
        return Choice(cohort=_first(problem, _present(problem), no_rank, fair=False), by="random")


@dataclass(frozen=True)
class LeastTurns:
    """Take those who are owed most, then those with the fewest turns; knows nothing of carbon."""

    def __call__(self, problem: Problem, _: CandidateView | None = None) -> Choice:
        """Rank by owed turns and turns."""
        allowed = _present(problem) & (problem.at_most > 0)
        owed = -problem.at_least.astype(np.float64)
        return Choice(cohort=_first(problem, allowed, owed), by="least turns")


@dataclass(frozen=True)
class RoundRobin:
    """Take those with the fewest turns; floors, caps and carbon are ignored."""

    def __call__(self, problem: Problem, _: CandidateView | None = None) -> Choice:
        """Rank by turns."""
        no_rank = np.zeros(problem.clients)
        return Choice(cohort=_first(problem, _present(problem), no_rank), by="round-robin")


@dataclass(frozen=True)
class Lowcarb2022:
    """The heuristic of the 2022 hackathon plugin, with its tie-break repaired.

    A client looks ahead: not at all while its turns are at most half of the most turns that anyone
    has, then linearly further, up to the full window for those with the most. Clients above the
    80th percentile of turns come last. Clients that do not look ahead are taken first, cleaner ones
    before dirtier ones; of the others those that have least to gain from waiting. Energies, floors
    and caps are ignored. (The published code lost "cleaner first" to floating point.)

    Parameters
    ----------
    window
        Rounds of the full window; twelve hours of hourly rounds.
    """

    window: int = 12

    def __call__(self, problem: Problem, _: CandidateView | None = None) -> Choice:
        """Rank by the rule of 2022."""
        turns = np.zeros(problem.clients) if problem.turns is None else problem.turns
        most = float(turns.max())
        ahead = np.full(problem.clients, self.window)
        if most:
            growth = (turns - most / 2) / (most / 2)
            ahead = np.ceil(self.window * np.clip(growth, 0, 1)).astype(np.int64)
        level = problem.cost_level[problem.level_of]
        # Column j: the lowest intensity of the rounds 1 to j from now.
        lowest = np.minimum.accumulate(level[:, 1 : self.window + 1], axis=1)
        reach = np.minimum(ahead, lowest.shape[1])
        gain = np.zeros(problem.clients)
        looks = reach > 0
        gain[looks] = level[looks, 0] - lowest[looks, reach[looks] - 1]
        rank = np.where(looks, gain, level[:, 0])
        back = turns > np.percentile(turns, 80)
        lot = np.random.default_rng([problem.seed, problem.rounds]).random(problem.clients)
        order = np.lexsort((lot, rank, looks, back, ~_present(problem)))
        seats = min(int(problem.cohort_size[0]), int(_present(problem).sum()))
        return Choice(cohort=np.sort(order[:seats]).astype(np.int64), by="lowcarb-2022")


POLICIES: dict[str, Policy] = {
    "ilp": Planned(),
    "regret": Planned((Greedy("regret"),), keeps_limits=False),
    "greedy": Planned((Greedy("cost"),), keeps_limits=False),
    "cheapest": Cheapest(),
    "random": Random(),
    "round-robin": RoundRobin(),
    "lowcarb-2022": Lowcarb2022(),
    "least-turns": LeastTurns(),
}
"""Policies by the names that commands and run configurations use."""


def random_round_cost(problem: Problem, seats: int | None = None) -> float:
    """Cost of a uniformly drawn cohort of the first round, the exact expectation.

    Parameters
    ----------
    problem
        All rounds that are left.
    seats
        Of the cohort; None for the problem's cohort size.
    """
    present = _present(problem)
    if not present.any():
        return 0.0
    seats = int(problem.cohort_size[0]) if seats is None else seats
    return min(seats, int(present.sum())) * float(_costs(problem)[present].mean())


def _present(problem: Problem) -> BoolArray:
    if problem.available is None:
        return np.ones(problem.clients, dtype=np.bool_)
    present: BoolArray = problem.available[:, 0]
    return present


def _costs(problem: Problem) -> FloatArray:
    return problem.costs(slice(None), 0)


def _first(
    problem: Problem, allowed: BoolArray, rank: FloatArray, *, fair: bool = True
) -> IntArray:
    """Take the lowest ranks; of equal ones those with fewer turns if `fair`, then by lot."""
    lot = np.random.default_rng([problem.seed, problem.rounds]).random(problem.clients)
    turns = problem.turns if fair and problem.turns is not None else np.zeros(problem.clients)
    order = np.lexsort((lot, turns, rank, ~allowed))
    seats = min(int(problem.cohort_size[0]), int(allowed.sum()))
    return np.sort(order[:seats]).astype(np.int64)
