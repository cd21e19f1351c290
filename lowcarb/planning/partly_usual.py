"""What hours ahead count where forecasts are as issued: partly what is usual.

The further ahead, the less such a forecast knows. Where it is known what is usual at each hour,
hours ahead count as partly usual: a forecast that is low for long is believed less, and one that
only says that things stay as they are lets a training wait where they are worse than usual.
Forecasts that were corrected by what came true have had that done to them, by measured skill.
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

USUAL = 0.3
"""Share of what is usual in an intensity far ahead; chosen on recorded days of 26 US regions."""
# Time in which that share grows to 63 % of its most.
_USUAL_AFTER_S = SECONDS_PER_DAY


@dataclass(frozen=True, kw_only=True)
class PartlyUsual:
    """Chooses slots and cohorts by what hours ahead count.

    Parameters
    ----------
    inner
        Who chooses.
    usual
        Shape (g, t): cost level of typical days in each slot, NaN where it is unknown; None where
        all of it is, or forecasts were corrected.
    """

    inner: SlotSearch = field(default_factory=SlotSearch)
    usual: FloatArray | None = field(default=None, compare=False, repr=False)

    def warmed(self, answer: SlotSolution) -> "PartlyUsual":
        """Begin from what an earlier answer found out."""
        return replace(self, inner=self.inner.warmed(answer))

    def told(self, usual: FloatArray | None) -> "PartlyUsual":
        """Know what is usual in the slots of the next question; None where nothing is known."""
        return replace(self, usual=usual)

    def __call__(self, problem: SlotProblem, slots: Slots) -> SlotSolution:
        """Choose slots and cohorts; what they cost is as forecast."""
        if self.usual is None:
            return self.inner(problem, slots)
        whole = problem.problem
        counted = replace(whole, cost_level=self._counted(whole.cost_level, self.usual, slots))
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

    def _counted(self, level: FloatArray, usual: FloatArray, slots: Slots) -> FloatArray:
        """Cost levels as they count (g, t)."""
        ahead_s = slots.starts - slots.starts[0]
        share = USUAL * -np.expm1(-ahead_s / _USUAL_AFTER_S)
        mixed = (1 - share) * level + share * usual
        counted: FloatArray = np.where(np.isnan(mixed), level, mixed)
        return counted


def usual_levels(
    problem: Problem, fleet: Fleet, days: TypicalDay | None, slots: Slots
) -> FloatArray | None:
    """Find the cost levels of typical days in each slot (g, t), for `PartlyUsual.told`.

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
