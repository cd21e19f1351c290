"""Grams of a turn against fairness, and the points that nothing beats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lowcarb._util.text import rounded
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import GREY, is_narrow, legend_beside, new_figure, series

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A point.

    Parameters
    ----------
    name
        Its values.
    grams
        Of a turn, gCO2eq.
    jain
        How evenly turns are spread.
    front
        Whether nothing beats it.
    """

    name: str
    grams: float
    jain: float
    front: bool


def front(spots: Mapping[str, Sequence[Spot]], *, caption: str) -> Picture:
    """Draw a mark for each point, filled and joined by a line where it is on the front.

    Parameters
    ----------
    spots
        By line, its points.
    caption
        How to read the picture.
    """
    best = sorted(
        (spot for some in spots.values() for spot in some if spot.front),
        key=lambda spot: (spot.jain, spot.grams),
    )

    def draw(width: float) -> "Figure":
        below = 0.19 * (len(spots) + 1) + 0.3 if is_narrow(width) else 0.0
        figure = new_figure(3.6 + below, width)
        axes = figure.add_subplot()
        if best:
            axes.plot(
                [spot.jain for spot in best],
                [spot.grams for spot in best],
                color=GREY,
                linewidth=1.4,
                label="front: nothing beats these",
                zorder=2,
            )
        for k, (name, some) in enumerate(spots.items()):
            look = series(k)
            axes.scatter(
                [spot.jain for spot in some],
                [spot.grams for spot in some],
                s=48,
                marker=look.marker,
                facecolors=[look.colour if spot.front else "none" for spot in some],
                edgecolors=look.colour,
                linewidths=1.4,
                urls=[
                    f"{spot.name}: {rounded(spot.grams)} g a turn, Jain's index {spot.jain:.3f}"
                    for spot in some
                ],
                zorder=3,
            )
            # In the legend a mark is filled, whatever its first point is.
            axes.scatter(
                [], [], s=48, marker=look.marker, color=look.colour, label=name or "points"
            )
        axes.set_xlabel("Jain's index of turns (1: all equal)")
        axes.set_ylabel("gCO2eq a turn")
        axes.set_ylim(bottom=0)
        legend_beside(axes)
        return figure

    told = "; ".join(
        f"{spot.name}, {rounded(spot.grams)} g at {spot.jain:.3f}" for spot in best[:6]
    )
    return Picture(
        name="front",
        title="Emissions of a turn against fairness",
        alt=f"Marks of grams a turn by Jain's index. On the front: {told or 'none'}.",
        caption=caption,
        draw=draw,
        columns=["line", "point", "g_per_turn", "jain", "front"],
        rows=[
            [name, spot.name, round(spot.grams, 4), round(spot.jain, 6), spot.front]
            for name, some in spots.items()
            for spot in some
        ],
    )
