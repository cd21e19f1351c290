"""``lowcarb plan``: the cheapest fair plan for a forecast and a fleet."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from lowcarb.cli import (
    file_options,
    hours_options,
    limit_options,
    options,
    playing,
    second_file,
    value_options,
)
from lowcarb.cli.consoles import literal_console
from lowcarb.cli.errors import reporting
from lowcarb.cli.paths import (
    STANDARD,
    check_folder,
    check_inputs,
    check_output,
    check_standard_output,
    write_csv_output,
)
from lowcarb.cli.plan_files import plan_from_files
from lowcarb.cli.together import refuse_together
from lowcarb.errors import InputError

if TYPE_CHECKING:
    from lowcarb.carbon.correction_measured import Corrected
    from lowcarb.carbon.forecast import Forecast
    from lowcarb.planning.asked_limits import AskedLimits
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
        help="CSV of intensities that came true: typical days are learnt from it, and the forecast "
        "is corrected by it.",
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
        help="Fail, and write nothing, if a floor cannot be met or a limit not be kept.",
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


@file_options.with_options("limited", limit_options.PricedLimitOptions)
@file_options.with_options("second", second_file.SecondForecast)
@file_options.with_file_options
def plan(
    said: file_options.FileOptions,
    second: second_file.SecondForecast,
    limited: limit_options.PricedLimitOptions,
    clients: options.Clients,
    cohort_size: options.CohortSize,
    rounds: options.RoundsOrRange,
    cohort_range: options.CohortRange = None,
    forecast: _Forecast = None,
    start: _Start = None,
    every: options.Every = "1h",
    deadline: hours_options.Deadline = None,
    earliest: hours_options.Earliest = None,
    open_hours: hours_options.Open = None,
    longest_pause: hours_options.LongestPause = None,
    typical: _Typical = None,
    actuals: _Actuals = None,
    actual_delay: playing.Delay = "1h",
    no_correction: playing.NoCorrection = False,
    availability: options.Availability = None,
    ledger: _Ledger = None,
    min_share: options.MinShare = None,
    min_rounds: options.MinRounds = None,
    max_share: options.MaxShare = None,
    max_rounds: options.MaxRounds = None,
    max_extra_carbon: value_options.MaxExtraCarbon = None,
    value_price: value_options.ValuePrice = None,
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
        valued = {"max_extra_carbon": max_extra_carbon, "value_price": value_price}
        # Prices are of limits, which would be refused beside the same option.
        refuse_together(limited.given | {"prices": limited.prices}, {"deadline": deadline})
        alone = {"cohort_range": cohort_range, "deadline": deadline, "prices": limited.prices}
        refuse_together(valued, alone, "cannot be weighed beside")
        limits = limited.asked()
        of_limits = limit_options.files_of(limits)
        inputs = [forecast, clients, typical, actuals, availability, ledger, second.also]
        inputs += of_limits.values()
        check_inputs(inputs)
        check_output("out", out, inputs=inputs, outputs=[report], standard=True)
        check_standard_output(out, as_json=as_json)
        check_output("report", report, inputs=inputs, endings=(".html", ".htm"))
        check_folder("figures", figures)
        if no_correction and (actuals is None or forecast is None):
            raise InputError(
                "no-correction: forecasts are corrected only where --forecast and --actuals are "
                "given; leave it out",
                field="no_correction",
            )
        if report is not None or figures is not None:
            from lowcarb.report.pictures.style import require_matplotlib

            require_matplotlib("report" if figures is None else "figures")
        how = said.how_written()
        how_second = second.how_written(how)
        with console.status("Reading ...") as status:
            from lowcarb.planning.fairness import Fairness
            from lowcarb.report.inputs import input_files

            most_rounds, fewest_rounds = hours_options.rounds_of(rounds)
            plan, issue, corrected = plan_from_files(
                forecast=forecast,
                clients=clients,
                cohort_size=cohort_size,
                cohort_range=cohort_range,
                rounds=most_rounds,
                fewest_rounds=fewest_rounds,
                start=start,
                every=every,
                limits=_limits(limits, prices=limited.prices),
                prices=limited.prices,
                how=how,
                typical=typical,
                actuals=actuals,
                delay=None if no_correction else playing.known_after(actual_delay),
                availability=availability,
                ledger=ledger,
                also=second.also,
                how_also=how_second,
                fairness=Fairness(
                    min_share=min_share,
                    min_rounds=min_rounds,
                    max_share=max_share,
                    max_rounds=max_rounds,
                ),
                solvers=options.solvers(solver, time_limit, gap),
                seed=seed,
                hours=hours_options.hours_of(deadline, earliest, open_hours, longest_pause),
                value=value_options.value_of(max_extra_carbon, value_price),
                progress=status.update,
            )
        if strict:
            plan.raise_for_shortfalls()
        if out is not None:
            write_csv_output(out, plan.to_csv())
        files = input_files(
            {
                "forecast": forecast,
                "clients": clients,
                "typical": typical,
                "actuals": actuals,
                "availability": availability,
                "ledger": ledger,
                "also": second.also,
                **of_limits,
            }
        )
        _write(plan, issue, report, figures, files)
    _print(plan, issue, corrected, as_json=as_json, files=files, outputs=[out, report, figures])


def _limits(limits: "AskedLimits | None", *, prices: bool) -> "AskedLimits | None":
    """Refuse to price what is not there."""
    if prices and limits is None:
        raise InputError(
            "prices: says what limits cost, and there are none; add --limit, such as --limit "
            "'region <= 4', or leave it out",
            field="prices",
        )
    return limits


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
    corrected: "Corrected | None",
    *,
    as_json: bool,
    files: "tuple[InputFile, ...]",
    outputs: list[str | None],
) -> None:
    from lowcarb.cli.plan_text import render
    from lowcarb.report.plan.verdict import not_met

    errors = literal_console(stderr=True, soft_wrap=True)
    for sentence in not_met(plan):
        errors.print(f"Warning: {sentence}")
    if as_json:
        from lowcarb.report.documents import document
        from lowcarb.report.inputs import kinds_of

        content = {
            "intensities": {"forecast": kinds_of(forecast)},
            "correction": None if corrected is None else corrected.to_dict(),
            **plan.to_dict(),
        }
        typer.echo(json.dumps(document("plan", content, files), allow_nan=False))
    else:
        render(plan, literal_console(stderr=STANDARD in outputs))
    for written in outputs:
        if written not in (None, STANDARD):
            errors.print(f"Wrote {written}")
