"""What a comparison of policies found: savings, fairness, and the distance to the limit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.planning.planner import Planner
from lowcarb.replay.backtest import Backtest, Run
from lowcarb.replay.metrics import gini, jain
from lowcarb.replay.recording import Recording

# A saving of a smaller share of the grams is the same sum in another order.
_ROUNDING = 1e-12
RANDOM, ILP, ORACLE = "random", "ilp", "oracle"


@dataclass(frozen=True, kw_only=True, eq=False)
class Summary:
    """One policy over all starts; emissions are realised ones.

    Parameters
    ----------
    realised_g, planned_g
        Means over starts (and seeds), gCO2eq.
    saved
        Share saved against the exact expectation of random cohorts.
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
    fallbacks
        Rounds in which the greedy plan stood in for that of CBC, over all starts.
    seconds_median, seconds_p95
        Of deciding on one round.
    """

    realised_g: float
    planned_g: float
    saved: float
    spread: float
    share_of_oracle: float | None
    jain: float
    gini: float
    turns_min: int
    turns_max: int
    floors_met: float
    empty_seats: int
    fallbacks: int
    seconds_median: float
    seconds_p95: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Everything that a comparison found.

    Parameters
    ----------
    planner
        Fleet, cohort size, rounds and fairness.
    recording
        What was forecast and what came true.
    starts
        First rounds.
    runs
        By policy: one run for each start; of random one for each start and seed, seeds together.
    random_g
        Shape (s,): the exact expectation of random cohorts from each start, gCO2eq.
    seeds
        How many random seeds there are.
    backtests
        What was played on, for each start.
    clairvoyant
        Of ilp, had it known the actual intensities: a run for each start; empty if nobody asked, or
        if ilp or the oracle were not played.
    """

    planner: Planner
    recording: Recording
    starts: tuple[datetime, ...]
    runs: Mapping[str, tuple[Run, ...]]
    random_g: FloatArray
    seeds: int
    backtests: tuple[Backtest, ...]
    clairvoyant: tuple[Run, ...] = ()

    @cached_property
    def summaries(self) -> dict[str, Summary]:
        """Each policy over all starts."""
        return {name: self._summary(name) for name in self.runs}

    @property
    def lossy(self) -> bool:
        """Whether turns are lost: the oracle calls nobody who would lose one.

        It is then no strict limit, since the lost turn of a thrifty client fills a seat, too.
        """
        return any(backtest.disruptions.drops is not None for backtest in self.backtests)

    def _summary(self, name: str) -> Summary:
        runs = self.runs[name]
        expected = float(self.random_g.mean())
        emissions = np.array([run.realised_g for run in runs])
        saved = 1 - float(emissions.mean()) / expected if expected else 0.0
        if name == RANDOM:
            means = emissions.reshape(-1, len(self.starts)).mean(axis=1)
            ratios = means / expected if expected else np.ones(len(means))
        else:
            ratios = np.ones(len(emissions))
            np.divide(emissions, self.random_g, out=ratios, where=self.random_g > 0)
        best = self.runs.get(ORACLE)
        share = None
        if best is not None:
            most = expected - float(np.mean([run.realised_g for run in best]))
            if most > _ROUNDING * expected:
                share = (expected - float(emissions.mean())) / most
        seconds = np.concatenate([run.seconds for run in runs])
        return Summary(
            realised_g=float(emissions.mean()),
            planned_g=float(np.mean([run.planned_g for run in runs])),
            saved=saved,
            spread=float(ratios.std()),
            share_of_oracle=share,
            jain=float(np.mean([jain(run.turns) for run in runs])),
            gini=float(np.mean([gini(run.turns) for run in runs])),
            turns_min=min(int(run.turns.min()) for run in runs),
            turns_max=max(int(run.turns.max()) for run in runs),
            floors_met=float(np.mean([run.floors_met for run in runs])),
            empty_seats=sum(
                self.planner.cohort_size * len(run.cohorts) - sum(map(len, run.cohorts))
                for run in runs
            ),
            fallbacks=sum(run.fallbacks for run in runs),
            seconds_median=float(np.median(seconds)),
            seconds_p95=float(np.percentile(seconds, 95)),
        )
