"""A sweep as text for people, made for 80 columns."""

import textwrap

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lowcarb._util.text import kilograms, three_figures
from lowcarb.cli.tables import print_table
from lowcarb.planning.wording import about_marks, marked
from lowcarb.replay import Sweep
from lowcarb.report.comparison.savings import about_intervals, between
from lowcarb.report.comparison.tables import one_digit
from lowcarb.report.comparison.verdict import floors_text, share_text, turns_text
from lowcarb.report.sweep.verdict import (
    figures_of,
    front,
    heading,
    hours,
    least_sure,
    notes,
    prices,
    verdict,
)

# More axes fit only beside each other if their names stand on two lines, and still more only if
# kilograms saved and floors stand nowhere but in JSON, CSV and the page.
_WIDE, _WIDEST = 2, 3
_NARROW = {"deadline": "dead-\nline"}


def render(sweep: Sweep, console: Console) -> None:
    """Print the verdict, the figures of all points, and what the axes cost."""
    width = min(console.width, 80)

    def say(*sentences: str) -> None:
        for sentence in sentences:
            console.print(Text(textwrap.fill(sentence, width)))

    say(verdict(sweep))
    console.print()
    say(*heading(sweep), *sweep.first.about_starts)
    console.print()
    print_table(_savings(sweep), console)
    for line in about_marks(figures_of(sweep)):
        console.print(line)
    console.print()
    print_table(_fairness(sweep), console)
    console.print()
    say(*prices(sweep), *hours(sweep), *front(sweep))
    console.print()
    say(about_intervals(least_sure(sweep)), *notes(sweep))


def _table(sweep: Sweep, *titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    axes = [axis.words for axis in sweep.axes]
    if len(axes) > _WIDE:
        axes = [_NARROW.get(words, words.replace(" ", "\n")) for words in axes]
    for title in (*axes, *titles):
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _savings(sweep: Sweep) -> Table:
    name = sweep.subject
    wide = len(sweep.axes) > _WIDEST
    saved = ["saved"] if wide else ["saved", "saved"]
    table = _table(sweep, "CO2eq", *saved, "95% interval", "of limit")
    for point, one in zip(sweep.points, figures_of(sweep), strict=True):
        table.add_row(
            *(Text(str(value)) for value in point.values.values()),
            kilograms(one.realised_g),
            *([] if wide else [marked(kilograms(one.saved_g), comparable=one.comparable)]),
            marked(f"{one_digit(one.saved)}%", comparable=one.comparable),
            between(point.comparison.intervals[name].saved, 100, "%"),
            share_text(name, one),
        )
    return table


def _fairness(sweep: Sweep) -> Table:
    wide = len(sweep.axes) > _WIDEST
    titles = ["floors\nmet"] if wide else ["floor", "floors met"]
    turn = "g a\nturn" if wide else "g a turn"
    table = _table(sweep, *titles, "Jain", "turns", turn, "front")
    on_front = sweep.fronts[sweep.subject]
    for k, (point, one) in enumerate(zip(sweep.points, figures_of(sweep), strict=True)):
        seat = one.realised_g_per_seat
        table.add_row(
            *(Text(str(value)) for value in point.values.values()),
            *([] if wide else [str(point.floor)]),
            floors_text(one.floors_met),
            f"{one.jain:.3f}",
            turns_text(one),
            "?" if seat is None else three_figures(seat),
            "yes" if on_front[k] else "no",
        )
    return table
