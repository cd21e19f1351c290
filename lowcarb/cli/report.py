"""``lowcarb report``: what a training did, from its ledger."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from lowcarb.cli import file_options, options, second_file
from lowcarb.cli.consoles import literal_console
from lowcarb.cli.errors import reporting
from lowcarb.cli.paths import check_inputs, check_output

if TYPE_CHECKING:
    from lowcarb.carbon.forecast import Forecast
    from lowcarb.carbon.how_written import HowWritten

EXAMPLE = "Example:  lowcarb report run.db --report run.html"

_Ledger = Annotated[
    str,
    typer.Argument(
        metavar="LEDGER", help="File that the training kept, or its address (s3://...)."
    ),
]
_Training = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Number of the training. Default: the newest.",
        rich_help_panel=options.TRAINING,
    ),
]
_Actuals = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="CSV time_utc,REGION,... of actual intensities: book what came true first.",
        rich_help_panel=options.FILES,
    ),
]
_Backup = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Copy the ledger there, and its model beside it; a training may be at work.",
        rich_help_panel=options.OUTPUT,
    ),
]
_Json = Annotated[
    bool,
    typer.Option(
        "--json", help="Print all of the account as JSON.", rich_help_panel=options.OUTPUT
    ),
]


@file_options.with_options("second", second_file.SecondActuals)
@file_options.with_file_options
def report(
    said: file_options.FileOptions,
    second: second_file.SecondActuals,
    ledger: _Ledger,
    training: _Training = None,
    actuals: _Actuals = None,
    report: options.Report = None,
    backup: _Backup = None,
    as_json: _Json = False,
) -> None:
    """Say what a training planned, emitted and saved, by the LEDGER that it kept."""
    with reporting(as_json=as_json):
        read = [ledger, actuals, second.also_actuals]
        check_inputs(read)
        check_output("report", report, inputs=read, endings=(".html", ".htm"))
        check_output("backup", backup, inputs=read, outputs=[report], for_a_ledger=True)
        how = said.how_written()
        how_second = second.how_written(how)
        from lowcarb.ledger import Ledger
        from lowcarb.report.account.summary import AccountSummary
        from lowcarb.report.inputs import input_files

        if actuals is not None:
            _settle(ledger, actuals, how)
        if second.also_actuals is not None:
            _settle_second(ledger, training, second.also_actuals, how_second, how)
        if backup is not None:
            _back_up(ledger, backup)
        files = input_files({"actuals": actuals, "also-actuals": second.also_actuals})
        summary = AccountSummary(account=Ledger(ledger).account(training))
        if report is not None:
            from lowcarb.report.account.html import save_report
            from lowcarb.report.account.pictures import pictures_of
            from lowcarb.report.pictures.style import has_matplotlib

            pictures = pictures_of(summary.account) if has_matplotlib() else None
            save_report(summary, report, pictures, files)
    if as_json:
        from lowcarb.report.account.as_json import account_to_dict
        from lowcarb.report.documents import document

        content = document("report", account_to_dict(summary.account), files)
        typer.echo(json.dumps(content, allow_nan=False))
    else:
        from lowcarb.cli.report_text import render

        render(summary, literal_console())
    if report is not None:
        typer.echo(f"Wrote {report}", err=True)


def _back_up(ledger: str, backup: str) -> None:
    from lowcarb.ledger import Ledger
    from lowcarb.ledger.backup import back_up

    model = back_up(Ledger(ledger), backup)
    beside = " (no model was saved yet)" if model is None else f" and {model.name} beside it"
    typer.echo(f"Wrote {backup}{beside}", err=True)


def _settle(ledger: str, actuals: str, how: "HowWritten") -> None:
    from lowcarb.carbon.forecast_csv import read_actuals
    from lowcarb.carbon.kinds import require_kind
    from lowcarb.ledger import Ledger

    came_true = read_actuals(actuals, how=how)
    # Only a ledger that is there: opening one for writing would make it.
    account = Ledger(ledger).account()
    asked = sorted({turn.region for one in account.rounds for turn in one.turns if turn.region})
    planned = {
        region: provenance
        for one in account.rounds
        for region, provenance in one.provenances.items()
        if provenance.signal is not None
    }
    require_kind(planned, came_true)
    with Ledger(ledger).writing(take_over=False) as book:
        changed = book.settle(came_true)
    typer.echo(f"Booked {changed} actual intensities", err=True)
    _say_what_is_missing(asked, came_true)


def _say_what_is_missing(asked: list[str], came_true: "Forecast") -> None:
    from lowcarb._util.text import count, listed

    for note in came_true.notes:
        typer.echo(f"Note: {note}", err=True)
    if missing := [region for region in asked if region not in came_true.series]:
        typer.echo(
            f"Warning: {came_true.source} lacks {count(len(missing), 'region')} of the ledger: "
            f"{listed(missing)}; it has {listed(sorted(came_true.series))}",
            err=True,
        )


def _settle_second(
    ledger: str, training: int | None, actuals: str, how_second: "HowWritten", how: "HowWritten"
) -> None:
    """Book what came true by a second signal, also of a training that was not asked for one."""
    from lowcarb._util.text import count
    from lowcarb.carbon.forecast_csv import read_actuals
    from lowcarb.carbon.kinds import Kind, require_kind, require_other_kind, second_kind
    from lowcarb.ledger import Ledger
    from lowcarb.ledger.second_signal import settled_second

    came_true = read_actuals(actuals, how=how_second)
    account = Ledger(ledger).account(training)
    asked = sorted({turn.region for turn in account.work if turn.region})
    origins = [one for booked in account.rounds for one in booked.provenances.values()]
    if any(one.signal for one in origins):
        second_kind(origins, came_true, asked)
    elif asked:
        # A ledger that does not say its kind is of the one that is said now.
        require_other_kind(
            Kind(how.signal, how.accounting), second_kind([], came_true, asked), came_true.source
        )
    if (before := account.by_second) is not None:
        for booked in before.rounds:
            require_kind(booked.provenances, came_true, "the second signal of the ledger")
    members = {member.name: member for member in account.members}
    found = {
        booked.number: after
        for booked in account.rounds
        if (after := settled_second(booked, account.second.get(booked.number), members, came_true))
    }
    with Ledger(ledger).writing(take_over=False) as book:
        book.book_second(found, account.number)
    rounds = count(len(found), "round")
    typer.echo(f"Booked what came true by the second signal in {rounds}", err=True)
    _say_what_is_missing(asked, came_true)
