"""Playing policies side by side, from many starts."""

import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import numpy as np

from lowcarb._util.arguments import Rules, check_number, check_parts
from lowcarb.errors import InputError
from lowcarb.planning.planner import Planner
from lowcarb.planning.policies import Planned, Policy, Random
from lowcarb.planning.policy_checks import check_policy
from lowcarb.replay.backtest import Backtest
from lowcarb.replay.comparison import Comparison
from lowcarb.replay.disruptions import Disruptions, DisruptionsAt
from lowcarb.replay.hours_backtest import HoursAfter
from lowcarb.replay.names import ORACLE, RANDOM
from lowcarb.replay.one_start import PlayedStart, play_start
from lowcarb.replay.parallel import side_by_side
from lowcarb.replay.recording import Recording

RULES: Rules = {
    "policies": (lambda value: isinstance(value, Mapping), "a mapping from names to policies"),
    "starts": (
        lambda value: isinstance(value, Sequence) and len(value) > 0,
        "at least one start, in a sequence",
    ),
}
"""What arguments of a comparison must be like."""


def compare(
    planner: Planner,
    recording: Recording,
    starts: Sequence[datetime],
    policies: Mapping[str, Policy],
    *,
    seeds: int = 20,
    oracle: Planned | None = None,
    disruptions: DisruptionsAt | None = None,
    split: bool = False,
    about_starts: Sequence[str] = (),
    workers: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> Comparison:
    """Play policies on recorded days.

    Parameters
    ----------
    planner
        Fleet, cohort size, rounds and fairness.
    recording
        What was forecast and what came true.
    starts
        First rounds.
    policies
        By name, which is a line of text and not that of the oracle. `Random` is played once for
        each seed.
    seeds
        How many seeds random has.
    oracle
        Plans with perfect foresight; None for no oracle.
    disruptions
        Who is there, and who drops out, the same for all policies: `Disruptions` by round, or
        `TimedDisruptions` by time.
    split
        Whether to find out, too, what ilp, or else the first policy that plans, would do if it knew
        the actual intensities; `Comparison.not_split` says why that could not be.
    about_starts
        Why these starts, for people, as `Starts.notes` says.
    workers
        Processes that play starts side by side; policies must then be defined in a module.
    progress
        Is told how many starts are done, each time that one is.

    Raises
    ------
    InputError
        If there is nothing to play, a policy has no proper name, or the recording does not have
        what a start needs.
    LowcarbError
        If a process was killed.
    """
    check_number("seeds", seeds, 1)
    check_parts(RULES, policies=policies, starts=starts)
    check_names(policies)
    for name, policy in policies.items():
        check_policy(policy)
        if workers > 1 and len(starts) > 1:
            check_can_travel(name, policy, "workers=1")
    run = partial(
        play_start,
        planner=planner,
        recording=recording,
        policies=dict(policies),
        seeds=seeds,
        oracle=oracle,
        disruptions=disruptions or Disruptions(),
        split=split,
    )
    played = []
    for one in side_by_side(run, starts, workers):
        played.append(one)
        progress(len(played))
    return gathered(
        planner,
        recording,
        starts,
        played,
        seeds=seeds,
        split=split,
        about_starts=about_starts,
    )


def gathered(
    planner: Planner,
    recording: Recording,
    starts: Sequence[datetime],
    played: Sequence[PlayedStart],
    *,
    seeds: int,
    split: bool = False,
    about_starts: Sequence[str] = (),
    after: HoursAfter | None = None,
) -> Comparison:
    """Put together what was played from each start.

    Parameters
    ----------
    planner, recording, starts, seeds, split, about_starts
        As in `compare`.
    played
        What came of each of the starts, in their order.
    after
        The hours, counted from each start; None where rounds follow each other.
    """
    names = played[0].runs
    clairvoyant = tuple(one.clairvoyant for one in played if one.clairvoyant is not None)
    # The same policy from each start, or nobody.
    whole = len(clairvoyant) == len(played) and len({run.policy for run in clairvoyant}) == 1
    why = "no policy made a plan in every round" if ORACLE in names else "there is no oracle"
    return Comparison(
        planner=planner,
        recording=recording,
        starts=tuple(starts),
        runs={
            # Seeds together: seed 0 from each start, then seed 1.
            name: tuple(one.runs[name][seed] for seed in range(len(names[name])) for one in played)
            for name in names
        },
        random_g=np.array([one.random_g for one in played]),
        seeds=seeds,
        backtests=tuple(
            Backtest(planner=planner, recording=recording, start=start, disruptions=one.disruptions)
            for start, one in zip(starts, played, strict=True)
        ),
        clairvoyant=clairvoyant if whole else (),
        not_split=why if split and not whole else None,
        about_starts=tuple(about_starts),
        after=after,
    )


def check_names(policies: Mapping[str, Policy]) -> None:
    """Refuse policies without proper names.

    Raises
    ------
    InputError
        Says what a name must be.
    """
    if not policies:
        raise InputError("policies: expected at least one, got none", field="policies")
    for name, policy in policies.items():
        if not (isinstance(name, str) and name.strip() and name.isprintable()):
            raise InputError(
                f"policies: expected names on one line that can be printed, got {name!r}",
                field="policies",
            )
        if name == ORACLE:
            raise InputError(
                f"policies: {ORACLE!r} is the name of the limit, which `oracle=` plays; "
                "give the policy another name",
                field="policies",
            )
        if name == RANDOM and not isinstance(policy, Random):
            raise InputError(
                f"policies: {RANDOM!r} is the name of random cohorts, which are drawn over seeds; "
                "give the policy another name",
                field="policies",
            )


def check_can_travel(name: str, policy: Policy, at_home: str) -> None:
    """Refuse a policy that another process could not load.

    Parameters
    ----------
    name, policy
        Who chooses.
    at_home
        The argument with which it is played in this process.

    Raises
    ------
    InputError
        Says so.
    """
    home = getattr(policy, "__module__", type(policy).__module__)
    script = getattr(sys.modules["__main__"], "__file__", None)
    try:
        pickle.dumps(policy)
        lost = home == "__main__" and script is None
    except Exception:
        lost = True
    if lost:
        raise InputError(
            f"policy {name!r} cannot be sent to another process: define the policy in a module, or "
            f"say {at_home}",
            field=at_home.partition("=")[0],
        )
