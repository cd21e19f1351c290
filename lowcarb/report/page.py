"""Pages: one HTML file each, that needs nothing else, for archives and printing.

What they look like stands in ``templates/``, where whatever comes from outside is escaped.
"""

import base64
import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from lowcarb._util.output_file import output_file
from lowcarb._util.text import printable

if TYPE_CHECKING:
    from jinja2 import Environment

# A longer one is no download of a page that is to stay small.
_LONGEST_LINK = 150_000


@dataclass(frozen=True)
class Figure:
    """A number as it is written, and its value, by which columns are sorted and CSV is written.

    Parameters
    ----------
    value
        The number.
    text
        How a person reads it.
    """

    value: float
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of a page.

    Parameters
    ----------
    title
        The heading above the table.
    caption
        What its rows and figures are.
    names, figures
        Headings of the columns of text, which come first, and of those of figures.
    rows
        A cell for each column: text, a whole number, or a `Figure`.
    words
        Words of the table, explained below it.
    """

    title: str
    caption: str
    names: list[str]
    figures: list[str]
    rows: Sequence[Sequence[object]]
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """Name of the table as a file."""
        return f"{re.sub(r'[^a-z0-9]+', '-', self.title.lower()).strip('-')}.csv"

    @property
    def href(self) -> str | None:
        """The whole table as CSV, as the address of a link; None if it is too long for one."""
        rows = [[printable(str(getattr(cell, "value", cell))) for cell in row] for row in self.rows]
        return csv_link([*self.names, *self.figures], rows)


def csv_link(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str | None:
    """Write rows as CSV into the address of a link; None if it is too long for one."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    # Spreadsheets take a file for UTF-8 by the mark at its begin.
    content = quote("\ufeff" + text.getvalue(), safe=" ,;:-_.~/()", errors="backslashreplace")
    link = f"data:text/csv;charset=utf-8,{content}"
    return link if len(link) <= _LONGEST_LINK else None


def render(template: str, **content: object) -> str:
    """Fill in a template of ``templates/``, named without the endings."""
    return _environment().get_template(f"{template}.html.j2").render(content)


def save_page(content: str, path: str) -> None:
    """Write a page; the file appears whole or not at all.

    Raises
    ------
    LowcarbError
        If it cannot be written.
    """
    with output_file(path) as stream:
        stream.write(content.encode("utf-8", "backslashreplace"))


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("lowcarb.report"),
        autoescape=True,
        finalize=_on_one_line,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["sha256_of"] = _sha256_of
    environment.tests["figure"] = lambda value: isinstance(value, int | Figure)
    environment.filters["value"] = lambda value: getattr(value, "value", value)
    return environment


def _sha256_of(script: str) -> str:
    """Say which script a page may run: this one alone."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def _on_one_line(value: object) -> object:
    """Leave the markup of templates as it is; write all else in printable letters."""
    return value if hasattr(value, "__html__") else printable(str(value))
