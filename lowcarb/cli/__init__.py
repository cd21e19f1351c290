"""The command line: one file a command, and nothing heavy is imported before a command runs."""

import io
import logging
import os
import sys
from typing import NoReturn

import typer

from lowcarb._version import __version__
from lowcarb.cli.check import EXAMPLE as CHECK
from lowcarb.cli.check import check
from lowcarb.cli.commands import LegibleCommand, help_of
from lowcarb.cli.compare import EXAMPLE as COMPARE
from lowcarb.cli.compare import compare
from lowcarb.cli.demo import EXAMPLE as DEMO
from lowcarb.cli.demo import demo
from lowcarb.cli.fetch import EXAMPLE as FETCH
from lowcarb.cli.fetch import fetch
from lowcarb.cli.plan import EXAMPLE as PLAN
from lowcarb.cli.plan import plan
from lowcarb.cli.report import EXAMPLE as REPORT
from lowcarb.cli.report import report
from lowcarb.cli.sweep import EXAMPLE as SWEEP
from lowcarb.cli.sweep import sweep
from lowcarb.cli.typical import EXAMPLE as TYPICAL
from lowcarb.cli.typical import typical

app = typer.Typer(
    name="lowcarb",
    help="Carbon-aware federated learning: the cheapest fair cohorts, and what they save.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lowcarb {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """Carbon-aware federated learning: the cheapest fair cohorts, and what they save."""


for command, example in (
    (demo, DEMO),
    (fetch, FETCH),
    (check, CHECK),
    (plan, PLAN),
    (compare, COMPARE),
    (sweep, SWEEP),
    (report, REPORT),
    (typical, TYPICAL),
):
    app.command(cls=LegibleCommand, help=help_of(command, example))(command)


def main() -> None:
    """Run the command line."""
    # What solvers and providers log stands in the output already.
    for name in ("lowcarb_solvers", "lowcarb", "flwr.lowcarb"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    if isinstance(sys.stdout, io.TextIOWrapper):
        # An output that knows ASCII only gets escapes for the rest, not a traceback.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except OSError as error:
        _break_off(f"Error: the output cannot be written: {error.strerror or error}")
    except SystemExit:
        try:
            sys.stdout.flush()
        except OSError as error:
            _break_off(f"Error: the output cannot be written: {error.strerror or error}")
        raise


def _break_off(message: str) -> NoReturn:
    """Exit without the flush of a broken output that Python would try at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(message)
