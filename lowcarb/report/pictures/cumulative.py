"""Emissions added up over the rounds."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import rounded
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import BLACK, Look, is_narrow, legend_beside, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GRAMS_PER_KG = 1000.0
_PLACES = 500  # that say their value


def cumulative(
    grams: Mapping[str, FloatArray],
    rounds: Sequence[int],
    *,
    near: Sequence[str] = (),
    limit: str | None = None,
    names: Mapping[str, str],
    looks: Mapping[str, Look],
    caption: str,
) -> Picture:
    """Draw emissions added up over the rounds, a line for each name.

    Parameters
    ----------
    grams
        Name to emissions of each round (t,), gCO2eq.
    rounds
        Numbers of the rounds.
    near, limit
        Lines that are drawn again, as their distance above the line `limit`.
    names, looks
        What the lines are called in the legend, and how they look.
    caption
        How to read the picture.
    """
    kg = {name: np.cumsum(values) / _GRAMS_PER_KG for name, values in grams.items()}
    above = {name: kg[name] - kg[limit] for name in near} if limit is not None else {}
    digits = {id(lines): _digits(lines) for lines in (kg, above)}
    ends = ", ".join(f"{names[name]} {rounded(line[-1])} kg" for name, line in kg.items())

    def draw(width: float) -> "Figure":
        from matplotlib.ticker import MaxNLocator

        # Legends below the panels need room of their own.
        below = 0.19 * (len(kg) + len(above)) + 0.6 if is_narrow(width) else 0.0
        figure = new_figure((5.0 if above else 3.2) + below, width)
        panels = figure.subplots(
            2 if above else 1,
            1,
            sharex=not is_narrow(width),
            squeeze=False,
            gridspec_kw={"height_ratios": [1.7, 1] if above else [1]},
        )[:, 0]
        order = sorted(kg, key=lambda name: -kg[name][-1])
        for axes, lines in zip(panels, (kg, above), strict=False):
            for name in order:
                if name in lines:
                    look = looks[name]
                    axes.plot(
                        rounds,
                        lines[name],
                        color=look.colour,
                        linestyle=look.line,
                        linewidth=look.width,
                        marker=look.marker,
                        markersize=5,
                        markevery=(len(rounds) - 1, len(rounds)),
                        clip_on=False,
                        label=f"{names[name]}, {lines[name][-1]:.{digits[id(lines)]}f} kg",
                        zorder=3 if name in (limit, "ilp") else 2,
                    )
            legend_beside(axes)
        if not is_narrow(width):
            _add_values(panels[0], rounds, kg, names)
        panels[0].set_ylim(bottom=0)
        panels[0].set_ylabel("kg CO2eq so far")
        if above:
            panels[1].set_ylabel("kg CO2eq")
            panels[1].axhline(0, color=BLACK, linewidth=0.8, zorder=1)
            panels[1].set_title(f"More than the {names[str(limit)]} so far")
        for axes in panels if is_narrow(width) else panels[-1:]:
            axes.set_xlabel("round")
        for axes in panels:
            if len(rounds) > 1:
                axes.set_xlim(rounds[0], rounds[-1])
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        return figure

    return Picture(
        name="cumulative",
        title="Emissions so far, by round",
        alt=f"Lines of cumulative emissions by round; at the end: {ends}.",
        caption=caption,
        draw=draw,
        columns=["round", *(f"{name}_g" for name in kg)],
        rows=[
            [number, *(round(float(line[k]) * _GRAMS_PER_KG, 3) for line in kg.values())]
            for k, number in enumerate(rounds)
        ],
    )


def _add_values(
    axes: "Axes", rounds: Sequence[int], kg: Mapping[str, FloatArray], names: Mapping[str, str]
) -> None:
    """Say values where a pointer is on a line, at so many places as are of use."""
    every = math.ceil(len(rounds) * len(kg) / _PLACES)
    for name, line in kg.items():
        axes.scatter(
            rounds[::every],
            line[::every],
            s=30,
            alpha=0,
            urls=[
                f"{names[name]}, round {number}: {rounded(value)} kg"
                for number, value in zip(rounds[::every], line[::every].tolist(), strict=True)
            ],
        )


def _digits(lines: Mapping[str, FloatArray]) -> int:
    """Digits behind the point that give the largest end three figures."""
    largest = max((abs(float(line[-1])) for line in lines.values()), default=1.0)
    return 2 - math.floor(math.log10(largest)) if 1e-6 < largest < 100 else 0
