"""What trainings emit by policy: a dot for each start, the mean, and how sure it is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import three_figures
from lowcarb.replay.interval import Interval
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import INK, Look, is_narrow, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GRAMS_PER_KG = 1000.0
# Dots of one policy lie on so many lines, so that they hide each other less.
_LINES = 5
# More dots have no values on hover.
_PLACES = 500


def by_policy(
    grams: Mapping[str, FloatArray],
    intervals: Mapping[str, Interval | None],
    starts: list[str],
    *,
    names: Mapping[str, str],
    looks: Mapping[str, Look],
    caption: str,
) -> Picture:
    """Draw a row for each policy.

    Parameters
    ----------
    grams
        Name to emissions from each start (s,), gCO2eq.
    intervals
        Name to the interval of their mean, gCO2eq; None where there is none.
    starts
        What the starts are called.
    names, looks
        What the rows are called, and how their dots look.
    caption
        How to read the picture.
    """
    kg = {name: values / _GRAMS_PER_KG for name, values in grams.items()}
    means = {name: float(values.mean()) for name, values in kg.items()}
    right = {
        name: max([*values.tolist(), *(bound / _GRAMS_PER_KG for bound in intervals[name] or ())])
        for name, values in kg.items()
    }
    most = max(right.values())

    def draw(width: float) -> "Figure":
        figure = new_figure(1.0 + 0.42 * len(kg), width)
        axes = figure.add_subplot()
        lines = min(_LINES, len(starts))
        off = 0.08 * (np.arange(len(starts)) % lines - (lines - 1) / 2)
        for place, (name, values) in enumerate(kg.items()):
            look, interval = looks[name], intervals[name]
            axes.scatter(
                values,
                place + off,
                color=look.colour,
                s=14,
                alpha=0.55,
                linewidth=0,
                zorder=2,
                urls=[
                    f"{names[name]}, {start}: {three_figures(value)} kg"
                    for start, value in zip(starts, values.tolist(), strict=True)
                ]
                if len(starts) * len(kg) <= _PLACES
                else None,
            )
            if interval is not None:
                low, high = (bound / _GRAMS_PER_KG for bound in interval)
                axes.hlines(place, max(0.0, low), high, color=look.colour, linewidth=3, zorder=3)
            axes.scatter(
                [means[name]],
                [place],
                color=look.colour,
                marker=look.marker,
                s=64,
                zorder=4,
                edgecolor=INK,
                linewidth=0.6,
                urls=[f"{names[name]}: {three_figures(means[name])} kg on average"],
            )
            axes.annotate(
                f"{three_figures(means[name])} kg",
                (right[name], place),
                xytext=(9, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
        axes.set_yticks(range(len(kg)), [names[name] for name in kg])
        axes.set_ylim(len(kg) - 0.5, -0.5)
        axes.set_xlim(0, (1.35 if is_narrow(width) else 1.14) * most or 1.0)
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("kg CO2eq of all rounds")
        return figure

    told = ", ".join(
        f"{names[name]} {three_figures(means[name])} kg ({three_figures(float(values.min()))} to "
        f"{three_figures(float(values.max()))})"
        for name, values in kg.items()
    )
    return Picture(
        name="by_policy",
        title="Emissions by policy, from each start",
        alt=f"Mean emissions and their range over {len(starts)} starts: {told}.",
        caption=caption,
        draw=draw,
        columns=["start", *(f"{name}_g" for name in grams)],
        rows=[
            [start, *(round(float(values[k]), 3) for values in grams.values())]
            for k, start in enumerate(starts)
        ],
    )
