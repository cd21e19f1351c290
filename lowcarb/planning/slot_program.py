"""The question which slots rounds take and who takes part: for a plan, a replay and a training."""

from dataclasses import replace

from lowcarb._util.arguments import check_number
from lowcarb._util.arrays import BoolArray, IntArray
from lowcarb.carbon.forecast import Forecast
from lowcarb.errors import InputError
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


def check_fewest(fewest: int | None, rounds: int, *, chosen: bool, breathes: bool) -> None:
    """Check the fewest rounds that are held, where fewer than all may be.

    Parameters
    ----------
    fewest
        None for all.
    rounds
        The most.
    chosen
        Whether hours are chosen.
    breathes
        Whether cohorts do.

    Raises
    ------
    InputError
        If there cannot be fewer: each round is held where no hours are chosen, and has as many
        turns where cohorts do not breathe.
    """
    if fewest is None:
        return
    check_number("fewest_rounds", fewest, 1, rounds)
    if fewest < rounds and not (chosen and breathes):
        missing = "a range of cohort sizes" if chosen else "a deadline"
        raise InputError(
            f"rounds: expected one number, got {fewest}..{rounds}; fewer rounds than the most are "
            f"held where hours are chosen and cohorts breathe: give {missing} beside it",
            field="rounds",
        )


def rounds_left(rounds: int, fewest: int | None, over: int) -> Rounds:
    """How many rounds are left, at least and at most, once some are over.

    Parameters
    ----------
    rounds, fewest
        Of the whole training: the most, and the fewest; None for as many.
    over
        Rounds that are over.
    """
    most = rounds - over
    return (most if fewest is None else max(min(1, most), fewest - over)), most
