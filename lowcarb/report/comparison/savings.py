"""What a comparison saved in kilograms and percent, and how sure that is, in words."""

from lowcarb._util.text import count, kilograms
from lowcarb.carbon.last_days import LEARNT_DAYS
from lowcarb.planning.planner import Planner
from lowcarb.planning.wording import why_marked
from lowcarb.replay import Comparison, PolicySummary, Recording
from lowcarb.replay.interval import Interval
from lowcarb.replay.names import ORACLE, RANDOM

PERSISTENCE = "yesterday's values as the forecast (persistence)"
HINDSIGHT = "perfect foresight (hindsight)"
MEANS = (
    "Figures are means over the starts; intervals hold the true mean with 95% probability if "
    "starts are independent, by Student's t."
)


def between(interval: Interval | None, scale: float, unit: str, digits: int = 1) -> str:
    """Write an interval, or a question mark where there is none."""
    if interval is None:
        return "?"
    low, high = (round(scale * bound, digits) + 0.0 for bound in interval)
    return f"{low:,.{digits}f} to {high:,.{digits}f}{unit}"


def kg_between(interval: Interval | None) -> str:
    """Write an interval of grams in kilograms."""
    if interval is None:
        return "?"
    low, high = (kilograms(bound).removesuffix(" kg") for bound in interval)
    return f"{low} to {high} kg"


def saved_in_words(comparison: Comparison, name: str) -> str:
    """Write kilograms and percent saved a training, each with its interval."""
    one, interval = comparison.summaries[name], comparison.intervals[name]
    text = f"{kilograms(one.saved_g)}"
    share = f"{100 * one.saved:.1f}%"
    if interval.saved_g is not None:
        text += f" ({kg_between(interval.saved_g)})"
        share += f" ({between(interval.saved, 100, '%')})"
    return f"{text}, {share}{_why_not(one)}"


def _why_not(one: PolicySummary) -> str:
    """Say behind a saving why it compares with nothing; blank where it compares."""
    return "" if one.comparable else f" ({why_marked([one])})"


def saved(comparison: Comparison) -> list[str]:
    """Say what was saved against random cohorts; with yesterday's values, between which bounds."""
    name = comparison.subject
    if name == RANDOM:
        return []
    starts = len(comparison.starts)
    which = "the training" if starts == 1 else f"a training, the mean of {starts} starts"
    if not comparison.recording.persistent:
        words = [f"Saved by {name}: {saved_in_words(comparison, name)} of {which}."]
    else:
        words = [
            f"{capital(PERSISTENCE)}, what a simple forecast gives: {name} saves "
            f"{saved_in_words(comparison, name)} of {which}."
        ]
        if ORACLE in comparison.runs:
            words.append(
                f"{capital(HINDSIGHT)}, the most that could have been saved: "
                f"{saved_in_words(comparison, ORACLE)}."
            )
    if 1 < starts == comparison.independent:
        one = comparison.summaries[name]
        total = f"{kilograms(starts * one.saved_g)} saved by {name}{_why_not(one)}"
        words.append(f"All {starts} trainings together: {total}.")
    return words


def about_intervals(comparison: Comparison) -> str:
    """Say what the intervals are, and when starts overlap."""
    seeds = f"; of random, over its {comparison.seeds} seeds" if RANDOM in comparison.runs else ""
    return about_starts(len(comparison.starts), comparison.independent, seeds)


def about_starts(starts: int, apart: int, others: str = "") -> str:
    """Say what intervals over so many starts are, of which so many do not overlap.

    Parameters
    ----------
    others
        What other intervals are over, with what parts it from the words before.
    """
    if starts == 1:
        return "One start: how much figures vary from start to start is unknown, so no interval."
    if apart < 2:
        return f"No intervals: all {starts} starts overlap, and so tell little more than one."
    text = f"95% intervals are of means over {count(starts, 'start')}, by Student's t{others}"
    if apart < starts:
        return f"{text}. Starts overlap: they count as {apart}, which do not."
    return f"{text}. Starts do not overlap."


def method(comparison: Comparison) -> list[str]:
    """Say in five sentences how the figures came about."""
    planner = comparison.planner
    return [
        f"From each start {count(planner.rounds, 'round')} of {planner.sizes} clients are "
        "played as they would have been chosen then, and every client is charged the mean carbon "
        "intensity that came true over its own working time, times its energy.",
        known_then(comparison.recording, "before each round"),
        "The reference is the exact expectation of random cohorts of "
        f"{_random_sizes(planner)} among the clients that are there, which is what Flower draws.",
        "The limit is a plan with perfect foresight under the same floors and caps.",
        MEANS,
    ]


def known_then(recording: Recording, when: str) -> str:
    """Say what policies see of the intensities ahead, such as "before each round"."""
    delay = recording.delay
    corrected = "" if recording.corrector is None else ", corrected by what was known to come true"
    forecasts = (
        f"No forecasts of these days are known: {when} a policy sees {PERSISTENCE}"
        if recording.persistent
        else f"{capital(when)} a policy sees the newest forecast issued by then"
    )
    beyond = (
        "typical days of the forecast itself."
        if delay is None
        else f"up to {LEARNT_DAYS} last days of actual values over again, each known "
        f"{delay.total_seconds() / 3600:g} h after its end."
    )
    return f"{forecasts}{corrected}, and beyond that {beyond}"


def _random_sizes(planner: Planner) -> str:
    """Say how large the cohorts of the reference are."""
    return "the same size" if planner.cohort_range is None else "the cohort size in every round"


def capital(text: str) -> str:
    """Begin a sentence with a text."""
    return text[0].upper() + text[1:]
