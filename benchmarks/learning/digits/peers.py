"""Others' ways to choose cohorts, by losses and by clean hours, from the formulas of their papers.

None of them knows floors, caps or a horizon; they see the losses that clients returned last.
"""

from dataclasses import dataclass

import numpy as np

from lowcarb.planning.policies import CandidateView, Choice, Policy
from lowcarb_solvers import Problem
from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Oort:
    """Oort (Lai et al., OSDI 2021): statistical utility, staleness, and exploration.

    Clients return the root of their mean squared loss, so that the utility of client i is |B_i|
    times it. As in Oort's own implementation it is scaled to 0 to 1 before the bonus for staleness
    is added. All are fast enough for a round of an hour, so that no pacer and no system utility
    are needed.

    Parameters
    ----------
    explored, decay, least
        Share of seats for clients never asked, by how much it shrinks each round, and to what.
    clipped, cut
        Quantile above which utilities are alike, and share of the last one chosen at which clients
        are still drawn for it.
    """

    explored: float = 0.9
    decay: float = 0.98
    least: float = 0.2
    clipped: float = 0.95
    cut: float = 0.95

    def __call__(self, problem: Problem, candidates: CandidateView) -> Choice:
        """Draw the cohort."""
        rng, seats, there = _draw(problem)
        number = _number(problem)
        known = there & candidates.asked_before
        new = there & ~candidates.asked_before
        share = max(self.least, self.explored * self.decay ** (number - 1))
        explore = min(round(share * seats), int(new.sum()))
        exploit = min(seats - explore, int(known.sum()))
        explore = min(seats - exploit, int(new.sum()))
        chosen = rng.permutation(np.flatnonzero(new))[:explore]
        if exploit:
            who = np.flatnonzero(known)
            utility = self._utility(candidates, number)[who]
            last = np.sort(utility)[-exploit]
            # At least as many are left as there are seats: those up to the last one.
            drawn = utility >= self.cut * last
            weights = np.maximum(utility[drawn], 1e-12)
            chosen = np.append(
                chosen,
                rng.choice(who[drawn], exploit, replace=False, p=weights / weights.sum()),
            )
        return Choice(cohort=np.sort(chosen).astype(np.int64), by="oort")

    def _utility(self, candidates: CandidateView, number: int) -> FloatArray:
        """Scaled statistical utility with the bonus sqrt(0.1 log R / L), L the last round (n,)."""
        found = utility(candidates)
        asked = candidates.asked_before
        low, high = float(found[asked].min()), float(np.quantile(found[asked], self.clipped))
        scaled = np.clip((found - low) / max(high - low, 1e-12), 0, 1)
        last = np.maximum(1, number - candidates.waited)
        bonus: FloatArray = np.sqrt(0.1 * np.log(number) / last)
        return np.asarray(scaled + bonus)


@dataclass(frozen=True)
class PowerOfChoice:
    """Power-of-choice (Cho et al., 2020) by the losses returned last, its variant rpow-d.

    Parameters
    ----------
    candidates
        d: so many are drawn in proportion to their data; those with the highest losses are taken.
        Who never returned any comes first.
    """

    candidates: int = 20

    def __call__(self, problem: Problem, candidates: CandidateView) -> Choice:
        """Draw candidates and take the highest losses."""
        rng, seats, there = _draw(problem)
        who = np.flatnonzero(there)
        share = _samples(candidates)[who]
        drawn = rng.choice(
            who, min(self.candidates, len(who)), replace=False, p=share / share.sum()
        )
        loss = candidates.last_loss[drawn]
        order = np.argsort(-np.where(np.isnan(loss), np.inf, loss), kind="stable")
        return Choice(cohort=np.sort(drawn[order][:seats]).astype(np.int64), by="power-of-choice")


@dataclass(frozen=True)
class LikeFedZero:
    """After FedZero (Wiesner et al., e-Energy 2024): excess energy, utility, and a blocklist.

    FedZero trains on excess energy and excess capacity of its sites, which these days do not tell.
    A region counts as having excess energy here in hours no dirtier than the mean of its coming
    day. Of such clients those of the highest statistical utility are taken, then others, the
    cleanest first for their region. Who has more turns than the mean is let in with FedZero's
    probability of being released, 1 / (turns - mean), drawn anew each round.

    Parameters
    ----------
    day
        Rounds of a day.
    """

    day: int = 24

    def __call__(self, problem: Problem, candidates: CandidateView) -> Choice:
        """Draw who is released, and take those with excess energy and the highest utility."""
        rng, seats, there = _draw(problem)
        turns = np.zeros(problem.clients) if problem.turns is None else problem.turns
        above = turns - turns.mean()
        released = rng.random(problem.clients) * np.maximum(1.0, above) <= 1.0
        level = problem.cost_level[problem.level_of]
        relative = level[:, 0] / np.maximum(level[:, : self.day].mean(axis=1), 1e-12)
        excess = relative <= 1
        rank = np.where(excess, -utility(candidates), relative)
        lot = rng.random(problem.clients)
        order = np.lexsort((lot, rank, ~excess, ~released, ~there))
        return Choice(
            cohort=np.sort(order[: min(seats, int(there.sum()))]).astype(np.int64), by="fedzero"
        )


PEERS: dict[str, Policy] = {
    "oort": Oort(),
    "power-of-choice": PowerOfChoice(),
    "like-fedzero": LikeFedZero(),
}
"""By the names that run configurations use."""


def utility(candidates: CandidateView) -> FloatArray:
    """Samples times loss (n,); who returned none counts with the highest one."""
    loss = candidates.last_loss
    known = loss[~np.isnan(loss)]
    highest = float(known.max()) if known.size else 1.0
    return np.asarray(_samples(candidates) * np.where(np.isnan(loss), highest, loss))


def _samples(candidates: CandidateView) -> FloatArray:
    """Samples of each client (n,); unknown ones are typical."""
    known = candidates.samples[~np.isnan(candidates.samples)]
    usual = float(np.median(known)) if known.size else 1.0
    return np.where(np.isnan(candidates.samples), usual, candidates.samples)


def _draw(problem: Problem) -> tuple[np.random.Generator, int, BoolArray]:
    """The round's own generator, its seats, and who is there (n,)."""
    there = (
        np.ones(problem.clients, dtype=np.bool_)
        if problem.available is None
        else problem.available[:, 0]
    )
    rng = np.random.default_rng([problem.seed, problem.rounds])
    return rng, min(int(problem.cohort_size[0]), int(there.sum())), there


def _number(problem: Problem) -> int:
    """Which round this is, from 1, by the turns taken so far."""
    turns: IntArray | None = problem.turns
    taken = 0 if turns is None else int(turns.sum())
    return 1 + taken // max(1, int(problem.cohort_size[0]))
