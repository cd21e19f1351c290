"""How the cells of a CSV file are written: what is between them, and what is in a number."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lowcarb._util.text import quoted
from lowcarb.errors import InputError

_DELIMITERS = (";", "\t", "|", ",")
_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:[ \u00a0\u202f'\u2019][0-9]{3})+(?:[.,][0-9]+)?")
_SPACES = str.maketrans("", "", " \u00a0\u202f'\u2019")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a file is written; None for what is to be found.

    Parameters
    ----------
    encoding
        A name that Python knows, such as "cp1250".
    delimiter
        One character between cells, or "tab".
    decimal
        "." or ",".

    Raises
    ------
    InputError
        If the delimiter or the decimal sign is none.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no file can have."""
        given = self.delimiter
        if given is not None:
            object.__setattr__(self, "delimiter", _NAMES.get(given, given))
            if self.delimiter not in (*_DELIMITERS, ":", " "):
                raise InputError(
                    f"delimiter: expected one of ; , | : or tab, got {quoted(given)}",
                    field="delimiter",
                )
        if self.decimal not in (None, ".", ","):
            raise InputError(
                f"decimal: expected . or , got {quoted(self.decimal)}", field="decimal"
            )


def find_delimiter(lines: Sequence[str]) -> str:
    """Find what separates the cells of a header and its first rows; a comma if nothing does.

    The one that most rows have as often as the header; where a comma would do as well as another,
    it is that of decimals.
    """
    best, most = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if "".join(row).strip()]
        except csv.Error:
            continue
        cells = len(rows[0]) if rows else 0
        if cells < 2:
            continue
        alike = sum(len(row) == cells for row in rows[1:]) / max(len(rows) - 1, 1)
        # A delimiter that no row has is a sign within the header's names.
        if (alike, 1) > most or (alike == 0 == most[0] and cells > most[1]):
            best, most = delimiter, (alike, 1 if alike else cells)
    return best


def plain_number(cell: str) -> float:
    """Read a number with a point as other programs would; no underscores, no foreign digits.

    Raises
    ------
    ValueError
        If it is none.
    """
    if "_" in cell or not cell.isascii():
        raise ValueError(cell)
    return float(cell)


def number_of(cell: str, decimal: str) -> float:
    """Read a number whose decimals stand behind `decimal`; thousands may be parted.

    Raises
    ------
    ValueError
        If it is none.
    """
    text = cell.strip()
    if _GROUPED.fullmatch(text):
        text = text.translate(_SPACES)
    parted = "." if decimal == "," else ","
    whole, sign, rest = text.partition(decimal)
    if parted in whole:
        # Without decimals behind them thousands would pass for decimals of the other kind.
        if not (sign or decimal == ".") or not _THOUSANDS.fullmatch(whole.replace(parted, ",")):
            raise ValueError(cell)
        whole = whole.replace(parted, "")
    return plain_number(f"{whole}.{rest}" if sign else whole)


def decimal_of(cells: Iterable[str], dialect: Dialect) -> str | None:
    """Say what stands before decimals in numbers that have commas; None if that cannot be told."""
    if dialect.decimal is not None:
        return dialect.decimal
    with_commas = [cell.strip() for cell in cells if "," in cell]
    if not with_commas:
        return "."
    if dialect.delimiter == "," and all(map(_THOUSANDS.fullmatch, with_commas)):
        return None
    return ","
