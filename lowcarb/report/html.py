"""An account as one HTML file that needs nothing else: for archives, e-mail and printing."""

from collections.abc import Iterable, Sequence
from html import escape

from lowcarb.account import Outcome
from lowcarb.files import whole_file
from lowcarb.report.chart import grams_chart
from lowcarb.report.summary import Summary, Sums
from lowcarb.report.verdict import asked, completeness, evaluated, forecasts, heading, verdict
from lowcarb.times import show
from lowcarb.wording import printable

# A page with more rows is of no use; everything is in --json.
_ROWS = 1000
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1b1b1b; max-width: 66rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .4rem; }
p { margin: .2rem 0; }
.quiet { color: #555; }
.verdict { border-left: 4px solid #0072b2; padding: .3rem .8rem; margin: 1rem 0; }
.warning { border-left: 4px solid #d55e00; padding: .3rem .8rem; margin: 1rem 0;
  font-weight: 600; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .5rem; border-bottom: 1px solid #ddd; text-align: left; }
td { overflow-wrap: anywhere; }
td:nth-child(-n+2) { min-width: 5.5em; }
.named td:first-child { min-width: 9em; }
th.n, td.n { text-align: right; min-width: 0; }
td.n { white-space: nowrap; }
thead { display: table-header-group; }
svg { width: 100%; height: auto; }
@media print { body { margin: 0; max-width: none; font-size: 11px; }
  tr, svg { break-inside: avoid; } h2 { break-after: avoid; } }
"""


def save_report(summary: Summary, path: str) -> None:
    """Write the report; the file appears whole or not at all.

    Raises
    ------
    LowcarbError
        If it cannot be written.
    """
    with whole_file(path) as stream:
        stream.write(to_html(summary).encode("utf-8", "backslashreplace"))


def to_html(summary: Summary) -> str:
    """Write the report as HTML; whatever came from outside is escaped."""
    account = summary.account
    first, *others = heading(summary)
    kind = "warning" if summary.gaps else "quiet"
    parts = [
        *(f'<p class="quiet">{_text(line)}</p>' for line in others),
        '<div class="verdict">',
        *(f"<p>{_text(line)}</p>" for line in verdict(summary)),
        "</div>",
        f'<p class="{kind}">{_text(completeness(summary))}</p>',
    ]
    if account.rounds:
        parts += [
            "<h2>Planned and realised emissions by round</h2>",
            grams_chart(account.rounds),
            '<p class="quiet">~ wholly or partly estimated; ? unknown; + without what is unknown. '
            "A round without a bar or a dot is unknown. Grams are gCO2eq.</p>",
            *_regions(summary),
            *_clients(summary),
            *_rounds(summary),
            *_failures(summary),
            *_notes(summary),
            "<h2>Forecasts and evaluation</h2>",
            f"<p>{_text(forecasts(summary))}</p>",
            f"<p>{_text(evaluated(summary))}</p>",
        ]
    parts.append(f'<p class="quiet">Lowcarb {_text(account.training.version)}</p>')
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(first)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{_text(first)}</h1>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _text(value: object) -> str:
    return escape(printable(str(value)))


def _table(
    title: str, names: Sequence[str], figures: Sequence[str], rows: Iterable[Sequence[object]]
) -> list[str]:
    """Write a table: columns of text first, then columns of figures."""
    every = list(rows)
    kinds = [""] * len(names) + [' class="n"'] * len(figures)

    def line(cells: Sequence[object], tag: str) -> str:
        written = (
            f"<{tag}{kind}>{_text(cell)}</{tag}>" for cell, kind in zip(cells, kinds, strict=True)
        )
        return f"<tr>{''.join(written)}</tr>"

    named = "" if names[0] == "Round" else ' class="named"'
    hidden = len(every) - _ROWS
    return [
        f"<h2>{_text(title)}</h2>",
        f"<table{named}><thead>{line([*names, *figures], 'th')}</thead><tbody>",
        *(line(row, "td") for row in every[:_ROWS]),
        "</tbody></table>",
        *([f'<p class="quiet">... and {hidden} more</p>'] if hidden > 0 else []),
    ]


def _regions(summary: Summary) -> list[str]:
    return _table(
        "Regions",
        ["Region"],
        ["Turns", "Energy (kWh)", "Planned (g)", "Realised (g)"],
        (
            ("?" if name is None else name, sums.works, *_figures(sums))
            for name, sums in summary.regions.items()
        ),
    )


def _clients(summary: Summary) -> list[str]:
    return _table(
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


def _rounds(summary: Summary) -> list[str]:
    return _table(
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


def _failures(summary: Summary) -> list[str]:
    lost = [
        (booked.number, turn.client, turn.outcome, turn.reason)
        for booked in reversed(summary.account.rounds)
        for turn in booked.turns
        if turn.outcome is not Outcome.TRAINED
    ]
    table = _table("Dropouts and failures", ["Round", "Client", "Outcome", "Reason"], [], lost)
    return [table[0], f"<p>{_text(asked(summary))}</p>", *(table[1:] if lost else [])]


def _notes(summary: Summary) -> list[str]:
    notes = [
        (booked.number, note)
        for booked in reversed(summary.account.rounds)
        for note in booked.notes
    ]
    return _table("Notes", ["Round", "Note"], [], notes) if notes else []


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
