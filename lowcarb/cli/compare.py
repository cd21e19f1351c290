"""``lowcarb compare``: policies side by side on recorded days."""

import json
import os
import sys
from typing import TYPE_CHECKING

import typer

from lowcarb._util.text import count
from lowcarb._util.times import as_duration, parse_instant
from lowcarb.cli import compare_hours, file_options, hours_options, options, playing
from lowcarb.cli.consoles import literal_console
from lowcarb.cli.errors import naming, reporting
from lowcarb.cli.paths import check_folder, check_inputs, check_output
from lowcarb.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowcarb.carbon.how_written import HowWritten
    from lowcarb.fleet.availability import Availability
    from lowcarb.fleet.fleet import Fleet
    from lowcarb.planning.planner import Planner
    from lowcarb.replay import Comparison, Gap, Recording, Starts
    from lowcarb.report.inputs import InputFile

EXAMPLE = (
    "Example:  lowcarb compare --forecast examples/issues.csv --actuals examples/actuals.csv "
    "--clients examples/clients.csv --cohort-size 4 --rounds 24"
)

_STARTS = 8  # where forecasts are known: issues overlap, and one a day would be many


@file_options.with_file_options
def compare(
    said: file_options.FileOptions,
    actuals: playing.Actuals,
    clients: options.Clients,
    cohort_size: options.CohortSize,
    rounds: options.Rounds,
    forecast: playing.Forecast = None,
    every: options.Every = "1h",
    deadline: playing.Deadlines = None,
    open_hours: hours_options.Open = None,
    longest_pause: hours_options.LongestPause = None,
    actual_units: file_options.ActualUnits = None,
    min_share: options.MinShare = None,
    min_rounds: options.MinRounds = None,
    max_share: options.MaxShare = None,
    max_rounds: options.MaxRounds = None,
    policies: playing.Policies = None,
    starts: playing.Starts = None,
    start: playing.Start = None,
    seeds: playing.Seeds = 20,
    actual_delay: playing.Delay = "1h",
    dropout: playing.Dropout = 0.0,
    absence: playing.Absence = 0.0,
    availability: options.Availability = None,
    outages: playing.Outages = None,
    solver: options.Solver = "cbc",
    time_limit: options.TimeLimit = 10.0,
    seed: options.Seed = 0,
    report: options.Report = None,
    figures: options.Figures = None,
    as_json: playing.Json = False,
) -> None:
    """Play policies on recorded days: what each would have saved, and how fair it was.

    With --actuals alone, yesterday's values are the forecast: what a simple forecast gives, beside
    perfect foresight, the most that could have been saved.
    """
    with reporting(as_json=as_json):
        inputs = [forecast, actuals, clients, availability, outages]
        check_inputs(inputs)
        how = said.how_written()
        check_output("report", report, inputs=inputs, endings=(".html", ".htm"))
        check_folder("figures", figures)
        if deadline is None:
            hours_options.hours_of(None, None, open_hours, longest_pause)
            names = _names(playing.ALL if policies is None else policies)
        else:
            names = compare_hours.names_of(policies)
            compare_hours.refuse_what_is_not_played(
                availability=availability,
                outages=outages,
                absence=absence,
                dropout=dropout,
                report=report,
            )
        if availability is not None and absence:
            raise InputError("expected --availability or --absence, got both", field="absence")
        if outages is not None and dropout:
            raise InputError("expected --outages or --dropout, got both", field="dropout")
        if solver == "greedy":
            raise InputError(
                "solver: expected cbc or flow, got 'greedy', which plays as the policy regret",
                field="solver",
            )
        if report is not None or figures is not None:
            from lowcarb.report.pictures.style import require_matplotlib

            require_matplotlib("report" if figures is None else "figures")
        with literal_console(stderr=True).status("Reading ...") as status:
            from lowcarb.fleet.availability_csv import read_availability
            from lowcarb.fleet.fleet_csv import read_fleet
            from lowcarb.planning.fairness import Fairness
            from lowcarb.planning.planner import Planner
            from lowcarb.replay import gap_to_oracle
            from lowcarb.report.inputs import input_files

            interval = as_duration(every, "every")
            fleet = read_fleet(clients, how.dialect)
            planner = Planner(
                fleet=fleet,
                cohort_size=cohort_size,
                rounds=rounds,
                every=interval,
                fairness=Fairness(
                    min_share=min_share,
                    min_rounds=min_rounds,
                    max_share=max_share,
                    max_rounds=max_rounds,
                ),
                solvers=options.solvers(solver, time_limit),
                seed=seed,
            )
            recording = _recording(fleet, forecast, actuals, how, actual_units, actual_delay)
            read = {
                "forecast": forecast,
                "actuals": actuals,
                "clients": clients,
                "availability": availability,
                "outages": outages,
            }
            if deadline is not None:
                hours = compare_hours.play_hours(
                    planner,
                    recording,
                    lambda whole: _begins(recording, whole, start, starts),
                    compare_hours.deadlines_of(deadline),
                    names,
                    open_hours=open_hours,
                    longest_pause=longest_pause,
                    workers=_cores(),
                    progress=status.update,
                )
                status.stop()
                compare_hours.print_hours(
                    hours, recording.notes, input_files(read), figures, as_json=as_json
                )
                return
            found = _play(
                planner,
                recording,
                _begins(recording, planner, start, starts),
                names,
                seeds=seeds,
                chances={"dropout": dropout, "absence": absence},
                availability=None
                if availability is None
                else read_availability(availability, fleet, how.dialect, how.times),
                outages=None
                if outages is None
                else read_availability(outages, fleet, how.dialect, how.times),
                progress=status.update,
            )
            status.update("Summing up ...")
            gap = gap_to_oracle(found)
            files = input_files(read)
            _write(found, gap, report, figures, files)
    _print(found, gap, files, as_json=as_json)
    for written in (report, figures):
        if written is not None:
            typer.echo(f"Wrote {written}", err=True)


