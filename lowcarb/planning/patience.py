"""Patience: an hour that is still far is worth a little more than its forecast says.

Whoever waits is asked again with newer forecasts and keeps what turns out well, while an hour that
is taken is taken. So where hours are chosen again and again, those ahead count a little less than
they are expected to emit: the less, the further ahead they are and the more a region's intensity
changes. Hours of the next six count as they are, and so do all where nothing changes: nobody waits
for nothing.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from lowcarb.planning.slot_solver import SlotSearch, with_cohorts
from lowcarb.planning.slots import Slots
from lowcarb.units import SECONDS_PER_DAY
from lowcarb_solvers import SlotProblem, SlotSolution

PATIENCE = 0.15
"""By how many of its standard deviations an intensity counts less for each day ahead.

Chosen on recorded days of 26 US regions.
"""
# Within so long nothing that is newer is likely to be known.
_STEP_S = SECONDS_PER_DAY / 4


@dataclass(frozen=True, kw_only=True)
class PatientSlots:
    """Chooses slots as if those ahead emitted a little less, for plans that are made again.

    Parameters
    ----------
    inner
        Who chooses.
    patience
        By how many of its standard deviations over the slots an intensity counts less for each
        day ahead, in steps of a quarter.
    """

    inner: SlotSearch = field(default_factory=SlotSearch)
    patience: float = PATIENCE

    def warmed(self, answer: SlotSolution) -> "PatientSlots":
        """Begin from what an earlier answer found out."""
        return replace(self, inner=self.inner.warmed(answer))

    def __call__(self, problem: SlotProblem, slots: Slots) -> SlotSolution:
        """Choose slots; who takes part in them, and what it costs, is as forecast."""
        level = problem.problem.cost_level
        days = np.floor((slots.starts - slots.starts[0]) / _STEP_S) * (_STEP_S / SECONDS_PER_DAY)
        if not days.any():
            return self.inner(problem, slots)
        less = self.patience * level.std(axis=1, keepdims=True) * days
        counted = replace(problem.problem, cost_level=np.maximum(0.0, level - less))
        answer = self.inner(replace(problem, problem=counted), slots)
        chosen, _ = answer.answer
        solved = with_cohorts(problem, chosen, self.inner.solvers)
        return replace(answer, status=solved.status, held=solved.held, bound=None)
