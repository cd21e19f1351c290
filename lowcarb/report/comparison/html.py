"""A comparison as one HTML file that needs nothing else."""

from collections.abc import Sequence

from lowcarb._util.text import count, decimals
from lowcarb._version import __version__
from lowcarb.planning.policy_looks import policy_looks
from lowcarb.planning.wording import with_mark
from lowcarb.replay import Comparison, Gap, SecondComparison
from lowcarb.replay.names import ORACLE, RANDOM
from lowcarb.report.comparison.limits import ABOUT as ABOUT_LIMITS
from lowcarb.report.comparison.limits import TITLE as LIMITS_TITLE
from lowcarb.report.comparison.limits import about_limits, limit_rows
from lowcarb.report.comparison.savings import (
    about_intervals,
    between,
    kg_between,
    method,
    saved,
)
from lowcarb.report.comparison.tables import (
    SAVINGS,
    clients_of_runs,
    kg,
    saved_kg,
    saved_share,
    savings_row,
    starts_table,
)
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
from lowcarb.report.inputs import InputFile, files_table, origins_of, signals_of
from lowcarb.report.page import Figure, Table, render, save_page
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.two_signals import beside_ranks, shares_text
from lowcarb.report.words import meanings


def save_comparison(
    comparison: Comparison,
    gap: Gap | None,
    pictures: Sequence[Picture],
    path: str,
    files: Sequence[InputFile] = (),
    second: SecondComparison | None = None,
) -> None:
    """Write the page; the file appears whole or not at all.

    Raises
    ------
    LowcarbError
        If it cannot be written.
    """
    save_page(comparison_to_html(comparison, gap, pictures, files, second), path)


def comparison_to_html(
    comparison: Comparison,
    gap: Gap | None,
    pictures: Sequence[Picture],
    files: Sequence[InputFile] = (),
    second: SecondComparison | None = None,
) -> str:
    """Write the page; whatever came from outside is escaped."""
    recording = comparison.recording
    labels = [look.label for look in policy_looks(comparison.runs).values()]
    return render(
        "comparison",
        title="What would have been saved" if recording.persistent else "Policies on recorded days",
        heading=[*heading(comparison), *comparison.about_starts],
        verdict=verdict(comparison),
        saved=saved(comparison),
        intervals=about_intervals(comparison),
        method=method(comparison),
        signal=signals_of(recording),
        savings=_savings(comparison),
        figures=_figures(comparison),
        limits=_limits(comparison),
        two_signals=None if second is None else _by_second_signal(comparison, second),
        notes=[
            *([] if gap is None else remaining(comparison, gap)),
            f"{'; '.join(labels)}.",
            *notes(comparison),
            origins_of(recording, comparison.planner.seed),
        ],
        pictures=pictures,
        starts=_starts(comparison),
        clients=clients_of_runs(
            comparison.subject,
            comparison.planner.fleet,
            comparison.runs[comparison.subject],
            [(one.truth, range(one.truth.rounds)) for one in comparison.backtests],
        ),
        times=_times(comparison),
        files=files_table(files),
        version=__version__,
    )


def _savings(comparison: Comparison) -> Table:
    digits = decimals(max(abs(one.saved_g) for one in comparison.summaries.values()) / 1000)
    return Table(
        title="Saved against random cohorts",
        caption=with_mark(
            f"A training, the mean of {count(len(comparison.starts), 'start')}, with 95% "
            "intervals; ? where one start says nothing of others.",
            comparison.summaries.values(),
        ),
        names=["Who chooses"],
        figures=SAVINGS,
        rows=[
            savings_row(name, one, comparison.intervals[name], digits, reference=RANDOM)
            for name, one in comparison.summaries.items()
        ],
        words=meanings(comparison.summaries, ["of limit", "Floors met"]),
    )


def _limits(comparison: Comparison) -> Table | None:
    rows = limit_rows(comparison)
    if not rows:
        return None
    return Table(
        title=LIMITS_TITLE,
        caption=" ".join([ABOUT_LIMITS, *about_limits(comparison)]),
        names=["Who chooses", "Kept", "Without rest", "Broken most (rounds)"],
        figures=[],
        rows=list(rows),
    )


def _figures(comparison: Comparison) -> Table:
    figures = [
        *("Realised (kg)", "Planned (kg)", "vs random", "of limit", "Floors met", "Turns"),
        *("Jain", "Gini", "Empty seats"),
    ]
    return Table(
        title="Emissions and fairness",
        caption=with_mark(
            "Means over the starts; Turns are the fewest and the most of a client.",
            comparison.summaries.values(),
        ),
        names=["Who chooses"],
        figures=figures,
        rows=[
            (
                name,
                kg(one.realised_g),
                kg(one.planned_g),
                Figure(-one.saved, saved_text(one)),
                share_text(name, one),
                Figure(one.floors_met, floors_text(one.floors_met)),
                turns_text(one),
                Figure(one.jain, f"{one.jain:.3f}"),
                Figure(one.gini, f"{one.gini:.3f}"),
                one.empty_seats,
            )
            for name, one in comparison.summaries.items()
        ],
        words=meanings(figures),
    )


def _by_second_signal(comparison: Comparison, second: SecondComparison) -> Table:
    return Table(
        title=f"By a second signal: {second.kind}",
        caption=with_mark(" ".join(beside_ranks(second)), comparison.summaries.values()),
        names=["Who chooses"],
        figures=[
            *("Realised (kg)", "Saved (kg)", "95% (kg)", "Saved (%)", "95% (%)", "Floors met"),
            "Of energy",
        ],
        rows=[
            (
                name,
                "?" if one.realised.grams is None else kg(one.realised.grams),
                "?"
                if one.saved_g is None
                else saved_kg(one.saved_g, comparable=comparison.summaries[name].comparable),
                kg_between(one.saved_g_interval),
                "?" if one.saved is None else saved_share(one.saved, comparison.summaries[name]),
                between(one.saved_interval, 100, ""),
                floors_text(comparison.summaries[name].floors_met),
                shares_text(one.realised),
            )
            for name, one in second.policies.items()
        ],
        words=meanings(second.policies, ["Floors met"]),
    )


def _times(comparison: Comparison) -> Table:
    return Table(
        title="Time for decisions",
        caption="Seconds for the choice of one round: the median and the 95th percentile.",
        names=["Who chooses"],
        figures=["Planning (s)", "95% (s)", "Fallbacks"],
        rows=[
            (
                name,
                Figure(one.seconds_median, f"{one.seconds_median:.3f}"),
                Figure(one.seconds_p95, f"{one.seconds_p95:.3f}"),
                one.fallbacks,
            )
            for name, one in comparison.summaries.items()
        ],
        words=meanings(["Fallbacks"]),
    )


def _starts(comparison: Comparison) -> Table:
    names = list(
        dict.fromkeys((comparison.subject, *([ORACLE] if ORACLE in comparison.runs else [])))
    )
    return starts_table(
        comparison.starts,
        {name: comparison.per_start[name] for name in names},
        reference=RANDOM,
        reference_g=comparison.random_g,
        reference_seats=comparison.same_seats.there,
        caption=with_mark(
            f"{count(comparison.planner.rounds, 'round')} from each; random is the exact "
            "expectation.",
            [comparison.summaries[name] for name in names],
        ),
    )
