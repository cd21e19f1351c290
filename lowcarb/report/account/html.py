"""An account as one HTML file that needs nothing else: for archives, e-mail and printing."""

from collections.abc import Sequence

from lowcarb._util.times import show
from lowcarb.ledger.entries import Outcome
from lowcarb.report.account.chart import grams_chart
from lowcarb.report.account.summary import AccountSummary, Sums
from lowcarb.report.account.verdict import (
    asked,
    completeness,
    evaluated,
    forecasts,
    heading,
    names,
    verdict,
)
from lowcarb.report.page import Table, render, save_page
from lowcarb.report.pictures.picture import Picture


def save_report(
    summary: AccountSummary, path: str, pictures: Sequence[Picture] | None = None
) -> None:
    """Write the report; the file appears whole or not at all.

    Raises
    ------
    LowcarbError
        If it cannot be written.
    """
    save_page(to_html(summary, pictures), path)


def to_html(summary: AccountSummary, pictures: Sequence[Picture] | None = None) -> str:
    """Write the report as HTML; whatever came from outside is escaped.

    Parameters
    ----------
    summary
        Of the account.
    pictures
        Pictures beside the chart; None if pictures cannot be drawn.
    """
    account = summary.account
    first, *others = heading(summary)
    return render(
        "account",
        title=first,
        heading=others,
        verdict=verdict(summary),
        complete=not summary.gaps,
        completeness=completeness(summary),
        chart=grams_chart(account.rounds) if account.rounds else None,
        pictures=pictures,
        regions=_regions(summary),
        clients=_clients(summary),
        names=names(summary),
        rounds=_rounds(summary),
        failures=_failures(summary),
        notes=_notes(summary),
        asked=asked(summary),
        forecasts=forecasts(summary),
        evaluated=evaluated(summary),
        version=account.training.version,
    )


def _regions(summary: AccountSummary) -> Table:
    return Table(
        title="Regions",
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
    return Table(
        title="Rounds",
        names=["Round", "Start (UTC)", "Solver", "Aggregated"],
        figures=[
            *("Asked", "Trained", "Energy (kWh)", "Planned (g)", "Realised (g)"),
            *("Random (g)", "Planning (s)"),
        ],
        rows=[
            (
                *(booked.number, show(booked.start), f"{booked.solver} {booked.status}"),
                *("yes" if booked.aggregated else "no", len(booked.turns)),
                *(sum(turn.counts for turn in booked.turns), *_figures(Sums.of(booked.turns))),
                *(
                    "?" if booked.random_g is None else _number(booked.random_g),
                    f"{booked.seconds:.2f}",
                ),
            )
            for booked in reversed(summary.account.rounds)
        ],
    )


def _failures(summary: AccountSummary) -> Table:
    return Table(
        title="Dropouts and failures",
        names=["Round", "Client", "Outcome", "Reason"],
        figures=[],
        rows=[
            (booked.number, turn.client, turn.outcome, turn.reason)
            for booked in reversed(summary.account.rounds)
            for turn in booked.turns
            if turn.outcome is not Outcome.TRAINED
        ],
    )


def _notes(summary: AccountSummary) -> Table:
    return Table(
        title="Notes",
        names=["Round", "Note"],
        figures=[],
        rows=[
            (booked.number, note)
            for booked in reversed(summary.account.rounds)
            for note in booked.notes
        ],
    )


def _figures(sums: Sums) -> tuple[str, str, str]:
    """Write energy, planned and realised grams with their marks."""
    some = "+" if sums.unknown else ""
    energy = f"{'~' if sums.measured_kwh < sums.energy_kwh else ''}{sums.energy_kwh:,.4g}"
    planned = "?" if sums.planned_g is None else f"{_number(sums.planned_g)}{some}"
    if sums.realised_g is None:
        return energy, planned, "?"
    return energy, planned, f"{'~' if sums.estimated else ''}{_number(sums.realised_g)}{some}"


def _number(value: float) -> str:
    return f"{value:,.1f}" if value >= 10 or not value else f"{value:.3g}"
