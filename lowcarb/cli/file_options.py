"""Options that say how files are written, where these do not say it themselves."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from lowcarb.carbon.how_written import HowWritten

_PANEL = "Files as they are"

ActualUnits = Annotated[
    str | None,
    typer.Option(
        "--actual-units",
        metavar="UNIT",
        help="Unit of the actual values, if it is another one than --units says.",
        rich_help_panel=_PANEL,
    ),
]


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """What was said of a command's files: an option for each field."""

    units: Annotated[
        str | None,
        typer.Option(
            "--units",
            "--unit",
            metavar="UNIT",
            help="Unit of the values, such as g/kWh, kg/MWh or lb/MWh. Default: what the header "
            "says, else g/kWh.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    signal: Annotated[
        str | None,
        typer.Option(
            metavar="SIGNAL",
            help="average or marginal: what the intensities stand for.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    accounting: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            help="lifecycle or direct: which emissions are counted, and which column of an export "
            "is taken.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    region: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Whose values they are, for files that name no region.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="ROLE=NAME,...",
            help="Columns by name: time=Datum,value=CO2, also region, issued and until.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    timezone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE",
            help="Zone of times that say none, such as Europe/Berlin.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    date_format: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="Order of dates, such as dd/mm/yyyy, or a format such as '%d.%m.%Y %H:%M'.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    delimiter: Annotated[
        str | None,
        typer.Option(
            metavar="SIGN",
            help="What separates cells, in all files. Default: it is found in each.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    encoding: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Encoding of all files, such as cp1250. Default: it is found in each.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    decimal: Annotated[
        str | None,
        typer.Option(
            metavar="SIGN",
            help="What stands before decimals, . or , in all files. Default: it is found in each.",
            rich_help_panel=_PANEL,
        ),
    ] = None

    def how_written(self) -> "HowWritten":
        """Put together what was said.

        Raises
        ------
        InputError
            Names the option that cannot be.
        """
        import unicodedata

        from lowcarb._util.csv_dialect import Dialect
        from lowcarb._util.csv_times import TimeFormat
        from lowcarb.carbon.how_written import HowWritten

        def one_form(text: str | None) -> str | None:
            return None if text is None else unicodedata.normalize("NFC", text.strip())

        return HowWritten(
            units=self.units,
            signal=self.signal,
            accounting=self.accounting,
            region=one_form(self.region),
            columns=one_form(self.columns) or {},
            dialect=Dialect(encoding=self.encoding, delimiter=self.delimiter, decimal=self.decimal),
            times=TimeFormat(timezone=self.timezone, date_format=self.date_format),
        )


def with_file_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options, which it gets as one argument, `said`."""
    return with_options("said", FileOptions)(command)


def with_options(
    argument: str, kind: type[Any], *, first: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options that the fields of a dataclass are, as one argument.

    Parameters
    ----------
    argument
        What it is called.
    kind
        The dataclass; a field without a default is an option that must be given.
    first
        Whether they stand before the command's other options in its help.
    """

    def given_to(command: Callable[..., None]) -> Callable[..., None]:
        before = inspect.signature(command).parameters.values()
        given = [
            one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for one in before
            if one.name != argument
        ]
        hints, own = get_type_hints(kind, include_extras=True), inspect.get_annotations(kind)
        options = [
            inspect.Parameter(
                one.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if one.default is MISSING else one.default,
                annotation=hints[one.name],
            )
            # Those of a base class come after its own.
            for one in sorted(fields(kind), key=lambda one: one.name not in own)
        ]

        @wraps(command)
        def called(**values: Any) -> None:
            said = kind(**{one.name: values.pop(one.name) for one in options})
            command(**{argument: said}, **values)

        signature = inspect.Signature([*options, *given] if first else [*given, *options])
        called.__signature__ = signature  # type: ignore[attr-defined]
        called.__annotations__ = {one.name: one.annotation for one in signature.parameters.values()}
        return called

    return given_to
