"""A plan as text for people, made for 80 columns."""

from rich.console import Console
from rich.table import Table

from lowcarb._util.text import change, count, grams, saving
from lowcarb._util.times import show
from lowcarb.cli.tables import print_table
from lowcarb.planning.limits_kept import LimitsKept
from lowcarb.planning.plan import Plan
from lowcarb.planning.policy_looks import LOOKS
from lowcarb.planning.second_signal import SecondSignal
from lowcarb.planning.wording import marked
from lowcarb.report.plan.limits import (
    ABOUT_OTHERS,
    SITES_TITLE,
    about_prices,
    limit_rows,
    shown,
    site_rows,
)
from lowcarb.report.plan.limits import TITLE as LIMITS_TITLE
from lowcarb.report.plan.verdict import (
    about_marks,
    beside,
    by_two_signals,
    change_from_random,
    heading,
    how_missing,
    missing_turns,
    proven,
    same_seats,
    saved_share,
    told,
    what_fairness_costs,
)
from lowcarb.report.two_signals import TITLE, kinds_text, shares_text

# Rounds shown; all of them are in --out and --json. Where hours were chosen, more starts matter.
_ROUNDS_SHOWN, _STARTS_SHOWN = 12, 48
# Letters of a limit on one line of a table.
_LONGEST_LIMIT = 28


def render(plan: Plan, console: Console) -> None:
    """Print the verdict, the comparison, what fairness costs, and the first rounds."""
    _print_heading(plan, console)
    print_table(_comparison(plan), console)
    for line in about_marks(plan):
        console.print(line)
    if plan.limits is not None:
        _print_limits(plan.limits, console)
    if plan.also is not None:
        console.print(f"\n{TITLE}, beside each other")
        print_table(_by_two_signals(plan, plan.also), console)
        for line in by_two_signals(plan, plan.also):
            console.print(line)
    console.print()
    for line in what_fairness_costs(plan):
        console.print(line)
    console.print()
    print_table(_rounds(plan), console)
    hidden = len(plan) - _shown(plan)
    if hidden > 0:
        console.print(f"... and {count(hidden, 'more round')}: see --out FILE or --json")


def _print_heading(plan: Plan, console: Console) -> None:
    console.print("\n".join(heading(plan)) + "\n")
    missing = missing_turns(plan)
    if missing:
        console.print(f"NOT MET: {missing} {how_missing(plan)}; see the warnings.")
    share = saved_share(plan)
    # What is not kept may be why it saves.
    compares = not plan.broken
    saved = "" if share is None else marked(saving(share, "random cohorts"), comparable=compares)
    saved = f", {saved}" if saved else ""
    saved = told(plan, saved)
    by = "" if plan.also is None else f" by {kinds_text(plan.also.first)} intensities"
    console.print(f"{grams(plan.planned_g)} CO2eq forecast{by}{saved}\n({proven(plan)})")
    for note in (*plan.notes, *plan.solution.notes):
        console.print(f"Note: {note}")
    console.print()


def _print_limits(kept: LimitsKept, console: Console) -> None:
    console.print(ABOUT_OTHERS)
    titles = ("comes to", "kept", *(() if kept.prices is None else ("price",)))
    for title, first, others, rows in (
        (LIMITS_TITLE, "Limit", titles, limit_rows(kept)),
        (SITES_TITLE, "Site", ("there is", "used", "saves"), site_rows(kept)),
    ):
        if not rows:
            continue
        console.print(f"\n{title}")
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column(first, overflow="fold", max_width=_LONGEST_LIMIT)
        for name in others:
            table.add_column(name, justify="right")
        some, left = shown(rows)
        for row in some:
            table.add_row(*row[: 1 + len(others)])
        print_table(table, console)
        if left:
            console.print(left)
    for said in about_prices(kept):
        console.print(said)


def _comparison(plan: Plan) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Who chooses", no_wrap=True)
    for title in ("CO2eq", "vs random", "vs plan", "floors met"):
        table.add_column(title, justify="right", no_wrap=True)
    rows = beside(plan)
    largest = max(row.planned_g for row in rows.values())
    for name, row in rows.items():
        table.add_row(
            LOOKS[name].beside_plan,
            grams(row.planned_g, largest),
            change_from_random(plan, row),
            marked(change(row.planned_g, plan.planned_g), comparable=same_seats(plan, row)),
            "by chance" if row.floors_met is None else f"{row.floors_met:.0%}",
        )
    return table


def _by_two_signals(plan: Plan, second: SecondSignal) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Signal", no_wrap=True)
    for title in ("plan", "random", "plan vs random", "of energy"):
        table.add_column(title, justify="right", no_wrap=True)
    random_g = plan.baselines["random"].planned_g
    largest = max(random_g, plan.planned_g)
    table.add_row(
        f"{kinds_text(second.first)} (planned by)",
        grams(plan.planned_g, largest),
        grams(random_g, largest),
        marked(change(plan.planned_g, random_g), comparable=not plan.broken),
        "100%",
    )
    planned, random = second.planned, second.random
    largest = max(planned.known_g, random.known_g)
    table.add_row(
        str(second.kind),
        "?" if planned.grams is None else grams(planned.grams, largest),
        "?" if random.grams is None else grams(random.grams, largest),
        "?"
        if second.saved_g is None
        else marked(change(planned.known_g, random.known_g), comparable=not plan.broken),
        shares_text(planned, random),
    )
    return table


def _shown(plan: Plan) -> int:
    return _ROUNDS_SHOWN if plan.chosen is None else _STARTS_SHOWN


def _rounds(plan: Plan) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    table.add_column("Round", justify="right", no_wrap=True)
    table.add_column("Start (UTC)", no_wrap=True)
    breathes = plan.cohort_range is not None
    if breathes:
        table.add_column("Size", justify="right", no_wrap=True)
    table.add_column("CO2eq", justify="right", no_wrap=True)
    table.add_column("Clients", no_wrap=True, overflow="ellipsis", ratio=1)
    shown = [plan[j] for j in range(min(len(plan), _shown(plan)))]
    largest = max(planned.planned_g for planned in shown)
    for planned in shown:
        table.add_row(
            str(planned.round),
            show(planned.start),
            *([str(len(planned.clients))] if breathes else []),
            grams(planned.planned_g, largest),
            " ".join(planned.clients[:50]) + (" ..." if len(planned.clients) > 50 else ""),
        )
    return table
