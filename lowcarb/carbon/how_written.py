"""What a person can say of a file of intensities that does not say it itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lowcarb._util.csv_dialect import Dialect
from lowcarb._util.csv_times import TimeFormat
from lowcarb._util.text import quoted
from lowcarb.carbon.provenance import Accounting, Signal
from lowcarb.errors import InputError
from lowcarb.units import unit_of

ROLES = ("time", "value", "region", "issued", "until")
"""What a column can be named as."""


@dataclass(frozen=True, kw_only=True)
class HowWritten:
    """How a file is written, and what stands in it; None for what the file says, or nobody knows.

    Parameters
    ----------
    units
        Unit of the values, such as "lb/MWh".
    signal
        "average" or "marginal".
    accounting
        "lifecycle" or "direct"; of an export that has both, which one is taken.
    region
        The region of all rows of a file that names none.
    columns
        Role to column, of "time", "value", "region", "issued" and "until", or the text
        "time=Datum,value=CO2".
    dialect
        Delimiter, encoding, and the sign before decimals.
    times
        Zone of times without one, and the order of days and months.

    Raises
    ------
    InputError
        If one of them is none.
    """

    units: str | None = None
    signal: str | None = None
    accounting: str | None = None
    region: str | None = None
    columns: Mapping[str, str] | str | tuple[tuple[str, str], ...] = ()
    dialect: Dialect = field(default_factory=Dialect)
    times: TimeFormat = field(default_factory=TimeFormat)

    def __post_init__(self) -> None:
        """Refuse what cannot be, and name units, signal and accounting."""
        if self.units is not None:
            object.__setattr__(self, "units", unit_of(self.units))
        object.__setattr__(self, "signal", Signal.of(self.signal))
        object.__setattr__(self, "accounting", Accounting.of(self.accounting))
        columns = self.columns
        given = _mapping(columns) if isinstance(columns, str) else dict(columns)
        for role, name in given.items():
            if role not in ROLES or not isinstance(name, str):
                raise _wrong_columns(role)
        object.__setattr__(self, "columns", tuple(given.items()))

    @property
    def named(self) -> Mapping[str, str]:
        """Role to column."""
        assert not isinstance(self.columns, str)  # noqa: S101 - pairs since the beginning
        return dict(self.columns)


def _mapping(text: str) -> dict[str, str]:
    """Read time=Datum,value=CO2; what has no sign of equality belongs to the name before it."""
    found: dict[str, str] = {}
    last: str | None = None
    for part in text.split(","):
        role, sign, column = part.partition("=")
        if sign and role.strip() in ROLES:
            last = role.strip()
            found[last] = column
        elif last is None:
            raise _wrong_columns(part)
        else:
            found[last] += f",{part}"
    return {role: column.strip().strip('"') for role, column in found.items()}


def _wrong_columns(part: str) -> InputError:
    return InputError(
        f"columns: expected such as time=Datum,value=CO2, with {', '.join(ROLES)}, got "
        f"{quoted(part)}",
        field="columns",
    )
