"""What remains between a plan and the oracle: in the forecast, and in planning by rounds."""

from dataclasses import dataclass
from datetime import UTC

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.replay.backtest import Backtest, Run
from lowcarb.replay.comparison import Comparison
from lowcarb.replay.names import ILP, ORACLE
from lowcarb_solvers import Problem, certify, merge

_HOURS = 24


@dataclass(frozen=True, kw_only=True, eq=False)
class Gap:
    """The distance of a policy to the oracle, in realised emissions; figures are means over starts.

    `forecast_g` and `planning_g` add up to `distance_g`; so do `by_region`, and `by_hour`. Where
    there are limits, nothing is split by region and hour: they tie clients and rounds together.

    Parameters
    ----------
    policy
        The policy: ilp, or the first other one that plans.
    distance_g
        What the policy emitted less what the oracle emitted, gCO2eq.
    forecast_g
        What the policy emitted less what it would have emitted, planning by the same rolling rule,
        had it known the actual intensities.
    planning_g
        What the policy would then have emitted, less what the oracle emitted: the cost of planning
        round by round, not knowing who will be away or drop out.
    by_region
        Region to gCO2eq, largest first: see `where`. Where turns are lost a part may be a gain.
        Empty where there are limits.
    by_hour
        Shape (24,): gCO2eq by the hour of the UTC day in which rounds start. Zeros where there are
        limits.
    """

    policy: str = ILP
    distance_g: float
    forecast_g: float
    planning_g: float
    by_region: dict[str, float]
    by_hour: FloatArray


def gap_to_oracle(comparison: Comparison) -> Gap | None:
    """Split the distance of the policy that plans to the oracle.

    Parameters
    ----------
    comparison
        Played with `split`; None is returned of any other, `not_split` may say why.
    """
    if not comparison.clairvoyant:
        return None
    policy = comparison.clairvoyant[0].policy
    planned, oracle = comparison.runs[policy], comparison.runs[ORACLE]
    fleet = comparison.planner.fleet
    regions, hours = np.zeros(len(fleet.regions)), np.zeros(_HOURS)
    limited = comparison.planner.limits is not None
    played = () if limited else zip(comparison.backtests, planned, oracle, strict=True)
    for backtest, mine, best in played:
        lost = where(backtest.foresight, mine, best)
        np.add.at(regions, fleet.region, lost.sum(axis=1))
        np.add.at(hours, _hour_of_rounds(backtest), lost.sum(axis=0))
    order = np.argsort(-regions, kind="stable")
    known, least, emitted = (
        float(np.mean([run.realised_g for run in runs]))
        for runs in (comparison.clairvoyant, oracle, planned)
    )
    return Gap(
        policy=policy,
        distance_g=emitted - least,
        forecast_g=emitted - known,
        planning_g=known - least,
        by_region={}
        if limited
        else {fleet.regions[r]: float(regions[r]) / len(planned) for r in order},
        by_hour=hours / len(planned),
    )


def where(known: Problem, run: Run, oracle: Run) -> FloatArray:
    """Split the distance of a run to the oracle over clients and rounds.

    Let g be the grams of a turn that came true, p the price of a seat in its round and q the price
    of a turn of its client, both at the oracle's optimum (p are the round prices of its proof; q is
    what the client's dearest turn of the oracle costs above the seat, where that turn is owed or
    was the last one allowed, else zero). A turn that only the run has counts g - p - q: paid more
    than the turn is worth. A turn that only the oracle has counts p + q - g: missed. Both are zero
    or more where the oracle's plan is optimal. If the client has more or fewer turns than in the
    oracle's plan, q times the difference is spread evenly over those turns.

    The sum is the distance exactly, whatever the prices, where both fill the same seats of each
    round; else the empty seats of a round, at its price, are spread evenly over all clients.

    Parameters
    ----------
    known
        The program that the oracle solved.
    run, oracle
        Who is compared with whom.

    Returns
    -------
    FloatArray
        Shape (n, t), gCO2eq.
    """
    mine, best = _turns(known, run), _turns(known, oracle)
    classes = merge(known)
    counts = np.zeros((len(classes), known.rounds), dtype=np.int64)
    np.add.at(counts, classes.member_of, best.astype(np.int64))
    prices = certify(classes, counts).prices
    above = known.weight[:, None] * known.cost_level[known.level_of] - prices
    taken = best.sum(axis=1)
    dearest = np.where(best > 0, above, -np.inf).max(axis=1)
    owed, full = taken <= known.at_least, taken >= np.minimum(known.at_most, known.rounds)
    turn_price = np.where(taken > 0, dearest, 0.0)
    turn_price = np.where(owed, turn_price, np.minimum(turn_price, 0.0))
    turn_price = np.where(full, turn_price, np.maximum(turn_price, 0.0))
    change = mine - best
    lost: FloatArray = (above - turn_price[:, None]) * change
    differing = np.abs(change).sum(axis=1)
    spread = turn_price * change.sum(axis=1) / np.maximum(differing, 1)
    lost += spread[:, None] * np.abs(change)
    lost += prices * change.sum(axis=0) / len(mine)
    return lost


def _turns(truth: Problem, run: Run) -> FloatArray:
    """One where a client works in a round (n, t)."""
    turns = np.zeros((truth.clients, truth.rounds))
    for j, cohort in enumerate(run.cohorts):
        turns[cohort, j] = 1.0
    return turns


def _hour_of_rounds(backtest: Backtest) -> list[int]:
    planner = backtest.planner
    starts = (backtest.start + j * planner.every for j in range(planner.rounds))
    return [start.astimezone(UTC).hour for start in starts]
