"""What a plan comes to, in sentences: for the terminal and for the page."""

import numpy as np

from lowcarb._util.text import change, count, grams, kilograms, least_to_most
from lowcarb._util.times import show
from lowcarb.planning.baselines import Baseline
from lowcarb.planning.plan import Plan
from lowcarb.planning.second_signal import SecondSignal
from lowcarb.planning.value_price import Paid
from lowcarb.planning.wording import (
    ABOUT_BROKEN,
    ABOUT_EMPTY,
    ABOUT_MARKED,
    compared,
    marked,
    proof,
    solver_name,
)
from lowcarb.report.plan.hours_words import hours_asked, hours_saved, how_hours_are_chosen
from lowcarb.report.plan.limits import what_limits_cost
from lowcarb.report.two_signals import answers, what_is_missing
from lowcarb_solvers import Solution, Status

# Sentences of what is not met that a page or a terminal shows.
_MOST_SAID = 12
_BASELINES = ("regret", "greedy", "random", "cheapest")


def heading(plan: Plan) -> list[str]:
    """Say what was asked for."""
    return [
        f"{count(len(plan), 'round')} of {plan.sizes}, {show(plan.start)} to {show(plan.end)} UTC",
        f"{count(len(plan.fleet), 'client')} in {count(len(plan.fleet.regions), 'region')}; "
        f"{plan.fairness}",
        *hours_asked(plan),
    ]


def saved_share(plan: Plan) -> float | None:
    """Share saved against random cohorts; None where the two cannot be compared."""
    random = plan.baselines["random"].planned_g
    # Fewer turns than random cohorts take would pass for a saving.
    return 1 - plan.planned_g / random if random and not plan.own.left_empty else None


def verdict(plan: Plan) -> str:
    """Say in one sentence what the plan saves, and how fairly."""
    missing = missing_turns(plan)
    floors = "With every floor met" if plan.problem.at_least.any() else "With no floors set"
    if missing:
        floors = f"Without {missing}, which {how_missing(plan)}"
    elif plan.limits is not None:
        floors += " and every limit kept"
    text = f"{floors}, the plan is expected to emit {kilograms(plan.planned_g)} CO2eq"
    share = saved_share(plan)
    if share is None:
        return f"{told(plan, text)}."
    saved = plan.baselines["random"].planned_g - plan.planned_g
    much = marked(f"{100 * share:.1f}%", comparable=not plan.broken)
    text = f"{text} and to save {kilograms(saved)} ({much}) against random cohorts"
    return f"{told(plan, text)}."


def told(plan: Plan, text: str) -> str:
    """Write what a plan saves; where that compares with nothing, that it does not, and why."""
    return compared(text, plan.missing_turns, plan.own.left_empty)


def method(plan: Plan) -> list[str]:
    """Say in sentences how the figures came about."""
    return [
        "For each client and each round, the mean forecast carbon intensity of its region over its "
        "own working time, times its energy, is what its turn is expected to emit.",
        f"Of all ways to fill the cohorts that keep every floor{_kept(plan)} and cap, an integer "
        f"linear program (ilp) finds the one that emits least{_less_value(plan.paid)}.",
        *how_hours_are_chosen(plan),
        f"The answer was checked against every constraint; it is {proven(plan)}.",
        "The reference is the exact expectation of random cohorts of the same size"
        f"{'' if plan.cohort_range is None else ' in every round'}, which is what Flower draws, by "
        "the same forecast.",
        "A plan is one forecast of one stretch of time: what comes true differs, so there is no "
        "interval; lowcarb compare plays recorded days and gives one."
        if plan.interval90_g is None
        else "What comes true differs: the 90% interval plays the errors of past forecasts, all "
        "regions and hours of each together, on these cohorts.",
    ]


def _kept(plan: Plan) -> str:
    return "" if plan.limits is None else ", limit"


def _less_value(paid: Paid | None) -> str:
    if paid is None:
        return ""
    return (
        f", once {grams(paid.price_g)} are taken off for each unit of its turns' value; all "
        "figures are grams without that"
    )


def not_met(plan: Plan) -> list[str]:
    """Say what could not be had or kept, a sentence each; of very many only how many there are."""
    said, left = plan.not_met[:_MOST_SAID], len(plan.not_met) - _MOST_SAID
    return said if left <= 0 else [*said, f"{left} more such: lowcarb plan --json names each"]


def missing_turns(plan: Plan) -> str:
    """Count owed turns, seats, turns in all and limits that are missing; blank if none is."""
    missing = {what: count(number, what) for what, number in _missing(plan).items()}
    if "turn" in missing:
        missing["turn"] += " of the total"
    return " and ".join(missing.values())


def how_missing(plan: Plan) -> str:
    """Say of what `missing_turns` counts that no plan has it, or only that this one has not."""
    if plan.limits is None or plan.limits.solution.misses_least:
        return "cannot be had"
    return f"{'is' if sum(_missing(plan).values()) == 1 else 'are'} not kept by this plan"


def _missing(plan: Plan) -> dict[str, int]:
    amounts = {
        "owed turn": sum(s.short for s in plan.shortfalls if s.client is not None),
        "seat": sum(s.short for s in plan.shortfalls if s.round is not None),
        "turn": plan.missing_in_all,
        "limit": len({one.rule for one in plan.broken}),
    }
    return {what: number for what, number in amounts.items() if number}


