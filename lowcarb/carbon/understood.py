"""What was understood of a file: told to people, so that nothing is taken for granted."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Understood:
    """How a file was read.

    Parameters
    ----------
    form
        What kind of file it is.
    encoding, delimiter
        How it is written.
    guessed
        Whether another encoding would do as well.
    columns
        Role to the names of columns; region to column where each has its own.
    time_zone
        What times without a zone were taken for.
    unit
        Of the values, and whether it was "said", stands in the "header", is "usual" for such files,
        or was "assumed".
    signal, accounting
        None where nobody says.
    rows
        How many there are.
    notes
        What a person should know of it.
    """

    form: str
    encoding: str
    guessed: bool
    delimiter: str
    columns: dict[str, Any]
    time_zone: str
    unit: tuple[str, str]
    signal: str | None
    accounting: str | None
    rows: int
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        unit, by = self.unit
        return {
            "form": self.form,
            "encoding": self.encoding,
            "encoding_guessed": self.guessed,
            "delimiter": self.delimiter,
            "columns": self.columns,
            "time_zone": self.time_zone,
            "unit": unit,
            "unit_by": by,
            "signal": self.signal,
            "accounting": self.accounting,
            "rows": self.rows,
        }
