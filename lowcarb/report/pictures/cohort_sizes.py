"""How many clients each round asks, where cohorts breathe."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lowcarb.planning.cohort_range import average_text
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import FIGURES, GREY, is_narrow, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# More rounds are one shape, without values on hover.
_BARS = 150


def cohort_sizes(sizes: Sequence[int], *, first: int, usual: float, caption: str) -> Picture:
    """Draw a bar for each round, and a line where cohorts of one size would stand.

    Parameters
    ----------
    sizes
        Clients of each round.
    first
        Number of the first round.
    usual
        Clients in a round on average.
    caption
        How to read the picture.
    """
    numbers = np.arange(first, first + len(sizes))

    def draw(width: float) -> "Figure":
        from matplotlib.ticker import MaxNLocator

        figure = new_figure(2.4, width)
        axes = figure.add_subplot()
        colour = FIGURES["planned"].colour
        if len(sizes) > _BARS:
            axes.stairs(sizes, np.append(numbers, numbers[-1] + 1) - 0.5, fill=True, color=colour)
        else:
            bars = axes.bar(numbers, sizes, width=0.8, color=colour)
            for number, size, bar in zip(numbers.tolist(), sizes, bars, strict=True):
                bar.set_url(f"round {number}: {size} clients")
        axes.axhline(usual, color=GREY, linewidth=1.2, label=f"{average_text(usual)} on average")
        axes.set_xlim(numbers[0] - 0.5, numbers[-1] + 0.5)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("round")
        axes.set_ylabel("clients")
        axes.grid(visible=False, axis="x")
        nbins = 6 if is_narrow(width) else 12
        axes.xaxis.set_major_locator(MaxNLocator(nbins=nbins, integer=True, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        figure.legend(loc="outside upper right")
        return figure

    return Picture(
        name="cohort_sizes",
        title="Clients in each round",
        alt=f"Clients in rounds {first} to {numbers[-1]}: {min(sizes)} to {max(sizes)}, "
        f"{average_text(usual)} on average.",
        caption=caption,
        draw=draw,
        columns=["round", "clients"],
        rows=[[number, size] for number, size in zip(numbers.tolist(), sizes, strict=True)],
    )
