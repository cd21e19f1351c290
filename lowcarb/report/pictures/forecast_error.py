"""How far forecasts were off, by region and by how many days ahead."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    VERMILION,
    is_narrow,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Days ahead, each with a mark of its own.
_DAYS = ((BLUE, "o"), (GREEN, "s"), (ORANGE, "^"), (VERMILION, "D"), (GREY, "v"))


def forecast_error(regions: Sequence[str], error: FloatArray, *, caption: str) -> Picture:
    """Draw a mark for each region and day ahead.

    Parameters
    ----------
    regions
        Names.
    error
        Shape (regions, days): mean absolute error as a share; NaN where it is unknown, which is
        not everywhere. Regions of which nothing is known are left out.
    caption
        How to read the picture.
    """
    known = ~np.isnan(error)
    there = np.flatnonzero(known.any(axis=1))
    order = there[np.argsort(-np.nanmean(error[there], axis=1), kind="stable")]
    days = error.shape[1]
    shown = [d for d in range(min(days, len(_DAYS))) if known[:, d].any()]
    means = ", ".join(f"day {d + 1} {np.nanmean(error[:, d]):.1%}" for d in shown)

    def draw(width: float) -> "Figure":
        narrow = is_narrow(width)
        figure = new_figure(min(12.0, (1.8 if narrow else 1.3) + 0.2 * max(4, len(order))), width)
        axes = figure.add_subplot()
        values = 100 * error[order]
        low, high = np.nanmin(values, axis=1), np.nanmax(values, axis=1)
        axes.hlines(range(len(order)), low, high, color=GREY, linewidth=1.0, zorder=1)
        for d in shown:
            colour, marker = _DAYS[d]
            axes.scatter(
                values[:, d],
                range(len(order)),
                color=colour,
                marker=marker,
                s=26,
                zorder=2,
                label=f"day {d + 1}",
                edgecolor="black",
                linewidth=0.4,
                urls=[f"{regions[r]}, day {d + 1}: {100 * error[r, d]:.1f} %" for r in order],
            )
        axes.set_yticks(range(len(order)), [regions[r] for r in order], fontsize=8)
        axes.set_ylim(len(order) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.set_xlabel(
            "mean absolute error (%)"
            if narrow
            else "mean absolute error of the forecast (% of what came true)"
        )
        axes.set_ylabel("region, worst first")
        axes.grid(visible=False, axis="y")
        if narrow:
            figure.legend(loc="outside lower center", ncols=3)
        else:
            figure.legend(title="ahead", loc="outside right upper", alignment="left")
        return figure

    return Picture(
        name="forecast_error",
        title="Forecast error by region and days ahead",
        alt=f"Marks of the mean absolute percentage error by region. Over regions: {means}.",
        caption=caption,
        draw=draw,
        columns=["region", *(f"day{d + 1}_mape_pct" for d in range(days))],
        rows=[
            [regions[r], *("" if np.isnan(e) else round(100 * float(e), 4) for e in error[r])]
            for r in order
        ],
    )
