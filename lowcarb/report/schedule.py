"""Who works when, over the intensity of each region: one picture of a plan."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lowcarb.errors import InputError
from lowcarb.files import whole_file
from lowcarb.plan import Plan
from lowcarb.schedule import Schedule, schedule_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_DOT = 14.0  # square points of a dot for one client


def draw_schedule(plan: Plan) -> "Figure":
    """Draw regions over time: intensity as colour, clients at work as dots.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError(
            "pictures need matplotlib: install Lowcarb with its extra 'report'", field="png"
        ) from None
    schedule: Schedule = schedule_of(plan)
    regions, rounds = schedule.intensity.shape
    figure = Figure(figsize=(11, 1.8 + 0.22 * regions), layout="constrained")
    axes = figure.add_subplot()
    begin = float(date2num(plan.start))  # type: ignore[no-untyped-call]
    step = plan.every / timedelta(days=1)
    picture = axes.imshow(
        schedule.intensity,
        aspect="auto",
        cmap="cividis",
        extent=(begin, begin + step * rounds, regions - 0.5, -0.5),
    )
    figure.colorbar(picture, ax=axes, label="carbon intensity (gCO2eq/kWh)", pad=0.01)
    region, j = np.nonzero(schedule.working)
    dots = axes.scatter(
        begin + step * (j + 0.5),
        region,
        s=_DOT * schedule.working[region, j],
        facecolor="white",
        edgecolor="black",
        linewidth=0.7,
    )
    handles, labels = dots.legend_elements(
        prop="sizes",
        num=[1, 2, 4],
        func=lambda size: np.asarray(size, dtype=np.float64) / _DOT,
        color="white",
        mec="black",
    )
    figure.legend(
        handles,
        list(labels),
        title="clients at work",
        loc="outside lower center",
        ncols=len(labels),
        frameon=False,
    )
    axes.set_yticks(range(regions), schedule.regions, fontsize=8)
    axes.set_ylabel("region, cleanest first")
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.set_xlabel("time (UTC)")
    axes.set_title("Who works when, over the forecast carbon intensity of each region")
    return figure


def save_schedule(plan: Plan, path: str) -> None:
    """Draw a plan into a PNG, SVG or PDF file, by the ending of its name.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    LowcarbError
        If the file cannot be written.
    """
    figure = draw_schedule(plan)
    with whole_file(path) as stream:
        figure.savefig(stream, dpi=130, format=Path(path).suffix.removeprefix(".").lower())
