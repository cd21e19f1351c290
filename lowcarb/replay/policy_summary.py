"""Figures of one policy over all starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lowcarb.replay.backtest import Run
from lowcarb.replay.names import RANDOM
from lowcarb.replay.per_start import PerStart
from lowcarb.replay.same_seats import SameSeats

# A saving of a smaller share of the grams is the same sum in another order.
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class PolicySummary:
    """One policy over all starts; emissions are realised ones.

    Random cohorts fill each seat for which a client is there. A policy that leaves some of those
    seats empty is compared, in `saved`, `spread` and `share_of_oracle`, with random cohorts that
    emit as much a seat and fill no more seats than the policy.

    Parameters
    ----------
    realised_g, planned_g
        Means over starts (and seeds), gCO2eq.
    realised_g_per_seat
        Mean over the seats that were filled, gCO2eq; None if none was.
    saved_g
        Mean saved against the exact expectation of random cohorts on the same seats, gCO2eq.
    saved
        Share saved against it.
    spread
        Standard deviation of `saved` over the starts; of random over its seeds.
    share_of_oracle
        Share of the oracle's saving, the ratio of mean savings; None without an oracle.
    jain, gini
        Means of how evenly turns are spread.
    turns_min, turns_max
        Over all clients and starts.
    floors_met
        Mean share of clients that got the turns they are owed.
    empty_seats
        Seats that stayed empty, over all starts.
    left_empty
        Those of the empty seats for which a client was there.
    fallbacks
        Rounds in which the greedy plan stood in for that of CBC, over all starts.
    seconds_median, seconds_p95
        Of deciding on one round.
    """

    realised_g: float
    planned_g: float
    realised_g_per_seat: float | None
    saved_g: float
    saved: float
    spread: float
    share_of_oracle: float | None
    jain: float
    gini: float
    turns_min: int
    turns_max: int
    floors_met: float
    empty_seats: int
    left_empty: int
    fallbacks: int
    seconds_median: float
    seconds_p95: float

    @property
    def misses_floors(self) -> bool:
        """Whether floors were missed."""
        return self.floors_met < 1

    @property
    def comparable(self) -> bool:
        """Whether all floors were met, and all seats filled for which a client was there.

        Else turns that were not given pass for a saving: also a seat's, for those that are left
        empty are the dirty ones.
        """
        return not self.misses_floors and not self.left_empty

    def to_dict(self) -> dict[str, Any]:
        """Return the figures for JSON, with the keys of `Comparison.to_dict`."""
        share = self.share_of_oracle
        content = {
            "emissions_g": self.realised_g,
            "saved_vs_random_pct": 100 * self.saved,
            "share_of_oracle_pct": None if share is None else 100 * share,
            "jain": self.jain,
            "gini": self.gini,
            "turns_min": self.turns_min,
            "turns_max": self.turns_max,
            "floors_met_pct": 100 * self.floors_met,
            "comparable": self.comparable,
            "fallbacks": self.fallbacks,
            "saved_g": self.saved_g,
            "planned_g": self.planned_g,
            "empty_seats": self.empty_seats,
        }
        if self.left_empty:
            content["left_empty_seats"] = self.left_empty
            content["emissions_g_per_seat"] = self.realised_g_per_seat
        return content


def summary_of(
    name: str,
    runs: Sequence[Run],
    per_start: PerStart,
    seats: SameSeats,
    oracle: Sequence[Run] | None,
) -> PolicySummary:
    """Sum up the runs of a policy.

    Parameters
    ----------
    name
        Of the policy.
    runs
        One for each start; of random one for each start and seed, seeds together.
    per_start
        Their figures from each start.
    seats
        What random cohorts emit on the same seats.
    oracle
        Runs of perfect foresight; None without an oracle.
    """
    expected = float(seats.random_g.mean())
    filled = seats.filled(runs)
    charged = seats.on_all_g(runs)
    if name == RANDOM or len(runs) > len(seats.random_g):
        grams = np.array([run.realised_g for run in runs])
        means = grams.reshape(-1, len(seats.random_g)).mean(axis=1)
        spread = means.std() / expected if expected else 0.0
    else:
        spread = per_start.saved.std()
    share = None
    if oracle is not None:
        most = expected - seats.on_all_g(oracle)
        if most > _ROUNDING * expected:
            share = (expected - charged) / most
    seconds = np.concatenate([run.seconds for run in runs])
    planner = seats.planner
    return PolicySummary(
        realised_g=float(per_start.realised_g.mean()),
        planned_g=float(per_start.planned_g.mean()),
        realised_g_per_seat=(
            float(sum(run.realised_g for run in runs) / filled.sum()) if filled.any() else None
        ),
        saved_g=float(per_start.saved_g.mean()),
        saved=1 - charged / expected if expected else 0.0,
        spread=float(spread),
        share_of_oracle=share,
        jain=float(per_start.jain.mean()),
        gini=float(per_start.gini.mean()),
        turns_min=min(int(run.turns.min()) for run in runs),
        turns_max=max(int(run.turns.max()) for run in runs),
        floors_met=float(per_start.floors_met.mean()),
        empty_seats=planner.cohort_size * planner.rounds * len(runs) - int(filled.sum()),
        # Where cohorts breathe, turns that nobody was there for may be made up for later.
        left_empty=int(np.maximum(0, seats.there - filled).sum()),
        fallbacks=sum(run.fallbacks for run in runs),
        seconds_median=float(np.median(seconds)),
        seconds_p95=float(np.percentile(seconds, 95)),
    )
