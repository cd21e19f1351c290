"""Chosen slots, on the intensity of those who take part."""

from typing import TYPE_CHECKING

import numpy as np

from lowcarb._util.times import to_iso
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import BLUE, GREY, VERMILION, is_narrow, new_figure
from lowcarb.report.slot_schedule import SlotIntensities

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# More slots have no values on hover.
_PLACES = 500


def chosen_slots(slots: SlotIntensities, *, caption: str) -> Picture:
    """Draw the intensity of those who take part over all slots, and mark the chosen ones.

    Parameters
    ----------
    slots
        All slots, and which were chosen.
    caption
        How to read the picture.
    """
    taken = dict(zip(slots.chosen.tolist(), slots.cohorts.tolist(), strict=True))

    def draw(width: float) -> "Figure":
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

        figure = new_figure(3.2, width)
        axes = figure.add_subplot()
        begin, end = (
            np.array(date2num(list(times)))  # type: ignore[no-untyped-call]
            for times in (slots.starts, slots.ends)
        )
        axes.hlines(
            slots.usual,
            begin,
            end,
            color=GREY,
            linewidth=1.2,
            label="those who take part, in every slot",
        )
        axes.hlines(
            slots.cohorts,
            begin[slots.chosen],
            end[slots.chosen],
            color=BLUE,
            linewidth=3.5,
            label="cohorts of the chosen slots",
        )
        axes.scatter(
            (begin[slots.chosen] + end[slots.chosen]) / 2,
            slots.cohorts,
            color=VERMILION,
            s=12,
            zorder=3,
            urls=[
                f"{to_iso(slots.starts[j])}: {value:.0f} g/kWh, chosen"
                for j, value in taken.items()
            ]
            if len(taken) <= _PLACES
            else None,
        )
        axes.set_ylim(bottom=0)
        axes.set_ylabel("gCO2eq/kWh")
        locator = AutoDateLocator(minticks=2, maxticks=5 if is_narrow(width) else 12)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
        axes.set_xlabel("time (UTC)")
        figure.legend(loc="outside upper right", ncols=1 if is_narrow(width) else 2)
        return figure

    return Picture(
        name="slots",
        title="Which hours were chosen",
        alt=f"{len(taken)} of {len(slots.starts)} slots are chosen; their cohorts' mean intensity "
        f"is {np.nanmean(slots.cohorts):.0f} gCO2eq/kWh."
        if np.isfinite(slots.cohorts).any()
        else f"{len(taken)} of {len(slots.starts)} slots are chosen, with no energy in them.",
        caption=caption,
        draw=draw,
        columns=["start", "end", "usual_g_per_kwh", "chosen", "cohort_g_per_kwh"],
        rows=[
            [
                to_iso(start),
                to_iso(end),
                round(float(slots.usual[j]), 3),
                int(j in taken),
                "" if np.isnan(taken.get(j, np.nan)) else round(taken[j], 3),
            ]
            for j, (start, end) in enumerate(zip(slots.starts, slots.ends, strict=True))
        ],
    )