def _names(text: str) -> list[str]:
    """Split the names of policies; refuse unknown and repeated ones."""
    from lowcarb.planning.policies import POLICIES
    from lowcarb.replay.comparison import ORACLE

    names = [name.strip() for name in text.split(",")]
    known = [*POLICIES, ORACLE]
    for name in names:
        if name not in known:
            raise InputError(
                f"policies: expected some of {', '.join(known)}, got {name!r}", field="policies"
            )
        if names.count(name) > 1:
            raise InputError(f"policies: {name} is named twice", field="policies")
    if names == [ORACLE]:
        raise InputError("policies: expected another one beside the oracle", field="policies")
    return names


def _recording(
    fleet: "Fleet",
    forecast: str | None,
    actuals: str,
    how: "HowWritten",
    actual_units: str | None,
    delay: str,
) -> "Recording":
    """Read the days, and check that they have what a replay needs."""
    from dataclasses import replace
    from datetime import timedelta

    from lowcarb.carbon.forecast_csv import read_actuals, read_forecasts
    from lowcarb.replay import Recording
    from lowcarb.replay.coverage import check_actual, check_recording

    known_after = timedelta() if delay.strip() == "0" else as_duration(delay, "actual-delay")
    actual = read_actuals(actuals, actual_units, how=how)
    if forecast is None:
        check_actual(actual, fleet)
        return replace(Recording.of_history(actual, fleet.regions, known_after), notes=actual.notes)
    issues = read_forecasts(forecast, how=how)
    notes = (*issues.newest.notes, *actual.notes)
    recording = Recording(
        issues=issues, actual=actual, delay=known_after, notes=tuple(dict.fromkeys(notes))
    )
    check_recording(recording, fleet)
    return recording


def _begins(
    recording: "Recording", planner: "Planner", start: str | None, count: str | None
) -> "Starts":
    """Choose the first rounds, and check that the days can be replayed from them."""
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


def _play(
    planner: "Planner",
    recording: "Recording",
    begins: "Starts",
    names: list[str],
    *,
    seeds: int,
    chances: dict[str, float],
    availability: "Availability | None",
    outages: "Availability | None",
    progress: "Callable[[str], None]",
) -> "Comparison":
    from lowcarb.planning.policies import POLICIES, Planned
    from lowcarb.replay import TimedDisruptions, compare, draw_disruptions
    from lowcarb.replay.comparison import ILP, ORACLE

    planned = Planned(planner.solvers)
    players = POLICIES | {ILP: planned}

    def say(done: int) -> None:
        progress(f"Played {done} of {count(len(begins.times), 'start')} ...")

    say(0)
    return compare(
        planner,
        recording,
        begins.times,
        {name: players[name] for name in names if name != ORACLE},
        seeds=seeds,
        oracle=planned if ORACLE in names else None,
        disruptions=TimedDisruptions(
            availability=availability,
            outages=outages,
            otherwise=draw_disruptions(
                len(planner.fleet), planner.rounds, seed=planner.seed, **chances
            ),
        ),
        split=ORACLE in names,
        about_starts=begins.notes,
        workers=_cores(),
        progress=say,
    )


def _cores() -> int:
    """Return how many processors this process may use."""
    if sys.version_info >= (3, 13):
        return os.process_cpu_count() or 1
    return os.cpu_count() or 1


def _write(
    found: "Comparison",
    gap: "Gap | None",
    report: str | None,
    figures: str | None,
    files: "tuple[InputFile, ...]",
) -> None:
    if report is None and figures is None:
        return
    from lowcarb.report.comparison.html import save_comparison
    from lowcarb.report.comparison.pictures import pictures_of

    pictures = list(pictures_of(found, gap))
    if report is not None:
        save_comparison(found, gap, pictures, report, files)
    if figures is not None:
        for picture in pictures:
            picture.save(figures)


def _print(
    found: "Comparison", gap: "Gap | None", files: "tuple[InputFile, ...]", *, as_json: bool
) -> None:
    if as_json:
        from lowcarb.report.comparison.as_json import comparison_to_dict
        from lowcarb.report.documents import document

        content = document("compare", comparison_to_dict(found, gap), files)
        typer.echo(json.dumps(content, allow_nan=False))
        return
    from lowcarb.cli.compare_text import render

    render(found, gap, literal_console())
