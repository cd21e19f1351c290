"""What a sweep found: a comparison for each point, and which points nothing beats."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lowcarb._util.arrays import BoolArray
from lowcarb._util.text import count, shortened
from lowcarb.replay.axes import Axis, figure
from lowcarb.replay.backtest import rounds_held
from lowcarb.replay.comparison import Comparison
from lowcarb.replay.front import as_figures, pareto_front
from lowcarb.replay.interval import Interval
from lowcarb.replay.names import ORACLE

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Point:
    """One training of a sweep.

    Parameters
    ----------
    values
        Its place: by the name of an axis, as they were given.
    comparison
        What was played: all of a comparison of this training alone.
    """

    values: Mapping[str, Any]
    comparison: Comparison

    @property
    def floor(self) -> int:
        """The general floor in turns; clients may have floors of their own."""
        planner = self.comparison.planner
        return planner.fairness.floor_and_cap(planner.equal_share, planner.rounds)[0]

    def unproven(self, name: str) -> int:
        """Rounds of a policy whose plan was not proven optimal, over all starts."""
        return sum(run.unproven for run in self.comparison.runs[name])

    def rounds_held(self, name: str) -> float:
        """Rounds of a policy's training, the mean over the starts."""
        return rounds_held(self.comparison.runs[name])


