"""``lowcarb report``: what a training did, from its ledger."""

import json
from typing import Annotated

import typer

from lowcarb.cli import options
from lowcarb.cli.consoles import literal_console
from lowcarb.cli.errors import reporting
from lowcarb.cli.paths import check_output

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


def report(
    ledger: _Ledger,
    training: _Training = None,
    actuals: _Actuals = None,
    report: options.Report = None,
    backup: _Backup = None,
    as_json: _Json = False,
) -> None:
    """Say what a training planned, emitted and saved, by the LEDGER that it kept."""
    with reporting(as_json=as_json):
        check_output("report", report, inputs=[ledger, actuals], endings=(".html", ".htm"))
        read = [ledger, actuals]
        check_output("backup", backup, inputs=read, outputs=[report], for_a_ledger=True)
        from lowcarb.ledger import Ledger
        from lowcarb.report.account.summary import AccountSummary
        from lowcarb.report.inputs import input_files

        if actuals is not None:
            _settle(ledger, actuals)
        if backup is not None:
            _back_up(ledger, backup)
        files = input_files({"actuals": actuals})
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


def _settle(ledger: str, actuals: str) -> None:
    from lowcarb.carbon.forecast_csv import read_forecasts
    from lowcarb.ledger import Ledger

    came_true = read_forecasts(actuals).newest
    # Only a ledger that is there: opening one for writing would make it.
    Ledger(ledger).account()
    with Ledger(ledger).writing(take_over=False) as book:
        changed = book.settle(came_true)
    typer.echo(f"Booked {changed} actual intensities", err=True)
