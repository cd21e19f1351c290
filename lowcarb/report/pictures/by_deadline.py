"""What a training emits, by how long it may take."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from lowcarb._util.arrays import FloatArray
from lowcarb._util.times import show_duration
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import Look, legend_beside, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GRAMS_PER_KG = 1000.0


def by_deadline(
    within: Sequence[timedelta],
    grams: Mapping[str, FloatArray],
    *,
    names: Mapping[str, str],
    looks: Mapping[str, Look],
    caption: str,
) -> Picture:
    """Draw emissions over the time until the deadline, a line for each name.

    Parameters
    ----------
    within
        From the first possible start to each deadline, ascending.
    grams
        Name to emissions by deadline (d,), gCO2eq.
    names, looks
        What the lines are called, and how they look.
    caption
        How to read the picture.
    """
    hours = [one / timedelta(hours=1) for one in within]
    most = max(float(line.max()) for line in grams.values()) / _GRAMS_PER_KG
    told = ", ".join(f"{names[name]} {line[-1] / 1000:.3g} kg" for name, line in grams.items())

    def draw(width: float) -> "Figure":
        figure = new_figure(3.2, width)
        axes = figure.add_subplot()
        for name, line in grams.items():
            look = looks[name]
            axes.plot(
                hours,
                line / _GRAMS_PER_KG,
                color=look.colour,
                linestyle=look.line,
                linewidth=look.width,
                marker=look.marker,
                markersize=5,
                label=f"{names[name]}, {line[-1] / _GRAMS_PER_KG:.3g} kg",
            )
        axes.set_ylim(0, 1.08 * most or 1.0)
        axes.set_ylabel("kg CO2eq")
        axes.set_xlabel("hours until the deadline")
        legend_beside(axes)
        return figure

    return Picture(
        name="by_deadline",
        title="Emissions by deadline",
        alt=f"Emissions over the time until the deadline; with {show_duration(within[-1])}: "
        f"{told}.",
        caption=caption,
        draw=draw,
        columns=["hours", *(f"{name}_g" for name in grams)],
        rows=[
            [round(hour, 3), *(round(float(line[k]), 3) for line in grams.values())]
            for k, hour in enumerate(hours)
        ],
    )
