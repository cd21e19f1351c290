"""An account as one HTML file that needs nothing else: for archives, e-mail and printing."""

from collections.abc import Sequence
from datetime import timedelta

from lowcarb._util.text import rounded
from lowcarb._util.times import show
from lowcarb.ledger.entries import Outcome
from lowcarb.report.account.summary import AccountSummary, Sums
from lowcarb.report.account.verdict import (
    against_random,
    asked,
    by_two_signals,
    completeness,
    evaluated,
    forecasts,
    heading,
    headline,
    method,
    names,
    signals,
    verdict,
)
from lowcarb.report.inputs import InputFile, files_table
from lowcarb.report.page import Figure, Table, render, save_page
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.two_signals import TITLE, kinds_text


def save_report(
    summary: AccountSummary,
    path: str,
    pictures: Sequence[Picture] | None = None,
    files: Sequence[InputFile] = (),
) -> None:
    """Write the report; the file appears whole or not at all.

    Raises
    ------
    LowcarbError
        If it cannot be written.
    """
    save_page(to_html(summary, pictures, files), path)


def to_html(
    summary: AccountSummary,
    pictures: Sequence[Picture] | None = None,
    files: Sequence[InputFile] = (),
) -> str:
    """Write the report as HTML; whatever came from outside is escaped.

    Parameters
    ----------
    summary
        Of the account.
    pictures
        Pictures of the account; None if they cannot be drawn.
    files
        What was read.
    """
    account = summary.account
    first, *others = heading(summary)
    return render(
        "account",
        title=first,
        heading=others,
        verdict=[headline(summary), *verdict(summary)] if account.rounds else verdict(summary),
        method=method(summary),
        signal=signals(summary),
        files=files_table(files),
        complete=not summary.gaps,
        completeness=completeness(summary),
        pictures=pictures,
        two_signals=None if summary.second is None else _by_two_signals(summary, summary.second),
        regions=_regions(summary),
        clients=_clients(summary),
        names=names(summary),
        rounds=_rounds(summary),
        failures=_failures(summary),
        findings=_findings(summary),
        notes=_notes(summary),
        asked=asked(summary),
        forecasts=forecasts(summary),
        evaluated=evaluated(summary),
        version=account.training.version,
    )


def _by_two_signals(first: AccountSummary, second: AccountSummary) -> Table:
    return Table(
        title=TITLE,
        caption=" ".join(by_two_signals(first, second)),
        names=["Signal"],
        figures=[
            *("Turns", "Without intensity", "Energy (kWh)", "Planned (g)", "Realised (g)"),
            "Planned vs random",
        ],
        rows=[
            (
                f"{kinds_text(one.account.kinds)}{what}",
                one.total.works,
                one.total.unknown,
                *_figures(one.total),
                against_random(one),
            )
            for one, what in ((first, " (planned by)"), (second, ""))
        ],
    )


def _regions(summary: AccountSummary) -> Table:
    return Table(
        title="Regions",
        caption="Training by region, in gCO2eq. ~ wholly or partly estimated; ? unknown; + without "
        "what is unknown.",
        names=["Region"],
        figures=["Turns", "Energy (kWh)", "Planned (g)", "Realised (g)"],
        rows=[
            ("?" if name is None else name, sums.works, *_figures(sums))
            for name, sums in summary.regions.items()
        ],
    )


_LOST = [outcome for outcome in Outcome if outcome is not Outcome.TRAINED]


def _clients(summary: AccountSummary) -> Table:
    return Table(
        title="Clients",
        caption="Those that are owed most come first, then those that emitted most.",
        names=["Client", "Region"],
        figures=[
            *("Turns", "Floor", "Cap", "Owed", *(outcome.capitalize() for outcome in _LOST)),
            *("Energy (kWh)", "Planned (g)", "Realised (g)"),
        ],
        rows=[
            (
                line.member.name,
                "?" if line.member.region is None else line.member.region,
                *(line.turns, line.member.min_rounds, line.member.max_rounds, line.owed),
                *(line.outcomes[outcome] for outcome in _LOST),
                *(_figures(line.sums) if line.sums.works else ("-", "-", "-")),
            )
            for line in summary.clients
        ],
    )


