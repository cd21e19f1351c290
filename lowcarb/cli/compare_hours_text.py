"""A comparison of ways to choose hours as text for people, made for 80 columns."""

import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lowcarb._util.text import grams, one_decimal
from lowcarb.cli.tables import print_table
from lowcarb.planning.policy_looks import policy_looks
from lowcarb.planning.wording import about_marks, marked
from lowcarb.replay.hours_comparison import HoursComparison
from lowcarb.replay.interval import Interval
from lowcarb.report.comparison.hours_verdict import (
    about_intervals,
    heading,
    notes,
    rounds_held,
    share_text,
    verdict,
)
from lowcarb.report.comparison.tables import one_digit
from lowcarb.report.comparison.verdict import floors_text


def render(found: Sequence[HoursComparison], console: Console) -> None:
    """Print what choosing the hours saved before each deadline, and the figures of all policies."""
    width = min(console.width, 80)

    def say(text: str) -> None:
        console.print(Text(textwrap.fill(text, width)))

    for one in found:
        say(verdict(one))
        console.print()
        for line in (*heading([one]), *one.about_starts):
            say(line)
        console.print()
        print_table(_figures(one), console)
        for line in about_marks(one.summaries.values()):
            console.print(line)
        console.print()
        for line in rounds_held(one):
            say(line)
            console.print()
    for line in (about_intervals(found), *notes(found)):
        say(line)


def _figures(found: HoursComparison) -> Table:
    # Marks before all savings leave no room for wide gaps.
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="bold")
    table.add_column("Who chooses", no_wrap=True)
    for title in ("CO2eq", "saved", "95% interval", "+-", "of\nlimit", "owed\nmet", "h"):
        table.add_column(title, justify="right", no_wrap=True)
    looks = policy_looks(found.summaries)
    largest = max(one.realised_g for one in found.summaries.values())
    for name, one in found.summaries.items():
        table.add_row(
            Text(looks[name].label.partition(":")[0]),
            grams(one.realised_g, largest),
            marked(f"{one_digit(one.saved)}%", comparable=one.comparable),
            _between(one.saved_interval),
            f"{100 * one.spread:.1f}",
            share_text(found, name),
            floors_text(one.floors_met),
            one_decimal(one.hours_used),
        )
    return table


def _between(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f}%"
