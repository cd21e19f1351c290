"""From where recorded days are played: which starts there are, which are used, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from lowcarb._util.arguments import check_number
from lowcarb._util.text import count as counted
from lowcarb._util.text import listed
from lowcarb._util.times import from_seconds, show
from lowcarb.carbon.last_days import LEARNT_DAYS
from lowcarb.errors import InputError
from lowcarb.planning.planner import Planner
from lowcarb.replay.coverage import Reach, first_uncovered, length_of
from lowcarb.replay.interval import one_after_another
from lowcarb.replay.recording import Recording

# A replay needs forecasts from before its start, to learn typical days meanwhile.
_ISSUES_BEFORE = 10
_NAMED = 4


@dataclass(frozen=True, kw_only=True)
class Starts:
    """First rounds, and how they came about.

    Parameters
    ----------
    times
        First rounds, in UTC.
    notes
        What of the recorded days is used, what is not, and why, for people.
    """

    times: tuple[datetime, ...]
    notes: tuple[str, ...]


def choose_starts(
    recording: Recording, planner: Planner, count: int | None, until: timedelta | None = None
) -> Starts:
    """Choose starts among the issues that can be replayed, and say which and why.

    Such an issue has ten issues before it, or, where yesterday's values are the forecast, a whole
    day of actual values; and it has actual intensities for the whole horizon after it.

    Parameters
    ----------
    recording
        The days.
    planner
        Says how long a training takes, its last workload included.
    count
        How many starts, at most, evenly spaced; None for all that fit one after another.
    until
        The last deadline, from a start on, where hours are chosen; the planner then has as many
        rounds as there are slots before it. None where rounds follow each other.

    Raises
    ------
    InputError
        If there is no such issue.
    """
    if count is not None:
        check_number("starts", count, 1)
    before = 0 if recording.persistent else _ISSUES_BEFORE
    issued = [issue.issued_at for issue in recording.issues.forecasts]
    times = [t for t in issued[before:] if t is not None]
    ends = min(float(recording.actual.of(r).ends[-1]) for r in planner.fleet.regions)
    reach = Reach.of(planner, until)
    length = length_of(planner)
    whole = [t for t in times if (t + length).timestamp() <= ends]
    gaps = [t for t in whole if first_uncovered(recording, planner, t) is not None]
    usable = [t for t in whole if t not in gaps] or whole
    if not usable:
        raise InputError(
            f"no {_needs(recording)} and actual intensities for {reach.words} after it; give "
            f"{reach.less}, or more days",
            field=reach.field,
        )
    if count is None:
        used = one_after_another(usable, length)
    else:
        places = np.linspace(0, len(usable) - 1, min(count, len(usable))).round().astype(int)
        used = [usable[i] for i in places.tolist()]
    notes = [
        _used(used, usable, every=count is None),
        _days_before(recording, used[0]),
        *_left_out(recording, reach, whole, gaps),
    ]
    return Starts(times=tuple(used), notes=tuple(notes))


def starts_within(recording: Recording, planner: Planner, count: int) -> tuple[datetime, ...]:
    """Choose starts as `choose_starts` does, without the words.

    Parameters
    ----------
    recording, planner
        As there.
    count
        How many starts, at most, evenly spaced.

    Raises
    ------
    InputError
        If there is no issue that can be replayed.
    """
    return choose_starts(recording, planner, count).times


def _needs(recording: Recording) -> str:
    if recording.persistent:
        return f"midnight (UTC) of {recording.actual.source} has a whole day of values before it"
    return f"issue of {recording.issues.source} has {_ISSUES_BEFORE} issues before it"


def _used(used: Sequence[datetime], usable: Sequence[datetime], *, every: bool) -> str:
    if len(used) == 1:
        return f"Used: 1 of {counted(len(usable), 'possible start')}, {show(used[0])} UTC."
    how = "one after another" if every else "evenly spread"
    return (
        f"Used: {len(used)} of {counted(len(usable), 'possible start')}, {how}, {show(used[0])} to "
        f"{show(used[-1])} UTC."
    )


def _days_before(recording: Recording, first: datetime) -> str:
    """Say what the days before the first start are needed for."""
    learnt = f"typical days are learnt from the days before, {LEARNT_DAYS} at most"
    if recording.persistent:
        begin = min(float(series.times[0]) for series in recording.actual.series.values())
        return (
            "A start needs one whole day before it, whose values are the forecast; beyond that "
            f"{learnt}. Values begin at {show(from_seconds(begin))} UTC: to start earlier than "
            f"{show(first)}, give more earlier days."
        )
    return (
        f"A start is an issue with {_ISSUES_BEFORE} issues before it, while {learnt}: the first "
        f"{_ISSUES_BEFORE} of {len(recording.issues.forecasts)} are no starts."
    )


def _left_out(
    recording: Recording,
    reach: Reach,
    whole: Sequence[datetime],
    gaps: Sequence[datetime],
) -> list[str]:
    found = []
    late = (
        len(recording.issues.forecasts)
        - len(whole)
        - (0 if recording.persistent else _ISSUES_BEFORE)
    )
    if late > 0:
        what = "midnight" if recording.persistent else "issue"
        found.append(
            f"Not used: the last {counted(late, what)}, since actual values end before "
            f"{reach.words} from there."
        )
    if gaps and len(gaps) < len(whole):
        names = listed([show(t) for t in gaps], _NAMED)
        found.append(f"Not used, since actual values are missing within them: starts at {names}.")
    return found
