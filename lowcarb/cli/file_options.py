"""Options that say how files are written, where these do not say it themselves."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lowcarb.carbon.how_written import HowWritten

_PANEL = "Files as they are"

Units = Annotated[
    str | None,
    typer.Option(
        "--units",
        "--unit",
        metavar="UNIT",
        help="Unit of the values, such as g/kWh, kg/MWh or lb/MWh. Default: what the header says, "
        "else g/kWh.",
        rich_help_panel=_PANEL,
    ),
]
ActualUnits = Annotated[
    str | None,
    typer.Option(
        "--actual-units",
        metavar="UNIT",
        help="Unit of the actual values, if it is another one than --units says.",
        rich_help_panel=_PANEL,
    ),
]
Signal = Annotated[
    str | None,
    typer.Option(
        metavar="SIGNAL",
        help="average or marginal: what the intensities stand for.",
        rich_help_panel=_PANEL,
    ),
]
Accounting = Annotated[
    str | None,
    typer.Option(
        metavar="KIND",
        help="lifecycle or direct: which emissions are counted, and which column of an export is "
        "taken.",
        rich_help_panel=_PANEL,
    ),
]
Region = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Whose values they are, for files that name no region.",
        rich_help_panel=_PANEL,
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(
        metavar="ROLE=NAME,...",
        help="Columns by name: time=Datum,value=CO2, also region, issued and until.",
        rich_help_panel=_PANEL,
    ),
]
Timezone = Annotated[
    str | None,
    typer.Option(
        metavar="ZONE",
        help="Zone of times that say none, such as Europe/Berlin.",
        rich_help_panel=_PANEL,
    ),
]
DateFormat = Annotated[
    str | None,
    typer.Option(
        metavar="FORMAT",
        help="Order of dates, such as dd/mm/yyyy, or a format such as '%d.%m.%Y %H:%M'.",
        rich_help_panel=_PANEL,
    ),
]
Delimiter = Annotated[
    str | None,
    typer.Option(
        metavar="SIGN",
        help="What separates cells, in all files. Default: it is found in each.",
        rich_help_panel=_PANEL,
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Encoding of all files, such as cp1250. Default: it is found in each.",
        rich_help_panel=_PANEL,
    ),
]
Decimal = Annotated[
    str | None,
    typer.Option(
        metavar="SIGN",
        help="What stands before decimals, . or , in all files. Default: it is found in each.",
        rich_help_panel=_PANEL,
    ),
]


def how_written(
    *,
    units: str | None,
    signal: str | None,
    accounting: str | None,
    region: str | None,
    columns: str | None,
    timezone: str | None,
    date_format: str | None,
    delimiter: str | None,
    encoding: str | None,
    decimal: str | None,
) -> "HowWritten":
    """Put together what was said of a command's files.

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
        units=units,
        signal=signal,
        accounting=accounting,
        region=one_form(region),
        columns=one_form(columns) or {},
        dialect=Dialect(encoding=encoding, delimiter=delimiter, decimal=decimal),
        times=TimeFormat(timezone=timezone, date_format=date_format),
    )
