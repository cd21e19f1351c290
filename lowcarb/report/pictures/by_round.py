"""Planned against realised emissions, round by round."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import rounded
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import FIGURES, is_narrow, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# More rounds have lines in the place of bars and dots.
_BARS = 150


def by_round(
    rounds: Sequence[int], planned: FloatArray, realised: FloatArray, *, caption: str
) -> Picture:
    """Draw planned grams as bars and realised ones as dots on a line; what is unknown is left out.

    Parameters
    ----------
    rounds
        Numbers of the rounds.
    planned, realised
        Shape (t,): emissions, gCO2eq; NaN where unknown.
    caption
        How to read the picture.
    """
    first, last = min(rounds), max(rounds)
    numbers = np.arange(first, last + 1)
    # A round that is missing breaks the line, as one that is unknown does.
    bars, dots = (np.full(len(numbers), np.nan) for _ in range(2))
    places = np.array(rounds) - first
    bars[places], dots[places] = planned, realised

    def draw(width: float) -> "Figure":
        from matplotlib.ticker import MaxNLocator

        figure = new_figure(3.0, width)
        axes = figure.add_subplot()
        few = len(numbers) <= _BARS
        look = FIGURES["planned"]
        if few:
            drawn = axes.bar(
                numbers, np.nan_to_num(bars), width=0.8, color=look.colour, label="planned"
            )
            for number, value, bar in zip(numbers.tolist(), bars.tolist(), drawn, strict=True):
                bar.set_url(f"round {number}: planned {rounded(value)} g")
        else:
            axes.plot(numbers, bars, color=look.colour, linewidth=1.2, label="planned")
        look = FIGURES["realised"]
        axes.plot(numbers, dots, color=look.colour, linewidth=1.2, label="realised so far")
        if few:
            known = ~np.isnan(dots)
            axes.scatter(
                numbers[known],
                dots[known],
                color=look.colour,
                marker=look.marker,
                s=16,
                zorder=3,
                urls=[
                    f"round {number}: realised {rounded(value)} g"
                    for number, value in zip(
                        numbers[known].tolist(), dots[known].tolist(), strict=True
                    )
                ],
            )
        axes.set_xlim(first - 0.5, last + 0.5)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("round")
        axes.set_ylabel("gCO2eq")
        axes.grid(visible=False, axis="x")
        axes.xaxis.set_major_locator(
            MaxNLocator(nbins=6 if is_narrow(width) else 12, integer=True, steps=[1, 2, 5, 10])
        )
        figure.legend(loc="outside upper right", ncols=2)
        return figure

    unknown = int(np.isnan(realised).sum())
    return Picture(
        name="by_round",
        title="Planned and realised emissions by round",
        alt=f"Planned and realised emissions of rounds {first} to {last}; realised emissions of "
        f"{unknown} of them are unknown.",
        caption=caption,
        draw=draw,
        columns=["round", "planned_g", "realised_g"],
        rows=[
            [number, *("" if np.isnan(g) else round(float(g), 3) for g in pair)]
            for number, *pair in zip(rounds, planned, realised, strict=True)
        ],
    )
