"""Turns of each client against its floor and its cap."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lowcarb._util.arrays import IntArray
from lowcarb._util.text import count, shortened
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import BLACK, BLUE, VERMILION, is_narrow, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 4
# So many clients have room for their names, and for values on hover.
_NAMED, _WITH_VALUES, _LONGEST_NAME = 16, 60, 14
_MISSING: Any = {
    "fill": True,
    "facecolor": "none",
    "edgecolor": VERMILION,
    "hatch": "//////",
    "linewidth": 0.6,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Turns:
    """Turns of all clients.

    Parameters
    ----------
    turns, floor, cap
        Shape (n,).
    rounds
        Of the whole training: a cap that is no lower is none.
    """

    turns: IntArray
    floor: IntArray
    cap: IntArray
    rounds: int

    @property
    def short(self) -> int:
        """Clients below their floor."""
        return int((self.turns < self.floor).sum())

    @property
    def capped(self) -> bool:
        """Whether there are caps."""
        return bool((self.cap < self.rounds).any())

    @property
    def most(self) -> int:
        """The largest number that there is to draw."""
        return int(max(self.turns.max(), self.floor.max(), self.cap.max() if self.capped else 0))


def turns_by_client(
    found: Mapping[str, Turns],
    clients: Sequence[str],
    regions: Sequence[str],
    *,
    names: Mapping[str, str],
    caption: str,
) -> Picture:
    """Draw turns of each client, fewest first, a panel for each name.

    Parameters
    ----------
    found
        Name to turns.
    clients, regions
        Of each client its name and its region.
    names
        What the panels are called.
    caption
        How to read the picture.
    """

    def draw(width: float) -> "Figure":
        columns = min(2 if is_narrow(width) else _COLUMNS, len(found))
        lines = math.ceil(len(found) / columns)
        names_fit = len(clients) <= _NAMED
        height = 0.9 + (2.0 if lines > 1 else 2.6) * lines + (0.7 * lines if names_fit else 0)
        figure = new_figure(height, width)
        panels = figure.subplots(lines, columns, sharex=not names_fit, sharey=True, squeeze=False)
        top = 1.1 * _top(found)
        for axes, (name, one) in zip(panels.flat, found.items(), strict=False):
            _panel(axes, one, names[name], clients)
            axes.set_ylim(0, max(1.0, top))
        for axes in panels.flat[len(found) :]:
            axes.set_visible(False)
        figure.supxlabel("clients, fewest turns first", fontsize=10)
        figure.supylabel("turns", fontsize=10)
        _legend(figure, found)
        return figure

    cut = any(one.most > 1.1 * _top(found) for one in found.values())
    shorts = ", ".join(f"{names[name]} {one.short}" for name, one in found.items())
    return Picture(
        name="turns",
        title="Turns of each client, against floors and caps",
        alt=f"Bars of turns by client. Clients below their floor: {shorts}.",
        caption=caption + (" Bars that reach the top are cut off there." if cut else ""),
        draw=draw,
        columns=["who", "client", "region", "turns", "floor", "cap"],
        rows=[
            [name, clients[i], regions[i], int(one.turns[i]), int(one.floor[i]), int(one.cap[i])]
            for name, one in found.items()
            for i in range(len(clients))
        ],
    )


def _top(found: Mapping[str, Turns]) -> float:
    """Choose a height that shows all of those who keep floors; others may be cut off."""
    kept = [one.most for one in found.values() if not one.short]
    twice = max(2 * float(one.turns.mean()) for one in found.values())
    return min(max(one.most for one in found.values()), max([*kept, twice]))


def _panel(axes: "Axes", one: Turns, title: str, clients: Sequence[str]) -> None:
    from matplotlib.ticker import MaxNLocator

    order = np.lexsort((one.floor, one.turns))
    turns, floor, cap = one.turns[order], one.floor[order], one.cap[order]
    edges = np.arange(len(turns) + 1)
    axes.stairs(turns, edges, fill=True, color=BLUE, alpha=0.75)
    if one.short:
        missing = np.where(turns < floor, floor.astype(np.float64), np.nan)
        axes.stairs(missing, edges, baseline=turns, **_MISSING)
    if floor.any():
        axes.stairs(floor, edges, baseline=None, color=BLACK, linewidth=1.4)
    if one.capped:
        axes.stairs(cap, edges, baseline=None, color=BLACK, linewidth=1.4, linestyle=(0, (4, 2)))
    axes.set_xlim(0, len(turns))
    axes.grid(visible=False, axis="x")
    if len(clients) <= _NAMED:
        axes.set_xticks(
            edges[:-1] + 0.5,
            [shortened(clients[i], _LONGEST_NAME) for i in order],
            rotation=90,
            fontsize=7,
        )
        axes.tick_params(axis="x", length=0)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, steps=[1, 2, 5, 10]))
    if len(clients) <= _WITH_VALUES:
        top = np.maximum(turns, floor)
        for place, bar in enumerate(axes.bar(edges[:-1] + 0.5, top, width=1.0, alpha=0)):
            client = clients[order[place]]
            bar.set_url(f"{client}: {turns[place]} turns, floor {floor[place]}")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, steps=[1, 2, 5, 10]))
    axes.set_title(title, pad=17)
    least, most = turns.min(), turns.max()
    span = f"{least} to {most} turns" if least < most else f"{count(most, 'turn')} each"
    short = f", {one.short} short" if one.short else ""
    axes.text(0, 1.03, span + short, transform=axes.transAxes, fontsize=9)


def _legend(figure: "Figure", found: Mapping[str, Turns]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Patch | Line2D] = [Patch(color=BLUE, alpha=0.75, label="turns")]
    if any(one.short for one in found.values()):
        handles.append(Patch(**_MISSING, label="missing to the floor"))
    if any(one.floor.any() for one in found.values()):
        handles.append(Line2D([], [], color=BLACK, linewidth=1.4, label="floor"))
    if any(one.capped for one in found.values()):
        handles.append(
            Line2D([], [], color=BLACK, linewidth=1.4, linestyle=(0, (4, 2)), label="cap")
        )
    figure.legend(
        handles=handles,
        loc="outside upper right",
        ncols=min(len(handles), 2) if is_narrow(figure.get_figwidth()) else len(handles),
    )
