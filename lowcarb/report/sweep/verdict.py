"""What a sweep comes to, in sentences: for the terminal and for the page."""

from collections.abc import Mapping

import numpy as np

from lowcarb._util.text import count, counts, kilograms, listed, saving, three_figures
from lowcarb.planning.slot_policies import AT_ONCE
from lowcarb.planning.wording import kept_for_policies, why_marked
from lowcarb.replay import Comparison, HoursAfter, Point, PolicySummary, Sweep
from lowcarb.replay.axes import DEADLINE, in_words
from lowcarb.report.comparison.hours_verdict import asked_hours
from lowcarb.report.comparison.limits import about_limits
from lowcarb.report.comparison.savings import method as method_of_comparison
from lowcarb.report.comparison.verdict import starts_text
from lowcarb.report.sweep.lines import across, lines_of

FRONT = (
    "A point is on the front if it meets all floors and no other such point emits as little a turn "
    "and spreads turns as evenly (by Jain's index), and is better in one of the two; a turn is a "
    "filled seat."
)
_LINES, _NAMED = 4, 6


def heading(sweep: Sweep) -> list[str]:
    """Say what was played."""
    planner = sweep.first.planner
    axes = " x ".join(f"{axis.words} {', '.join(map(str, axis.values))}" for axis in sweep.axes)
    rounds = counts(sweep.fewest_rounds or planner.rounds, planner.rounds, "round")
    return [
        f"{count(len(sweep.points), 'training')}: {axes}",
        f"{rounds} each, from {starts_text(sweep.starts)}; "
        f"{count(len(planner.fleet), 'client')} in "
        f"{count(len(planner.fleet.regions), 'region')}",
        *_open(sweep.first.after),
    ]


def _open(after: HoursAfter | None) -> list[str]:
    """Say in which hours rounds could be, beside the deadlines."""
    asked = [] if after is None else asked_hours(after)
    return [f"Hours: {', '.join(asked)}"] if asked else []


def figures_of(sweep: Sweep) -> list[PolicySummary]:
    """Return the figures of the policy that sentences are about, by point."""
    return [point.comparison.summaries[sweep.subject] for point in sweep.points]


def least_sure(sweep: Sweep) -> Comparison:
    """Return the point whose starts overlap most: what holds of its intervals holds of all."""
    return min((point.comparison for point in sweep.points), key=lambda one: one.independent)


def against_at_once(sweep: Sweep) -> dict[int, float]:
    """Share that choosing the hours saved against the same rounds at once, by point; in order.

    Empty where rounds follow each other. Points that compare with nothing are not in it.
    """
    found = {}
    for k, (point, one) in enumerate(zip(sweep.points, figures_of(sweep), strict=True)):
        at_once = point.comparison.summaries.get(AT_ONCE)
        if at_once is None or not (one.comparable and at_once.comparable and at_once.realised_g):
            continue
        found[k] = 1 - one.realised_g / at_once.realised_g
    return found


def hours(sweep: Sweep) -> list[str]:
    """Say what choosing the hours saved against at once, for each deadline, in how many rounds."""
    saved = {k: 100 * share for k, share in against_at_once(sweep).items()}
    found = []
    if saved:
        found.append(
            "Choosing the hours saved, against rounds at once, by deadline: "
            f"{_by_deadline(sweep, saved, '.1f', '%')}."
        )
    if sweep.fewest_rounds is not None:
        held = {k: one.rounds_held(sweep.subject) for k, one in enumerate(sweep.points)}
        found.append(
            f"Rounds that {sweep.subject} held, the mean over the starts, by deadline: "
            f"{_by_deadline(sweep, held, '.3g', '')}."
        )
    return found


def _by_deadline(sweep: Sweep, figures: Mapping[int, float], form: str, unit: str) -> str:
    """Write for each deadline between what figures of its points lie."""
    found = []
    for axis in sweep.axes:
        for value in axis.values if axis.name == DEADLINE else ():
            some = [one for k, one in figures.items() if sweep.points[k].values[DEADLINE] == value]
            if some:
                low, high = f"{min(some):{form}}{unit}", f"{max(some):{form}}{unit}"
                between = low if low == high else f"{low} to {high}"
                found.append(f"{value} {between}")
    return ", ".join(found)


