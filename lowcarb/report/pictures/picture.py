"""A picture with the words and the figures that belong to it."""

import base64
import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lowcarb._util.csv_bytes import csv_bytes
from lowcarb._util.output_file import output_file
from lowcarb.errors import LowcarbError
from lowcarb.report.page import csv_link, render
from lowcarb.report.pictures.style import NARROW, WIDTH, save, styled
from lowcarb.report.pictures.svg import svg_file, svg_in_page

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """A picture, drawn when its bytes are asked for.

    Parameters
    ----------
    name
        Of the picture's files, without an ending.
    title
        The heading on a page.
    alt
        What the picture shows, for people who cannot see.
    caption
        How to read the picture.
    draw
        Draws the figure, so many inches wide.
    columns, rows
        The figures as a table.
    """

    name: str
    title: str
    alt: str
    caption: str
    draw: "Callable[[float], Figure]"
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    @cached_property
    def _figure(self) -> "Figure":
        return self._laid_out(WIDTH)

    def _laid_out(self, width: float) -> "Figure":
        with styled():
            figure = self.draw(width)
            # Laid out once: otherwise each saving would shift things a little.
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
        return figure

    def bytes(self, kind: str) -> bytes:
        """Write the picture as "png", "svg" or "pdf"."""
        return svg_file(self._figure) if kind == "svg" else save(self._figure, kind)

    def inline(self) -> tuple[str, str]:
        """Write the picture as two parts of a page: for wide windows and paper, and for narrow."""
        wide = svg_in_page(self._figure, self.name, self.alt)
        return wide, svg_in_page(self._laid_out(NARROW), f"{self.name}-narrow", self.alt)

    @property
    def href(self) -> str | None:
        """The figures as CSV, as the address of a link; None if they are too long for one."""
        return csv_link(self.columns, self.rows)

    def csv(self) -> str:
        """Write the figures as CSV; what is unknown is blank."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return stream.getvalue()

    def _repr_html_(self) -> str:
        """Show heading, picture and caption in a notebook."""
        content = base64.b64encode(self.bytes("svg")).decode("ascii")
        return render(
            "picture", title=self.title, alt=self.alt, caption=self.caption, content=content
        )

    def save(self, folder: str) -> None:
        """Write PNG, SVG and CSV into a folder, which is made if need be.

        Raises
        ------
        LowcarbError
            If something cannot be written.
        """
        try:
            Path(folder).mkdir(exist_ok=True)
        except OSError as error:
            raise LowcarbError(f"{folder}: cannot be made: {error.strerror or error}") from None
        for kind in ("png", "svg"):
            with output_file(str(Path(folder) / f"{self.name}.{kind}")) as stream:
                stream.write(self.bytes(kind))
        with output_file(str(Path(folder) / f"{self.name}.csv")) as stream:
            stream.write(csv_bytes(self.csv()))
