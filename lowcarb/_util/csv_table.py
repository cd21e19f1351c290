"""Tables as columns of text, from CSV files or data frames, that know where each row stands."""

import csv
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.csv_dialect import Dialect, decimal_of, find_delimiter, number_of, plain_number
from lowcarb._util.csv_text import Text, read_text
from lowcarb._util.text import quoted
from lowcarb.errors import InputError

# A file without ends of lines, such as a device or an archive, must not fill the memory.
_LONGEST_LINE = 1 << 24
# A packed file of a megabyte may hold hundreds of millions of rows. A year of hourly forecasts for
# two days ahead in ten regions has 4.2 million.
_MOST_LINES = 5_000_000
_MOST_CELLS = 50_000_000
_MOST_CHARACTERS = 1 << 29
# Lines behind the header that tell what separates the cells.
_LOOKED_AT = 20
# What spreadsheets may write before the header.
_SAID_DELIMITER = re.compile(r'"?sep=(.)"?')
_NOTHING = {"nan", "na", "n/a", "null", "none", "-", "--", "#n/a"}


_POINTS = Dialect(decimal=".")


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """Columns of text.

    Parameters
    ----------
    file
        Where they come from, for messages.
    columns
        Name to cells, in the order of the file.
    lines
        Shape (rows,): the line of each row, counted from 1; None for a frame, whose rows are
        counted from 0, as its `iloc` does.
    header_line
        The line of the header.
    dialect
        How a file is written; what a frame holds has points before decimals.
    encoding_guessed
        Whether the file may be in another encoding.
    """

    file: str
    columns: dict[str, Sequence[str]]
    lines: IntArray | None
    header_line: int = 1
    dialect: Dialect = _POINTS
    encoding_guessed: bool = False

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def place(self, row: int) -> str:
        """Say where a row stands."""
        return f"row {row}" if self.lines is None else f"line {self.lines[row]}"

    def error(self, message: str, row: int | None = None, field: str | None = None) -> InputError:
        """Build the error that names this file, and the line or the row."""
        if self.lines is None:
            where = "" if row is None else f"{self.place(row)}: "
            return InputError(f"{where}{message}", file=self.file, field=field)
        line = self.header_line if row is None else int(self.lines[row])
        return InputError(message, file=self.file, line=line, field=field)

    def numbers(
        self,
        name: str,
        describe: Callable[[int], str],
        rows: IntArray,
        most: float,
        too_large: str = "",
        *,
        may_be_blank: bool = False,
    ) -> FloatArray:
        """Read numbers from zero to `most` from the given rows of a column.

        Parameters
        ----------
        name
            The column.
        describe
            Says what number a row holds, for messages.
        rows
            The rows to read.
        most
            The largest number that makes sense; what is above it is a mistake, often of the unit.
        too_large
            What helps with a number above it, for messages.
        may_be_blank
            Whether other cells of the column may be blank, so that a message may advise it.
        """
        values = self.numbers_or_nan(name, rows)
        good = (values >= 0) & (values <= most)
        if good.all():
            return values
        row = int(rows[np.argmin(good)])
        cell = self.columns[name][row].strip()
        if not cell:
            raise self.error(f"{describe(row)} is blank", row, name)
        if decimal_of((self.columns[name][row] for row in rows), self.dialect) is None:
            raise self.error(
                f"{describe(row)}: {quoted(cell)} may be {cell.replace(',', '.')} or "
                f"{cell.replace(',', '')}; --decimal , or --decimal . says which",
                row,
                name,
            )
        raise self.error(
            f"{describe(row)}: expected a finite number from 0 to {most:g}, got {quoted(cell)}"
            f"{too_large if values[np.argmin(good)] > most else _way_out(cell, may_be_blank)}",
            row,
            name,
        )

    def numbers_or_nan(self, name: str, rows: IntArray) -> FloatArray:
        """Read numbers of whatever size from the given rows of a column; NaN for what is none."""
        cells = self.columns[name]
        if self.dialect.decimal != ",":
            try:
                return np.fromiter(
                    (plain_number(cells[row]) for row in rows), np.float64, len(rows)
                )
            except ValueError:
                pass  # read once more, with what spreadsheets write
        decimal = decimal_of((cells[row] for row in rows), self.dialect)
        return np.fromiter((_number_or_nan(cells[row], decimal) for row in rows), np.float64)


def read_table(path: str | Path, dialect: Dialect | None = None) -> Table:
    """Read a CSV file with a header; gzip by its name, ``-`` is standard input.

    Lines of comment before the header, which begin with #, are skipped, and so is the header where
    it stands again.

    Parameters
    ----------
    path
        The file.
    dialect
        What is known of how it is written; the rest is found.

    Raises
    ------
    InputError
        If the file cannot be read, is no text, has no header or no rows, repeats a column, or has
        a row with more or fewer cells than the header.
    """
    known = dialect or Dialect()
    text = read_text(str(path), known.encoding)
    try:
        return _read(text, known)
    except UnicodeDecodeError:
        raise InputError(f"is not a text file in {text.encoding}", file=text.name) from None