def _rounds(summary: AccountSummary) -> Table:
    waits = {} if summary.waiting is None else summary.waiting.waited
    return Table(
        title="Rounds",
        caption="The newest comes first; random is what random cohorts would emit by the forecast.",
        names=["Round", "Start (UTC)", "Solver", "Aggregated"],
        figures=[
            *("Asked", "Trained", "Energy (kWh)", "Planned (g)", "Realised (g)"),
            *("Random (g)", "Planning (s)"),
            *([] if summary.waiting is None else ["Waited (h)"]),
        ],
        rows=[
            (
                *(booked.number, show(booked.start), f"{booked.solver} {booked.status}"),
                *("yes" if booked.aggregated else "no", len(booked.turns)),
                *(sum(turn.counts for turn in booked.turns), *_figures(Sums.of(booked.turns))),
                *(
                    "?"
                    if booked.random_g is None
                    else Figure(booked.random_g, _number(booked.random_g)),
                    Figure(booked.seconds, f"{booked.seconds:.2f}"),
                ),
                *([] if summary.waiting is None else [_hours(waits.get(booked.number))]),
            )
            for booked in reversed(summary.account.rounds)
        ],
    )


def _failures(summary: AccountSummary) -> Table:
    return Table(
        title="Dropouts and failures",
        caption="Turns that did not count, the newest first.",
        names=["Round", "Client", "Outcome", "Reason"],
        figures=[],
        rows=[
            (booked.number, turn.client, turn.outcome, turn.reason)
            for booked in reversed(summary.account.rounds)
            for turn in booked.turns
            if turn.outcome is not Outcome.TRAINED
        ],
    )


def _findings(summary: AccountSummary) -> Table:
    return Table(
        title="Forecasts that were not believed",
        caption="Errors are mean ones over the two days before, as shares; the newest comes first.",
        names=["Region", "From (UTC)", "Until (UTC)", "What was found"],
        figures=["Error as issued", "Error corrected", "Error of yesterday's values"],
        rows=[
            (
                *(one.region, show(one.since)),
                "still" if one.until is None else show(one.until),
                one.verdict.sentence,
                *(
                    Figure(error, f"{error:.0%}")
                    for error in (one.issued, one.corrected, one.yesterday)
                ),
            )
            for one in reversed(summary.account.findings)
        ],
    )


def _notes(summary: AccountSummary) -> Table:
    return Table(
        title="Notes",
        caption="What was worth a note in a round, the newest first.",
        names=["Round", "Note"],
        figures=[],
        rows=[
            (booked.number, note)
            for booked in reversed(summary.account.rounds)
            for note in booked.notes
        ],
    )


def _figures(sums: Sums) -> tuple[object, object, object]:
    """Write energy, planned and realised grams with their marks."""
    some = "+" if sums.unknown else ""
    guessed = "~" if sums.measured_kwh < sums.energy_kwh else ""
    energy = Figure(sums.energy_kwh, f"{guessed}{rounded(sums.energy_kwh, 4)}")
    planned, realised = sums.planned_g, sums.realised_g
    estimated = "~" if sums.estimated else ""
    return (
        energy,
        "?" if planned is None else Figure(planned, f"{_number(planned)}{some}"),
        "?" if realised is None else Figure(realised, f"{estimated}{_number(realised)}{some}"),
    )


def _hours(wait: timedelta | None) -> Figure:
    hours = 0.0 if wait is None else wait / timedelta(hours=1)
    return Figure(hours, f"{hours:.1f}" if hours else "-")


def _number(value: float) -> str:
    return f"{value:,.1f}" if value >= 10 or not value else rounded(value)
