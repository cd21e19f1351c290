"""The program of the rounds that are left, in grams: the same for a plan and for a training."""

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb.carbon.forecast import Forecast
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.cohort_range import Breathing
from lowcarb.planning.emissions import Intensities, intensities
from lowcarb_solvers import Problem


def program(
    fleet: Fleet,
    forecast: Forecast,
    starts: FloatArray,
    *,
    cohort_size: int,
    bounds: tuple[IntArray, IntArray],
    turns: IntArray,
    online: BoolArray | None,
    seed: int,
    breathing: Breathing | None = None,
) -> Problem:
    """Build the program; each client is charged the mean over its own duration.

    Parameters
    ----------
    fleet
        n clients. Who works for longer than the time between two starts must not be online again
        before it can be back.
    forecast
        Must cover every workload window that can be used.
    starts
        Shape (t,): when each round starts, seconds since 1970.
    cohort_size
        Seats of each round.
    bounds
        Floors and caps of each client's turns over the whole training, shape (n,) each.
    turns
        Shape (n,): taken before the first start.
    online
        Shape (n, t): where clients can work; None for everywhere.
    seed
        Decides between interchangeable clients.
    breathing
        Bounds of each cohort, and the turns left in all; None where all are of `cohort_size`.

    Raises
    ------
    InputError
        If the forecast does not know a region.
    CoverageError
        If the forecast is too short.
    """
    paid = intensities(fleet, forecast, starts, able=bounds[1] > turns, online=online)
    return priced_program(
        fleet,
        paid,
        cohort_size=cohort_size,
        bounds=bounds,
        turns=turns,
        online=online,
        seed=seed,
        breathing=breathing,
    )


def priced_program(
    fleet: Fleet,
    paid: Intensities,
    *,
    cohort_size: int,
    bounds: tuple[IntArray, IntArray],
    turns: IntArray,
    online: BoolArray | None,
    seed: int,
    breathing: Breathing | None = None,
) -> Problem:
    """Build the program of rounds whose intensities are known already.

    Parameters
    ----------
    paid
        What each client is charged in each of the t rounds.
    fleet, cohort_size, bounds, turns, online, seed, breathing
        As of `program`.
    """
    at_least, at_most = bounds
    rounds = paid.intensity.shape[1]
    sizes = (
        {"cohort_size": np.full(rounds, cohort_size, dtype=np.int64)}
        if breathing is None
        else breathing.of_problem(cohort_size, rounds)
    )
    return Problem(
        cost_level=paid.intensity,
        level_of=paid.intensity_of,
        weight=fleet.energy_kwh,
        at_least=np.maximum(0, at_least - turns),
        at_most=np.maximum(0, at_most - turns),
        available=online,
        turns=turns,
        seed=seed,
        elastic=True,
        **sizes,
    )
