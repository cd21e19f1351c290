"""An account as text for people, made for 80 columns."""

from rich.console import Console
from rich.table import Table

from lowcarb._util.text import grams, printable, rounded
from lowcarb._util.times import show
from lowcarb.cli.tables import print_table
from lowcarb.ledger.entries import Outcome
from lowcarb.report.account.summary import AccountSummary, Sums
from lowcarb.report.account.verdict import (
    against_random,
    asked,
    by_two_signals,
    completeness,
    evaluated,
    findings,
    forecasts,
    heading,
    names,
    verdict,
)
from lowcarb.report.two_signals import TITLE, kinds_text

# Rows shown; all of them are in --json.
_REGIONS_SHOWN = 12
_CLIENTS_SHOWN = 12
_ROUNDS_SHOWN = 12
_FAILURES_SHOWN = 5
_NOTES_SHOWN = 3
_FINDINGS_SHOWN = 5


def render(summary: AccountSummary, console: Console) -> None:
    """Print the verdict, then regions, clients, rounds, failures, forecasts and evaluation."""
    for line in [*heading(summary), "", *verdict(summary), completeness(summary)]:
        console.print(printable(line))
    if not summary.account.rounds:
        return
    if summary.second is not None:
        console.print(f"\n{TITLE}, beside each other")
        print_table(_by_two_signals(summary, summary.second), console)
        for line in by_two_signals(summary, summary.second):
            console.print(printable(line))
    for table, hidden in (
        (_regions(summary), len(summary.regions) - _REGIONS_SHOWN),
        (_clients(summary), len(summary.clients) - _CLIENTS_SHOWN),
        (_rounds(summary), len(summary.account.rounds) - _ROUNDS_SHOWN),
    ):
        console.print()
        print_table(table, console)
        if hidden > 0:
            console.print(f"... and {hidden} more: see --report FILE or --json")
    console.print("~ wholly or partly estimated    ? unknown    + without what is unknown")
    console.print()
    _print_rest(summary, console)


def _print_rest(summary: AccountSummary, console: Console) -> None:
    console.print(printable(asked(summary)))
    failures = [
        f"  round {booked.number}: {turn.client} {turn.outcome}"
        + (f": {turn.reason}" if turn.reason else "")
        for booked in summary.account.rounds
        for turn in booked.turns
        if turn.outcome is not Outcome.TRAINED
    ]
    for line in failures[-_FAILURES_SHOWN:]:
        console.print(printable(line), no_wrap=True, overflow="ellipsis")
    console.print(printable(forecasts(summary)))
    found = findings(summary)
    for line in found[:_FINDINGS_SHOWN]:
        console.print(printable(line))
    if len(found) > _FINDINGS_SHOWN:
        console.print(f"... and {len(found) - _FINDINGS_SHOWN} more: see --report FILE or --json")
    console.print(evaluated(summary))
    console.print(names(summary))
    notes = [
        f"Note (round {booked.number}): {note}"
        for booked in summary.account.rounds
        for note in booked.notes
    ]
    for line in notes[-_NOTES_SHOWN:]:
        console.print(printable(line))


def _table(names: list[str], figures: list[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    for name in names:
        table.add_column(name, no_wrap=True, overflow="ellipsis", ratio=1)
    for figure in figures:
        table.add_column(figure, justify="right", no_wrap=True)
    return table


def _by_two_signals(first: AccountSummary, second: AccountSummary) -> Table:
    table = _table(["Signal"], ["turns known", "planned", "realised", "planned vs random"])
    for one, what in ((first, " (planned by)"), (second, "")):
        table.add_row(
            printable(f"{kinds_text(one.account.kinds)}{what}"),
            f"{one.total.works - one.total.unknown} of {one.total.works}",
            *_grams(one.total),
            against_random(one),
        )
    return table


def _regions(summary: AccountSummary) -> Table:
    table = _table(["Region"], ["turns", "kWh", "planned", "realised"])
    for name, sums in list(summary.regions.items())[:_REGIONS_SHOWN]:
        table.add_row(
            "?" if name is None else printable(name), str(sums.works), _kwh(sums), *_grams(sums)
        )
    return table


def _clients(summary: AccountSummary) -> Table:
    table = _table(["Client"], ["turns", "floor", "cap", "owed", "failed", "kWh", "realised"])
    for line in summary.clients[:_CLIENTS_SHOWN]:
        table.add_row(
            printable(line.member.name),
            str(line.turns),
            str(line.member.min_rounds),
            str(line.member.max_rounds),
            str(line.owed or "-"),
            str(line.sums.works - line.outcomes[Outcome.TRAINED] or "-"),
            _kwh(line.sums),
            _grams(line.sums)[1] if line.sums.works else "-",
        )
    return table


def _rounds(summary: AccountSummary) -> Table:
    table = _table(["Start (UTC)", "Solver"], ["round", "trained", "planned", "realised"])
    table.columns = [table.columns[i] for i in (2, 0, 1, 3, 4, 5)]
    for booked in summary.account.rounds[-_ROUNDS_SHOWN:]:
        trained = sum(turn.counts for turn in booked.turns)
        table.add_row(
            str(booked.number),
            show(booked.start),
            printable(f"{booked.solver} {booked.status}"),
            f"{trained} of {len(booked.turns)}",
            *_grams(Sums.of(booked.turns)),
        )
    return table


def _kwh(sums: Sums) -> str:
    estimated = "~" if sums.measured_kwh < sums.energy_kwh else ""
    return f"{estimated}{rounded(sums.energy_kwh)}"


def _grams(sums: Sums) -> tuple[str, str]:
    """Write planned and realised grams with their marks."""
    if sums.planned_g is None and sums.realised_g is None:
        return "?", "?"
    like = max(sums.planned_g or 0.0, sums.realised_g or 0.0)
    planned = "?" if sums.planned_g is None else grams(sums.planned_g, like)
    realised = "?" if sums.realised_g is None else grams(sums.realised_g, like)
    some = "+" if sums.unknown else ""
    return planned + some, f"{'~' if sums.estimated else ''}{realised}{some}"
