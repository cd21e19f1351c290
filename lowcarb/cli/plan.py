"""``lowcarb plan``: the cheapest fair plan for a forecast and a fleet."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lowcarb._util.text import listed, named
from lowcarb.cli import file_options, options
from lowcarb.cli.consoles import literal_console
from lowcarb.cli.errors import naming, reporting
from lowcarb.cli.paths import (
    STANDARD,
    check_folder,
    check_inputs,
    check_output,
    check_standard_output,
    write_output,
)
from lowcarb.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

    from lowcarb.carbon.forecast import Forecast
    from lowcarb.carbon.how_written import HowWritten
    from lowcarb.carbon.typical_day import TypicalDay
    from lowcarb.fleet.fleet import Fleet
    from lowcarb.planning.history import History
    from lowcarb.planning.plan import Plan
    from lowcarb.planning.planner import Planner
    from lowcarb.report.inputs import InputFile

EXAMPLE = (
    "Example:  lowcarb plan --forecast examples/forecast.csv --clients examples/clients.csv "
    "--cohort-size 4 --rounds 24 --min-rounds 4"
)

_Start = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Start of the first round, ISO-8601 with a zone. Default: the first time that the "
        "newest issue of the forecast covers for all clients.",
        rich_help_panel=options.TRAINING,
    ),
]
_Forecast = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Forecast CSV (.gz by name, - for standard input). Default: none; then typical days "
        "stand in for all rounds.",
        rich_help_panel=options.FILES,
    ),
]
_Actuals = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="CSV of intensities that came true: typical days are learnt from it.",
        rich_help_panel=options.FILES,
    ),
]
_Typical = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="CSV region,h00,...,h23: typical days for rounds beyond the forecast's reach.",
        rich_help_panel=options.FILES,
    ),
]
_Ledger = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Ledger of the training: its rounds are over, the rest is planned. Default: none are.",
        rich_help_panel=options.FILES,
    ),
]
_Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Fail, and write nothing, if a floor cannot be met.",
        rich_help_panel=options.FAIRNESS,
    ),
]
_Gap = Annotated[
    float,
    typer.Option(
        metavar="0..1", help="Relative gap at which CBC may stop.", rich_help_panel=options.SOLVER
    ),
]
_Out = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Write the plan as CSV, a row for each turn; - for the standard output.",
        rich_help_panel=options.OUTPUT,
    ),
]
_Json = Annotated[
    bool, typer.Option("--json", help="Print the plan as JSON.", rich_help_panel=options.OUTPUT)
]


def plan(
    clients: options.Clients,
    cohort_size: options.CohortSize,
    rounds: options.Rounds,
    forecast: _Forecast = None,
    start: _Start = None,
    every: options.Every = "1h",
    units: file_options.Units = None,
    typical: _Typical = None,
    actuals: _Actuals = None,
    availability: options.Availability = None,
    ledger: _Ledger = None,
    min_share: options.MinShare = None,
    min_rounds: options.MinRounds = None,
    max_share: options.MaxShare = None,
    max_rounds: options.MaxRounds = None,
    strict: _Strict = False,
    solver: options.Solver = "cbc",
    time_limit: options.TimeLimit = 10.0,
    gap: _Gap = 0.0,
    seed: options.Seed = 0,
    signal: file_options.Signal = None,
    accounting: file_options.Accounting = None,
    region: file_options.Region = None,
    columns: file_options.Columns = None,
    timezone: file_options.Timezone = None,
    date_format: file_options.DateFormat = None,
    delimiter: file_options.Delimiter = None,
    encoding: file_options.Encoding = None,
    decimal: file_options.Decimal = None,
    out: _Out = None,
    report: options.Report = None,
    figures: options.Figures = None,
    as_json: _Json = False,
) -> None:
    """Plan the cheapest fair cohorts, and say what fairness costs."""
    console = literal_console(stderr=True)
    with reporting(as_json=as_json):
        inputs = [forecast, clients, typical, actuals, availability, ledger]
        check_inputs(inputs)
        check_output("out", out, inputs=inputs, outputs=[report], standard=True)
        check_standard_output(out, as_json=as_json)
        check_output("report", report, inputs=inputs, endings=(".html", ".htm"))
        check_folder("figures", figures)
        if report is not None or figures is not None:
            from lowcarb.report.pictures.style import require_matplotlib

            require_matplotlib("report" if figures is None else "figures")
        how = file_options.how_written(
            units=units,
            signal=signal,
            accounting=accounting,
            region=region,
            columns=columns,
            timezone=timezone,
            date_format=date_format,
            delimiter=delimiter,
            encoding=encoding,
            decimal=decimal,
        )
        with console.status("Reading ...") as status:
            from lowcarb.planning.fairness import Fairness
            from lowcarb.report.inputs import input_files

            plan, issue = _plan(
                forecast=forecast,
                clients=clients,
                cohort_size=cohort_size,
                rounds=rounds,
                start=start,
                every=every,
                how=how,
                typical=typical,
                actuals=actuals,
                availability=availability,
                ledger=ledger,
                fairness=Fairness(
                    min_share=min_share,
                    min_rounds=min_rounds,
                    max_share=max_share,
                    max_rounds=max_rounds,
                ),
                solvers=options.solvers(solver, time_limit, gap),
                seed=seed,
                progress=status.update,
            )
        if strict:
            plan.raise_for_shortfalls()
        if out is not None:
            write_output(out, plan.to_csv().encode())
        files = input_files(
            {
                "forecast": forecast,
                "clients": clients,
                "typical": typical,
                "availability": availability,
                "ledger": ledger,
            }
        )
        _write(plan, issue, report, figures, files)
    _print(plan, issue, as_json=as_json, files=files, outputs=[out, report, figures])


def _plan(
    *,
    forecast: str | None,
    clients: str,
    start: str | None,
    every: str,
    how: "HowWritten",
    typical: str | None,
    actuals: str | None,
    availability: str | None,
    ledger: str | None,
    progress: Any,
    **training: Any,
) -> "tuple[Plan, Forecast]":
    from lowcarb._util.times import as_duration, parse_instant
    from lowcarb.carbon.forecast_csv import read_actuals, read_forecasts
    from lowcarb.carbon.kinds import require_comparable
    from lowcarb.fleet.availability_csv import read_availability
    from lowcarb.fleet.fleet_csv import read_fleet
    from lowcarb.planning.planner import Planner

    with naming("start"):
        begin = None if start is None else parse_instant(start)
    interval = as_duration(every, "every")
    fleet = read_fleet(clients, how.dialect)
    planner = Planner(fleet=fleet, every=interval, **training)
    history, notes = (None, ()) if ledger is None else _history(ledger, fleet)
    windows = (
        None
        if availability is None
        else read_availability(availability, fleet, how.dialect, how.times)
    )
    if typical is not None and actuals is not None:
        raise InputError("expected --typical or --actuals, got both", field="typical")
    past = None if actuals is None else read_actuals(actuals, how=how)
    days = _typical_days(typical, past, how)
    if forecast is None:
        first, issue = _by_typical_days(days, begin, planner, history)
    else:
        issues = read_forecasts(forecast, how=how)
        issue = issues.newest if begin is None else issues.at(begin)
        first = begin or issue.first_covered(fleet.regions)
        if begin is None:
            notes = (*notes, *_old(first, issue))
        if past is not None:
            require_comparable(issue, past, fleet.regions)
    notes = (*notes, *issue.notes, *_served_by_older(issue, fleet))
    online = None if windows is None else windows.matrix(fleet, planner.starts(first, history))
    if days is not None:
        notes = (*notes, *days.notes)
        note = planner.reach_note(first, issue, history)
        notes = notes if note is None else (*notes, note)
        issue = days.extend(issue, planner.end(first, history))
    progress(
        f"Planning {planner.rounds} rounds of {planner.cohort_size} from {len(fleet)} clients ..."
    )
    plan = planner.plan(first, issue, history, online)
    return replace(plan, notes=(*notes, *plan.notes)), issue


def _typical_days(
    typical: str | None, past: "Forecast | None", how: "HowWritten"
) -> "TypicalDay | None":
    """Read typical days, or learn them from what came true."""
    from lowcarb.carbon.typical_day import learn_typical_day
    from lowcarb.carbon.typical_day_csv import read_typical_day

    if typical is not None:
        return read_typical_day(typical, how.units, how.dialect)
    return None if past is None else learn_typical_day(past)


def _by_typical_days(
    days: "TypicalDay | None",
    begin: "datetime | None",
    planner: "Planner",
    history: "History | None",
) -> "tuple[datetime, Forecast]":
    """Let typical days stand in for a forecast."""
    if days is None:
        raise InputError(
            "expected --forecast FILE, or --typical or --actuals FILE to plan on typical days",
            field="forecast",
        )
    if begin is None:
        raise InputError(
            "start: typical days hold on any day, so --start TIME says when the first round begins",
            field="start",
        )
    return begin, days.forecast(begin, planner.end(begin, history))


def _old(first: "datetime", issue: "Forecast") -> tuple[str, ...]:
    """Say that the newest forecast is an old one, and the plan that it begins is past.

    A file that names no issue is a history, of which that is known.
    """
    from datetime import timedelta

    from lowcarb._util.times import show, utc_now

    if issue.issued_at is None or utc_now() - first < timedelta(days=1):
        return ()
    return (
        f"the newest issue is of {show(issue.issued_at)} UTC, and the plan begins with it, "
        f"{show(first)} UTC, which is past; --start says another time",
    )


def _served_by_older(issue: "Forecast", fleet: "Fleet") -> tuple[str, ...]:
    """Say which regions the newest issue does not know."""
    from lowcarb._util.times import show

    those = [
        f"{region} (issued {show(at)} UTC)"
        for region, at in sorted(issue.older.items())
        if region in fleet.regions
    ]
    if not those:
        return ()
    assert issue.issued_at is not None  # noqa: S101 - there are older ones
    return (
        f"the newest issue, of {show(issue.issued_at)} UTC, does not have {listed(those)}: older "
        "issues serve",
    )


def _history(path: str, fleet: "Fleet") -> "tuple[History, tuple[str, ...]]":
    """Read who took part so far, and say what that means for the plan."""
    from lowcarb.ledger import Ledger
    from lowcarb.planning.history import History

    tally = Ledger(path).tally()
    over, missing = tally.rounds_over, tally.missing_rounds
    rounds = f"rounds 1 to {over} are over" if over > 1 else "round 1 is over"
    notes = [f"{rounds if over else 'no round is over yet'} ({path})"]
    if missing:
        notes.append(f"turns in {named(missing, 'round')} are unknown and not counted ({path})")
    return History.by_name(fleet, tally.turns, over), tuple(notes)


def _write(
    plan: "Plan",
    forecast: "Forecast",
    report: str | None,
    figures: str | None,
    files: "tuple[InputFile, ...]",
) -> None:
    if report is None and figures is None:
        return
    from lowcarb.report.plan.html import save_plan
    from lowcarb.report.plan.pictures import pictures_of

    pictures = pictures_of(plan)
    if report is not None:
        save_plan(plan, forecast, pictures, report, files)
    if figures is not None:
        for picture in pictures:
            picture.save(figures)


def _print(
    plan: "Plan",
    forecast: "Forecast",
    *,
    as_json: bool,
    files: "tuple[InputFile, ...]",
    outputs: list[str | None],
) -> None:
    from lowcarb.cli.plan_text import render

    errors = literal_console(stderr=True, soft_wrap=True)
    for shortfall in plan.shortfalls:
        errors.print(f"Warning: {plan.describe(shortfall)}")
    if as_json:
        from lowcarb.report.documents import document
        from lowcarb.report.inputs import kinds_of

        content = {"intensities": {"forecast": kinds_of(forecast)}, **plan.to_dict()}
        typer.echo(json.dumps(document("plan", content, files), allow_nan=False))
    else:
        render(plan, literal_console(stderr=STANDARD in outputs))
    for written in outputs:
        if written not in (None, STANDARD):
            errors.print(f"Wrote {written}")
