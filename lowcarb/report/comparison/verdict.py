"""What a comparison comes to, in sentences: for the terminal and for the report."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from lowcarb._util.text import conjoined, count, grams, least_to_most, listed, percent, saving
from lowcarb._util.times import show
from lowcarb.planning.planner import Planner
from lowcarb.planning.wording import compared, kept_for_policies, marked
from lowcarb.replay import Comparison, Gap, PolicySummary, Run
from lowcarb.replay.names import ILP, ORACLE, RANDOM

_REGIONS, _WINDOW, _MOST_NAMED = 3, 6, 3


def heading(comparison: Comparison) -> list[str]:
    """Say what was played."""
    planner = comparison.planner
    rounds = f"{count(planner.rounds, 'round')} of {planner.sizes}"
    return [f"{rounds}, from {starts_text(comparison.starts)}", fleet_text(planner)]


def starts_text(starts: Sequence[datetime]) -> str:
    """Say how many starts there are, and from when to when."""
    when = show(starts[0]) if len(starts) == 1 else f"{show(starts[0])} to {show(starts[-1])}"
    return f"{count(len(starts), 'start')}, {when} UTC"


def fleet_text(planner: Planner) -> str:
    """Say how many clients there are, and what is fair among them."""
    fleet = planner.fleet
    rule = planner.fairness.describe(planner.equal_share, planner.rounds, fleet)
    return f"{count(len(fleet), 'client')} in {count(len(fleet.regions), 'region')}; {rule}"


def verdict(comparison: Comparison) -> str:
    """Say in one sentence what was saved, how fairly, and how near that is to the limit."""
    name = comparison.subject
    mine = comparison.summaries[name]
    seat = " a seat" if mine.left_empty else ""
    floors = floors_words(comparison.runs[name], mine.floors_met)
    text = f"With {floors}, {name} emitted {saving(mine.saved, f'random cohorts{seat}')}"
    if comparison.recording.persistent:
        text = text.replace(" emitted ", " on yesterday's values would have emitted ")
    short = short_of(comparison.planner, comparison.runs[name])
    text = compared(text, short, mine.left_empty) + _broken(comparison, name)
    more = []
    share = mine.share_of_oracle
    if share is not None and share > 0 and name not in (RANDOM, ORACLE):
        more.append(f"{percent(round(share, 4))} of the saving that perfect foresight would bring")
    # Who breaks limits is no measure of who keeps them.
    breaks = comparison.broken_limits.get("regret")
    free = breaks is None or (breaks.kept == 1 and not breaks.without_rest)
    if name == ILP and "regret" in comparison.runs and free:
        more.append(_against_regret(mine, comparison.summaries["regret"]))
    return f"{text}: {', and '.join(more)}." if more else f"{text}."


def _broken(comparison: Comparison, name: str) -> str:
    """Name the limits that a policy did not keep; blank where it kept all."""
    found = comparison.broken_limits.get(name)
    if found is None:
        return ""
    limits = [*found.broken, *(["rest"] if found.without_rest else [])]
    return f", NOT WITHIN LIMITS: {listed(limits, _MOST_NAMED)}" if limits else ""


def short_of(planner: Planner, runs: Sequence[Run]) -> dict[str, int]:
    """Who lacks owed turns, over all starts, and how many."""
    short = sum(np.maximum(0, run.at_least - run.turns) for run in runs)
    clients = planner.fleet.clients
    return {clients[i]: int(short[i]) for i in np.flatnonzero(short).tolist()}


def _against_regret(mine: PolicySummary, regret: PolicySummary) -> str:
    value, reference, what = mine.realised_g, regret.realised_g, "regret"
    if mine.left_empty or regret.left_empty:
        value, reference = mine.realised_g_per_seat or 0.0, regret.realised_g_per_seat or 0.0
        what = "regret a seat"
    return saving(1 - value / reference if reference else 0.0, what)


def floors_words(runs: Sequence[Run], met: float) -> str:
    """Say how many of the floors were met, of which share it is."""
    if not any(run.at_least.any() for run in runs):
        return "no floors set"
    return "every floor met" if met == 1 else f"{floors_text(met)} of the floors met"


def floors_text(share: float) -> str:
    """Write a share so that only all is 100%."""
    return "100%" if share == 1 else f"{min(share, 0.999):.1%}"


def saved_text(summary: PolicySummary) -> str:
    """Write the change against random, marked where it compares with nothing."""
    return marked(f"{round(-summary.saved, 3) + 0.0:+.1%}", comparable=summary.comparable)


def share_text(name: str, summary: PolicySummary) -> str:
    """Write the share of the oracle's saving; a dash for those that the oracle is no limit to."""
    share = summary.share_of_oracle
    if name == RANDOM or share is None or share > 1.0005:
        return "-"
    return marked(f"{share:.1%}", comparable=summary.comparable)


