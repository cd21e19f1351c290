"""What chosen hours would emit with sooner deadlines."""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.planning.chosen_hours import ChosenHours
from lowcarb.planning.slot_solver import SlotSearch, some_columns
from lowcarb_solvers import Solver

# Seconds for each deadline.
_TIME_LIMIT_S = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Sooner:
    """Emissions by deadline, from the soonest possible one to the one that was asked for.

    Parameters
    ----------
    within_s
        Shape (d,): from the first possible start to the deadline, seconds, ascending.
    planned_g
        Shape (d,): forecast emissions of the chosen hours, gCO2eq; never less with less time.
    """

    within_s: FloatArray
    planned_g: FloatArray


def sooner(chosen: ChosenHours, solvers: tuple[Solver, ...], deadlines: int = 6) -> Sooner:
    """Choose hours for some sooner deadlines, evenly spread.

    Parameters
    ----------
    chosen
        Hours of the deadline that was asked for.
    solvers
        Who says who takes part.
    deadlines
        How many, those of at once and of what was asked for included.
    """
    slots = chosen.slots
    choose = SlotSearch(solvers=solvers, time_limit=_TIME_LIMIT_S)
    objective = chosen.solution.objective
    assert objective is not None  # noqa: S101 - it has an answer
    lasts = np.unique(
        np.linspace(int(chosen.first[-1]), len(slots) - 1, max(2, deadlines)).astype(np.int64)
    )
    within, grams = [], []
    for last in lasts.tolist():
        within.append(float(slots.starts[last] - slots.starts[0]) + slots.length_s)
        if last == int(chosen.first[-1]):
            grams.append(chosen.at_once_g)
        elif last == len(slots) - 1:
            grams.append(objective)
        else:
            some = np.arange(last + 1)
            sooner_slots = replace(slots, starts=slots.starts[some])
            question = replace(
                chosen.question,
                problem=some_columns(chosen.problem, some),
                spacing=sooner_slots.spacing,
            )
            _, held = choose(question, sooner_slots).answer
            assert held.objective is not None  # noqa: S101 - it has an answer
            grams.append(held.objective)
    return Sooner(
        within_s=np.array(within),
        planned_g=np.maximum.accumulate(np.array(grams)[::-1])[::-1],
    )
