"""Errors as users see them: one line, or JSON where JSON was asked for."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from lowcarb.cli.option_names import in_options
from lowcarb.errors import InputError, LowcarbError


@contextmanager
def reporting(*, as_json: bool) -> Iterator[None]:
    """Turn Lowcarb's errors into one line on stderr, or JSON on stdout, and exit status 1."""
    try:
        yield
    except LowcarbError as error:
        if as_json:
            typer.echo(json.dumps({"error": as_dict(error)}))
        else:
            typer.echo(f"Error: {_told(error, str(error))}", err=True)
        raise typer.Exit(1) from None


def as_dict(error: LowcarbError) -> dict[str, str | int | None]:
    """Return an error for JSON."""
    where = error if isinstance(error, InputError) else None
    return {
        "message": _told(error, where.message if where else str(error)),
        "file": where.file if where else None,
        "line": where.line if where else None,
        "field": where.field if where else None,
    }


def _told(error: LowcarbError, text: str) -> str:
    """Name options in place of Python's arguments; what is said of a file may name its columns."""
    about_file = isinstance(error, InputError) and error.file is not None
    return text if about_file else in_options(text)


@contextmanager
def naming(option: str) -> Iterator[None]:
    """Name the option in errors about its value."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{option}: {error.message}", field=option) from None