def proven(plan: Plan) -> str:
    """Say who gave the answer and how good that answer is known to be."""
    solution = plan.solution
    at_price = plan.paid is not None and plan.paid.proven
    sure = "proven " if solution.status is Status.OPTIMAL or at_price else ""
    who = f"by {solver_name(solution.solver)} in {solution.seconds:.1f} s"
    return f"{sure}{proof(solution, plan.paid)}, {who}"


def beside(plan: Plan) -> dict[str, Baseline]:
    """Put the plan beside other ways to choose."""
    return {"ilp": plan.own, **{name: plan.baselines[name] for name in _BASELINES}}


def change_from_random(plan: Plan, row: Baseline) -> str:
    """Write how much more or less a way to choose emits than random cohorts, marked if need be."""
    text = change(row.planned_g, plan.baselines["random"].planned_g)
    return marked(text, comparable=row.comparable and not (row is plan.own and plan.broken))


def same_seats(plan: Plan, row: Baseline) -> bool:
    """Whether a way to choose leaves as many seats empty as the plan that it stands beside."""
    return row.left_empty == plan.own.left_empty


def about_marks(plan: Plan) -> list[str]:
    """Say what the marks of `beside` mean, as far as there are any."""
    rows = beside(plan).values()
    floors = any(row.floors_met is not None and row.floors_met < 1 for row in rows)
    empty = any(row.left_empty for row in rows)
    about = {ABOUT_MARKED: floors, ABOUT_EMPTY: empty, ABOUT_BROKEN: bool(plan.broken)}
    return [text for text, needed in about.items() if needed]


def what_fairness_costs(plan: Plan) -> list[str]:
    """Say what fairness costs, what breathing saves, what a seat costs, and clients' turns."""
    breathing = [] if plan.fixed is None else [_fixed(plan, plan.fixed)]
    costs = [_fairness(plan), *what_limits_cost(plan), *breathing]
    return [*hours_saved(plan), *costs, _seats(plan), _turns(plan)]


def _fairness(plan: Plan) -> str:
    planned_g = plan.planned_g
    if plan.limits is not None:
        # What limits cost stands beside it.
        planned_g = plan.limits.free_g or 0.0
    cheapest = plan.baselines["cheapest"]
    free = plan.own.left_empty if plan.limits is None else plan.limits.free_left_empty
    if free != cheapest.left_empty:
        return "What fairness costs is unknown: the plans do not leave as many seats empty."
    cost = planned_g - cheapest.planned_g
    if cost <= 1e-9 * planned_g and plan.limits is not None:
        return "Fairness costs nothing here: without limits the cheapest plan would be fair."
    if cost <= 1e-9 * planned_g:
        return "Fairness costs nothing here: this is the cheapest plan even without it."
    beside = "" if plan.limits is None else ", beside what the limits cost"
    decided = f"that much less if carbon alone decided{beside}"
    return f"Fairness costs {grams(cost, planned_g)}: {decided}."


def _fixed(plan: Plan, fixed: Solution) -> str:
    """Put the plan beside one whose cohorts are all of one size."""
    sizes = fixed.classes.problem.cohort_size
    low, high = int(sizes.min()), int(sizes.max())
    every = f"{low if low == high else f'{low} or {high}'} in every round"
    grams_of_it = fixed.objective
    missing = fixed.classes.missing(fixed.seated) if grams_of_it is not None else 0
    broken = 0
    if plan.limits is not None:
        every = f"Within the same limits {every}"
        broken = len(plan.limits.even_breaks)
    if grams_of_it is None or plan.shortfalls or plan.broken or missing or broken:
        lacks = f"it lacks {count(missing, 'turn')} or seats" if missing else ""
        lacks = lacks or (f"it does not keep {count(broken, 'limit')}" if broken else "")
        return f"{every} cannot be compared{': ' if lacks else ''}{lacks}."
    more = grams_of_it - plan.planned_g
    if abs(more) <= 1e-9 * plan.planned_g:
        return f"{every} would emit as much."
    said = "more" if more > 0 else "less"
    share = f" ({abs(more) / plan.planned_g:.1%})" if plan.planned_g else ""
    return f"{every} would emit {grams(abs(more), plan.planned_g)}{share} {said}."


def _seats(plan: Plan) -> str:
    prices = plan.solution.seat_prices
    if prices is None and plan.limits is not None:
        return "The price of one more seat is unknown where there are limits."
    if prices is None:
        return "The price of one more seat is unknown: there is no proof by prices."
    if np.isnan(prices).all():
        return "No round can seat one more client."
    low, high = int(np.nanargmin(prices)), int(np.nanargmax(prices))
    if plan.cohort_range is not None and np.isclose(prices[low], prices[high]):
        return f"One more turn in all would cost {grams(prices[low])}."
    return (
        f"One more seat would cost {grams(prices[low])} (round {plan.first_round + low}) to "
        f"{grams(prices[high])} (round {plan.first_round + high})."
    )


def _turns(plan: Plan) -> str:
    turns = plan.solution.turns
    met = "" if plan.shortfalls else "All floors are met: "
    span = least_to_most(int(turns.min()), int(turns.max()))
    text = f"{met}each client works in {span} of these rounds."
    return text[0].upper() + text[1:]


def by_two_signals(plan: Plan, second: SecondSignal) -> list[str]:
    """Say what figures by the two signals answer, what they leave out, and what compares."""
    parts = {"the plan": second.planned, "random cohorts": second.random}
    why = plan.not_comparable
    return [
        *answers([*second.first, second.kind]),
        *what_is_missing(second.source, second.missing, parts),
        *([] if why is None else [f"By either signal NOT COMPARABLE: {why}."]),
    ]
