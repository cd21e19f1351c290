"""Who works when, in the terminal: regions by rounds, intensity as colour, clients as numbers."""

from datetime import UTC

import numpy as np
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

from lowcarb._util.arrays import FloatArray
from lowcarb.planning.plan import Plan
from lowcarb.report.region_schedule import schedule_of

# From clean to dirty. Dark to light blue to yellow stays apart for colour-blind eyes and in grey.
_SCALE = ((0, 34, 78), (60, 77, 110), (124, 123, 120), (187, 174, 111), (254, 232, 56))
_LIGHT_FROM = 0.6
_BESIDE = 14  # columns for the names and the mean


def render_schedule(plan: Plan, console: Console) -> None:
    """Print a line for each region; rounds that do not fit are left out, and that is said."""
    schedule = schedule_of(plan)
    shown = min(schedule.intensity.shape[1], max(1, console.width - _BESIDE))
    low, high = float(schedule.intensity.min()), float(schedule.intensity.max())
    coloured = console.color_system is not None
    console.print("Clients at work by region and hour (UTC); at the right, mean g/kWh:")
    console.print(_hours(plan, shown), style="dim")
    for name, levels, working in zip(
        schedule.regions, schedule.intensity, schedule.working, strict=True
    ):
        line = Text(f"{name[:6]:<7}")
        for level, clients in zip(levels[:shown], working[:shown], strict=True):
            share = (level - low) / (high - low) if high > low else 0.0
            sign = " " if coloured else "."
            if clients:
                sign = str(clients) if clients < 10 else "+"
            line.append(sign, _cell(share) if coloured else None)
        line.append(f" {levels.mean():5.0f}")
        console.print(line, no_wrap=True, crop=True)
    console.print(_legend(low, high, coloured=coloured))
    if shown < schedule.intensity.shape[1]:
        console.print(f"(the first {shown} rounds; a wider terminal shows more)")


def _cell(share: float) -> Style:
    red, green, blue = _colour(np.array(share))
    dark = Color.from_rgb(0, 0, 0) if share > _LIGHT_FROM else Color.from_rgb(255, 255, 255)
    return Style(color=dark, bgcolor=Color.from_rgb(red, green, blue), bold=True)


def _colour(share: FloatArray) -> tuple[float, float, float]:
    at = np.linspace(0, 1, len(_SCALE))
    red, green, blue = (float(np.interp(share, at, channel)) for channel in np.transpose(_SCALE))
    return red, green, blue


def _hours(plan: Plan, shown: int) -> str:
    """Label every sixth hour, and midnight by the date."""
    line = [" "] * (shown + 12)
    free_from = 0
    for j in range(shown):
        start = plan.starts[j].astimezone(UTC)
        if start.minute or start.hour % 6 or j < free_from:
            continue
        label = f"{start.day} {start:%b}" if start.hour == 0 else f"{start.hour:02d}h"
        line[j : j + len(label)] = label
        free_from = j + len(label) + 1
    return (" " * 7 + "".join(line)[: shown + 1]).ljust(shown + 8) + " mean"


def _legend(low: float, high: float, *, coloured: bool) -> Text:
    text = Text(f"{low:.0f} ")
    if not coloured:
        return Text(f"intensity {low:.0f} to {high:.0f} gCO2eq/kWh, cleanest region first")
    for share in np.linspace(0, 1, 24):
        text.append(" ", _cell(float(share)))
    text.append(f" {high:.0f} gCO2eq/kWh (forecast, average)")
    return text
