"""``lowcarb plan``: the cheapest fair plan for a forecast and a fleet."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lowcarb._util.text import named
from lowcarb.cli import options
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

if TYPE_CHECKING:
    from lowcarb.carbon.forecast import Forecast
    from lowcarb.fleet.fleet import Fleet
    from lowcarb.planning.history import History
    from lowcarb.planning.plan import Plan
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
        "newest issue of the forecast covers.",
        rich_help_panel=options.TRAINING,
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
    forecast: options.Forecast,
    clients: options.Clients,
    cohort_size: options.CohortSize,
    rounds: options.Rounds,
    start: _Start = None,
    every: options.Every = "1h",
    units: options.Units = "g/kWh",
    typical: _Typical = None,
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
    out: _Out = None,
    report: options.Report = None,
    figures: options.Figures = None,
    as_json: _Json = False,
) -> None:
    """Plan the cheapest fair cohorts, and say what fairness costs."""
    console = literal_console(stderr=True)
    with reporting(as_json=as_json):
        inputs = [forecast, clients, typical, availability, ledger]
        check_inputs(inputs)
        check_output("out", out, inputs=inputs, outputs=[report], standard=True)
        check_standard_output(out, as_json=as_json)
        check_output("report", report, inputs=inputs, endings=(".html", ".htm"))
        check_folder("figures", figures)
        if report is not None or figures is not None:
            from lowcarb.report.pictures.style import require_matplotlib

            require_matplotlib("report" if figures is None else "figures")
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
                units=units,
                typical=typical,
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
    forecast: str,
    clients: str,
    start: str | None,
    every: str,
    units: str,
    typical: str | None,
    availability: str | None,
    ledger: str | None,
    progress: Any,
    **training: Any,
) -> "tuple[Plan, Forecast]":
    from lowcarb._util.times import as_duration, parse_instant
    from lowcarb.carbon.forecast_csv import read_forecasts
    from lowcarb.carbon.typical_day_csv import read_typical_day
    from lowcarb.fleet.availability_csv import read_availability
    from lowcarb.fleet.fleet_csv import read_fleet
    from lowcarb.planning.planner import Planner

    with naming("start"):
        begin = None if start is None else parse_instant(start)
    interval = as_duration(every, "every")
    fleet = read_fleet(clients)
    planner = Planner(fleet=fleet, every=interval, **training)
    history, notes = (None, ()) if ledger is None else _history(ledger, fleet)
    windows = None if availability is None else read_availability(availability, fleet)
    days = None if typical is None else read_typical_day(typical, units)
    issues = read_forecasts(forecast, units)
    issue = issues.newest if begin is None else issues.at(begin)
    first = begin or issue.first_time
    online = None if windows is None else windows.matrix(fleet, planner.starts(first, history))
    if days is not None:
        note = planner.reach_note(first, issue, history)
        notes = notes if note is None else (*notes, note)
        issue = days.extend(issue, planner.end(first, history))
    progress(
        f"Planning {planner.rounds} rounds of {planner.cohort_size} from {len(fleet)} clients ..."
    )
    plan = planner.plan(first, issue, history, online)
    return replace(plan, notes=(*notes, *plan.notes)), issue


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
