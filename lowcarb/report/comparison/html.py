"""A comparison as one HTML file that needs nothing else."""

from collections.abc import Sequence

from lowcarb._util.atomic_file import whole_file
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
from lowcarb.report.page import page, table, text
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
    content = comparison_to_html(comparison, gap, pictures)
    with whole_file(path) as stream:
        stream.write(content.encode("utf-8", "backslashreplace"))


def comparison_to_html(comparison: Comparison, gap: Gap | None, pictures: Sequence[Picture]) -> str:
    """Write the page; whatever came from outside is escaped."""
    recording = comparison.recording
    sources = f"Forecasts: {recording.issues.source}; actual values: {recording.actual.source}"
    who = "; ".join(look.label for look in policy_looks(comparison.runs).values()) + "."
    left = [] if gap is None else remaining(comparison, gap)
    return page(
        "Policies on recorded days",
        [
            *(f'<p class="quiet">{text(line)}</p>' for line in heading(comparison)),
            f'<div class="verdict"><p><strong>{text(verdict(comparison))}</strong></p>',
            *(f"<p>{text(line)}</p>" for line in left),
            "</div>",
            *_figures(comparison),
            *(f'<p class="quiet">{text(line)}</p>' for line in (who, *notes(comparison))),
            *(picture.html() for picture in pictures),
            f'<p class="quiet">{text(sources)}. Lowcarb {text(__version__)}, seed '
            f"{comparison.planner.seed}.</p>",
        ],
    )


def _figures(comparison: Comparison) -> list[str]:
    return table(
        "Emissions and fairness",
        ["Who chooses"],
        [
            *("Realised (kg)", "vs random", "of limit", "Floors met", "Turns", "Jain", "Gini"),
            *("Planned (kg)", "Empty seats", "Fallbacks", "Planning (s)", "95% (s)"),
        ],
        (
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
        ),
    )
