"""Playing recorded days at each point of a trade-off, a task for each point and start."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from lowcarb._util.arguments import check_number, check_parts
from lowcarb._util.interruption import held_back
from lowcarb._util.times import as_duration, require_utc, to_iso
from lowcarb.errors import InputError
from lowcarb.planning.cohort_range import CohortRange
from lowcarb.planning.fairness import Share
from lowcarb.planning.planner import Planner
from lowcarb.planning.policies import Planned, Policy
from lowcarb.planning.policy_checks import check_policy
from lowcarb.planning.rounds_left import check_fewest
from lowcarb.planning.slot_policies import AT_ONCE, slot_policies
from lowcarb.planning.slot_solver import SlotSearch
from lowcarb.replay.axes import (
    COHORT_SIZE,
    MIN_SHARE,
    Axis,
    Setting,
    deadline_axis,
    range_axis,
    settings_of,
)
from lowcarb.replay.compare import RULES, check_can_travel, check_names, gathered
from lowcarb.replay.coverage import check_starts
from lowcarb.replay.disruptions import Disruptions, DisruptionsAt
from lowcarb.replay.hours_backtest import HoursAfter, last_deadline, reaching
from lowcarb.replay.hours_comparison import run_start
from lowcarb.replay.names import ILP
from lowcarb.replay.one_start import PlayedStart, play_start
from lowcarb.replay.parallel import Processes
from lowcarb.replay.recording import Recording
from lowcarb.replay.trade_off import Point, Sweep

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")

WITH_HOURS = (ILP, AT_ONCE)
"""Who plays where hours are chosen, the subject first."""


class Executor(Protocol):
    """Does tasks somewhere: `Processes` of this machine, or a `RayCluster`."""

    @property
    def elsewhere(self) -> bool:
        """Whether tasks leave this process, so that all that they need must be picklable."""

    def as_finished(
        self, work: Callable[[_Given], _Made], tasks: Sequence[_Given]
    ) -> Generator[tuple[int, _Made], None, None]:
        """Do tasks; give what comes of each, with its place, as soon as it is done."""


class Finished(Protocol):
    """Keeps what finished tasks came to, so that they need not be done again."""

    def get(self, task: Mapping[str, str]) -> dict[str, Any] | None:
        """Return what a task came to; None if it is not finished."""

    def add(self, task: Mapping[str, str], played: dict[str, Any]) -> None:
        """Keep what a task came to; it is kept when this returns."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Task:
    """One start of one point."""

    point: int
    setting: Setting
    start: datetime

    @property
    def text(self) -> dict[str, str]:
        """By which the task is known again."""
        return {**self.setting.text, "start": to_iso(self.start)}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Play:
    """What a task needs beside itself."""

    recording: Recording
    policies: Mapping[str, Policy]
    seeds: int
    oracle: bool
    disruptions: DisruptionsAt

    def __call__(self, task: _Task) -> PlayedStart:
        planner = task.setting.planner
        if task.setting.after is not None:
            return self._with_hours(task, task.setting.after)
        return play_start(
            task.start,
            planner=planner,
            recording=self.recording,
            policies=self.policies,
            seeds=self.seeds,
            oracle=Planned(planner.solvers) if self.oracle else None,
            disruptions=self.disruptions,
            split=False,
        )

    def _with_hours(self, task: _Task, after: HoursAfter) -> PlayedStart:
        planner = task.setting.planner
        limit = Planned(planner.solvers).time_limit
        policies = slot_policies(planner.solvers, limit)
        random_g, runs = run_start(
            task.start,
            planner=planner,
            recording=self.recording,
            policies={name: policies[name] for name in WITH_HOURS},
            after=after,
            oracle=SlotSearch(solvers=planner.solvers, time_limit=limit) if self.oracle else None,
        )
        return PlayedStart(
            random_g=random_g,
            runs={name: [run] for name, run in runs.items()},
            disruptions=Disruptions(),
        )


