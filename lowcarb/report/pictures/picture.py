"""A picture with the words and the figures that belong to it."""

import base64
import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lowcarb._util.output_file import output_file
from lowcarb.errors import LowcarbError
from lowcarb.report.page import render
from lowcarb.report.pictures.style import save, styled

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
        Draws the figure.
    columns, rows
        The figures as a table.
    """

    name: str
    title: str
    alt: str
    caption: str
    draw: "Callable[[], Figure]"
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    @cached_property
    def _figure(self) -> "Figure":
        with styled():
            figure = self.draw()
            # Laid out once: otherwise each saving would shift things a little.
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
        return figure

    def bytes(self, kind: str) -> bytes:
        """Write the picture as "png", "svg" or "pdf"."""
        return save(self._figure, kind)

    def csv(self) -> str:
        """Write the figures as CSV; what is unknown is blank."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return stream.getvalue()

    def html(self) -> str:
        """Write heading, picture and caption; the picture is within the page, as SVG."""
        content = base64.b64encode(self.bytes("svg")).decode("ascii")
        return render(
            "picture", title=self.title, alt=self.alt, caption=self.caption, content=content
        )

    def _repr_html_(self) -> str:
        """Show the picture in a notebook."""
        return self.html()

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
            stream.write(self.csv().encode())
