"""All policies from one start: what a comparison is put together from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np

from lowcarb._util.times import parse_instant, to_iso
from lowcarb.planning.planner import Planner
from lowcarb.planning.policies import Planned, Policy, Random
from lowcarb.replay.backtest import Backtest, Run
from lowcarb.replay.disruptions import Disruptions, DisruptionsAt
from lowcarb.replay.hours_backtest import HoursRun
from lowcarb.replay.names import ILP, ORACLE
from lowcarb.replay.recording import Recording


@dataclass(frozen=True, kw_only=True, eq=False)
class PlayedStart:
    """All policies from one start.

    Parameters
    ----------
    random_g
        The exact expectation of random cohorts, gCO2eq.
    runs
        By policy: one run, or one for each seed.
    disruptions
        What disturbed them.
    clairvoyant
        Of a policy that plans, had it known the actual intensities; None if nobody asked.
    """

    random_g: float
    runs: Mapping[str, list[Run]]
    disruptions: Disruptions
    clairvoyant: Run | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return for JSON what cannot be found again without playing; floats are exact."""
        return {
            "random_g": self.random_g,
            "runs": {name: [_to_dict(run) for run in runs] for name, runs in self.runs.items()},
        }

    @classmethod
    def from_dict(
        cls, content: Mapping[str, Any], planner: Planner, start: datetime, disruptions: Disruptions
    ) -> "PlayedStart":
        """Make it of what `to_dict` gave, and of what was played on."""
        return cls(
            random_g=content["random_g"],
            runs={
                name: [_from_dict(run, name, planner, start) for run in runs]
                for name, runs in content["runs"].items()
            },
            disruptions=disruptions,
        )


def play_start(
    start: datetime,
    *,
    planner: Planner,
    recording: Recording,
    policies: Mapping[str, Policy],
    seeds: int,
    oracle: Planned | None,
    disruptions: DisruptionsAt,
    split: bool,
) -> PlayedStart:
    """Let policies, and the oracle if there is one, play from one start.

    Parameters
    ----------
    start
        Of the first round.
    planner, recording, policies, seeds, oracle, disruptions, split
        As in `compare`.
    """
    happening = disruptions.at(planner.fleet, planner.starts(start))
    backtest = Backtest(planner=planner, recording=recording, start=start, disruptions=happening)
    runs: dict[str, list[Run]] = {}
    for name, policy in policies.items():
        if isinstance(policy, Random):
            first = planner.seed * seeds
            runs[name] = [backtest.run(name, policy, first + seed) for seed in range(seeds)]
        else:
            runs[name] = [backtest.run(name, policy)]
    clairvoyant = None
    if oracle is not None:
        runs[ORACLE] = [backtest.oracle(oracle)]
        able = [name for name in policies if all(run.plans for run in runs[name])]
        if split and able:
            name = ILP if ILP in able else able[0]
            same = isinstance(policies[name], Planned) and policies[name] == oracle
            # Plans within limits may not be optimal: what is left of them, planned anew, is better.
            same = same and (planner.limits is None or not runs[ORACLE][0].unproven)
            clairvoyant = _clairvoyant(
                backtest, policies[name], runs[name][0], runs[ORACLE][0] if same else None
            )
    return PlayedStart(
        random_g=backtest.random_g,
        runs=runs,
        disruptions=happening,
        clairvoyant=clairvoyant,
    )


def _clairvoyant(backtest: Backtest, policy: Policy, run: Run, oracle: Run | None) -> Run:
    """Play a policy on the actual intensities; an oracle is given if it plans the same way."""
    if oracle is None or backtest.disruptions.surprises or run.fallbacks:
        return backtest.run(run.policy, policy, clairvoyant=True)
    # What is left of an optimal plan is optimal: planning anew each round would change nothing.
    return replace(oracle, policy=run.policy)


def _to_dict(run: Run) -> dict[str, Any]:
    hours = {}
    if isinstance(run, HoursRun):
        hours = {"starts": [to_iso(start) for start in run.starts], "asked": run.asked}
    return {
        "cohorts": [cohort.tolist() for cohort in run.cohorts],
        "planned_g": run.planned_g_by_round.tolist(),
        "realised_g": run.realised_g_by_round.tolist(),
        "turns": run.turns.tolist(),
        "seconds": run.seconds.tolist(),
        "fallbacks": run.fallbacks,
        "plans": run.plans,
        "unproven": run.unproven,
        **hours,
    }


def _from_dict(content: Mapping[str, Any], name: str, planner: Planner, start: datetime) -> Run:
    at_least, at_most = planner.bounds
    kind: Callable[..., Run] = Run
    if "starts" in content:
        begins = tuple(parse_instant(begin) for begin in content["starts"])
        kind = partial(HoursRun, starts=begins, asked=content["asked"])
    return kind(
        policy=name,
        start=start,
        cohorts=tuple(np.array(cohort, dtype=np.int64) for cohort in content["cohorts"]),
        planned_g_by_round=np.array(content["planned_g"], dtype=np.float64),
        realised_g_by_round=np.array(content["realised_g"], dtype=np.float64),
        turns=np.array(content["turns"], dtype=np.int64),
        at_least=at_least,
        at_most=at_most,
        seconds=np.array(content["seconds"], dtype=np.float64),
        fallbacks=content["fallbacks"],
        plans=content["plans"],
        unproven=content["unproven"],
    )