@dataclass(frozen=True, kw_only=True, eq=False)
class Sweep:
    """A trade-off curve: the same recorded days, played at each point of some axes.

    A point is on the front of its policy if it meets all floors, and no other such point emits as
    little a turn and spreads turns as evenly (by Jain's index) and is better in one of the two. A
    turn is a filled seat, so that trainings of different sizes can be compared.

    Parameters
    ----------
    axes
        What was varied.
    points
        All combinations of their values, the last axis varying fastest.
    """

    axes: tuple[Axis, ...]
    points: tuple[Point, ...]

    def __repr__(self) -> str:
        name = self.subject
        saved = [point.comparison.summaries[name].saved for point in self.points]
        axes = " x ".join(f"{len(axis.values)} of {axis.name}" for axis in self.axes)
        return (
            f"Sweep({count(len(self.points), 'point')}: {axes}, "
            f"{count(len(self.starts), 'start')}, {shortened(name, 40)} saved {min(saved):.1%} to "
            f"{max(saved):.1%} against random)"
        )

    @property
    def first(self) -> Comparison:
        """The first point's comparison, for what is the same at all points."""
        return self.points[0].comparison

    @property
    def starts(self) -> tuple[datetime, ...]:
        """First rounds, the same at each point."""
        return self.first.starts

    @property
    def fewest_rounds(self) -> int | None:
        """The fewest rounds, where fewer than the most may be held."""
        return None if self.first.after is None else self.first.after.fewest_rounds

    @property
    def subject(self) -> str:
        """The policy that sentences and pictures are about: ilp, or the first one."""
        return self.first.subject

    @property
    def policies(self) -> tuple[str, ...]:
        """Who played, without the oracle, which is the limit at each point."""
        return tuple(name for name in self.first.runs if name != ORACLE)

    @cached_property
    def fronts(self) -> dict[str, BoolArray]:
        """By policy, which points are on its front (k,)."""
        return {name: self._front(name) for name in self.policies}

    def _front(self, name: str) -> BoolArray:
        found = [point.comparison.summaries[name] for point in self.points]
        grams = as_figures([one.realised_g_per_seat for one in found])
        met = np.array([one.floors_met == 1 for one in found])
        able: BoolArray = met & ~np.isnan(grams)
        return pareto_front(grams, as_figures([one.jain for one in found]), able)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each point and policy: its place, its name, and figures.

        Keys are those of `to_dict`; ``_low`` and ``_high`` are the bounds of 95 % intervals, None
        where one start says nothing of others.
        """
        return [
            self._row(point, name, front=bool(self.fronts[name][k]))
            for name in self.policies
            for k, point in enumerate(self.points)
        ]

    def _row(self, point: Point, name: str, *, front: bool) -> dict[str, Any]:
        one, interval = point.comparison.summaries[name], point.comparison.intervals[name]
        broken = point.comparison.broken_limits.get(name)
        share = one.share_of_oracle
        return {
            **{axis: figure(value) for axis, value in point.values.items()},
            "policy": name,
            "floor": point.floor,
            **_with_bounds("emissions_g", one.realised_g, interval.realised_g),
            "emissions_g_per_seat": one.realised_g_per_seat,
            **_with_bounds("saved_g", one.saved_g, interval.saved_g),
            **_with_bounds("saved_vs_random_pct", one.saved, interval.saved, 100),
            **_with_bounds("share_of_oracle_pct", share, interval.share_of_oracle, 100),
            "floors_met_pct": 100 * one.floors_met,
            "comparable": one.comparable,
            "jain": one.jain,
            "gini": one.gini,
            "turns_min": one.turns_min,
            "turns_max": one.turns_max,
            "empty_seats": one.empty_seats,
            "fallbacks": one.fallbacks,
            "unproven": point.unproven(name),
            "front": front,
            **({} if self.fewest_rounds is None else {"rounds_held": point.rounds_held(name)}),
            **({} if broken is None else {"limits_kept_pct": 100 * broken.kept}),
        }

    def to_frame(self) -> "pd.DataFrame":
        """Return the rows as a frame, a row for each point and policy."""
        import pandas as pd

        return pd.DataFrame(self.rows())

    def to_dict(self) -> dict[str, Any]:
        """Return the sweep for JSON; keys are stable, unknown figures are null.

        Without `timing` the same seed gives the same content on any number of machines, unless a
        solver hit its time limit. ::

            axes        a list of name and values
            rounds, every_s, actual_delay_s, forecasts, limits, starts, independent_starts,
            about_starts, seeds, seed, notes  as in `Comparison.to_dict`; the same at all points
            fewest_rounds  null where as many are held as `rounds` says
            hours       null where rounds follow each other; else open_hours and longest_pause_s
                        (null where none were said); deadlines are an axis
            policy      whom sentences and pictures are about
            points      a list, the last axis varying fastest: values (by axis), fairness (in
                        words), floor (the general one, in turns), expected_g (of random cohorts,
                        from each start), policies (by name, as in `Comparison.to_dict`, and
                        emissions_g_per_seat; rounds_held: the mean over the starts; unproven:
                        rounds whose plan was not proven optimal; front: whether no other point
                        beats it)
            timing      for each point, by policy: median_s and p95_s of deciding on one round
        """
        return {
            "axes": [
                {"name": axis.name, "values": [figure(value) for value in axis.values]}
                for axis in self.axes
            ],
            **self.first.days_to_dict(),
            "fewest_rounds": self.fewest_rounds,
            "hours": None if self.first.after is None else self.first.after.asked(),
            "policy": self.subject,
            "points": [self._point_to_dict(k) for k in range(len(self.points))],
            "timing": [point.comparison.timing_to_dict() for point in self.points],
        }

    def _point_to_dict(self, k: int) -> dict[str, Any]:
        point = self.points[k]
        comparison, planner = point.comparison, point.comparison.planner
        return {
            "values": {axis: figure(value) for axis, value in point.values.items()},
            "fairness": planner.fairness.describe(
                planner.equal_share, planner.rounds, planner.fleet
            ),
            "floor": point.floor,
            "expected_g": comparison.random_g.tolist(),
            "policies": {
                name: {
                    **comparison.policy_to_dict(name),
                    "emissions_g_per_seat": one.realised_g_per_seat,
                    "rounds_held": point.rounds_held(name),
                    "unproven": point.unproven(name),
                    **({} if name == ORACLE else {"front": bool(self.fronts[name][k])}),
                }
                for name, one in comparison.summaries.items()
            },
        }


def _with_bounds(
    name: str, value: float | None, interval: Interval | None, scale: float = 1
) -> dict[str, float | None]:
    low, high = (None, None) if interval is None else interval
    figures = {name: value, f"{name}_low": low, f"{name}_high": high}
    return {key: None if one is None else scale * one for key, one in figures.items()}
