"""Patience: what hours ahead count where they are chosen again and again.

Whoever waits is asked again with newer forecasts and keeps what turns out well, while an hour that
is taken is taken. So hours ahead count a little less than they are expected to emit: the less, the
further ahead they are and the more a region's intensity changes. Hours of the next six count as
they are, and so do all where nothing changes: nobody waits for nothing.

The further ahead, the less a forecast knows. Where it is known what is usual at each hour, hours
ahead count as partly usual: a forecast that is low for long is believed less, and one that only
says that things stay as they are lets a training wait where they are worse than usual.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.times import from_seconds
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.emissions import known_intensities
from lowcarb.planning.slot_solver import SlotSearch
from lowcarb.planning.slots import Slots
from lowcarb.units import SECONDS_PER_DAY
from lowcarb_solvers import Problem, SlotProblem, SlotSolution, Status

PATIENCE = 0.15
"""By how many of its standard deviations an intensity counts less for each day ahead.

Chosen on recorded days of 26 US regions.
"""
USUAL = 0.3
"""Share of what is usual in an intensity far ahead; chosen on the same days."""
# Within so long nothing that is newer is likely to be known.
_STEP_S = SECONDS_PER_DAY / 4
# Time in which that share grows to 63 % of its most.
_USUAL_AFTER_S = SECONDS_PER_DAY


@dataclass(frozen=True, kw_only=True)
class PatientSlots:
    """Chooses slots and cohorts by what hours ahead count, for plans that are made again.

    Parameters
    ----------
    inner
        Who chooses.
    patience
        By how many of its standard deviations over the slots an intensity counts less for each
        day ahead, in steps of a quarter.
    usual
        Shape (g, t): cost level of typical days in each slot, NaN where it is unknown; None where
        all of it is.
    """

    inner: SlotSearch = field(default_factory=SlotSearch)
    patience: float = PATIENCE
    usual: FloatArray | None = field(default=None, compare=False, repr=False)

    def warmed(self, answer: SlotSolution) -> "PatientSlots":
        """Begin from what an earlier answer found out."""
        return replace(self, inner=self.inner.warmed(answer))

    def told(self, usual: FloatArray | None) -> "PatientSlots":
        """Know what is usual in the slots of the next question; None where nothing is known."""
        return replace(self, usual=usual)

    def __call__(self, problem: SlotProblem, slots: Slots) -> SlotSolution:
        """Choose slots and cohorts; what they cost is as forecast."""
        whole = problem.problem
        counted = replace(whole, cost_level=self._counted(whole.cost_level, slots))
        answer = self.inner(replace(problem, problem=counted), slots)
        chosen, held = answer.answer
        forecast = problem.held_in(chosen)
        assert forecast is not None  # noqa: S101 - it holds the same rounds
        held = replace(
            held,
            status=Status.FEASIBLE,
            classes=replace(held.classes, problem=replace(forecast, elastic=True)),
            bound=None,
            prices=None,
            certificate=None,
        )
        return replace(answer, status=Status.FEASIBLE, held=held, bound=None)

    def _counted(self, level: FloatArray, slots: Slots) -> FloatArray:
        """Cost levels as they count (g, t)."""
        ahead_s = slots.starts - slots.starts[0]
        days = np.floor(ahead_s / _STEP_S) * (_STEP_S / SECONDS_PER_DAY)
        less = self.patience * level.std(axis=1, keepdims=True) * days
        if self.usual is not None:
            share = USUAL * -np.expm1(-ahead_s / _USUAL_AFTER_S)
            mixed = (1 - share) * level + share * self.usual
            level = np.where(np.isnan(mixed), level, mixed)
        counted: FloatArray = np.maximum(0.0, level - less)
        return counted


def usual_levels(
    problem: Problem, fleet: Fleet, days: TypicalDay | None, slots: Slots
) -> FloatArray | None:
    """Find the cost levels of typical days in each slot (g, t), for `PatientSlots.told`.

    Parameters
    ----------
    problem
        The program of the slots, whose levels they belong to.
    fleet
        Its clients, in their order.
    days
        Typical days, of some regions at least; None where none are known.
    slots
        When each slot is.

    Returns
    -------
    FloatArray or None
        Means over the clients of each level; NaN where the days of one of them are unknown, None
        where no days are known.
    """
    if days is None:
        return None
    begin, end = slots.starts[0], slots.starts[-1] + max(slots.length_s, fleet.duration_s.max())
    forecast = days.forecast(from_seconds(begin), from_seconds(end))
    usual = known_intensities(fleet, forecast, slots.starts)
    # Levels are told apart by the forecast, kinds of clients by region and duration.
    kinds = len(usual.intensity)
    pairs, members = np.unique(problem.level_of * kinds + usual.intensity_of, return_counts=True)
    level, kind = pairs // kinds, pairs % kinds
    total = np.zeros(problem.cost_level.shape)
    np.add.at(total, level, members[:, None] * usual.intensity[kind])
    count = np.bincount(level, weights=members, minlength=len(total))
    # Levels that nobody has are no matter.
    means: FloatArray = total / np.maximum(count, 1)[:, None]
    return means
