"""Patience: an hour that is not yet due is worth a little more than its forecast says.

Whoever waits is asked again with newer forecasts and keeps what turns out well, while an hour that
is taken is taken. So where hours are chosen again and again, those ahead count a little less than
they are expected to emit, the less the further ahead they are.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from lowcarb.planning.slot_solver import GreedySlots, SlotAnswer, columns_of
from lowcarb.planning.slots import Slots
from lowcarb.units import SECONDS_PER_DAY
from lowcarb_solvers import Problem, solve

PATIENCE = 0.02
"""Share by which an hour a day ahead counts less; chosen on recorded days of 26 US regions."""
# Hours count no less than this share.
_LEAST = 0.5


@dataclass(frozen=True, kw_only=True)
class PatientSlots:
    """Chooses slots as if those ahead emitted a little less, for plans that are made again.

    Parameters
    ----------
    inner
        Who chooses.
    patience
        Share by which an hour a day ahead counts less.
    """

    inner: GreedySlots = field(default_factory=GreedySlots)
    patience: float = PATIENCE

    def warmed(self, answer: SlotAnswer) -> "PatientSlots":
        """Begin from what an earlier answer found out."""
        return replace(self, inner=self.inner.warmed(answer))

    def __call__(self, problem: Problem, slots: Slots, rounds: int) -> SlotAnswer:
        """Choose slots; who takes part in them, and what it costs, is as forecast."""
        ahead = (slots.starts - slots.starts[0]) / SECONDS_PER_DAY
        counted = np.maximum(_LEAST, 1 - self.patience * ahead)
        answer = self.inner(
            replace(problem, cost_level=problem.cost_level * counted), slots, rounds
        )
        solvers = self.inner.solvers
        solution = solve(columns_of(problem, answer.chosen), *solvers).raise_for_status()
        return SlotAnswer(chosen=answer.chosen, solution=solution, worth=answer.worth)
