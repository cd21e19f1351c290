"""A comparison as one HTML file that needs nothing else."""

from collections.abc import Sequence

from lowcarb._version import __version__
from lowcarb.planning.policy_looks import policy_looks
from lowcarb.replay import Comparison, Gap
from lowcarb.report.comparison.verdict import (
    floors_text,
    heading,
    notes,
    remaining,
    saved_text,
    share_text,
    turns_text,
    verdict,
)
from lowcarb.report.page import Table, render, save_page
from lowcarb.report.pictures.picture import Picture


def save_comparison(
    comparison: Comparison, gap: Gap | None, pictures: Sequence[Picture], path: str
) -> None:
    """Write the page; the file appears whole or not at all.

    Raises
    ------
    LowcarbError
        If it cannot be written.
    """
    save_page(comparison_to_html(comparison, gap, pictures), path)


def comparison_to_html(comparison: Comparison, gap: Gap | None, pictures: Sequence[Picture]) -> str:
    """Write the page; whatever came from outside is escaped."""
    recording = comparison.recording
    labels = [look.label for look in policy_looks(comparison.runs).values()]
    return render(
        "comparison",
        title="Policies on recorded days",
        heading=heading(comparison),
        verdict=verdict(comparison),
        remaining=[] if gap is None else remaining(comparison, gap),
        figures=_figures(comparison),
        policies=f"{'; '.join(labels)}.",
        notes=notes(comparison),
        pictures=pictures,
        forecasts=recording.issues.source,
        actuals=recording.actual.source,
        version=__version__,
        seed=comparison.planner.seed,
    )


def _figures(comparison: Comparison) -> Table:
    return Table(
        title="Emissions and fairness",
        names=["Who chooses"],
        figures=[
            *("Realised (kg)", "vs random", "of limit", "Floors met", "Turns", "Jain", "Gini"),
            *("Planned (kg)", "Empty seats", "Fallbacks", "Planning (s)", "95% (s)"),
        ],
        rows=[
            (
                name,
                f"{one.realised_g / 1000:,.3g}",
                saved_text(one),
                share_text(name, one),
                floors_text(one.floors_met),
                turns_text(one),
                f"{one.jain:.3f}",
                f"{one.gini:.3f}",
                f"{one.planned_g / 1000:,.3g}",
                one.empty_seats,
                one.fallbacks,
                f"{one.seconds_median:.3f}",
                f"{one.seconds_p95:.3f}",
            )
            for name, one in comparison.summaries.items()
        ],
    )
