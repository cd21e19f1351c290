"""What choosing the hours saved, in sentences: for the terminal and for the page."""

from collections.abc import Sequence

from lowcarb._util.text import count, kilograms, percent, rounded
from lowcarb._util.times import as_duration, show_duration
from lowcarb.planning.slot_policies import AT_ONCE
from lowcarb.planning.wording import compared, kept_for_policies, marked, why_marked
from lowcarb.replay.hours_backtest import HoursAfter
from lowcarb.replay.hours_comparison import HoursComparison
from lowcarb.replay.interval import Interval
from lowcarb.replay.names import ORACLE
from lowcarb.report.comparison.savings import (
    HINDSIGHT,
    MEANS,
    about_starts,
    between,
    capital,
    kg_between,
    known_then,
)
from lowcarb.report.comparison.verdict import (
    fleet_text,
    floors_words,
    short_of,
    starts_text,
)


def asked_hours(after: HoursAfter) -> list[str]:
    """Say in which hours rounds could be, beside the deadline, part by part."""
    pause = after.longest_pause
    asked = [] if after.open_hours is None else [f"open {after.open_hours}"]
    if pause is not None:
        longest = show_duration(as_duration(pause, "longest-pause"))
        asked.append(f"pauses of {longest} at most")
    return asked


def within(found: Sequence[HoursComparison]) -> str:
    """Write the times until the deadlines."""
    *before, last = [show_duration(one.after.within) for one in found]
    return f"{', '.join(before)} or {last}" if before else last


def heading(found: Sequence[HoursComparison]) -> list[str]:
    """Say what was played, before one deadline or several."""
    one = found[-1]
    rounds = count(one.planner.rounds, "round")
    if one.after.fewest_rounds is not None:
        rounds = f"{one.after.fewest_rounds} to {rounds}"
    asked = [f"{rounds} of {one.planner.sizes} within {within(found)}", *asked_hours(one.after)]
    apart = min(each.independent for each in found)
    return [
        ", ".join(asked),
        f"{starts_text(one.starts)}; {apart} of them independent",
        fleet_text(one.planner),
    ]


def verdict(found: HoursComparison) -> str:
    """Say in one sentence what choosing the hours saved before a deadline."""
    name = found.subject
    one, runs = found.summaries[name], found.runs[name]
    until = f"With {show_duration(found.after.within)} until the deadline"
    if name == AT_ONCE:
        return f"{until}, rounds at once emitted {kilograms(one.realised_g)}: nobody else played."
    who = HINDSIGHT if name == ORACLE else f"choosing the hours ({name})"
    would = "would have " if found.recording.persistent else ""
    text = (
        f"{until}, {who} {would}{_saved_or_cost(found, name)} against rounds at once, with "
        f"{floors_words(runs, one.floors_met)}"
    )
    # Where only rounds at once lack turns, it is they that are named.
    at_once = short_of(found.planner, found.runs[AT_ONCE])
    short = short_of(found.planner, runs) or at_once
    text = compared(text, short, one.left_empty, "rounds at once")
    share = one.share_of_oracle
    if name == ORACLE or share is None or not 0 < share <= _MOST or not one.comparable:
        return f"{text}."
    return f"{text}: {percent(share)} of what perfect foresight saves."


def _saved_or_cost(found: HoursComparison, name: str) -> str:
    """Say what a policy saved, or cost, with the interval of its share."""
    one, interval = found.summaries[name], found.intervals[name].saved
    share = f"{abs(100 * one.saved):.1f}%"
    if interval is not None:
        low, high = interval if one.saved_g >= 0 else (-interval.high, -interval.low)
        share += f", 95% {between(Interval(low, high), 100, '%')}"
    what = "saved" if one.saved_g >= 0 else "cost"
    return f"{what} {kilograms(abs(one.saved_g))} ({share})"


# What the oracle finds is no proven optimum: more than this share of it is no share.
_MOST = 1.0005