def sweep(
    planner: Planner,
    recording: Recording,
    starts: Sequence[datetime],
    *,
    min_shares: Iterable[Share],
    cohort_sizes: Iterable[int],
    cohort_ranges: Iterable[CohortRange | str] | None = None,
    deadlines: Iterable[timedelta | str] | None = None,
    open_hours: str | None = None,
    longest_pause: timedelta | str | None = None,
    fewest_rounds: int | None = None,
    policies: Mapping[str, Policy] | None = None,
    oracle: bool = True,
    seeds: int = 20,
    disruptions: DisruptionsAt | None = None,
    about_starts: Sequence[str] = (),
    executor: Executor | None = None,
    finished: Finished | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Sweep:
    """Play recorded days with each cohort size and each min share: the trade-off curve.

    Each point is what `compare` finds for it, whoever plays and in whatever order.

    Parameters
    ----------
    planner
        Fleet, rounds, caps and seed; its own cohort size and range, and its floor, are replaced.
    recording
        What was forecast and what came true.
    starts
        First rounds, the same for all points.
    min_shares, cohort_sizes
        What is varied; a point for each combination.
    cohort_ranges
        Varied as well, if given: ranges of cohort sizes, such as "5..20", each of which holds all
        sizes; "10..10" is the size 10 alone.
    deadlines
        Varied as well, if given: times from a start to when the last round is over, such as "48h".
        The hours of rounds are then chosen: ilp plays, and the same cohorts at once; random cohorts
        begin at once, too.
    open_hours, longest_pause
        With deadlines: when rounds may be, as of `Hours`.
    fewest_rounds
        With deadlines and cohort ranges: the fewest rounds that are held, as of `Planner`; those of
        the planner are the most. The same at all points.
    policies
        By name, as in `compare`. Default: ilp alone, which plans with the planner's solvers.
    oracle
        Whether perfect foresight plays, too: without it no share of its saving is known.
    seeds
        How many seeds random has, if it is one of the policies.
    disruptions
        Who is there, and who drops out, the same at all points.
    about_starts
        Why these starts, for people, as `Starts.notes` says.
    executor
        Where tasks are done: `Processes(workers=8)` or a `RayCluster`. Default: right here.
    finished
        Keeps finished tasks, such as a `FinishedTasks` file; those that it has are not done again.
    progress
        Is told how many tasks are done, and of how many.

    Raises
    ------
    InputError
        If a point cannot be, such as one whose cohort is larger than the fleet, names its values;
        if the recording does not have what a start needs, a policy cannot play, or something is
        given that is not played where hours are chosen.
    LowcarbError
        If a process was killed, or a cluster cannot be had.
    """
    check_number("seeds", seeds, 1)
    players = {ILP: Planned(planner.solvers)} if policies is None else dict(policies)
    check_parts(RULES, policies=players, starts=starts)
    check_names(players)
    somewhere = Processes(workers=1) if executor is None else executor
    for name, policy in players.items():
        check_policy(policy)
        if somewhere.elsewhere:
            check_can_travel(name, policy, "executor=Processes(workers=1)")
    ranges = () if cohort_ranges is None else (range_axis(cohort_ranges),)
    until = () if deadlines is None else (deadline_axis(deadlines),)
    axes = (Axis.of(COHORT_SIZE, cohort_sizes), *ranges, *until, Axis.of(MIN_SHARE, min_shares))
    after = _after(until, open_hours, longest_pause, fewest_rounds)
    check_fewest(
        fewest_rounds, planner.rounds, chosen=after is not None, breathes=cohort_ranges is not None
    )
    if after is not None:
        _check_with_hours(policies, disruptions)
    settings = settings_of(replace(planner, cohort_range=None), axes, after)
    times = [require_utc(start, "starts") for start in starts]
    of_points = [one.after for one in settings if one.after]
    check_starts(recording, reaching(planner, of_points), times, last_deadline(of_points))
    _check_possible(settings, times)
    play = _Play(
        recording=recording,
        policies=players,
        seeds=seeds,
        oracle=oracle,
        disruptions=disruptions or Disruptions(),
    )
    tasks = [
        _Task(point=point, setting=setting, start=start)
        for point, setting in enumerate(settings)
        for start in times
    ]
    played = _done(play, tasks, somewhere, finished, progress)
    each = len(times)
    points = tuple(
        Point(
            values=setting.values,
            comparison=gathered(
                setting.planner,
                recording,
                times,
                played[each * point : each * (point + 1)],
                seeds=seeds,
                about_starts=about_starts,
                after=setting.after,
            ),
        )
        for point, setting in enumerate(settings)
    )
    return Sweep(axes=axes, points=points)


def _after(
    until: Sequence[Axis],
    open_hours: str | None,
    longest_pause: timedelta | str | None,
    fewest_rounds: int | None,
) -> HoursAfter | None:
    """Read the hours that all points share; None where rounds follow each other."""
    given = {"open_hours": open_hours, "longest_pause": longest_pause}
    if until:
        within = as_duration(until[0].values[0], "deadline")
        return HoursAfter(
            within=within,
            open_hours=open_hours,
            longest_pause=longest_pause,
            fewest_rounds=fewest_rounds,
        )
    for name, value in given.items():
        if value is not None:
            raise InputError(
                f"{name}: says which hours may be chosen until a deadline; give deadlines, too",
                field=name,
            )
    return None


def _check_with_hours(
    policies: Mapping[str, Policy] | None, disruptions: DisruptionsAt | None
) -> None:
    """Refuse what says nothing where hours are chosen: it would pass unnoticed."""
    given = {"policies": policies, "disruptions": disruptions}
    for name, value in given.items():
        if value is not None:
            raise InputError(
                f"{name}: are not played where hours are chosen; leave them out, or the deadlines",
                field=name,
            )


def _check_possible(settings: Sequence[Setting], starts: Sequence[datetime]) -> None:
    """Refuse deadlines that cannot be met from a start, before anything is played."""
    for setting in settings:
        if setting.after is None:
            continue
        planner = setting.planner
        for start in starts:
            try:
                setting.after.planner(planner, start).starts(start)
            except InputError as error:
                raise InputError(f"{setting}: {error.message}", field=error.field) from None


def _done(
    play: _Play,
    tasks: Sequence[_Task],
    executor: Executor,
    finished: Finished | None,
    progress: Callable[[int, int], None],
) -> list[PlayedStart]:
    """Do those tasks that are not finished; return what all came to, in their order."""
    found: dict[int, PlayedStart] = {}
    for k, task in enumerate(tasks):
        kept = None if finished is None else finished.get(task.text)
        if kept is not None:
            planner = task.setting.planner
            happening = play.disruptions.at(planner.fleet, planner.starts(task.start))
            found[k] = PlayedStart.from_dict(kept, planner, task.start, happening)
    left = [k for k in range(len(tasks)) if k not in found]
    progress(len(found), len(tasks))
    # Closed at once if something goes wrong here: else the program would wait for all other tasks.
    with closing(executor.as_finished(play, [tasks[k] for k in left])) as finishing:
        for place, played in finishing:
            with held_back():  # what is kept, and how much is said to be kept, go together
                if finished is not None:
                    finished.add(tasks[left[place]].text, played.to_dict())
                found[left[place]] = played
                progress(len(found), len(tasks))
    return [found[k] for k in range(len(tasks))]
