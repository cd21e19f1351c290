"""What became of the clients that were asked to train."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lowcarb.ledger.entries import BookedRound, Loss, Member, Outcome, Turn, Work
from lowcarb.providers.forecast_view import ForecastView
from lowcarb.training.decision import Asked

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One client's answer.

    Parameters
    ----------
    error
        Why it failed; None if it did not.
    energy_kwh, measured, seconds
        What its mod measured, and how; None where it did not.
    samples, loss
        What its metrics say of its training; None where they do not.
    """

    error: str | None = None
    energy_kwh: float | None = None
    measured: str | None = None
    seconds: float | None = None
    samples: float | None = None
    loss: float | None = None


def together(replies: Sequence[Reply]) -> Reply:
    """Make one reply of those to several messages of a round; one that is valid is enough."""
    valid = [reply for reply in replies if reply.error is None]
    if not valid:
        return replies[-1]
    return replace(
        valid[-1],
        energy_kwh=_sum([reply.energy_kwh for reply in valid]),
        seconds=_sum([reply.seconds for reply in valid]),
    )


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


LATE = Reply(error="the round went on once enough others had answered")
"""Stands for the reply of a client that was not waited for."""


def turn_of(asked: Asked, reply: Reply | None, *, aggregated: bool, measures: bool) -> Turn:
    """Book what became of a client.

    Parameters
    ----------
    asked
        Who was asked, and what was expected.
    reply
        What came back; None if nothing did.
    aggregated
        Whether the strategy made a new model of the replies.
    measures
        Whether measurements count.
    """
    if reply is None:
        outcome = Outcome.SILENT
    elif reply is LATE:
        outcome = Outcome.LATE
    elif reply.error is not None:
        outcome = Outcome.FAILED
    else:
        outcome = Outcome.TRAINED if aggregated else Outcome.DROPPED
    energy = reply.energy_kwh if reply is not None and measures else None
    return Turn(
        client=asked.client.member.name,
        region=asked.client.member.region,
        outcome=outcome,
        planned_kwh=asked.planned_kwh,
        # What failed or said nothing was burnt all the same.
        energy_kwh=asked.planned_kwh if energy is None else energy,
        measured=None if energy is None or reply is None else reply.measured,
        seconds=reply.seconds if reply is not None and measures else None,
        intensity=asked.intensity,
        reason="" if reply is None else reply.error or "",
        loss=None if reply is None or reply.loss is None else Loss(reply.loss),
        samples=None if reply is None else reply.samples,
    )


def evaluation_of(member: Member, reply: Reply, view: ForecastView, start: datetime) -> Work:
    """Book what a client's evaluation burnt, which it measured.

    Parameters
    ----------
    member
        The client.
    reply
        What came back, with an energy.
    view
        The intensities of its round.
    start
        When evaluation began.
    """
    assert reply.energy_kwh is not None  # noqa: S101 - what was not measured is not booked
    return Work(
        client=member.name,
        region=member.region,
        energy_kwh=reply.energy_kwh,
        measured=reply.measured,
        seconds=reply.seconds,
        intensity=view.mean(member.region, start, reply.seconds),
    )


def log_outcome(booked: BookedRound, rounds: int) -> None:
    """Say how many trained, and who did not."""
    lost = [t for t in booked.turns if t.outcome not in (Outcome.TRAINED, Outcome.DROPPED)]
    text = f"round {booked.number}/{rounds}: {len(booked.turns) - len(lost)} of "
    text += f"{len(booked.turns)} trained"
    if lost:
        named = [f"{t.client} {t.outcome}" + (f" ({t.reason})" if t.reason else "") for t in lost]
        text += "; " + ", ".join(named)
    if not booked.aggregated:
        text += "; nothing was aggregated, so no turn counts"
    good = booked.aggregated and not lost
    logger.log(logging.INFO if good else logging.WARNING, "lowcarb: %s", text)


def turn_ratio(turns: int, equal_share: float) -> float:
    """Expected over realised turns of a client, one added to both: a first turn says little.

    Parameters
    ----------
    turns
        Those it has taken, the one that is being weighed included.
    equal_share
        Turns it would have by now if all clients took equally many.
    """
    return (equal_share + 1) / (turns + 1)
