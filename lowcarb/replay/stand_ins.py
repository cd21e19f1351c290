"""Which hours of a replay no forecast spoke of: typical days stood in, and it must be said."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from lowcarb._util.text import count, listed
from lowcarb._util.times import from_seconds, show
from lowcarb.carbon.forecast import Series
from lowcarb.replay.recording import Recording
from lowcarb.units import SECONDS_PER_HOUR

# Regions that have a sentence of their own.
_NAMED = 6
# A stretch that is shorter is rounding, in seconds.
_SHORTEST_S = 1.0


def stand_ins(
    recording: Recording, regions: Sequence[str], windows: Sequence[tuple[datetime, float]]
) -> list[str]:
    """Say of which hours no forecast spoke when a training began.

    Parameters
    ----------
    recording
        What was forecast.
    regions
        Those of the clients.
    windows
        The start of each training, and its end in seconds since 1970.
    """
    found = []
    for region in regions:
        missing = [
            (begin, end)
            for start, until in windows
            for begin, end in _unknown(
                recording.issues.at(start).of(region), start.timestamp(), until
            )
        ]
        if not missing:
            continue
        hours = sum(end - begin for begin, end in missing) / SECONDS_PER_HOUR
        all_hours = sum(until - start.timestamp() for start, until in windows) / SECONDS_PER_HOUR
        begin, end = missing[0]
        more = f" and at {count(len(missing) - 1, 'other time')}" if len(missing) > 1 else ""
        found.append(
            f"{region} had no forecast from {show(from_seconds(begin))} to "
            f"{show(from_seconds(end))} UTC{more}, {hours:g} of {all_hours:g} hours: its typical "
            "hours stood in"
        )
    return [*found[:_NAMED], *_rest(found[_NAMED:])]


def _rest(found: list[str]) -> list[str]:
    names = [text.split(" had no forecast", 1)[0] for text in found]
    return [f"the same is true of {listed(names)}"] if names else []


def _unknown(series: Series, begin: float, end: float) -> list[tuple[float, float]]:
    """Stretches between two times of which a series says nothing."""
    known_from = np.append(series.times, np.inf)
    known_until = np.insert(series.ends, 0, -np.inf)
    first, last = np.maximum(known_until, begin), np.minimum(known_from, end)
    gaps = last - first > _SHORTEST_S
    return list(zip(first[gaps].tolist(), last[gaps].tolist(), strict=True))