def turns_text(summary: PolicySummary) -> str:
    """Write the fewest and the most turns of a client."""
    return least_to_most(summary.turns_min, summary.turns_max)


def notes(comparison: Comparison) -> list[str]:
    """Say what the tables cannot."""
    planner, found, name = comparison.planner, [], comparison.subject
    expected = comparison.expected_g
    if RANDOM in comparison.runs:
        spread = comparison.summaries[RANDOM].spread
        found.append(
            f"random: {comparison.seeds} seeds, standard deviation {100 * spread:.1f} points; "
            f"savings are against its exact expectation, {grams(expected)}."
        )
    else:
        found.append(f"Savings are against random's exact expectation, {grams(expected)}.")
    lost = sum(
        planner.cohort_size * planner.rounds - int(run.turns.sum()) for run in comparison.runs[name]
    )
    if lost > comparison.summaries[name].left_empty:
        found.append(f"{count(lost, 'turn')} of {name} lost or empty, over all starts.")
    found += empty_seats(comparison)
    found += [f"{note[0].upper()}{note[1:]}." for note in comparison.notes]
    found += [f"{note[0].upper()}{note[1:]}." for note in kept_for_policies(planner.unused_columns)]
    if comparison.not_split is not None:
        found.append(f"What is left to the limit is not split: {comparison.not_split}.")
    return found


def empty_seats(comparison: Comparison) -> list[str]:
    """Say who left seats empty for which clients were there, and what a filled seat emitted."""
    return [
        f"{name} left {count(one.left_empty, 'seat')} empty, over all starts; "
        + (
            "no seat was filled."
            if one.realised_g_per_seat is None
            else f"each filled seat emitted {grams(one.realised_g_per_seat)} and is compared with "
            "a seat of random cohorts."
        )
        for name, one in comparison.summaries.items()
        if one.left_empty
    ]


def remaining(comparison: Comparison, gap: Gap) -> list[str]:
    """Say what is left between the policy that plans and the oracle, why, and where."""
    expected = comparison.expected_g
    if abs(gap.distance_g) <= 1e-6 * expected:
        return ["Nothing is left to the limit."]
    if gap.distance_g < 0:
        less = f"{gap.policy} emitted {grams(-gap.distance_g)} less than the oracle, which"
        if comparison.lossy:
            return [
                f"{less} calls nobody whose turn would be lost: here lost turns filled seats "
                "cheaply."
            ]
        return [f"{less} fills all seats that it can and keeps all floors and caps that it can."]
    first = (
        f"Left to the limit: {grams(gap.distance_g, expected)}, {gap.distance_g / expected:.1%} of "
        f"what random cohorts emit; {_why(gap, missing=bool(comparison.stand_ins))}."
    )
    if comparison.lossy:
        return [first, "Turns are lost here, which the oracle alone knows beforehand."]
    if comparison.planner.limits is not None:
        return [first]
    return [first, _where(gap)]


def _why(gap: Gap, *, missing: bool) -> str:
    """Say where a distance comes from; what was not forecast at all is no forecast error."""
    if abs(gap.planning_g) <= 1e-3 * gap.distance_g:
        if missing:
            return "all of it is due to forecasts that were wrong or, for some hours, missing"
        return "all of it is forecast error"
    if abs(gap.forecast_g) <= 1e-3 * gap.distance_g:
        return "all of it is lost in planning from round to round"
    errors = "wrong and missing forecasts" if missing else "forecast errors"
    return (
        f"{errors} account for {grams(gap.forecast_g, gap.distance_g)}, planning from round "
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
        f"Its largest parts lie in {conjoined(most)}, and "
        f"{window[begin] / gap.distance_g:.0%} of it in "
        f"rounds from {begin:02d}:00 to {end:02d}:00 UTC."
    )
