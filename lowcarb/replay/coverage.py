"""Whether recorded days have what a replay needs: issues, regions, and the whole horizon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from lowcarb._util.text import count
from lowcarb._util.times import require_utc, show, show_duration
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
    issues = recording.issues
    if any(issue.issued_at is None for issue in issues.forecasts):
        raise InputError(
            "has no column issued_at; a replay needs forecasts as they were issued (without "
            "--forecast, yesterday's values are the forecast)",
            file=issues.source,
            field="issued_at",
        )
    check_actual(recording.actual, fleet)
    require_comparable(issues.newest, recording.actual, fleet.regions)
    _check_regions(issues.newest, fleet, "forecast")


def check_actual(actual: Forecast, fleet: Fleet) -> None:
    """Refuse actual values with issue times, and regions that they do not know.

    Raises
    ------
    InputError
        Names the file; of an unknown region, a client of it.
    """
    actual.require_actual()
    _check_regions(actual, fleet, "actuals")


def _check_regions(known: Forecast, fleet: Fleet, what: str) -> None:
    for i, number in enumerate(fleet.region):
        region = fleet.regions[number]
        if region not in known.series:
            raise fleet.error(
                f"region {region!r} of client {fleet.clients[i]!r} is not in the {what} "
                f"{known.source}, which has {_names(known)}",
                i,
                "region",
            )


def first_uncovered(
    recording: Recording, planner: Planner, start: datetime
) -> tuple[str, datetime] | None:
    """Find the first region, and its first round, of which actual values are missing."""
    longest = float(planner.fleet.duration_s.max())
    times = planner.starts(require_utc(start, "start"))
    for region in planner.fleet.regions:
        missing = np.flatnonzero(np.isnan(recording.actual.of(region).means(times, longest)))
        if len(missing):
            return region, start + int(missing[0]) * planner.every
    return None


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far recorded days must reach from each start, in words.

    Parameters
    ----------
    length
        How long that is.
    words
        How people say it.
    field
        The argument that sets it.
    less
        What to give for less.
    """

    length: timedelta
    words: str
    field: str
    less: str

    @classmethod
    def of(cls, planner: Planner, until: timedelta | None = None) -> "Reach":
        """Say how far it is.

        Parameters
        ----------
        planner
            Rounds, as many as the days must have; where hours are chosen, as many as slots.
        until
            The last deadline, from a start on; None where rounds follow each other.
        """
        if until is not None:
            return cls(
                length=until,
                words=show_duration(until),
                field="deadline",
                less="a shorter deadline",
            )
        length = length_of(planner)
        words = f"{count(planner.rounds, 'round')} ({show_duration(length)})"
        return cls(length=length, words=words, field="rounds", less="fewer rounds")


def length_of(planner: Planner) -> timedelta:
    """From the start of a training to the end of its last workload."""
    longest = timedelta(seconds=float(planner.fleet.duration_s.max()))
    return (planner.rounds - 1) * planner.every + longest


def check_starts(
    recording: Recording,
    planner: Planner,
    starts: Sequence[datetime],
    until: timedelta | None = None,
) -> None:
    """Refuse starts before the first issue, and horizons that the actual values do not cover.

    Parameters
    ----------
    recording, starts
        The days, and from when on.
    planner, until
        As of `Reach`.

    Raises
    ------
    CoverageError
        Names the file, the region and the time.
    """
    longest = timedelta(seconds=float(planner.fleet.duration_s.max()))
    reach = Reach.of(planner, until)
    for start in starts:
        recording.issues.at(start)
        missing = first_uncovered(recording, planner, start)
        if missing is not None:
            region, begin = missing
            raise CoverageError(
                f"{reach.words} from {show(start)} UTC would need actual intensities of "
                f"region {region!r} from {show(begin)} to {show(begin + longest)} UTC; there are "
                f"those from {recording.actual.of(region).describe_coverage()}; give {reach.less}, "
                "another start, or more actual values",
                file=recording.actual.source,
                field=reach.field,
            )


def _names(forecast: Forecast) -> str:
    known = sorted(forecast.series)
    return ", ".join(known[:_NAMED]) + (" ..." if len(known) > _NAMED else "")
