"""The question which slots rounds take and who takes part: for a plan, a replay and a training."""

from dataclasses import replace

from lowcarb._util.arrays import BoolArray, IntArray
from lowcarb.carbon.forecast import Forecast
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.cohort_range import Breathing
from lowcarb.planning.program import program
from lowcarb.planning.slots import Rounds, Slots
from lowcarb_solvers import SlotProblem


def slot_program(
    fleet: Fleet,
    forecast: Forecast,
    slots: Slots,
    *,
    rounds: Rounds,
    cohort_size: int,
    bounds: tuple[IntArray, IntArray],
    turns: IntArray,
    online: BoolArray | None,
    seed: int,
    breathing: Breathing | None = None,
) -> SlotProblem:
    """Build the question of the rounds that are left.

    Parameters
    ----------
    slots
        Where rounds may be.
    rounds
        How many are left, at least and at most.
    breathing
        Bounds of each cohort, and the turns left in all; None where all are of `cohort_size`.
    fleet, forecast, cohort_size, bounds, turns, online, seed
        As of `program`.

    Raises
    ------
    InputError
        If the forecast does not know a region.
    CoverageError
        If the forecast is too short.
    """
    held = None if breathing is None else replace(breathing, held=rounds)
    problem = program(
        fleet,
        forecast,
        slots.starts,
        cohort_size=cohort_size,
        bounds=bounds,
        turns=turns,
        online=online,
        seed=seed,
        breathing=held,
    )
    return slots.problem(problem, rounds, None if held is None else held.in_slots)
