"""Tables as columns of text, from CSV files or data frames, that know where each row stands."""

import csv
import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.text import quoted
from lowcarb.errors import InputError

# A file without ends of lines, such as a device or an archive, must not fill the memory.
_LONGEST_LINE = 1 << 24
# A packed file of a megabyte may hold hundreds of millions of rows. A year of hourly forecasts for
# two days ahead in ten regions has 4.2 million.
_MOST_LINES = 5_000_000
_MOST_CELLS = 50_000_000
_MOST_CHARACTERS = 1 << 29


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
    """

    file: str
    columns: dict[str, Sequence[str]]
    lines: IntArray | None

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
        line = 1 if row is None else int(self.lines[row])
        return InputError(message, file=self.file, line=line, field=field)

    def numbers(
        self, name: str, describe: Callable[[int], str], rows: IntArray, most: float
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
        """
        cells = self.columns[name]
        try:
            values = np.fromiter((_float(cells[row]) for row in rows), np.float64, len(rows))
            good = (values >= 0) & (values <= most)
            if good.all():
                return values
            row = int(rows[np.argmin(good)])
        except ValueError:
            row = next(int(row) for row in rows if not _is_number(cells[row]))
        cell = cells[row].strip()
        raise self.error(
            f"{describe(row)} is blank"
            if not cell
            else f"{describe(row)}: expected a finite number from 0 to {most:g}, "
            f"got {quoted(cell)}",
            row,
            name,
        )


def read_table(path: str | Path) -> Table:
    """Read a CSV file with a header; gzip by its name, ``-`` is standard input.

    Raises
    ------
    InputError
        If the file cannot be read, is no text, has no header or no rows, repeats a column, or has
        a row with more or fewer cells than the header.
    """
    path = str(path)
    if not path:
        raise InputError("expected the name of a file, got none")
    name = "standard input" if path == "-" else path
    try:
        with _open(path) as stream:
            return _read(name, stream)
    except UnicodeDecodeError:
        raise InputError("is not a text file in UTF-8", file=name) from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise InputError(
            "is not a complete gzip file, though its name says so", file=name
        ) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=name) from None


def _open(path: str) -> TextIO:
    if path == "-":
        if sys.stdin is None or sys.stdin.closed:
            raise OSError(0, "it is closed")
        content = sys.stdin.buffer.read(_MOST_CHARACTERS + 1)
        if len(content) > _MOST_CHARACTERS:
            raise InputError(
                f"expected at most {_MOST_CHARACTERS} bytes, got more", file="standard input"
            )
        return io.StringIO(content.decode("utf-8-sig"), newline="")
    if path.endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return Path(path).open(encoding="utf-8-sig", newline="")


def _read(name: str, stream: TextIO) -> Table:
    reader = csv.reader(_text_only(name, stream), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if not any(header):
            raise InputError("is empty; expected a header and rows", file=name)
        if len(header) == 1 and (other := next((c for c in ";\t|" if c in header[0]), None)):
            raise InputError(
                f"the header has one column; cells are separated by commas, not by {other!r}",
                file=name,
                line=1,
            )
        for row in reader:
            if len(row) != len(header):
                if not "".join(row).strip() and len(row) < 2:
                    continue
                cells = "cell" if len(row) == 1 else "cells"
                raise InputError(
                    f"expected {len(header)} cells as in the header, got {len(row)} {cells}",
                    file=name,
                    line=reader.line_num,
                )
            if (len(rows) + 1) * len(header) > _MOST_CELLS:
                raise _too_long(name, reader.line_num, _MOST_CELLS, "cells")
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise InputError(f"is not CSV: {error}", file=name, line=reader.line_num) from None
    refuse_repeated(header, name, line=1)
    if not rows:
        raise InputError("has a header but no rows", file=name, line=1)
    return Table(
        file=name,
        columns=dict(zip(header, zip(*rows, strict=True), strict=True)),
        lines=np.array(lines, dtype=np.int64),
    )


def refuse_repeated(header: Sequence[str], file: str, line: int | None = None) -> None:
    """Refuse a header that names a column twice."""
    if len(set(header)) != len(header):
        repeated = next(column for column in header if header.count(column) > 1)
        raise InputError(f"the column {repeated!r} appears twice", file=file, line=line)


def _text_only(name: str, stream: TextIO) -> Iterator[str]:
    characters = 0
    for number, line in enumerate(iter(lambda: stream.readline(_LONGEST_LINE), ""), start=1):
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


def _float(cell: str) -> float:
    """Read a number as other programs would: no underscores, no digits of other scripts."""
    if "_" in cell or not cell.isascii():
        raise ValueError(cell)
    return float(cell)


def _is_number(cell: str) -> bool:
    try:
        _float(cell)
    except ValueError:
        return False
    return True
