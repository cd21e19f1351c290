"""Options that give the file of a second signal, and say how it is written."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lowcarb.carbon.how_written import HowWritten

_PANEL = "Second signal"


@dataclass(frozen=True, kw_only=True)
class SecondFile:
    """What was said of the file of a second signal: an option for each field."""

    also_units: Annotated[
        str | None,
        typer.Option(
            "--also-units",
            metavar="UNIT",
            help="Unit of the second signal's values, if it is another one than --units says.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    also_signal: Annotated[
        str | None,
        typer.Option(
            "--also-signal",
            metavar="SIGNAL",
            help="average or marginal: what the second file's intensities stand for, if it does "
            "not say it.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    also_accounting: Annotated[
        str | None,
        typer.Option(
            "--also-accounting",
            metavar="KIND",
            help="lifecycle or direct: which emissions the second file counts, and which column of "
            "an export is taken.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    also_columns: Annotated[
        str | None,
        typer.Option(
            "--also-columns",
            metavar="COLUMNS",
            help="Columns of the second file, as in --columns, if they are others.",
            rich_help_panel=_PANEL,
        ),
    ] = None

    @property
    def path(self) -> str | None:
        """The file; None if there is none."""
        raise NotImplementedError

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

        said = {
            "units": self.also_units,
            "signal": self.also_signal,
            "accounting": self.also_accounting,
            "columns": self.also_columns,
        }
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
            own = HowWritten(**given)  # type: ignore[arg-type]
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
