"""A comparison as text for people, made for 80 columns."""

import textwrap

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lowcarb._util.text import grams, kilograms, shortened
from lowcarb.cli.tables import print_table
from lowcarb.planning.policy_looks import policy_looks
from lowcarb.planning.wording import about_marks, marked
from lowcarb.replay import Comparison, Gap, SecondComparison
from lowcarb.report.comparison.limits import about_limits, limit_rows
from lowcarb.report.comparison.savings import about_intervals, between, kg_between, saved
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
from lowcarb.report.two_signals import beside_ranks, kinds_text

# Letters of a policy's label and name, so that a line of the tables is no longer than 80.
_LONGEST_LABEL, _LONGEST_NAME, _SHORT_NAME = 28, 20, 12


def render(
    comparison: Comparison,
    gap: Gap | None,
    console: Console,
    second: SecondComparison | None = None,
) -> None:
    """Print the verdict, the figures of all policies, and what is left to the limit."""
    width = min(console.width, 80)

    def say(*sentences: str) -> None:
        console.print(Text(textwrap.fill(" ".join(sentences), width)))

    say(verdict(comparison))
    console.print()
    for line in heading(comparison):
        say(line)
    for line in comparison.about_starts:
        say(line)
    for line in saved(comparison):
        console.print()
        say(line)
    if second is not None:
        say(f"By {kinds_text(second.first)} intensities, which cohorts were chosen by:")
    for table in (_savings(comparison), _saved(comparison)):
        console.print()
        print_table(table, console)
    for line in about_marks(comparison.summaries.values()):
        console.print(line)
    console.print()
    print_table(_turns(comparison), console)
    if comparison.broken_limits:
        console.print()
        print_table(_limits(comparison), console)
    if second is not None:
        console.print(f"\nBy a second signal: {second.kind}")
        print_table(_second(second, comparison), console)
        for line in beside_ranks(second):
            say(line)
    console.print()
    for line in (*about_limits(comparison), about_intervals(comparison), *notes(comparison)):
        say(line)
    if gap is not None:
        console.print()
        say(*remaining(comparison, gap))


def _table(longest: int, *titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Who chooses", no_wrap=True, max_width=longest, overflow="ellipsis")
    for title in titles:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _savings(comparison: Comparison) -> Table:
    table = _table(_LONGEST_LABEL, "CO2eq", "vs random", "of limit", "floors met", "Jain")
    looks = policy_looks(comparison.summaries)
    largest = max(one.realised_g for one in comparison.summaries.values())
    for name, one in comparison.summaries.items():
        table.add_row(
            Text(shortened(looks[name].label, _LONGEST_LABEL)),
            grams(one.realised_g, largest),
            saved_text(one),
            share_text(name, one),
            floors_text(one.floors_met),
            f"{one.jain:.3f}",
        )
    return table


def _saved(comparison: Comparison) -> Table:
    table = _table(_LONGEST_NAME, "saved", "95% interval", "saved", "95% interval")
    for name, one in comparison.summaries.items():
        interval = comparison.intervals[name]
        table.add_row(
            Text(shortened(name, _LONGEST_NAME)),
            marked(kilograms(one.saved_g), comparable=one.comparable),
            kg_between(interval.saved_g),
            marked(f"{100 * one.saved:.1f}%", comparable=one.comparable),
            between(interval.saved, 100, "%"),
        )
    return table


def _limits(comparison: Comparison) -> Table:
    table = _table(_LONGEST_NAME, "limits kept", "no rest")
    table.add_column("broken most (rounds)", overflow="fold")
    for name, *figures in limit_rows(comparison):
        table.add_row(Text(shortened(name, _LONGEST_NAME)), *map(Text, figures))
    return table


def _second(second: SecondComparison, comparison: Comparison) -> Table:
    table = _table(_SHORT_NAME, "CO2eq kg", "saved kg", "95% kg", "share", "95%")
    for name, one in second.policies.items():
        comparable = comparison.summaries[name].comparable
        table.add_row(
            Text(shortened(name, _SHORT_NAME)),
            _kg(one.realised.grams),
            "?" if one.saved_g is None else marked(_kg(one.saved_g), comparable=comparable),
            kg_between(one.saved_g_interval).removesuffix(" kg"),
            "?" if one.saved is None else marked(f"{100 * one.saved:.1f}%", comparable=comparable),
            between(one.saved_interval, 100, "%"),
        )
    return table


def _kg(value: float | None) -> str:
    return "?" if value is None else kilograms(value).removesuffix(" kg")


def _turns(comparison: Comparison) -> Table:
    table = _table(_LONGEST_NAME, "turns", "Gini", "planned", "empty", "fallback", "s/round", "95%")
    largest = max(one.planned_g for one in comparison.summaries.values())
    for name, one in comparison.summaries.items():
        table.add_row(
            Text(shortened(name, _LONGEST_NAME)),
            turns_text(one),
            f"{one.gini:.3f}",
            grams(one.planned_g, largest),
            str(one.empty_seats),
            str(one.fallbacks),
            f"{one.seconds_median:.3f}",
            f"{one.seconds_p95:.3f}",
        )
    return table
