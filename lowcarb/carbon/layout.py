"""Which column of a file is what."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Which column is what, and what a file says of all its values.

    Parameters
    ----------
    form
        What kind of file it is, for people.
    time
        Column of when a value begins; None if values are constants.
    issued, until, region
        Columns of when a forecast was issued, when a value ends, and whose it is.
    value
        Column of the values of one region or, where there is a column `region`, of all.
    wide
        Region to its column, where each has one of its own.
    units
        By column, where its name says a unit.
    unit
        Of all columns, where the file's form says it.
    unit_is_usual
        Whether that is only what such files have as a rule.
    signal, accounting
        What the form says.
    counted
        Whether times are counted in seconds since 1970.
    estimated
        Column that says which values the source estimated.
    other
        Column of the same figures in the accounting that was not taken.
    """

    form: str
    time: str | None
    issued: str | None = None
    until: str | None = None
    region: str | None = None
    value: str | None = None
    wide: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    unit: str | None = None
    unit_is_usual: bool = False
    signal: str | None = None
    accounting: str | None = None
    counted: bool = False
    estimated: str | None = None
    other: str | None = None
