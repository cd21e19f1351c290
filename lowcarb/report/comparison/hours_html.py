"""Comparisons of ways to choose hours as one HTML file that needs nothing else."""

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np

from lowcarb._util.text import count, counts, decimals, least_to_most, one_decimal, three_figures
from lowcarb._util.times import show_duration
from lowcarb._version import __version__
from lowcarb.planning.slot_policies import AT_ONCE
from lowcarb.planning.wording import with_mark
from lowcarb.replay.hours_comparison import HoursComparison, HoursSummary
from lowcarb.replay.names import ORACLE
from lowcarb.report.comparison.hours_verdict import (
    about_intervals,
    heading,
    method,
    notes,
    saved,
    share_text,
    verdict,
)
from lowcarb.report.comparison.savings import between
from lowcarb.report.comparison.tables import (
    SAVINGS,
    clients_of_runs,
    kg,
    savings_row,
    starts_table,
)
from lowcarb.report.inputs import InputFile, files_table, origins_of, signals_of
from lowcarb.report.page import Figure, Table, render, save_page
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.slot_schedule import HeldSlots
from lowcarb.report.words import meanings


def save_hours(
    found: Sequence[HoursComparison],
    pictures: Sequence[Picture],
    path: str,
    files: Sequence[InputFile] = (),
) -> None:
    """Write the page; the file appears whole or not at all.

    Raises
    ------
    LowcarbError
        If it cannot be written.
    """
    save_page(hours_to_html(found, pictures, files), path)


def hours_to_html(
    found: Sequence[HoursComparison], pictures: Sequence[Picture], files: Sequence[InputFile] = ()
) -> str:
    """Write the page; whatever came from outside is escaped.

    Parameters
    ----------
    found
        A comparison for each deadline, ascending, from the same starts.
    pictures
        Of them.
    files
        What was read.
    """
    last = found[-1]
    return render(
        "comparison",
        title="What choosing the hours saves",
        heading=[*heading(found), *last.about_starts],
        verdict=verdict(last),
        saved=saved(found),
        intervals=about_intervals(found),
        method=method(last),
        signal=signals_of(last.recording),
        savings=_savings(found),
        figures=_figures(found),
        limits=None,
        two_signals=None,
        notes=[*notes(found), origins_of(last.recording, last.planner.seed)],
        pictures=pictures,
        starts=_starts(last),
        clients=_clients(last, named=len(found) > 1),
        times=_times(found),
        files=files_table(files),
        version=__version__,
    )


def _rows(
    found: Sequence[HoursComparison],
    row: Callable[[HoursComparison, str], tuple[object, ...]],
) -> list[tuple[object, ...]]:
    """Write a row for each policy before each deadline; one deadline alone is not named."""
    return [
        (*([show_duration(one.after.within)] if len(found) > 1 else []), name, *row(one, name))
        for one in found
        for name in one.runs
    ]


def _names(found: Sequence[HoursComparison]) -> list[str]:
    return [*(["Deadline"] if len(found) > 1 else []), "Who chooses"]


def _summaries(found: Sequence[HoursComparison]) -> list[HoursSummary]:
    return list(chain.from_iterable(one.summaries.values() for one in found))


def _savings(found: Sequence[HoursComparison]) -> Table:
    summaries = _summaries(found)
    digits = decimals(max(abs(one.saved_g) for one in summaries) / 1000)

    def row(one: HoursComparison, name: str) -> tuple[object, ...]:
        _, *cells = savings_row(
            name, one.summaries[name], one.intervals[name], digits, reference=AT_ONCE
        )
        return tuple(cells)

    return Table(
        title="Saved against the same rounds at once",
        caption=with_mark(
            f"A training, the mean of {count(len(found[-1].starts), 'start')}, with 95% "
            "intervals; ? where one start says nothing of others.",
            summaries,
        ),
        names=_names(found),
        figures=SAVINGS,
        rows=_rows(found, row),
        words=meanings(_policies(found), ["of limit", "Floors met"]),
    )


def _policies(found: Sequence[HoursComparison]) -> list[str]:
    return list(found[-1].runs)


def _figures(found: Sequence[HoursComparison]) -> Table:
    def row(one: HoursComparison, name: str) -> tuple[object, ...]:
        summary, runs = one.summaries[name], one.runs[name]
        rounds = [len(run.cohorts) for run in runs]
        turns = np.array([run.turns for run in runs])
        return (
            kg(summary.realised_g),
            between(one.intervals[name].realised_g, 1e-3, "", 2),
            kg(summary.planned_g),
            Figure(100 * summary.spread, f"{100 * summary.spread:.1f}"),
            share_text(one, name),
            Figure(float(turns.min()), least_to_most(int(turns.min()), int(turns.max()))),
            Figure(float(np.mean(rounds)), least_to_most(min(rounds), max(rounds))),
            Figure(summary.hours_used, one_decimal(summary.hours_used)),
        )

    return Table(
        title="Emissions, rounds and hours",
        caption=with_mark(
            "Means over the starts. +- is the standard deviation of the percent saved over the "
            "starts; Turns are the fewest and the most of a client, Rounds those that were held; "
            "Hours are from the start to the end of the last round.",
            _summaries(found),
        ),
        names=_names(found),
        figures=[
            *("Realised (kg)", "95% (kg)", "Planned (kg)", "+- (points)", "of limit"),
            *("Turns", "Rounds", "Hours"),
        ],
        rows=_rows(found, row),
        words=meanings(["of limit"]),
    )


def _starts(found: HoursComparison) -> Table:
    names = list(dict.fromkeys((found.subject, *([ORACLE] if ORACLE in found.runs else []))))
    at_once = found.per_start[AT_ONCE]
    return starts_table(
        found.starts,
        {name: found.per_start[name] for name in names if name != AT_ONCE},
        reference=AT_ONCE,
        reference_g=at_once.realised_g,
        reference_met=at_once.floors_met,
        reference_seats=at_once.filled,
        caption=with_mark(
            f"{_held_words(found)} within {show_duration(found.after.within)} of each.",
            [found.summaries[name] for name in names],
        ),
    )


def _held_words(found: HoursComparison) -> str:
    most = found.planner.rounds
    return counts(found.after.fewest_rounds or most, most, "round")


def _clients(found: HoursComparison, *, named: bool) -> Table:
    name = found.subject
    within = f" within {show_duration(found.after.within)}" if named else ""
    held = [
        HeldSlots.played(run, backtest)
        for run, backtest in zip(found.runs[name], found.backtests, strict=True)
    ]
    return clients_of_runs(
        f"{name}{within}",
        found.planner.fleet,
        found.runs[name],
        [(one.problem, one.chosen.tolist()) for one in held],
    )


def _times(found: Sequence[HoursComparison]) -> Table:
    def row(one: HoursComparison, name: str) -> tuple[object, ...]:
        runs = one.runs[name]
        seconds = np.concatenate([run.seconds for run in runs])
        median, late = float(np.median(seconds)), float(np.percentile(seconds, 95))
        asked = float(np.mean([run.asked for run in runs]))
        return (
            Figure(median, f"{median:.3f}"),
            Figure(late, f"{late:.3f}"),
            Figure(asked, three_figures(asked)),
        )

    return Table(
        title="Time for decisions",
        caption="Seconds for one answer: the median and the 95th percentile. A policy is asked "
        "again after each round, and at each slot while it waits; Asked is how often in a "
        "training. The oracle chooses once.",
        names=_names(found),
        figures=["Planning (s)", "95% (s)", "Asked"],
        rows=_rows(found, row),
    )
