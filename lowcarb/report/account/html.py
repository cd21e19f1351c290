"""An account as one HTML file that needs nothing else: for archives, e-mail and printing."""

from collections.abc import Sequence

from lowcarb._util.atomic_file import whole_file
from lowcarb._util.times import show
from lowcarb.ledger.account import Outcome
from lowcarb.report.account.chart import grams_chart
from lowcarb.report.account.summary import AccountSummary, Sums
from lowcarb.report.account.verdict import (
    asked,
    completeness,
    evaluated,
    forecasts,
    heading,
    verdict,
)
from lowcarb.report.page import page, table, text
from lowcarb.report.pictures.picture import Picture

_NO_PICTURES = "More pictures are drawn where matplotlib is installed, Lowcarb's extra 'report'."


def save_report(
    summary: AccountSummary, path: str, pictures: Sequence[Picture] | None = None
) -> None:
    """Write the report; the file appears whole or not at all.

    Raises
    ------
    LowcarbError
        If it cannot be written.
    """
    with whole_file(path) as stream:
        stream.write(to_html(summary, pictures).encode("utf-8", "backslashreplace"))


def to_html(summary: AccountSummary, pictures: Sequence[Picture] | None = None) -> str:
    """Write the report as HTML; whatever came from outside is escaped.

    Parameters
    ----------
    summary
        What it is about.
    pictures
        Those beside the chart; None if they cannot be drawn.
    """
    account = summary.account
    first, *others = heading(summary)
    kind = "warning" if summary.gaps else "quiet"
    parts = [
        *(f'<p class="quiet">{text(line)}</p>' for line in others),
        '<div class="verdict">',
        *(f"<p>{text(line)}</p>" for line in verdict(summary)),
        "</div>",
        f'<p class="{kind}">{text(completeness(summary))}</p>',
    ]
    if account.rounds:
        parts += [
            "<h2>Planned and realised emissions by round</h2>",
            grams_chart(account.rounds),
            '<p class="quiet">~ wholly or partly estimated; ? unknown; + without what is unknown. '
            "A round without a bar or a dot is unknown. Grams are gCO2eq.</p>",
            *(picture.html() for picture in pictures or ()),
            *([f'<p class="quiet">{text(_NO_PICTURES)}</p>'] if pictures is None else []),
            *_regions(summary),
            *_clients(summary),
            *_rounds(summary),
            *_failures(summary),
            *_notes(summary),
            "<h2>Forecasts and evaluation</h2>",
            f"<p>{text(forecasts(summary))}</p>",
            f"<p>{text(evaluated(summary))}</p>",
        ]
    parts.append(f'<p class="quiet">Lowcarb {text(account.training.version)}</p>')
    return page(first, parts)


def _regions(summary: AccountSummary) -> list[str]:
    return table(
        "Regions",
        ["Region"],
        ["Turns", "Energy (kWh)", "Planned (g)", "Realised (g)"],
        (
            ("?" if name is None else name, sums.works, *_figures(sums))
            for name, sums in summary.regions.items()
        ),
    )


def _clients(summary: AccountSummary) -> list[str]:
    return table(
        "Clients",
        ["Client", "Region"],
        [
            *("Turns", "Floor", "Cap", "Owed", *(outcome.capitalize() for outcome in _LOST)),
            *("Energy (kWh)", "Planned (g)", "Realised (g)"),
        ],
        (
            (
                line.member.name,
                "?" if line.member.region is None else line.member.region,
                *(line.turns, line.member.min_rounds, line.member.max_rounds, line.owed),
                *(line.outcomes[outcome] for outcome in _LOST),
                *(_figures(line.sums) if line.sums.works else ("-", "-", "-")),
            )
            for line in summary.clients
        ),
    )


_LOST = [outcome for outcome in Outcome if outcome is not Outcome.TRAINED]


def _rounds(summary: AccountSummary) -> list[str]:
    return table(
        "Rounds",
        ["Round", "Start (UTC)", "Solver", "Aggregated"],
        [
            *("Asked", "Trained", "Energy (kWh)", "Planned (g)", "Realised (g)"),
            *("Random (g)", "Planning (s)"),
        ],
        (
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
        ),
    )


def _failures(summary: AccountSummary) -> list[str]:
    lost = [
        (booked.number, turn.client, turn.outcome, turn.reason)
        for booked in reversed(summary.account.rounds)
        for turn in booked.turns
        if turn.outcome is not Outcome.TRAINED
    ]
    lines = table("Dropouts and failures", ["Round", "Client", "Outcome", "Reason"], [], lost)
    return [lines[0], f"<p>{text(asked(summary))}</p>", *(lines[1:] if lost else [])]


def _notes(summary: AccountSummary) -> list[str]:
    notes = [
        (booked.number, note)
        for booked in reversed(summary.account.rounds)
        for note in booked.notes
    ]
    return table("Notes", ["Round", "Note"], [], notes) if notes else []


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
