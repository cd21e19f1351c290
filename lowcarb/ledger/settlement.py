"""What came true, filled into an account."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import numpy as np

from lowcarb.carbon.forecast import Forecast
from lowcarb.ledger.entries import BookedRound, Member, Work
from lowcarb.units import SHORTEST_S

W = TypeVar("W", bound=Work)


def actual_mean(
    actual: Forecast,
    region: str | None,
    start: datetime,
    measured_s: float | None,
    given_s: float | None,
) -> float | None:
    """Mean intensity that came true over a stretch of work, gCO2eq/kWh.

    Work lasts as long as was measured, else as long as is given for its client. None if region or
    length is unknown, or the stretch is covered only in part.
    """
    seconds = given_s if measured_s is None else measured_s
    if region is None or region not in actual.series or seconds is None:
        return None
    # Within a shorter window the rounding of times since 1970 would show.
    begin = np.array([start.timestamp()])
    mean = float(actual.series[region].means(begin, max(seconds, SHORTEST_S))[0])
    return None if math.isnan(mean) else mean


def settled_work(work: W, start: datetime, members: Mapping[str, Member], actual: Forecast) -> W:
    """Fill in the intensity that came true for work that began with its round."""
    member = members.get(work.client)
    given_s = None if member is None else member.duration_s
    mean = actual_mean(actual, work.region, start, work.seconds, given_s)
    return work if mean is None else replace(work, actual=mean)


def settled_round(
    booked: BookedRound, members: Mapping[str, Member], actual: Forecast
) -> BookedRound:
    """Fill in the intensities that came true in a round."""
    turns = [settled_work(turn, booked.start, members, actual) for turn in booked.turns]
    return replace(booked, turns=turns)
