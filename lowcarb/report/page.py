"""Pages: one HTML file each, that needs nothing else, for archives and printing.

What they look like stands in ``templates/``, where whatever comes from outside is escaped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lowcarb._util.output_file import output_file
from lowcarb._util.text import printable

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of a page.

    Parameters
    ----------
    title
        The heading above the table.
    names, figures
        Headings of the columns of text, which come first, and of those of figures.
    rows
        A cell for each column.
    """

    title: str
    names: list[str]
    figures: list[str]
    rows: Sequence[Sequence[object]]


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

    return Environment(
        loader=PackageLoader("lowcarb.report"),
        autoescape=True,
        finalize=_on_one_line,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _on_one_line(value: object) -> object:
    """Leave the markup of templates as it is; write all else in printable letters."""
    return value if hasattr(value, "__html__") else printable(str(value))
