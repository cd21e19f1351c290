"""What is booked of a round: of one that asked a cohort, and of one that is left out."""

from collections.abc import Sequence
from datetime import datetime

from lowcarb.ledger.entries import BookedRound, Turn
from lowcarb.training.decision import Decision
from lowcarb.training.round_interval import RoundInterval


def asked_round(
    decision: Decision, turns: Sequence[Turn], interval: RoundInterval, *, aggregated: bool
) -> BookedRound:
    """Book a round that asked somebody.

    Parameters
    ----------
    decision
        Whom it asked.
    turns
        What became of them.
    interval
        Of the grams that were planned.
    aggregated
        Whether valid replies are turns.
    """
    least_g, most_g = interval.bounds or (None, None)
    paid = decision.choice.paid
    return BookedRound(
        number=decision.number,
        start=decision.start,
        turns=turns,
        solver=decision.choice.by,
        status=decision.status,
        seconds=decision.seconds,
        random_g=decision.random_g,
        owed=decision.owed,
        provenances=decision.view.provenances,
        aggregated=aggregated,
        notes=decision.notes,
        least_g=least_g,
        most_g=most_g,
        paid_g=None if paid is None else paid.grams,
    )


def left_out_round(number: int, start: datetime, owed: int, why: str) -> BookedRound:
    """Book a round that asks nobody.

    Parameters
    ----------
    number, start
        Of the round.
    owed
        Turns that clients are owed before it.
    why
        Why nobody is asked.
    """
    return BookedRound(
        number=number,
        start=start,
        turns=(),
        solver="none",
        status="",
        seconds=0.0,
        random_g=None,
        owed=owed,
        aggregated=False,
        notes=(f"left out: {why}",),
    )
