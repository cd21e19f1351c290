"""Who works when: clients at work by region and round, over the intensity of each region."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.times import to_iso
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import INK, INTENSITY, PAPER, WIDTH, is_narrow, new_figure
from lowcarb.report.region_schedule import Schedule

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DOT = 14.0  # square points of a dot for one client, at most
_ROW, _TALLEST = 0.2, 12.0  # inches
_ROWS = 9  # at least, so that the labels beside them find room
# Points that all rounds have side by side; the largest dot is a little wider than its round.
_BROAD, _OVERLAP = 560.0, 1.3
_DOTS = 600  # more are pixels, without values on hover


def working(
    schedule: Schedule, starts: Sequence[datetime], *, title: str, caption: str, each: str = "round"
) -> Picture:
    """Draw regions over time: intensity as colour, clients at work as dots.

    Parameters
    ----------
    schedule
        Regions by rounds.
    starts
        Of each round, and the end of the last: one more than there are rounds.
    title, caption
        The heading, and how to read the picture.
    each
        What a column is called: round, or slot.
    """
    counts = schedule.working.sum(axis=1)
    busiest = schedule.regions[int(np.argmax(counts))] if len(counts) else "-"
    rows = [
        [
            j + 1,
            to_iso(starts[j]),
            region,
            int(schedule.working[r, j]),
            "" if np.isnan(schedule.intensity[r, j]) else round(schedule.intensity[r, j], 3),
        ]
        for j in range(schedule.working.shape[1])
        for r, region in enumerate(schedule.regions)
    ]
    return Picture(
        name="working",
        title=title,
        alt=(
            f"Regions by {each}s, {schedule.regions[0]} the cleanest, {schedule.regions[-1]} the "
            f"dirtiest, coloured by carbon intensity; dots are clients at work. {busiest} has most "
            f"turns, {int(counts.max())}."
        ),
        caption=caption,
        draw=lambda width: draw_working(schedule, starts, width),
        columns=[each, "start", "region", "clients", "intensity_g_per_kwh"],
        rows=rows,
    )


def draw_working(schedule: Schedule, starts: Sequence[datetime], width: float = WIDTH) -> "Figure":
    """Draw regions over time; call this within `styled`."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

    regions = len(schedule.regions)
    narrow = is_narrow(width)
    figure = new_figure(min(_TALLEST, (2.6 if narrow else 1.6) + _ROW * max(regions, _ROWS)), width)
    axes = figure.add_subplot()
    edges = np.array([float(date2num(start)) for start in starts])  # type: ignore[no-untyped-call]
    colours = axes.pcolormesh(
        edges,
        np.arange(regions + 1) - 0.5,
        np.ma.masked_invalid(schedule.intensity),
        cmap=INTENSITY,
        rasterized=True,
    )
    figure.colorbar(
        colours,
        ax=axes,
        label="carbon intensity (gCO2eq/kWh)",
        pad=0.01,
        aspect=30,
        location="top" if narrow else "right",
    )
    _add_clients(axes, schedule, edges, width)
    axes.set_ylim(regions - 0.5, -0.5)
    axes.set_yticks(range(regions), schedule.regions, fontsize=8)
    axes.set_ylabel("region, cleanest first")
    axes.grid(visible=False)
    locator = AutoDateLocator(minticks=2, maxticks=5 if narrow else 12)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.set_xlabel("time (UTC)")
    return figure


def _add_clients(axes: "Axes", schedule: Schedule, edges: FloatArray, width: float) -> None:
    """Draw a dot where clients are at work, the larger the more they are, and a legend."""
    from matplotlib.figure import Figure

    figure = axes.get_figure()
    region, j = np.nonzero(schedule.working)
    if not isinstance(figure, Figure) or not len(region):
        return
    counts = schedule.working[region, j]
    most, rounds = int(counts.max()), schedule.working.shape[1]
    size = min(_DOT, (_OVERLAP * _BROAD * width / WIDTH / rounds) ** 2 / most)
    with_values = len(region) <= _DOTS and not is_narrow(width)
    # Dots of one size at a time: their outline then stands only once in an SVG.
    for number in np.unique(counts).tolist():
        same = np.flatnonzero(counts == number)
        axes.scatter(
            (edges[j[same]] + edges[j[same] + 1]) / 2,
            region[same],
            s=size * number,
            facecolor=PAPER,
            edgecolor=INK,
            linewidth=0.6,
            rasterized=len(region) > _DOTS,
            urls=[
                f"{schedule.regions[r]}, round {k + 1}: {number} at work, "
                f"{schedule.intensity[r, k]:.0f} g/kWh"
                for r, k in zip(region[same].tolist(), j[same].tolist(), strict=True)
            ]
            if with_values
            else None,
        )
    shown = [n for n in (1, 2, 4, 8, 16, 32) if n == 1 or n <= most]
    figure.legend(
        [
            axes.scatter([], [], s=size * n, facecolor=PAPER, edgecolor=INK, linewidth=0.6)
            for n in shown
        ],
        [str(n) for n in shown],
        title="clients at work",
        loc="outside lower center",
        ncols=min(len(shown), 4) if is_narrow(width) else len(shown),
    )
