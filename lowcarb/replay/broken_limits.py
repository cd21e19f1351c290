"""Which limits the cohorts of a policy broke, by what came true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lowcarb.replay.backtest import Backtest, Run


@dataclass(frozen=True, kw_only=True)
class BrokenLimits:
    """What a policy broke of the limits, means over its runs.

    Parameters
    ----------
    broken
        By limit, in how many rounds of a training it was not kept; of a limit over all rounds 1 or
        0. Limits that were always kept are left out.
    without_rest
        Turns of a training that a client took although it had not rested.
    bounds
        How many bounds a training had to keep: one a round of each limit, one of each over all.
    """

    broken: Mapping[str, float]
    without_rest: float
    bounds: int

    @classmethod
    def of(cls, runs: Sequence[Run], backtests: Sequence[Backtest]) -> "BrokenLimits":
        """Count over runs, which are of the backtests in turn, as often as there are seeds."""
        broken: dict[str, float] = {}
        tired, bounds = 0, 0
        for number, run in enumerate(runs):
            limits = backtests[number % len(backtests)].limits
            assert limits is not None  # noqa: S101 - asked for only with limits
            limited = limits.bound
            bounds = sum(rule.at_most.size for rule in limited.limits.rules)
            for rule in limited.limits.rules:
                lacks = np.maximum(*limited.lacks(rule, limited.amounts(rule, run.cohorts)))
                if lacks.any():
                    broken[rule.name] = broken.get(rule.name, 0.0) + np.count_nonzero(lacks)
            rest = limited.limits.rest
            last = np.full(limited.problem.clients, -limited.problem.rounds - 1)
            for j, cohort in enumerate(run.cohorts if rest is not None else ()):
                assert rest is not None  # noqa: S101 - else there is no round to look at
                tired += int((j - last[cohort] - 1 < rest[cohort])[last[cohort] >= 0].sum())
                last[cohort] = j
        return cls(
            broken={name: float(count) / len(runs) for name, count in broken.items()},
            without_rest=tired / len(runs),
            bounds=bounds,
        )

    @property
    def kept(self) -> float:
        """Share of the bounds that were kept, from 0 to 1."""
        return 1 - sum(self.broken.values()) / self.bounds if self.bounds else 1.0

    @property
    def worst(self) -> str | None:
        """The limit that was broken most often; None if none was."""
        return max(self.broken, key=lambda name: self.broken[name], default=None)

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON."""
        return {
            "kept_pct": 100 * self.kept,
            "without_rest": self.without_rest,
            "rounds_broken": dict(self.broken),
        }
