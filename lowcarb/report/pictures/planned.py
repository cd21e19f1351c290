"""Planned against realised emissions, by who planned."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lowcarb._util.text import rounded
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import FIGURES, GREY, is_narrow, legend_beside, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GRAMS_PER_KG = 1000.0


def planned_and_realised(
    grams: Mapping[str, tuple[float, float]], *, names: Mapping[str, str], caption: str
) -> Picture:
    """Draw two marks for each name, joined by a line.

    Parameters
    ----------
    grams
        Name to planned and realised emissions, gCO2eq.
    names
        What the names are called beside the marks.
    caption
        How to read the picture.
    """
    kg = {
        name: (planned / _GRAMS_PER_KG, realised / _GRAMS_PER_KG)
        for name, (planned, realised) in grams.items()
    }

    def draw(width: float) -> "Figure":
        figure = new_figure(1.0 + 0.34 * len(kg) + (0.8 if is_narrow(width) else 0), width)
        axes = figure.add_subplot()
        places = range(len(kg))
        planned, realised = (
            [pair[0] for pair in kg.values()],
            [pair[1] for pair in kg.values()],
        )
        axes.hlines(places, planned, realised, color=GREY, linewidth=1.6, zorder=2)
        for label, values in (("planned", planned), ("realised", realised)):
            look = FIGURES[label]
            axes.scatter(
                values,
                places,
                color=look.colour,
                marker=look.marker,
                s=46,
                zorder=3,
                label=label,
                edgecolor="black",
                linewidth=0.5,
                urls=[
                    f"{names[name]}: {rounded(value)} kg {label}"
                    for name, value in zip(kg, values, strict=True)
                ],
            )
        for place, (was, came) in zip(places, kg.values(), strict=True):
            if was:
                axes.annotate(
                    f"{came / was - 1:+.1%}",
                    (max(was, came), place),
                    xytext=(9, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=9,
                )
        axes.set_yticks(places, [names[name] for name in kg])
        axes.set_ylim(len(kg) - 0.5, -0.5)
        axes.set_xlim(0, (1.3 if is_narrow(width) else 1.12) * max(map(max, kg.values())) or 1.0)
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("kg CO2eq of all rounds")
        legend_beside(axes)
        return figure

    told = ", ".join(
        f"{names[name]} {rounded(was)} kg planned and {rounded(came)} kg realised"
        for name, (was, came) in kg.items()
    )
    return Picture(
        name="planned",
        title="Planned and realised emissions",
        alt=f"Planned and realised emissions: {told}.",
        caption=caption,
        draw=draw,
        columns=["who", "planned_g", "realised_g"],
        rows=[[name, round(was, 3), round(came, 3)] for name, (was, came) in grams.items()],
    )
