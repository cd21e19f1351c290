"""A plan as text for people, made for 80 columns."""

import numpy as np
from rich.console import Console
from rich.table import Table

from lowcarb._util.text import change, count, grams, saving
from lowcarb._util.times import show
from lowcarb.planning.baselines import Baseline
from lowcarb.planning.plan import Plan
from lowcarb.planning.policy_looks import LOOKS
from lowcarb.planning.wording import compared, proof, solver_name
from lowcarb_solvers import Status

# Rounds shown; all of them are in --out and --json.
_ROUNDS_SHOWN = 12
_BASELINES = ("regret", "greedy", "random", "cheapest")


def render(plan: Plan, console: Console) -> None:
    """Print the verdict, the comparison, what fairness costs, and the first rounds."""
    _print_heading(plan, console)
    console.print(_comparison(plan))
    console.print()
    for line in [_fairness_line(plan), _seats_line(plan), _turns_line(plan)]:
        console.print(line)
    console.print()
    console.print(_rounds(plan))
    hidden = len(plan) - _ROUNDS_SHOWN
    if hidden > 0:
        console.print(f"... and {count(hidden, 'more round')}: see --out FILE or --json")


def _print_heading(plan: Plan, console: Console) -> None:
    problem = plan.problem
    last = plan.start + len(plan) * plan.every
    console.print(
        f"{count(len(plan), 'round')} of {problem.cohort_size[0]}, {show(plan.start)} to "
        f"{show(last)} UTC\n{count(len(plan.fleet), 'client')} in "
        f"{count(len(plan.fleet.regions), 'region')}; {plan.fairness}\n"
    )
    missing = _missing(plan)
    if missing:
        console.print(f"NOT MET: {missing} cannot be had; see the warnings.")
    random = plan.baselines["random"].planned_g
    # Fewer turns than random cohorts take would pass for a saving.
    fair = random and not any(s.unit == "seats" for s in plan.shortfalls)
    saved = f", {saving(1 - plan.planned_g / random, 'random cohorts')}" if fair else ""
    saved = compared(saved, plan.missing_turns)
    console.print(f"{grams(plan.planned_g)} CO2eq forecast{saved}\n({_proof(plan)})")
    for note in (*plan.notes, *plan.solution.notes):
        console.print(f"Note: {note}")
    console.print()


def _missing(plan: Plan) -> str:
    amounts = {
        unit: sum(s.short for s in plan.shortfalls if s.unit == f"{unit}s")
        for unit in ("turn", "seat")
    }
    owed = {"turn": "owed turn", "seat": "seat"}
    return " and ".join(count(short, owed[unit]) for unit, short in amounts.items() if short)


def _proof(plan: Plan) -> str:
    """Say who gave the answer and how good that answer is known to be."""
    solution = plan.solution
    proven = "proven " if solution.status is Status.OPTIMAL else ""
    who = f"by {solver_name(solution.solver)} in {solution.seconds:.1f} s"
    return f"{proven}{proof(solution)}, {who}"


def _comparison(plan: Plan) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Who chooses", no_wrap=True)
    for title in ("CO2eq", "vs random", "vs plan", "floors met"):
        table.add_column(title, justify="right", no_wrap=True)
    problem = plan.problem
    met = float((plan.solution.turns >= problem.at_least).mean())
    rows = {"ilp": Baseline(planned_g=plan.planned_g, floors_met=met)}
    rows |= {name: plan.baselines[name] for name in _BASELINES}
    largest = max(row.planned_g for row in rows.values())
    for name, row in rows.items():
        table.add_row(
            LOOKS[name].beside_plan,
            grams(row.planned_g, largest),
            change(row.planned_g, plan.baselines["random"].planned_g),
            change(row.planned_g, plan.planned_g),
            "by chance" if row.floors_met is None else f"{row.floors_met:.0%}",
        )
    return table


def _fairness_line(plan: Plan) -> str:
    cost = plan.planned_g - plan.baselines["cheapest"].planned_g
    if cost <= 1e-9 * plan.planned_g:
        return "Fairness costs nothing here: this is the cheapest plan even without it."
    return f"Fairness costs {grams(cost, plan.planned_g)}: that much less if carbon alone decided."


def _seats_line(plan: Plan) -> str:
    prices = plan.solution.seat_prices
    if prices is None:
        return "The price of one more seat is unknown: there is no proof by prices."
    if np.isnan(prices).all():
        return "No round can seat one more client."
    low, high = int(np.nanargmin(prices)), int(np.nanargmax(prices))
    return (
        f"One more seat would cost {grams(prices[low])} (round {plan.first_round + low}) to "
        f"{grams(prices[high])} (round {plan.first_round + high})."
    )


def _turns_line(plan: Plan) -> str:
    turns = plan.solution.turns
    met = "" if plan.shortfalls else "All floors are met: "
    text = f"{met}each client works in {turns.min()} to {turns.max()} of these rounds."
    return text[0].upper() + text[1:]


def _rounds(plan: Plan) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    table.add_column("Round", justify="right", no_wrap=True)
    table.add_column("Start (UTC)", no_wrap=True)
    table.add_column("CO2eq", justify="right", no_wrap=True)
    table.add_column("Clients", no_wrap=True, overflow="ellipsis", ratio=1)
    shown = [plan[j] for j in range(min(len(plan), _ROUNDS_SHOWN))]
    largest = max(planned.planned_g for planned in shown)
    for planned in shown:
        table.add_row(
            str(planned.round),
            show(planned.start),
            grams(planned.planned_g, largest),
            " ".join(planned.clients[:50]) + (" ..." if len(planned.clients) > 50 else ""),
        )
    return table
