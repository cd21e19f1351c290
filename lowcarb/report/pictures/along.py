"""What trainings emit along something that differs between them, a line for each name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import rounded
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import Look, is_narrow, legend_beside, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GRAMS_PER_KG = 1000.0
_NAMES = 4


@dataclass(frozen=True, kw_only=True)
class Along:
    """What lies to the right.

    Parameters
    ----------
    name
        Of the picture, as a file is called.
    title, label
        Of the picture, and beside its axis.
    column
        What its column is called in CSV.
    places
        Where each point stands, ascending.
    values
        What stands in the column, for each place.
    ticks
        What stands below the axis at each place; None for numbers as they come.
    last
        What the last place is called in a sentence.
    """

    name: str
    title: str
    label: str
    column: str
    places: Sequence[float]
    values: Sequence[float | str]
    ticks: Sequence[str] | None = None
    last: str


def along(
    what: Along,
    grams: Mapping[str, FloatArray],
    *,
    names: Mapping[str, str],
    looks: Mapping[str, Look],
    caption: str,
) -> Picture:
    """Draw emissions, a line for each name.

    Parameters
    ----------
    what
        What lies to the right.
    grams
        Name to emissions by place (d,), gCO2eq.
    names, looks
        What the lines are called, and how they look.
    caption
        How to read the picture.
    """
    most = max(float(line.max()) for line in grams.values()) / _GRAMS_PER_KG
    told = ", ".join(f"{names[name]} {rounded(line[-1] / 1000)} kg" for name, line in grams.items())

    def draw(width: float) -> "Figure":
        # Below a narrow picture more names need more room.
        below = 0.19 * max(0, len(grams) - _NAMES) if is_narrow(width) else 0.0
        figure = new_figure(3.2 + below, width)
        axes = figure.add_subplot()
        for name, line in grams.items():
            look = looks[name]
            axes.plot(
                what.places,
                line / _GRAMS_PER_KG,
                color=look.colour,
                linestyle=look.line,
                linewidth=look.width,
                marker=look.marker,
                markersize=5,
                label=f"{names[name]}, {rounded(line[-1] / _GRAMS_PER_KG)} kg",
            )
        axes.set_ylim(0, 1.08 * most or 1.0)
        axes.set_ylabel("kg CO2eq")
        axes.set_xlabel(what.label)
        if what.ticks is not None:
            axes.set_xticks(what.places, what.ticks)
        legend_beside(axes)
        return figure

    return Picture(
        name=what.name,
        title=what.title,
        alt=f"{what.title}; with {what.last}: {told}.",
        caption=caption,
        draw=draw,
        columns=[what.column, *(f"{name}_g" for name in grams)],
        rows=[
            [value, *(round(float(line[k]), 3) for line in grams.values())]
            for k, value in enumerate(what.values)
        ],
    )
