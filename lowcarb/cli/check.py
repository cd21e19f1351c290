"""``lowcarb check``: what is understood of files, before anything is planned on them."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lowcarb.cli import file_options
from lowcarb.cli.consoles import literal_console
from lowcarb.cli.errors import as_dict, reporting
from lowcarb.cli.paths import check_inputs
from lowcarb.errors import InputError, LowcarbError

if TYPE_CHECKING:
    from lowcarb.carbon.how_written import HowWritten

EXAMPLE = "Example:  lowcarb check examples/forecast.csv examples/clients.csv"

_Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FILE...]", help="Files of intensities, typical days or clients."),
]
_Past = Annotated[
    bool, typer.Option("--past", help="Read all FILEs as what came true, as --actuals does.")
]
_Forecast = Annotated[str | None, typer.Option(metavar="FILE", help="A forecast, as for plan.")]
_Actuals = Annotated[
    str | None, typer.Option(metavar="FILE", help="What came true, as for plan and compare.")
]
_Clients = Annotated[str | None, typer.Option(metavar="FILE", help="Clients, as for plan.")]
_Json = Annotated[bool, typer.Option("--json", help="Print what was understood as JSON.")]


@file_options.with_file_options
def check(
    said: file_options.FileOptions,
    files: _Files = None,
    forecast: _Forecast = None,
    actuals: _Actuals = None,
    clients: _Clients = None,
    past: _Past = False,
    as_json: _Json = False,
) -> None:
    """Say what is understood of files: their form, columns, unit, regions, times and gaps.

    Nothing is planned and nothing written. Exit status 1 if a file cannot be read.
    """
    with reporting(as_json=as_json):
        asked: list[tuple[str, bool, str | None]] = [(file, past, None) for file in files or []]
        asked += [
            (file, is_past, kind)
            for file, is_past, kind in (
                (forecast, False, "intensities"),
                (actuals, True, "intensities"),
                (clients, False, "clients"),
            )
            if file is not None
        ]
        if not asked:
            raise InputError("expected a file to check, as in lowcarb check forecast.csv")
        check_inputs([file for file, _, _ in asked])
        how = said.how_written()
    with literal_console(stderr=True).status("Reading ..."):
        found = [_look(file, how, past=is_past, kind=kind) for file, is_past, kind in asked]
        _match(found)
    if as_json:
        from lowcarb.report.documents import document

        typer.echo(json.dumps(document("check", {"files": found}), allow_nan=False))
    else:
        from lowcarb.cli.check_text import render

        render(found, literal_console(soft_wrap=True))
    if any("error" in one for one in found):
        raise typer.Exit(1)


def _look(file: str, how: "HowWritten", *, past: bool, kind: str | None) -> dict[str, Any]:
    """Say what is understood of a file, which was said to be of a kind, or of any."""
    from lowcarb.report.understood import look

    try:
        found: dict[str, Any] = {"file": file, **look(file, how, past=past)}
        if kind not in (None, found["kind"]):
            raise InputError(f"expected {kind}, got {found['kind']}", file=file)
        return found
    except LowcarbError as error:
        return {"file": file, "error": as_dict(error)}


def _match(found: list[dict[str, Any]]) -> None:
    """Note which regions of clients are in none of the files of intensities."""
    known = {
        region for one in found if one.get("kind") == "intensities" for region in one["regions"]
    }
    for one in found:
        if one.get("kind") == "clients" and known:
            one["regions_without_intensities"] = sorted(set(one["regions"]) - known)