def verdict(sweep: Sweep) -> str:
    """Say in one sentence where most and where least is saved, and whether that compares."""
    found, name = figures_of(sweep), sweep.subject
    met = [k for k, one in enumerate(found) if one.comparable]
    lost, why = len(found) - len(met), why_marked(found)
    floors = f"{why} at all points, NOT COMPARABLE" if lost else "every floor met"
    if met and lost:
        floors = f"{why} at {count(lost, 'point')}, NOT COMPARABLE and left out here"
    seat = " a seat" if not met and any(one.left_empty for one in found) else ""
    seat += " at once" if sweep.first.after is not None else ""
    order = sorted(met or range(len(found)), key=lambda k: -found[k].saved)
    best, worst = order[0], order[-1]
    text = (
        f"With {floors}, {name} emitted {saving(found[best].saved, f'random cohorts{seat}')} at "
        f"{_where(sweep.points[best])}"
    )
    if worst == best:
        return f"{text}."
    return (
        f"{text}, and {saving(found[worst].saved, f'those{seat}')} at "
        f"{_where(sweep.points[worst])}."
    )


def _where(point: Point) -> str:
    """Name a point; where no client is owed a turn, that all floors are met says nothing."""
    floors, _ = point.comparison.planner.bounds
    return in_words(point.values) + ("" if floors.any() else ", where nobody is owed a turn")


def prices(sweep: Sweep) -> list[str]:
    """Say for each line what its end costs against its begin, and what that does for fairness."""
    along, found = across(sweep), figures_of(sweep)
    sentences = []
    for label, places in lines_of(sweep).items():
        if len(places) < 2:
            continue
        first, last = places[0], places[-1]
        low, high = (found[k].realised_g_per_seat for k in (first, last))
        turn = (
            ""
            if low is None or high is None
            else f"{three_figures(low)} to {three_figures(high)} g a turn; "
        )
        values = [sweep.points[k].values[along.name] for k in (first, last)]
        sentences.append(
            f"{label or 'All'}: {along.words} {values[0]} to {values[1]} takes emissions from "
            f"{kilograms(found[first].realised_g)} to {kilograms(found[last].realised_g)} "
            f"({turn}Jain's index {found[first].jain:.3f} to {found[last].jain:.3f})."
        )
    more = len(sentences) - _LINES
    rest = [f"The table has {count(more, 'more line')}."] if more > 0 else []
    return [f"{text[0].upper()}{text[1:]}" for text in sentences[:_LINES]] + rest


def front(sweep: Sweep) -> list[str]:
    """Say which points nothing beats."""
    places = np.flatnonzero(sweep.fronts[sweep.subject]).tolist()
    if not places:
        return ["No point meets all floors: none is on the front."]
    names = listed([f"({in_words(sweep.points[k].values)})" for k in places], _NAMED)
    of = count(len(sweep.points), "point")
    return [f"On the front: {len(places)} of {of}, {names}.", FRONT]


def unproven(sweep: Sweep) -> list[str]:
    """Say at which points plans were not proven optimal, and what that means."""
    names = dict.fromkeys(name for point in sweep.points for name in point.comparison.runs)
    found = []
    for name in names:
        places = [point for point in sweep.points if _planned_unproven(point, name)]
        if places:
            rounds = sum(point.unproven(name) for point in places)
            where = listed([f"({in_words(point.values)})" for point in places], _NAMED)
            found.append(
                f"{name}: {count(rounds, 'plan')} not proven optimal, as when the time limit is "
                f"hit, at {where}; these figures may differ from run to run."
            )
    return found


def _planned_unproven(point: Point, name: str) -> bool:
    return point.comparison.plans(name) and point.unproven(name) > 0


def _kept_limits(sweep: Sweep) -> list[str]:
    """Say at which points the policy broke limits."""
    name = sweep.subject
    broken = [
        f"({in_words(point.values)}) {100 * found[name].kept:.1f}%, without "
        f"{found[name].worst or 'rest'}"
        for point in sweep.points
        if (found := point.comparison.broken_limits) and found[name].kept < 1
    ]
    if not broken:
        return []
    return [f"NOT WITHIN LIMITS: {name} kept these shares of the bounds: {listed(broken, _NAMED)}."]


def notes(sweep: Sweep) -> list[str]:
    """Say what the tables cannot."""
    first = sweep.first
    found = [*about_limits(first), *_kept_limits(sweep), *unproven(sweep)]
    of_days = (*first.recording.notes, *first.stand_ins)
    found += [f"{note}." for note in (*first.about_clients, *of_days)]
    found += [
        f"{note[0].upper()}{note[1:]}." for note in kept_for_policies(first.planner.unused_columns)
    ]
    return found


def method(sweep: Sweep) -> list[str]:
    """Say how the figures came about."""
    played = (
        "At each point, from each start, the rounds are played as cohorts would have been chosen "
        "then, and every client is charged the mean carbon intensity that came true over its own "
        "working time, times its energy."
    )
    chosen = (
        "Where there is a deadline, the hours of rounds are chosen, too, slot by slot on what is "
        "known by then; at once, and with random cohorts, each round begins as soon as it may."
    )
    with_hours = [chosen] if sweep.first.after is not None else []
    return [played, *with_hours, *method_of_comparison(sweep.first)[1:]]
