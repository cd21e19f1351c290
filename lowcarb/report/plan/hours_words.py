"""What choosing the hours comes to, in sentences; none where rounds follow each other."""

from datetime import timedelta

from lowcarb._util.text import count, grams, saving
from lowcarb._util.times import from_seconds, show, show_duration
from lowcarb.planning.plan import Plan


def hours_asked(plan: Plan) -> list[str]:
    """Say which hours could be chosen."""
    if plan.chosen is None or plan.hours is None:
        return []
    slots = plan.chosen.slots
    length = show_duration(timedelta(seconds=slots.length_s))
    asked = str(plan.hours)
    return [
        f"{asked[0].upper()}{asked[1:]}: {len(plan)} of {count(len(slots), 'slot')}, a round takes "
        f"{length} at most"
    ]


def hours_saved(plan: Plan) -> list[str]:
    """Say what rounds at once would emit, and what the chosen hours save."""
    chosen = plan.chosen
    if chosen is None:
        return []
    end = from_seconds(chosen.at_once_starts[-1] + chosen.slots.length_s)
    at_once = (
        f"At once, from {show(from_seconds(chosen.at_once_starts[0]))} to {show(end)} UTC, the "
        f"rounds would emit {grams(chosen.at_once_g)}"
    )
    if chosen.saved is None or chosen.saved_g is None:
        return [
            f"{at_once}; turns or seats that cannot be had make that not comparable with the "
            "chosen hours."
        ]
    return [
        f"{at_once}: the chosen hours save {grams(chosen.saved_g, chosen.at_once_g)}, "
        f"{saving(chosen.saved, 'at once')}."
    ]


def how_hours_are_chosen(plan: Plan) -> list[str]:
    """Say how the figures of the hours came about."""
    if plan.chosen is None:
        return []
    return [
        "Which slots the rounds take is chosen jointly with who takes part: of all slots that are "
        "open, end by the deadline and do not overlap, those with which the cohorts emit least.",
        "At once means that each round begins as soon as it may, with cohorts chosen as well.",
    ]
