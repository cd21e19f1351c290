"""A comparison of ways to choose hours as text for people, made for 80 columns."""

import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lowcarb._util.text import count, grams, kilograms
from lowcarb._util.times import show_duration
from lowcarb.cli.tables import print_table
from lowcarb.planning.policy_looks import policy_looks
from lowcarb.replay.hours_comparison import HoursComparison
from lowcarb.replay.interval import Interval

_SUBJECTS = ("ilp", "cheapest-slots", "threshold")


def render(found: HoursComparison, notes: Sequence[str], console: Console) -> None:
    """Print what choosing the hours saved, and the figures of all policies."""
    width = min(console.width, 80)

    def say(text: str) -> None:
        console.print(Text(textwrap.fill(text, width)))

    within = show_duration(found.after.within)
    subject = next((name for name in _SUBJECTS if name in found.summaries), None)
    if subject is not None:
        one = found.summaries[subject]
        what = "saved" if one.saved_g >= 0 else "cost"
        say(
            f"With {within} until the deadline, choosing the hours ({subject}) {what} "
            f"{kilograms(abs(one.saved_g))} ({abs(100 * one.saved):.1f}%) against at once"
            + (
                ""
                if one.share_of_oracle is None
                else f", {100 * one.share_of_oracle:.0f}% of what perfect foresight saves"
            )
            + "."
        )
        console.print()
    planner = found.planner
    rounds = count(planner.rounds, "round")
    if found.after.fewest_rounds is not None:
        rounds = f"{found.after.fewest_rounds} to {rounds}"
    asked = [f"open {found.after.open_hours}"] if found.after.open_hours else []
    say(
        ", ".join(
            [
                f"{rounds} of {planner.sizes} within {within}",
                *asked,
                f"{count(len(found.starts), 'start')}, {found.independent} of them independent",
            ]
        )
    )
    for line in found.about_starts:
        say(line)
    console.print()
    print_table(_figures(found), console)
    console.print()
    for line in notes:
        say(f"Note: {line}")


def _figures(found: HoursComparison) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Who chooses", no_wrap=True)
    for title in ("CO2eq", "saved", "95% interval", "+-", "of\nlimit", "floors\nmet", "hours"):
        table.add_column(title, justify="right", no_wrap=True)
    looks = policy_looks(found.summaries)
    largest = max(one.realised_g for one in found.summaries.values())
    for name, one in found.summaries.items():
        table.add_row(
            Text(looks[name].label.partition(":")[0]),
            grams(one.realised_g, largest),
            f"{100 * one.saved:.1f}%",
            _between(one.saved_interval),
            f"{100 * one.spread:.1f}",
            "-" if one.share_of_oracle is None else f"{100 * one.share_of_oracle:.0f}%",
            f"{one.floors_met:.0%}",
            f"{one.hours_used:.0f}",
        )
    return table


def _between(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f}%"
