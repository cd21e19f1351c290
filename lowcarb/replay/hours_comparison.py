"""Ways to choose hours, played side by side from many starts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any

import numpy as np

from lowcarb._util.arguments import check_number
from lowcarb._util.arrays import FloatArray
from lowcarb._util.times import to_iso
from lowcarb.errors import InputError
from lowcarb.planning.planner import Planner
from lowcarb.planning.slot_policies import AT_ONCE
from lowcarb.planning.slot_solver import SlotSearch, SlotSolver
from lowcarb.replay.about_recording import AboutRecording
from lowcarb.replay.backtest import rounds_held
from lowcarb.replay.hours_backtest import HoursAfter, HoursBacktest, HoursRun
from lowcarb.replay.interval import Interval, independent
from lowcarb.replay.names import ILP, ORACLE
from lowcarb.replay.parallel import side_by_side
from lowcarb.replay.per_start import Intervals, PerStart
from lowcarb.replay.recording import Recording


@dataclass(frozen=True, kw_only=True, eq=False)
class HoursSummary:
    """One way to choose hours over all starts; emissions are realised ones.

    Parameters
    ----------
    realised_g, planned_g
        Means over the starts, gCO2eq.
    saved_g
        Mean saved against at once, gCO2eq.
    saved
        Share saved against at once, the ratio of means.
    spread
        Standard deviation of the share saved, over the starts.
    share_of_oracle
        Share of the oracle's saving, the ratio of mean savings; None without an oracle that saves.
    saved_interval, share_interval
        95 % intervals of the two; None where one start says nothing.
    floors_met
        Mean share of clients that got the turns they are owed.
    misses_floors
        Whether it or at once missed floors: then turns that were not given pass for a saving.
    left_empty
        Seats that stayed empty although at once filled them, over all starts.
    hours_used
        From the start to the end of the last round, hours, the mean over the starts.
    """

    realised_g: float
    planned_g: float
    saved_g: float
    saved: float
    spread: float
    share_of_oracle: float | None
    saved_interval: Interval | None
    share_interval: Interval | None
    floors_met: float
    misses_floors: bool
    left_empty: int
    hours_used: float

    @property
    def comparable(self) -> bool:
        """Whether no floors were missed, and no seats left empty that at once filled."""
        return not self.misses_floors and not self.left_empty


@dataclass(frozen=True, kw_only=True, eq=False)
class HoursComparison:
    """Everything that a comparison found.

    Parameters
    ----------
    planner
        Fleet, cohort size, rounds and fairness.
    after
        The hours, counted from each start.
    starts
        From when on rounds could be.
    runs
        By policy: one run for each start; there is one of `AT_ONCE`.
    random_g
        Shape (s,): what random cohorts at once are expected to emit, gCO2eq.
    backtests
        What was played on, for each start.
    about_starts
        What of the recorded days was used, and why, for people.
    """

    planner: Planner
    after: HoursAfter
    starts: tuple[datetime, ...]
    runs: Mapping[str, tuple[HoursRun, ...]]
    random_g: FloatArray
    backtests: tuple[HoursBacktest, ...]
    about_starts: tuple[str, ...] = ()

    @cached_property
    def independent(self) -> int:
        """How many of the starts do not overlap: intervals count no more."""
        return independent(self.starts, self.after.within)

    @cached_property
    def summaries(self) -> dict[str, HoursSummary]:
        """Each policy over all starts."""
        return {name: self._summary(name) for name in self.runs}

    def realised_g(self, name: str) -> FloatArray:
        """Emissions of a policy from each start (s,), gCO2eq."""
        return np.array([run.realised_g for run in self.runs[name]])

    @cached_property
    def per_start(self) -> dict[str, PerStart]:
        """Each policy from each start, beside rounds at once."""
        at_once = self.realised_g(AT_ONCE)
        return {name: PerStart.of(runs, at_once) for name, runs in self.runs.items()}

    @cached_property
    def intervals(self) -> dict[str, Intervals]:
        """95 % intervals by policy of means over the starts; savings are against at once."""
        oracle = self.per_start.get(ORACLE)
        if oracle is not None and oracle.saved_g.mean() <= 0:
            oracle = None
        return {
            name: Intervals.of(one, oracle, self.independent)
            for name, one in self.per_start.items()
        }

    def rounds_held(self, name: str) -> float:
        """Rounds of a policy's training, the mean over the starts."""
        return rounds_held(self.runs[name])

    @property
    def subject(self) -> str:
        """The policy that sentences are about: ilp, or the first beside at once and the oracle."""
        others = [name for name in self.runs if name not in (AT_ONCE, ORACLE)]
        last = ORACLE if ORACLE in self.runs else AT_ONCE
        return ILP if ILP in self.runs else next(iter(others), last)

    @property
    def recording(self) -> Recording:
        """What was forecast and what came true."""
        return self.backtests[0].recording

    @cached_property
    def about(self) -> AboutRecording:
        """What a person should know of files and forecasts."""
        return AboutRecording(
            recording=self.recording,
            regions=self.planner.fleet.regions,
            starts=self.starts,
            length=self.after.within,
        )

    def _summary(self, name: str) -> HoursSummary:
        runs, one, interval = self.runs[name], self.per_start[name], self.intervals[name]
        oracle, at_once = self.per_start.get(ORACLE), self.per_start[AT_ONCE]
        most = 0.0 if oracle is None else float(oracle.saved_g.mean())
        whole, saved_g = float(one.due_g.mean()), float(one.saved_g.mean())
        length = self.planner.timetable.longest
        floors_met = float(one.floors_met.mean())
        return HoursSummary(
            realised_g=float(one.realised_g.mean()),
            planned_g=float(one.planned_g.mean()),
            saved_g=saved_g,
            saved=saved_g / whole if whole else 0.0,
            spread=float(one.saved.std()),
            share_of_oracle=saved_g / most if most > 0 else None,
            saved_interval=interval.saved,
            share_interval=interval.share_of_oracle,
            floors_met=floors_met,
            misses_floors=floors_met < 1 or bool((at_once.floors_met < 1).any()),
            left_empty=int(np.maximum(0, at_once.filled - one.filled).sum()),
            hours_used=float(
                np.mean([(run.starts[-1] + length - run.start) / _HOUR for run in runs])
            ),
        )

    @cached_property
    def saved_g_interval(self) -> dict[str, Interval | None]:
        """By policy the 95 % interval of what it saves against at once, gCO2eq."""
        return {name: one.saved_g for name, one in self.intervals.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison for JSON; keys are stable, unknown figures are null."""
        return {
            "cohort_size": self.planner.cohort_size,
            "cohort_range": None if (range_ := self.planner.cohort_range) is None else list(range_),
            "rounds": self.planner.rounds,
            "fewest_rounds": self.after.fewest_rounds,
            "every_s": self.planner.every.total_seconds(),
            "fairness": self.planner.fairness.describe(
                self.planner.equal_share, self.planner.rounds, self.planner.fleet
            ),
            "hours": self.after.to_dict(),
            "starts": [to_iso(start) for start in self.starts],
            "independent_starts": self.independent,
            "about_starts": list(self.about_starts),
            "random_at_once_g": self.random_g.tolist(),
            "policies": {name: self._to_dict(name) for name in self.runs},
        }

    def _to_dict(self, name: str) -> dict[str, Any]:
        one, runs = self.summaries[name], self.runs[name]
        share = one.share_of_oracle
        return {
            "emissions_g": one.realised_g,
            "planned_g": one.planned_g,
            "saved_g": one.saved_g,
            "saved_vs_at_once_pct": 100 * one.saved,
            "spread_pct": 100 * one.spread,
            "share_of_oracle_pct": None if share is None else 100 * share,
            "floors_met_pct": 100 * one.floors_met,
            "comparable": one.comparable,
            "hours_used": one.hours_used,
            "rounds_held": self.rounds_held(name),
            "interval95": {
                "saved_g": _bounds(self.saved_g_interval[name]),
                "saved_vs_at_once_pct": _bounds(one.saved_interval, 100),
                "share_of_oracle_pct": _bounds(one.share_interval, 100),
            },
            "per_start": {
                "emissions_g": self.realised_g(name).tolist(),
                "floors_met_pct": (100 * self.per_start[name].floors_met).tolist(),
                "begins": [[to_iso(start) for start in run.starts] for run in runs],
            },
        }


_HOUR = timedelta(hours=1)


def _bounds(interval: Interval | None, scale: float = 1.0) -> list[float] | None:
    return None if interval is None else [scale * bound for bound in interval]


def compare_hours(
    planner: Planner,
    recording: Recording,
    starts: Sequence[datetime],
    policies: Mapping[str, SlotSolver],
    after: HoursAfter,
    *,
    oracle: SlotSearch | None = None,
    about_starts: Sequence[str] = (),
    workers: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> HoursComparison:
    """Play ways to choose hours on recorded days.

    Parameters
    ----------
    planner
        Fleet, cohort size, rounds and fairness.
    recording
        What was forecast and what came true.
    starts
        From when on rounds may be.
    policies
        By name; one is `AT_ONCE`, with which the others are compared.
    after
        The hours, counted from each start.
    oracle
        Chooses with perfect foresight; None for no oracle.
    about_starts
        Why these starts, for people.
    workers
        Processes that play starts side by side.
    progress
        Is told how many starts are done, each time that one is.

    Raises
    ------
    InputError
        If nobody begins at once, a name is that of the oracle, or a deadline cannot be met.
    """
    check_number("starts", len(starts), 1)
    if AT_ONCE not in policies:
        raise InputError(
            f"policies: expected {AT_ONCE!r} among them, with which the others are compared, got "
            f"{', '.join(policies)}",
            field="policies",
        )
    if ORACLE in policies:
        raise InputError(
            f"policies: {ORACLE!r} is the name of the limit, which `oracle=` plays; give the "
            "policy another name",
            field="policies",
        )
    run = partial(
        run_start,
        planner=planner,
        recording=recording,
        policies=dict(policies),
        after=after,
        oracle=oracle,
    )
    played: list[tuple[float, dict[str, HoursRun]]] = []
    for one in side_by_side(run, starts, workers):
        played.append(one)
        progress(len(played))
    return HoursComparison(
        planner=planner,
        after=after,
        starts=tuple(starts),
        runs={name: tuple(runs[name] for _, runs in played) for name in played[0][1]},
        random_g=np.array([random for random, _ in played]),
        backtests=tuple(_backtest(planner, recording, after, start) for start in starts),
        about_starts=tuple(about_starts),
    )


def run_start(
    start: datetime,
    *,
    planner: Planner,
    recording: Recording,
    policies: dict[str, SlotSolver],
    after: HoursAfter,
    oracle: SlotSearch | None,
) -> tuple[float, dict[str, HoursRun]]:
    """Let ways to choose hours play from one start.

    Parameters
    ----------
    start
        From when on rounds may be.
    planner, recording, policies, after, oracle
        As in `compare_hours`.

    Returns
    -------
    tuple
        What random cohorts at once are expected to emit, gCO2eq, and a run by policy.
    """
    backtest = _backtest(planner, recording, after, start)
    runs = {name: backtest.run(name, policy) for name, policy in policies.items()}
    if oracle is not None:
        runs[ORACLE] = backtest.oracle(oracle)
    return backtest.random_g(), runs


def _backtest(
    planner: Planner, recording: Recording, after: HoursAfter, start: datetime
) -> HoursBacktest:
    return HoursBacktest(
        planner=after.planner(planner, start),
        recording=recording,
        start=start,
    )
