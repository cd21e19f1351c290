"""How often the interval that was known at a start held what its cohorts then emitted."""

from collections.abc import Sequence

from lowcarb.planning.grams_interval import grams_interval
from lowcarb.planning.planner import Planner
from lowcarb.replay.backtest import Run
from lowcarb.replay.recording import Recording


def grams_held(recording: Recording, planner: Planner, runs: Sequence[Run]) -> tuple[int, int]:
    """Count starts whose interval held what was realised, and all starts that have an interval.

    The interval is of the cohorts that were chosen in the end, by the forecast and the errors that
    were known at the start.
    """
    corrector = recording.corrector
    if corrector is None or corrector.errors is None:
        return 0, 0
    held = there = 0
    for run in runs:
        view = recording.view(run.start, planner.end(run.start).timestamp())
        found = grams_interval(
            corrector.errors,
            view,
            planner.fleet,
            planner.starts(run.start),
            run.cohorts,
            run.start,
        )
        if found.bounds is not None:
            there += 1
            held += found.bounds[0] <= run.realised_g <= found.bounds[1]
    return held, there
