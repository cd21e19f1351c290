"""Pictures of growth: CPU seconds of each method over clients and over rounds."""

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING

from benchmarks.solve.comparison import Comparison
from benchmarks.solve.methods import METHODS
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    Look,
    legend_beside,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DASHED, _DOTTED = (0, (4, 2)), (0, (1, 1.2))
# Random swaps are given their seconds, so they have no line.
LOOKS = {
    "cbc": Look(BLUE, "-", "o", 2.6),
    "cbc-warm": Look(SKY, _DASHED, "D"),
    "flow": Look(GREEN, "-", "s", 2.6),
    "flow-warm": Look(GREEN, _DASHED, "^"),
    "greedy": Look(GREY, _DOTTED, "v"),
    "all-arcs": Look(BLACK, "-", "*", 2.2),
    "cp-sat": Look(PURPLE, "-", "X"),
    "highs": Look(ORANGE, "-", "P"),
    "linprog": Look(ORANGE, _DASHED, "p"),
    "pulp-cbc": Look(VERMILION, "-", "<"),
    "pulp-clp": Look(VERMILION, _DASHED, ">"),
}
"""How the methods' lines look."""


def growth(
    name: str, title: str, along: str, comparisons: Mapping[int, Comparison], about: str
) -> Picture:
    """Draw CPU seconds over a size, both on logarithmic scales.

    Parameters
    ----------
    name, title
        Of the picture.
    along
        What the size is.
    comparisons
        Size to what was measured there.
    about
        What stays the same.
    """
    sizes = sorted(comparisons)
    lines = {
        method: {
            size: seconds
            for size in sizes
            if comparisons[size].rows.get(method)
            and (seconds := comparisons[size].seconds(method)) is not None
            and isfinite(seconds)
        }
        for method in LOOKS
    }
    lines = {method: line for method, line in lines.items() if line}
    ends = ", ".join(
        f"{METHODS[method].label} {line[max(line)]:.3g} s at {max(line):,}"
        for method, line in lines.items()
    )

    def draw(width: float) -> "Figure":
        from matplotlib.ticker import NullFormatter

        figure = new_figure(4.4, width)
        axes = figure.subplots()
        # As the lines lie at their ends, so that the legend is read beside them.
        for method in sorted(lines, key=lambda one: -lines[one][max(lines[one])]):
            look, line = LOOKS[method], lines[method]
            axes.plot(
                list(line),
                list(line.values()),
                color=look.colour,
                linestyle=look.line,
                linewidth=look.width,
                marker=look.marker,
                markersize=6,
                label=METHODS[method].label,
            )
        axes.set_xscale("log")
        axes.set_yscale("log")
        for axis in (axes.xaxis, axes.yaxis):
            # Powers of ten as they are: the style reads no mathematics.
            axis.set_major_formatter(lambda value, _: f"{value:,.10g}")
            axis.set_minor_formatter(NullFormatter())
        axes.set_xlabel(along)
        axes.set_ylabel("CPU seconds, with children")
        legend_beside(axes)
        return figure

    return Picture(
        name=name,
        title=title,
        alt=f"Lines of CPU seconds over {along}; the last of each: {ends}.",
        caption=f"{about} Medians of the runs. A line ends where its method was left out, or had "
        "no end within the time limit.",
        draw=draw,
        columns=[along, *lines],
        rows=[[size, *(line.get(size) for line in lines.values())] for size in sizes],
    )
