"""Learning curves: accuracy by round, and by what has been emitted so far."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import GREY, legend_beside, looks_of, new_figure
from lowcarb_solvers.arrays import FloatArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GRAMS_PER_KG = 1000.0
# The scale begins so many points below the lowest end.
_BELOW_PCT = 30.0


def trade_off(
    name: str,
    line: Mapping[str, tuple[float, float]],
    others: Mapping[str, tuple[float, float]],
) -> Picture:
    """Draw accuracy in the end against emissions, as the price of losses grows.

    Parameters
    ----------
    name
        Of its files.
    line
        In the order of the price: accuracy in percent, and emissions in grams.
    others
        The same of policies that stand beside.
    """
    points = {**line, **others}

    def draw(width: float) -> "Figure":
        figure = new_figure(3.4, width)
        axes = figure.subplots()
        looks = looks_of(points)
        ends = list(line.values())
        axes.plot([g / _GRAMS_PER_KG for _, g in ends], [a for a, _ in ends], color=GREY, zorder=1)
        for policy, (accuracy, grams) in points.items():
            axes.plot(
                [grams / _GRAMS_PER_KG],
                [accuracy],
                color=looks[policy].colour,
                marker=looks[policy].marker,
                linestyle="",
                markersize=7,
                label=policy,
            )
        axes.set_xlim(left=0)
        axes.set_xlabel("kg CO2eq, as it came true")
        axes.set_ylabel("accuracy in the end (%)")
        legend_beside(axes, title="")
        return figure

    ends = ", ".join(
        f"{policy} {accuracy:.1f}% for {grams / _GRAMS_PER_KG:.2f} kg"
        for policy, (accuracy, grams) in points.items()
    )
    return Picture(
        name=name,
        title="Accuracy in the end against emissions",
        alt=f"Trade-off: {ends}.",
        caption="Means over the seeds. Along the line more carbon may be paid for losses.",
        draw=draw,
        columns=["policy", "accuracy_pct", "kg"],
        rows=[
            [policy, round(accuracy, 6), round(grams / _GRAMS_PER_KG, 6)]
            for policy, (accuracy, grams) in points.items()
        ],
    )


def learning_curves(
    name: str, curves: Mapping[str, tuple[FloatArray, FloatArray]], *, target: float
) -> Picture:
    """Draw mean accuracy of each policy over rounds and over emissions.

    Parameters
    ----------
    name
        Of its files.
    curves
        Policy to accuracies and grams so far, each of shape (seeds, rounds + 1).
    target
        An accuracy to mark.
    """
    means = {
        policy: (100 * accuracy.mean(axis=0), grams.mean(axis=0) / _GRAMS_PER_KG)
        for policy, (accuracy, grams) in curves.items()
    }
    lowest = min(float(accuracy[-1]) for accuracy, _ in means.values()) - _BELOW_PCT
    ends = ", ".join(f"{p} {a[-1]:.1f}% for {kg[-1]:.2f} kg" for p, (a, kg) in means.items())

    def draw(width: float) -> "Figure":
        figure = new_figure(3.4, width)
        panels = figure.subplots(1, 2, sharey=True)
        looks = looks_of(means)
        for policy, (accuracy, kg) in means.items():
            look = looks[policy]
            for axes, places in zip(panels, (range(len(accuracy)), kg), strict=True):
                axes.plot(
                    places,
                    accuracy,
                    color=look.colour,
                    linestyle=look.line,
                    linewidth=look.width,
                    marker=look.marker,
                    markersize=6,
                    markevery=(len(accuracy) - 1, len(accuracy)),
                    label=f"{policy}, {accuracy[-1]:.1f}%",
                )
        for axes in panels:
            axes.axhline(100 * target, color=GREY, linewidth=0.8, zorder=1)
            axes.set_ylim(10 * (lowest // 10), 100)
            axes.set_xlim(left=0)
        panels[0].set_ylabel("accuracy on the test set (%)")
        panels[0].set_xlabel("round")
        panels[1].set_xlabel("kg CO2eq so far, as it came true")
        legend_beside(panels[1], title="in the end")
        return figure

    return Picture(
        name=name,
        title="Accuracy by round and by emissions",
        alt=f"Learning curves; in the end: {ends}.",
        caption=f"Means over the seeds; floors of half an equal share for ilp and regret, none for "
        f"the others. The grey line is an accuracy of {target:.0%}.",
        draw=draw,
        columns=["round", *(f"{p}_{what}" for p in means for what in ("accuracy_pct", "kg"))],
        rows=[
            [k, *(round(float(series[k]), 6) for pair in means.values() for series in pair)]
            for k in range(len(next(iter(means.values()))[0]))
        ],
    )
