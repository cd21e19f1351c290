"""What a comparison comes to, in sentences: for the terminal and for the report."""

import numpy as np

from lowcarb._util.text import count, grams, percent, saving
from lowcarb._util.times import show
from lowcarb.replay import Comparison, Gap, Summary
from lowcarb.replay.comparison import ILP, ORACLE, RANDOM

NAMES = {
    "ilp": "ilp: Lowcarb's plan",
    "regret": "regret: greedy, looks ahead",
    "greedy": "greedy: floors kept",
    "cheapest": "cheapest: no floors",
    "random": "random: as Flower draws",
    "round-robin": "round-robin: fewest turns",
    "least-turns": "least-turns: owed first",
    "lowcarb-2022": "lowcarb-2022: old heuristic",
    "oracle": "oracle: the limit",
}
"""Policies as people read them."""

_REGIONS, _WINDOW = 3, 6


def subject(comparison: Comparison) -> str:
    """Name the policy that the verdict is about: ilp, or the first that says something."""
    others = [name for name in comparison.runs if name not in (RANDOM, ORACLE)]
    return ILP if ILP in comparison.runs else next(iter(others), RANDOM)


def heading(comparison: Comparison) -> list[str]:
    """Say what was played."""
    planner, starts = comparison.planner, comparison.starts
    when = show(starts[0]) if len(starts) == 1 else f"{show(starts[0])} to {show(starts[-1])}"
    rule = planner.fairness.describe(planner.equal_share, planner.rounds, planner.fleet)
    return [
        f"{count(planner.rounds, 'round')} of {planner.cohort_size}, from "
        f"{count(len(starts), 'start')}, {when} UTC",
        f"{count(len(planner.fleet), 'client')} in {count(len(planner.fleet.regions), 'region')}; "
        f"{rule}",
    ]


def verdict(comparison: Comparison) -> str:
    """Say in one sentence what was saved, how fairly, and how near that is to the limit."""
    name = subject(comparison)
    mine = comparison.summaries[name]
    expected = float(comparison.random_g.mean())
    text = (
        f"With {_floors(comparison, name)}, {name} emitted "
        f"{_against(mine.realised_g, expected, 'random cohorts')}"
    )
    more = []
    share = mine.share_of_oracle
    if share is not None and share > 0 and name not in (RANDOM, ORACLE):
        more.append(f"{percent(round(share, 4))} of the saving that perfect foresight would bring")
    if name == ILP and "regret" in comparison.runs:
        more.append(_against(mine.realised_g, comparison.summaries["regret"].realised_g, "regret"))
    return f"{text}: {', and '.join(more)}." if more else f"{text}."


def _against(value: float, reference: float, what: str) -> str:
    return saving(1 - value / reference if reference else 0.0, what)


def _floors(comparison: Comparison, name: str) -> str:
    if not any(run.at_least.any() for run in comparison.runs[name]):
        return "no floors set"
    met = comparison.summaries[name].floors_met
    return "every floor met" if met == 1 else f"{floors_text(met)} of the floors met"


def floors_text(share: float) -> str:
    """Write a share so that only all is 100%."""
    return "100%" if share == 1 else f"{min(share, 0.999):.1%}"


def saved_text(summary: Summary) -> str:
    """Write the change against random."""
    return f"{round(-summary.saved, 3) + 0.0:+.1%}"


def share_text(name: str, summary: Summary) -> str:
    """Write the share of the oracle's saving; a dash for those that the oracle is no limit to."""
    share = summary.share_of_oracle
    return "-" if name == RANDOM or share is None or share > 1.0005 else f"{share:.1%}"


def turns_text(summary: Summary) -> str:
    """Write the fewest and the most turns of a client."""
    least, most = summary.turns_min, summary.turns_max
    return f"{least} to {most}" if least < most else str(most)


def notes(comparison: Comparison) -> list[str]:
    """Say what the tables cannot."""
    planner, found = comparison.planner, []
    expected = float(comparison.random_g.mean())
    if RANDOM in comparison.runs:
        spread = comparison.summaries[RANDOM].spread
        found.append(
            f"random: {comparison.seeds} seeds, standard deviation {100 * spread:.1f} points; "
            f"savings are against its exact expectation, {grams(expected)}."
        )
    else:
        found.append(f"Savings are against random's exact expectation, {grams(expected)}.")
    lost = sum(
        planner.cohort_size * planner.rounds - int(run.turns.sum())
        for run in comparison.runs[subject(comparison)]
    )
    if lost:
        found.append(
            f"{count(lost, 'turn')} of {subject(comparison)} lost or empty, over all starts."
        )
    return found


def remaining(comparison: Comparison, gap: Gap) -> list[str]:
    """Say what is left between ilp and the oracle, why, and where."""
    expected = float(comparison.random_g.mean())
    if abs(gap.distance_g) <= 1e-6 * expected:
        return ["Nothing is left to the limit."]
    if gap.distance_g < 0:
        return [
            f"ilp emitted {grams(-gap.distance_g)} less than the oracle, which calls nobody whose "
            "turn would be lost: here lost turns filled seats cheaply."
        ]
    first = (
        f"Left to the limit: {grams(gap.distance_g, expected)}, {gap.distance_g / expected:.1%} of "
        f"what random cohorts emit; {_why(gap)}."
    )
    if comparison.lossy:
        return [first, "Turns are lost here, which the oracle alone knows beforehand."]
    return [first, _where(gap)]


def _why(gap: Gap) -> str:
    if abs(gap.planning_g) <= 1e-3 * gap.distance_g:
        return "all of it is forecast error"
    if abs(gap.forecast_g) <= 1e-3 * gap.distance_g:
        return "all of it is lost in planning from round to round"
    return (
        f"forecast errors account for {grams(gap.forecast_g, gap.distance_g)}, planning from round "
        f"to round for {grams(gap.planning_g, gap.distance_g)}"
    )


def _where(gap: Gap) -> str:
    most = [
        f"{region} ({part / gap.distance_g:.0%})"
        for region, part in list(gap.by_region.items())[:_REGIONS]
        if part > 0
    ]
    window = np.array([np.roll(gap.by_hour, -h)[:_WINDOW].sum() for h in range(len(gap.by_hour))])
    begin = int(np.argmax(window))
    end = (begin + _WINDOW) % len(gap.by_hour)
    return (
        f"Its largest parts lie in {_and(most)}, and {window[begin] / gap.distance_g:.0%} of it in "
        f"rounds from {begin:02d}:00 to {end:02d}:00 UTC."
    )


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
