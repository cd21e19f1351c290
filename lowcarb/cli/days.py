"""Recorded days as commands play them: read, begun, disturbed, and on how many cores."""

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lowcarb._util.times import as_duration, parse_instant
from lowcarb.cli import file_options, hours_options, options, playing
from lowcarb.cli.errors import naming
from lowcarb.cli.together import refuse_together
from lowcarb.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from lowcarb.carbon.how_written import HowWritten
    from lowcarb.fleet.fleet import Fleet
    from lowcarb.planning.planner import Planner
    from lowcarb.replay import HoursAfter, Recording, Starts, TimedDisruptions
    from lowcarb_solvers import Solver

_STARTS = 8  # where forecasts are known: issues overlap, and one a day would be many


@dataclass(frozen=True, kw_only=True)
class PlayedDays:
    """What was said of recorded days and the training that is played: an option for each field."""

    actuals: playing.Actuals
    clients: options.Clients
    rounds: options.RoundsOrRange
    forecast: playing.Forecast = None
    every: options.Every = "1h"
    open_hours: hours_options.Open = None
    longest_pause: hours_options.LongestPause = None
    actual_units: file_options.ActualUnits = None
    max_share: options.MaxShare = None
    max_rounds: options.MaxRounds = None
    starts: playing.Starts = None
    start: playing.Start = None
    actual_delay: playing.Delay = "1h"
    no_correction: playing.NoCorrection = False
    dropout: playing.Dropout = 0.0
    absence: playing.Absence = 0.0
    availability: options.Availability = None
    outages: playing.Outages = None
    solver: options.Solver = "cbc"
    time_limit: options.TimeLimit = 10.0
    seed: options.Seed = 0
    report: options.Report = None
    figures: options.Figures = None

    @property
    def files(self) -> dict[str, str | None]:
        """What is read, by what it is."""
        return {
            "forecast": self.forecast,
            "actuals": self.actuals,
            "clients": self.clients,
            "availability": self.availability,
            "outages": self.outages,
        }

    @property
    def most_and_fewest(self) -> tuple[int, int | None]:
        """The most rounds, and the fewest where there may be fewer."""
        return hours_options.rounds_of(self.rounds)

    @property
    def interval(self) -> "timedelta":
        """Time between round starts, or from one slot to the next."""
        return as_duration(self.every, "every")

    @property
    def solvers(self) -> "tuple[Solver, ...]":
        """Who solves."""
        return options.solvers(self.solver, self.time_limit)

    def check(self, *, deadline: list[str] | None) -> None:
        """Refuse, before anything is read, what contradicts itself or is not played.

        Parameters
        ----------
        deadline
            Before which hours are chosen; None where rounds follow each other.

        Raises
        ------
        InputError
            Names the option.
        """
        if deadline is not None:
            refuse_beside_hours(
                deadline,
                availability=self.availability,
                outages=self.outages,
                absence=self.absence or None,
                dropout=self.dropout or None,
            )
        else:
            hours_options.hours_of(
                None, None, self.open_hours, self.longest_pause, needs="--deadline DURATION"
            )
        # The same disruption from a file and by chance.
        if self.availability is not None and self.absence:
            raise InputError("expected --availability or --absence, got both", field="absence")
        if self.outages is not None and self.dropout:
            raise InputError("expected --outages or --dropout, got both", field="dropout")
        if self.solver == "greedy":
            raise InputError(
                "solver: expected cbc or flow, got 'greedy', which plays as the policy regret",
                field="solver",
            )
        if self.report is not None or self.figures is not None:
            from lowcarb.report.pictures.style import require_matplotlib

            require_matplotlib("report" if self.figures is None else "figures")

    def recording(self, fleet: "Fleet", how: "HowWritten") -> "Recording":
        """Read the days, and check that they have what a replay needs.

        Parameters
        ----------
        fleet
            Whose regions are needed.
        how
            How files are written; without forecasts yesterday's values are the forecast.
        """
        from dataclasses import replace

        from lowcarb.carbon.forecast_csv import read_actuals, read_forecasts
        from lowcarb.replay import Recording
        from lowcarb.replay.coverage import check_actual, check_recording

        known_after = playing.known_after(self.actual_delay)
        actual = read_actuals(self.actuals, self.actual_units, how=how)
        correct = not self.no_correction
        if self.forecast is None:
            check_actual(actual, fleet)
            history = Recording.of_history(actual, fleet.regions, known_after)
            return replace(history, notes=actual.notes, correct=correct)
        issues = read_forecasts(self.forecast, how=how)
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
        self, recording: "Recording", planner: "Planner", hours: "Sequence[HoursAfter]" = ()
    ) -> "Starts":
        """Choose the first rounds, and check that the days can be replayed from them.

        Parameters
        ----------
        recording, planner
            The days, and how long a training takes.
        hours
            That are chosen from, counted from each start; none where rounds follow each other.
        """
        from lowcarb.replay import Starts, choose_starts
        from lowcarb.replay.coverage import check_starts
        from lowcarb.replay.hours_backtest import last_deadline, reaching

        whole, until = reaching(planner, hours) if hours else planner, last_deadline(hours)
        if self.start is None:
            begins = choose_starts(recording, whole, _count(self.starts, recording), until)
        else:
            with naming("start"):
                begins = Starts(times=(parse_instant(self.start),), notes=())
        check_starts(recording, whole, begins.times, until)
        return begins

    def disruptions(self, planner: "Planner", how: "HowWritten") -> "TimedDisruptions":
        """Read who is away and whose work is lost, or draw it.

        Parameters
        ----------
        planner
            Fleet, rounds and seed.
        how
            How files are written.
        """
        from lowcarb.fleet.availability_csv import read_availability
        from lowcarb.replay import TimedDisruptions, draw_disruptions

        found = {
            name: None
            if path is None
            else read_availability(path, planner.fleet, how.dialect, how.times)
            for name, path in (("availability", self.availability), ("outages", self.outages))
        }
        return TimedDisruptions(
            **found,
            otherwise=draw_disruptions(
                len(planner.fleet),
                planner.rounds,
                seed=planner.seed,
                dropout=self.dropout,
                absence=self.absence,
            ),
        )


def refuse_beside_hours(deadline: list[str], **given: object) -> None:
    """Refuse options that say what no replay with hours plays: it would pass unnoticed.

    Parameters
    ----------
    deadline
        Before which hours are chosen.
    **given
        Such options, by the names of parameters; None where one is not given.

    Raises
    ------
    InputError
        Quotes both.
    """
    refuse_together(given, {"deadline": deadline}, "cannot be played beside")


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


def cores() -> int:
    """Return how many processors this process may use."""
    if sys.version_info >= (3, 13):
        return os.process_cpu_count() or 1
    return os.cpu_count() or 1
