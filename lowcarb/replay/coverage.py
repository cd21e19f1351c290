"""Whether recorded days have what a replay needs: issues, regions, and the whole horizon."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from lowcarb._util.times import require_utc, show
from lowcarb.carbon.forecast import Forecast
from lowcarb.carbon.kinds import require_comparable
from lowcarb.errors import CoverageError, InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.planner import Planner
from lowcarb.replay.recording import Recording

_NAMED = 12


def check_recording(recording: Recording, fleet: Fleet) -> None:
    """Refuse forecasts without issue times, actual values with them, and unknown regions.

    Raises
    ------
    InputError
        Names the file; of an unknown region, a client of it.
    """
    issues, actual = recording.issues, recording.actual
    if any(issue.issued_at is None for issue in issues.forecasts):
        raise InputError(
            "has no column issued_at; a replay needs forecasts as they were issued, or none: then "
            "each day is forecast as the day before",
            file=issues.source,
            field="issued_at",
        )
    actual.require_actual()
    require_comparable(issues.newest, actual, fleet.regions)
    for what, known in (("forecast", issues.newest), ("actuals", actual)):
        for i, number in enumerate(fleet.region):
            region = fleet.regions[number]
            if region not in known.series:
                raise fleet.error(
                    f"region {region!r} of client {fleet.clients[i]!r} is not in the {what} "
                    f"{known.source}, which has {_names(known)}",
                    i,
                    "region",
                )


def check_starts(recording: Recording, planner: Planner, starts: Sequence[datetime]) -> None:
    """Refuse starts before the first issue, and horizons that the actual values do not cover.

    Raises
    ------
    CoverageError
        Names the file, the region and the time.
    """
    fleet, rounds = planner.fleet, planner.rounds
    longest = float(fleet.duration_s.max())
    step = planner.every.total_seconds()
    for start in starts:
        recording.issues.at(start)
        times = require_utc(start, "start").timestamp() + step * np.arange(rounds, dtype=np.float64)
        for region in fleet.regions:
            series = recording.actual.of(region)
            missing = np.flatnonzero(np.isnan(series.means(times, longest)))
            if len(missing):
                begin = start + int(missing[0]) * planner.every
                raise CoverageError(
                    f"{rounds} rounds from {show(start)} UTC need actual intensities of region "
                    f"{region!r} from {show(begin)} to {show(begin + timedelta(seconds=longest))} "
                    f"UTC; there are those from {series.describe_coverage()}",
                    file=recording.actual.source,
                    field="rounds",
                )


def _names(forecast: Forecast) -> str:
    known = sorted(forecast.series)
    return ", ".join(known[:_NAMED]) + (" ..." if len(known) > _NAMED else "")
