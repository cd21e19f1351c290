"""Recorded days as commands play them: read, begun, disturbed, and on how many cores."""

import os
import sys
from typing import TYPE_CHECKING

from lowcarb._util.times import parse_instant
from lowcarb.cli import playing
from lowcarb.cli.errors import naming
from lowcarb.errors import InputError

if TYPE_CHECKING:
    from lowcarb.carbon.how_written import HowWritten
    from lowcarb.fleet.fleet import Fleet
    from lowcarb.planning.planner import Planner
    from lowcarb.replay import Recording, Starts, TimedDisruptions

_STARTS = 8  # where forecasts are known: issues overlap, and one a day would be many


def check_solver(solver: str) -> None:
    """Refuse greedy as the solver of a plan that is compared with the limit."""
    if solver == "greedy":
        raise InputError(
            "solver: expected cbc or flow, got 'greedy', which plays as the policy regret",
            field="solver",
        )


def check_disturbed(
    *, availability: str | None, absence: float, outages: str | None, dropout: float
) -> None:
    """Refuse the same disruption from a file and by chance."""
    if availability is not None and absence:
        raise InputError("expected --availability or --absence, got both", field="absence")
    if outages is not None and dropout:
        raise InputError("expected --outages or --dropout, got both", field="dropout")


def recording(
    fleet: "Fleet",
    forecast: str | None,
    actuals: str,
    how: "HowWritten",
    actual_units: str | None,
    delay: str,
    *,
    correct: bool,
) -> "Recording":
    """Read the days, and check that they have what a replay needs.

    Parameters
    ----------
    fleet
        Whose regions are needed.
    forecast, actuals, how, actual_units
        Files, and how they are written; without forecasts yesterday's values are the forecast.
    delay
        How long after its end an actual value is known, as it was typed.
    correct
        Whether forecasts are corrected by what came true.
    """
    from dataclasses import replace

    from lowcarb.carbon.forecast_csv import read_actuals, read_forecasts
    from lowcarb.replay import Recording
    from lowcarb.replay.coverage import check_actual, check_recording

    known_after = playing.known_after(delay)
    actual = read_actuals(actuals, actual_units, how=how)
    if forecast is None:
        check_actual(actual, fleet)
        history = Recording.of_history(actual, fleet.regions, known_after)
        return replace(history, notes=actual.notes, correct=correct)
    issues = read_forecasts(forecast, how=how)
    notes = (*issues.newest.notes, *actual.notes)
    recording = Recording(
        issues=issues,
        actual=actual,
        delay=known_after,
        notes=tuple(dict.fromkeys(notes)),
        correct=correct,
    )
    check_recording(recording, fleet)
    return recording


def begins(
    recording: "Recording", planner: "Planner", start: str | None, count: str | None
) -> "Starts":
    """Choose the first rounds, and check that the days can be replayed from them.

    Parameters
    ----------
    recording, planner
        The days, and how long a training takes.
    start, count
        As they were typed: one start, or how many.
    """
    from lowcarb.replay import Starts, choose_starts
    from lowcarb.replay.coverage import check_starts

    if start is None:
        begins = choose_starts(recording, planner, _count(count, recording))
    else:
        with naming("start"):
            begins = Starts(times=(parse_instant(start),), notes=())
    check_starts(recording, planner, begins.times)
    return begins


def _count(text: str | None, recording: "Recording") -> int | None:
    """Read how many starts are wanted; None for all that fit."""
    if text is None:
        return None if recording.persistent else _STARTS
    if text.strip() == "all":
        return None
    try:
        return int(text)
    except ValueError:
        raise InputError(
            f"starts: expected a number, or all, got {text!r}", field="starts"
        ) from None


def disruptions(
    planner: "Planner",
    how: "HowWritten",
    *,
    availability: str | None,
    absence: float,
    outages: str | None,
    dropout: float,
) -> "TimedDisruptions":
    """Read who is away and whose work is lost, or draw it.

    Parameters
    ----------
    planner
        Fleet, rounds and seed.
    how
        How files are written.
    availability, outages
        Files; None for none.
    absence, dropout
        Probabilities, where there is no file.
    """
    from lowcarb.fleet.availability_csv import read_availability
    from lowcarb.replay import TimedDisruptions, draw_disruptions

    found = {
        name: None
        if path is None
        else read_availability(path, planner.fleet, how.dialect, how.times)
        for name, path in (("availability", availability), ("outages", outages))
    }
    return TimedDisruptions(
        **found,
        otherwise=draw_disruptions(
            len(planner.fleet), planner.rounds, seed=planner.seed, dropout=dropout, absence=absence
        ),
    )


def cores() -> int:
    """Return how many processors this process may use."""
    if sys.version_info >= (3, 13):
        return os.process_cpu_count() or 1
    return os.cpu_count() or 1