def _read(text: Text, known: Dialect) -> Table:
    name = text.name
    lines = _text_only(name, text.lines(_LONGEST_LINE))
    top, head = _head(lines)
    delimiter = known.delimiter
    if head and (said := _SAID_DELIMITER.fullmatch(head[0].strip())):
        delimiter = delimiter or said[1]
        top, head = top + 1, head[1:]
    delimiter = delimiter or find_delimiter(head)
    reader = csv.reader(chain(head, lines), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    places: list[int] = []
    try:
        titles = next(reader, [])
        header = [cell.strip() for cell in titles]
        if not any(header):
            raise InputError("is empty; expected a header and rows", file=name)
        for row in reader:
            if len(row) != len(header):
                if not "".join(row).strip() and len(row) < 2:
                    continue
                cells = "cell" if len(row) == 1 else "cells"
                raise InputError(
                    f"expected {len(header)} cells as in the header, got {len(row)} {cells} "
                    f"between signs {delimiter!r}; --delimiter names another, and a line of "
                    "comment above the header begins with #",
                    file=name,
                    line=top + reader.line_num,
                )
            if row == titles:
                continue  # files of one form were put behind each other
            if (len(rows) + 1) * len(header) > _MOST_CELLS:
                raise _too_long(name, top + reader.line_num, _MOST_CELLS, "cells")
            rows.append(row)
            places.append(top + reader.line_num)
    except csv.Error as error:
        raise InputError(f"is not CSV: {error}", file=name, line=top + reader.line_num) from None
    columns = dict(enumerate(zip(*rows, strict=True)))
    # Spreadsheets leave columns behind in which nothing stands.
    kept = [
        at for at, title in enumerate(header) if title or any(map(str.strip, columns.get(at, "")))
    ]
    header = [header[at] for at in kept]
    refuse_repeated(header, name, line=top + 1)
    if not rows:
        raise InputError("has a header but no rows", file=name, line=top + 1)
    return Table(
        file=name,
        columns={title: columns[at] for title, at in zip(header, kept, strict=True)},
        lines=np.array(places, dtype=np.int64),
        header_line=top + 1,
        dialect=replace(known, encoding=text.encoding, delimiter=delimiter),
        encoding_guessed=text.guessed,
    )


def _head(lines: Iterator[str]) -> tuple[int, list[str]]:
    """Skip blank lines and comments on top; return how many, and the lines that follow them."""
    skipped = 0
    for line in lines:
        start = line.lstrip('\ufeff "\t')
        if start.strip() and not start.startswith("#"):
            return skipped, [line, *islice(lines, _LOOKED_AT)]
        skipped += 1
    return skipped, []


def refuse_repeated(header: Sequence[str], file: str, line: int | None = None) -> None:
    """Refuse a header that names a column twice."""
    if len(set(header)) != len(header):
        repeated = next(column for column in header if header.count(column) > 1)
        raise InputError(f"the column {repeated!r} appears twice", file=file, line=line)


def _text_only(name: str, lines: Iterator[str]) -> Iterator[str]:
    characters = 0
    for number, line in enumerate(lines, start=1):
        characters += len(line)
        # Blank lines count too: to skip them takes time.
        if number > _MOST_LINES:
            raise _too_long(name, number, _MOST_LINES, "lines")
        if characters > _MOST_CHARACTERS:
            raise _too_long(name, number, _MOST_CHARACTERS, "characters")
        if "\0" in line:
            raise InputError("is not a text file: it has a NUL byte", file=name, line=number)
        if len(line) == _LONGEST_LINE:
            raise InputError(
                f"expected lines of fewer than {_LONGEST_LINE} characters", file=name, line=number
            )
        yield line


def _too_long(name: str, line: int, most: int, what: str) -> InputError:
    return InputError(
        f"expected at most {most} {what}, got more; split the file, or leave rows out",
        file=name,
        line=line,
    )


def _number_or_nan(cell: str, decimal: str | None) -> float:
    if decimal is None:
        return math.nan
    try:
        return number_of(cell, decimal)
    except ValueError:
        return math.nan


def _way_out(cell: str, may_be_blank: bool) -> str:
    """Say how such a cell can be read, if it can."""
    if cell.casefold() in _NOTHING:
        return "; leave the cell blank where nothing is known" if may_be_blank else ""
    return "; --decimal names the sign before decimals" if "," in cell or "." in cell else ""
