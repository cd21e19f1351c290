"""What is saved along an axis, a line for each choice of the others, with intervals as bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import GREY, is_narrow, legend_beside, new_figure, series

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# How far lines stand apart, as a part of the axis, so that bars do not hide each other.
_APART = 0.008


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A point of a line.

    Parameters
    ----------
    place
        On the axis.
    name
        What stands there below the axis.
    saved, low, high
        In percent, with its interval; None where there is none.
    """

    place: float
    name: str
    saved: float
    low: float | None
    high: float | None


def trade_off(
    lines: Mapping[str, Sequence[Mark]], *, axis: str, label: str, who: str, caption: str
) -> Picture:
    """Draw a line for each name, and a bar for each interval.

    Parameters
    ----------
    lines
        By name, marks from left to right.
    axis, label
        What the axis is called, and what stands beside it.
    who
        Whose savings they are.
    caption
        How to read the picture.
    """
    names = {mark.place: mark.name for marks in lines.values() for mark in marks}
    places = sorted(names)
    apart = _APART * ((places[-1] - places[0]) or 1.0)

    def draw(width: float) -> "Figure":
        below = 0.19 * len(lines) + 0.3 if is_narrow(width) else 0.0
        figure = new_figure(3.6 + below, width)
        axes = figure.add_subplot()
        axes.axhline(0, color=GREY, linewidth=1.2, zorder=1)
        for k, (name, marks) in enumerate(lines.items()):
            look = series(k)
            right = apart * (k - (len(lines) - 1) / 2)
            x = [mark.place + right for mark in marks]
            axes.plot(
                x,
                [mark.saved for mark in marks],
                color=look.colour,
                linestyle=look.line,
                linewidth=look.width,
                marker=look.marker,
                markersize=6,
                label=name or who,
                zorder=3,
            )
            bars = [
                (at, mark.low, mark.high)
                for at, mark in zip(x, marks, strict=True)
                if mark.low is not None and mark.high is not None
            ]
            axes.vlines(
                [at for at, _, _ in bars],
                [low for _, low, _ in bars],
                [high for _, _, high in bars],
                color=look.colour,
                linewidth=1.4,
                zorder=2,
            )
            axes.scatter(
                x,
                [mark.saved for mark in marks],
                s=40,
                alpha=0,
                urls=[f"{_place(name, axis, mark)}: {_told(mark)}" for mark in marks],
            )
        axes.set_xticks(places, [names[place] for place in places])
        axes.set_xlabel(label)
        axes.set_ylabel("saved against random (%)")
        legend_beside(axes)
        return figure

    told = "; ".join(
        f"{name or who} {marks[0].saved:.1f}% at {marks[0].name} to {marks[-1].saved:.1f}% at "
        f"{marks[-1].name}"
        for name, marks in list(lines.items())[:6]
    )
    return Picture(
        name="trade_off",
        title=f"Saved against random cohorts, by {axis}",
        alt=f"Lines of what {who} saves, by {axis}: {told}.",
        caption=caption,
        draw=draw,
        columns=["line", axis.replace(" ", "_"), "saved_pct", "low_pct", "high_pct"],
        rows=[
            [name, mark.name, *_rounded(mark)] for name, marks in lines.items() for mark in marks
        ],
    )


def _place(name: str, axis: str, mark: Mark) -> str:
    return ", ".join(part for part in (name, f"{axis} {mark.name}") if part)


def _told(mark: Mark) -> str:
    if mark.low is None or mark.high is None:
        return f"{mark.saved:.1f}%"
    return f"{mark.saved:.1f}% ({mark.low:.1f} to {mark.high:.1f}%)"


def _rounded(mark: Mark) -> list[object]:
    return ["" if value is None else round(value, 4) for value in (mark.saved, mark.low, mark.high)]