def share_text(found: HoursComparison, name: str) -> str:
    """Write the share of the oracle's saving; a dash where the oracle is no limit to it."""
    one = found.summaries[name]
    share = one.share_of_oracle
    if name == AT_ONCE or share is None or share > _MOST:
        return "-"
    return marked(f"{100 * share:.0f}%", comparable=one.comparable)


def saved(found: Sequence[HoursComparison]) -> list[str]:
    """Say more of the last deadline, whose verdict stands before, and all of the other ones."""
    *others, last = found
    sentences = _more(last, named=bool(others))
    for one in others:
        sentences += [verdict(one), *_more(one, named=True)]
    return sentences


def _more(found: HoursComparison, *, named: bool) -> list[str]:
    """Say behind a verdict what was saved in kilograms, how sure that is, and how much could be."""
    until = f" within {show_duration(found.after.within)}" if named else ""
    interval, sentences = found.intervals[found.subject].saved_g, []
    if found.subject != AT_ONCE and interval is not None:
        sentences.append(
            f"In kilograms, the 95% interval of that{until} is {kg_between(interval)} a training."
        )
    if ORACLE in found.runs and found.subject not in (ORACLE, AT_ONCE):
        limit = found.summaries[ORACLE]
        missed = "" if limit.comparable else f" ({why_marked([limit])})"
        sentences.append(
            f"{capital(HINDSIGHT)}{until}, the most that could have been saved: "
            f"{kilograms(limit.saved_g)}, {100 * limit.saved:.1f}%{missed}."
        )
    return sentences


def rounds_held(found: HoursComparison) -> list[str]:
    """Say how many rounds each policy held, where fewer than the most may be."""
    if found.after.fewest_rounds is None:
        return []
    held = ", ".join(f"{name} {rounded(found.rounds_held(name))}" for name in found.runs)
    return [f"Rounds held, the mean over the starts: {held}."]


def about_intervals(found: Sequence[HoursComparison]) -> str:
    """Say what the intervals are, and before which deadlines starts overlap."""
    words = {
        show_duration(one.after.within): about_starts(len(one.starts), one.independent)
        for one in found
    }
    if len(set(words.values())) == 1:
        return next(iter(words.values()))
    return " ".join(f"Within {until}: {text}" for until, text in words.items())


def method(found: HoursComparison) -> list[str]:
    """Say how the figures came about."""
    return [
        "From each start the rounds are played slot by slot: at each slot a policy begins a round "
        "or waits for the next one, and it is asked again until all are held. Every client is "
        "charged the mean carbon intensity that came true over its own working time, times its "
        "energy.",
        known_then(found.recording, "at each slot"),
        "The reference is the same training at once: each round begins as soon as it may, "
        "with cohorts planned by the same program. So the saving is that of the hours alone.",
        "The limit chooses slots and cohorts with perfect foresight, under the same floors, caps "
        "and hours; it is searched for within the time limit, and not proven.",
        MEANS,
    ]


def notes(found: Sequence[HoursComparison]) -> list[str]:
    """Say what the tables cannot."""
    last = found[-1]
    said = [
        "Random cohorts at once, which is what Flower draws, are expected to emit "
        f"{kilograms(float(last.random_g.mean()))}."
    ]
    said += _fewer_turns(found)
    rest = (*last.about.sentences, *kept_for_policies(last.planner.unused_columns))
    return [*said, *(f"{capital(note)}." for note in rest)]


def _fewer_turns(found: Sequence[HoursComparison]) -> list[str]:
    """Say who took fewer turns than rounds at once: what was not done saved nothing."""
    said = []
    for one in found:
        asked = sum(int(run.turns.sum()) for run in one.runs[AT_ONCE])
        for name, runs in one.runs.items():
            lacks = asked - sum(int(run.turns.sum()) for run in runs)
            if lacks > 0:
                until = show_duration(one.after.within)
                said.append(
                    f"{name} took {count(lacks, 'turn')} fewer than at once within {until}, over "
                    "all starts: what they would have emitted passes for a saving."
                )
    return said
