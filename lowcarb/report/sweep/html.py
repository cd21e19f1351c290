"""A sweep as one HTML file that needs nothing else."""

from collections.abc import Sequence

from lowcarb._util.text import count, decimals, rounded, three_figures
from lowcarb._version import __version__
from lowcarb.planning.wording import with_mark
from lowcarb.replay import Sweep
from lowcarb.replay.axes import figure
from lowcarb.report.comparison.savings import about_intervals, between
from lowcarb.report.comparison.tables import saved_kg, saved_share
from lowcarb.report.comparison.verdict import floors_text, share_text, turns_text
from lowcarb.report.inputs import InputFile, files_table, origins_of, signals_of
from lowcarb.report.page import Figure, Table, render, save_page
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.sweep.verdict import (
    FRONT,
    against_at_once,
    figures_of,
    front,
    heading,
    hours,
    least_sure,
    method,
    notes,
    prices,
    verdict,
)
from lowcarb.report.words import meanings


def save_sweep(
    sweep: Sweep, pictures: Sequence[Picture], path: str, files: Sequence[InputFile] = ()
) -> None:
    """Write the page; the file appears whole or not at all.

    Raises
    ------
    LowcarbError
        If it cannot be written.
    """
    save_page(sweep_to_html(sweep, pictures, files), path)


def sweep_to_html(
    sweep: Sweep, pictures: Sequence[Picture], files: Sequence[InputFile] = ()
) -> str:
    """Write the page; whatever came from outside is escaped."""
    recording = sweep.first.recording
    return render(
        "sweep",
        title="What fairness and cohort size cost",
        heading=[*heading(sweep), *sweep.first.about_starts],
        verdict=verdict(sweep),
        more=[*prices(sweep), *hours(sweep), *front(sweep)],
        intervals=about_intervals(least_sure(sweep)),
        method=method(sweep),
        signal=signals_of(recording),
        pictures=pictures,
        tables=[_savings(sweep), _fairness(sweep)],
        notes=[
            *notes(sweep),
            origins_of(recording, sweep.first.planner.seed),
        ],
        files=files_table(files),
        version=__version__,
    )


def _place(sweep: Sweep, k: int) -> list[Figure | str]:
    values = sweep.points[k].values
    return [_value(figure(value), str(value)) for value in values.values()]


def _value(value: float | str, text: str) -> Figure | str:
    return value if isinstance(value, str) else Figure(value, text)


def _titles(sweep: Sweep) -> list[str]:
    return [axis.words.capitalize() for axis in sweep.axes]


def _savings(sweep: Sweep) -> Table:
    name, found = sweep.subject, figures_of(sweep)
    digits = decimals(max(abs(one.saved_g) for one in found) / 1000)
    first, *others = _titles(sweep)
    shares = against_at_once(sweep)
    intervals = [point.comparison.intervals[name] for point in sweep.points]
    return Table(
        title="Saved at each point",
        caption=with_mark(
            f"A training of {name}, the mean of {count(len(sweep.starts), 'start')}, against "
            "random cohorts of the same size, with 95% intervals; ? where one start says nothing "
            "of others.",
            found,
        ),
        names=[first],
        figures=[
            *others,
            *("Realised (kg)", "95% (kg)", "Saved (kg)", "95% saved (kg)", "Saved (%)"),
            *("95% (%)", "of limit"),
            *(["vs at once (%)"] if sweep.first.after is not None else []),
        ],
        rows=[
            (
                *_place(sweep, k),
                Figure(one.realised_g / 1000, three_figures(one.realised_g / 1000)),
                between(intervals[k].realised_g, 1e-3, "", digits),
                saved_kg(one.saved_g, digits, comparable=one.comparable),
                between(intervals[k].saved_g, 1e-3, "", digits),
                saved_share(one.saved, one),
                between(intervals[k].saved, 100, ""),
                share_text(name, one),
                *([_percent(shares.get(k))] if sweep.first.after is not None else []),
            )
            for k, one in enumerate(found)
        ],
        words=meanings([name, "of limit"]),
    )


def _percent(share: float | None) -> Figure | str:
    return "?" if share is None else Figure(100 * share, f"{100 * share:.1f}")


def _rounds(held: float) -> Figure:
    return Figure(held, rounded(held))


def _fairness(sweep: Sweep) -> Table:
    name = sweep.subject
    first, *others = _titles(sweep)
    fewer = sweep.fewest_rounds is not None
    figures = [
        *("Floor", "Floors met", "Turns", "Jain", "Gini", "g a turn", "Empty seats", "Fallbacks"),
        *(["Rounds held"] if fewer else []),
        *("Unproven", "On the front"),
    ]
    rows = []
    for k, one in enumerate(figures_of(sweep)):
        point, seat = sweep.points[k], one.realised_g_per_seat
        rows.append(
            (
                *_place(sweep, k),
                point.floor,
                Figure(one.floors_met, floors_text(one.floors_met)),
                Figure(one.turns_min, turns_text(one)),
                Figure(one.jain, f"{one.jain:.3f}"),
                Figure(one.gini, f"{one.gini:.3f}"),
                "?" if seat is None else Figure(seat, three_figures(seat)),
                one.empty_seats,
                one.fallbacks,
                *([_rounds(point.rounds_held(name))] if fewer else []),
                point.unproven(name),
                Figure(*((1, "yes") if sweep.fronts[name][k] else (0, "no"))),
            )
        )
    return Table(
        title="Fairness at each point",
        caption="Means over the starts; Floor is the general one, in turns; Turns are the fewest "
        "and the most of a client; Unproven are plans that were not proven optimal.",
        names=[first],
        figures=[*others, *figures],
        rows=rows,
        words={**meanings(figures), "On the front": FRONT},
    )
