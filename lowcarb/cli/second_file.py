"""Options that give the file of a second signal, and say how it is written."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from lowcarb.carbon.how_written import HowWritten

_PANEL = "Second signal"

_FORMS = {"units": "UNIT", "signal": "SIGNAL", "accounting": "KIND", "columns": "COLUMNS"}
"""What may be said of the second file as of all files, and what stands for it in the help."""


def _also(of: str, words: str) -> Any:
    """Make the option that says of the second file what another option says of all files."""
    return typer.Option(f"--also-{of}", metavar=_FORMS[of], help=words, rich_help_panel=_PANEL)


@dataclass(frozen=True, kw_only=True)
class SecondFile(ABC):
    """What was said of the file of a second signal: an option for each field."""

    also_units: Annotated[
        str | None,
        _also("units", "Unit of the second signal's values, if it is another one than --units."),
    ] = None
    also_signal: Annotated[
        str | None,
        _also(
            "signal",
            "average or marginal: what the second file's intensities stand for, if it does not "
            "say it.",
        ),
    ] = None
    also_accounting: Annotated[
        str | None,
        _also(
            "accounting",
            "lifecycle or direct: which emissions the second file counts, and which column of an "
            "export is taken.",
        ),
    ] = None
    also_columns: Annotated[
        str | None,
        _also("columns", "Columns of the second file, as in --columns, if they are others."),
    ] = None

    @property
    @abstractmethod
    def path(self) -> str | None:
        """The file; None if there is none."""

    def how_written(self, how: "HowWritten") -> "HowWritten":
        """Put together how the file is written.

        What was said of all files holds for it too, but for signal and accounting: they are its
        own.

        Raises
        ------
        InputError
            If something was said of a file that was not given, or cannot be.
        """
        import unicodedata
        from dataclasses import replace

        from lowcarb.carbon.how_written import HowWritten
        from lowcarb.errors import InputError

        said = {name: getattr(self, f"also_{name}") for name in _FORMS}
        given = {name: value for name, value in said.items() if value is not None}
        if self.path is None and given:
            name = next(iter(given))
            raise InputError(
                f"also-{name}: got {given[name]!r}, but no file of a second signal was given",
                field=f"also_{name}",
            )
        if "columns" in given:
            given["columns"] = unicodedata.normalize("NFC", given["columns"].strip())
        try:
            own = HowWritten(**given)
        except InputError as error:
            said_of = error.field or ""
            why = error.message.removeprefix(f"{said_of}: ")
            raise InputError(f"also-{said_of}: {why}", field=f"also_{said_of}") from None
        return replace(
            how,
            signal=own.signal,
            accounting=own.accounting,
            units=own.units or how.units,
            columns=own.columns or how.columns,
        )


@dataclass(frozen=True, kw_only=True)
class SecondForecast(SecondFile):
    """A forecast of a second signal."""

    also: Annotated[
        str | None,
        typer.Option(
            "--also",
            metavar="FILE",
            help="Forecast CSV of a second signal, such as marginal beside average: what the same "
            "plan emits by it, beside and never added.",
            rich_help_panel=_PANEL,
        ),
    ] = None

    @property
    def path(self) -> str | None:
        """The file; None if there is none."""
        return self.also


@dataclass(frozen=True, kw_only=True)
class SecondActuals(SecondFile):
    """What came true by a second signal."""

    also_actuals: Annotated[
        str | None,
        typer.Option(
            "--also-actuals",
            metavar="FILE",
            help="CSV of what came true by a second signal, such as marginal beside average: what "
            "the same cohorts emitted by it, beside and never added.",
            rich_help_panel=_PANEL,
        ),
    ] = None

    @property
    def path(self) -> str | None:
        """The file; None if there is none."""
        return self.also_actuals
