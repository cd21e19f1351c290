"""Where what remains to the limit lies: in which regions, at which hours."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import rounded
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import BLUE, GREY, is_narrow, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_REGIONS = 12


def remaining_by_place(
    by_region: Mapping[str, float], by_hour: FloatArray, *, policy: str, caption: str
) -> Picture:
    """Draw bars by region, largest first, and bars by hour of the day.

    Parameters
    ----------
    by_region
        Region to gCO2eq, largest first.
    by_hour
        Shape (24,): gCO2eq by hour of the UTC day.
    policy
        Whose emissions are compared with the oracle's.
    caption
        How to read the picture.
    """
    shown = dict(list(by_region.items())[:_REGIONS])
    rest = list(by_region.values())[_REGIONS:]
    if rest:
        shown[f"{len(rest)} others"] = sum(rest)
    told = ", ".join(f"{name} {rounded(grams)} g" for name, grams in list(shown.items())[:3])

    def draw(width: float) -> "Figure":
        height = 1.0 + 0.2 * max(8, len(shown))
        if is_narrow(width):
            figure = new_figure(height + 2.6, width)
            left, right = figure.subplots(2, 1)
        else:
            figure = new_figure(height, width)
            left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1, 1.25]})
        colours = [BLUE if name in by_region else GREY for name in shown]
        bars = left.barh(range(len(shown)), list(shown.values()), color=colours, height=0.7)
        for bar, (name, grams) in zip(bars, shown.items(), strict=True):
            bar.set_url(f"{name}: {rounded(grams)} g")
        left.set_yticks(range(len(shown)), list(shown), fontsize=9)
        left.set_ylim(len(shown) - 0.5, -0.5)
        left.set_xlabel("gCO2eq")
        left.grid(visible=False, axis="y")
        left.tick_params(axis="y", length=0)
        left.set_title("by region")
        hours = right.bar(np.arange(24) + 0.5, by_hour, color=BLUE, width=0.8)
        for h, bar in enumerate(hours):
            bar.set_url(f"{h:02d}:00: {rounded(by_hour[h])} g")
        right.set_xticks(range(0, 25, 3))
        right.set_xlim(0, 24)
        right.set_xlabel("hour of the day in which the round starts (UTC)")
        right.set_ylabel("gCO2eq")
        right.grid(visible=False, axis="x")
        right.set_title("by hour")
        return figure

    return Picture(
        name="remaining",
        title="What remains to the limit",
        alt=f"Bars of what {policy} emits more than the oracle. Most by region: {told}.",
        caption=caption,
        draw=draw,
        columns=["where", "grams"],
        rows=[
            *([name, round(grams, 3)] for name, grams in by_region.items()),
            *([f"{h:02d}:00", round(float(grams), 3)] for h, grams in enumerate(by_hour)),
        ],
    )
