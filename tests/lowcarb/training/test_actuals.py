"""What came true, fetched beside a training: for which rounds, and of which kind."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.ledger.entries import BookedRound, Outcome, Turn
from lowcarb.providers import Answer
from lowcarb.training.actuals import ActualsFetcher
from tests.helpers.data import START

HOUR = timedelta(hours=1)
Kind = tuple[str | None, str | None]


def provenance(kind: Kind, quality: Quality = Quality.FRESH) -> Provenance:
    return Provenance(
        provider="any", zone="any", signal=kind[0], accounting=kind[1], quality=quality
    )


def booked(
    number: int, start: datetime, provenances: Mapping[str, Provenance], actual: float | None = None
) -> BookedRound:
    turns = [
        Turn(
            client=f"client of {region}",
            region=region,
            energy_kwh=1,
            planned_kwh=1,
            seconds=600.0,
            intensity=100,
            actual=actual,
            outcome=Outcome.TRAINED,
        )
        for region in provenances
    ]
    return BookedRound(
        number=number,
        start=start,
        turns=turns,
        solver="cbc",
        status="optimal",
        seconds=0.1,
        random_g=None,
        owed=0,
        provenances=dict(provenances),
        aggregated=True,
    )


class Knows:
    """Says what came true, of one kind, and remembers what it was asked."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.asked: list[tuple[list[str], datetime, datetime]] = []

    def forecasts(self, *_args: Any, **_more: Any) -> Answer:
        raise AssertionError

    def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        self.asked.append((list(regions), start, end))
        times = np.arange(start.timestamp(), end.timestamp(), 60)
        series = Series(
            times=times, values=np.full(len(times), 7.0), provenance=provenance(self.kind)
        )
        return dict.fromkeys(regions, series), {}


def fetched(provider: Knows, rounds: Sequence[BookedRound], now: datetime) -> Forecast | None:
    past = ActualsFetcher(provider)
    past.ask(rounds, now)
    return past.take(20)


AVERAGE, MARGINAL = ("average", "lifecycle"), ("marginal", "direct")


@pytest.mark.parametrize(
    ("planned", "actual", "fits"),
    [
        (AVERAGE, AVERAGE, True),
        (AVERAGE, MARGINAL, False),
        (MARGINAL, AVERAGE, False),
        (AVERAGE, ("average", "direct"), False),
        (("average", "direct"), AVERAGE, False),
        # Who does not say is taken at the user's word, as with forecasts.
        (AVERAGE, (None, None), True),
        (AVERAGE, ("average", None), True),
        ((None, None), AVERAGE, True),
    ],
)
def test_what_came_true_is_of_the_kind_that_was_planned_with(
    planned: Kind, actual: Kind, fits: bool
) -> None:
    rounds = [booked(1, START, {"DE": provenance(planned)})]
    assert (fetched(Knows(actual), rounds, START + HOUR) is not None) is fits


def test_a_region_planned_on_typical_days_is_of_the_kind_of_the_others() -> None:
    typical = provenance((None, None), Quality.TYPICAL)
    rounds = [booked(1, START, {"DE": provenance(AVERAGE), "FR": typical})]
    assert fetched(Knows(MARGINAL), rounds, START + HOUR) is None
    found = fetched(Knows(AVERAGE), rounds, START + HOUR)
    assert found is not None
    assert set(found.series) == {"DE", "FR"}


def test_the_kind_is_that_of_the_newest_round_that_says_it() -> None:
    rounds = [
        booked(1, START, {"DE": provenance(AVERAGE)}),
        booked(2, START + HOUR, {"DE": provenance((None, None), Quality.TYPICAL)}),
    ]
    assert fetched(Knows(("average", "direct")), rounds, START + 2 * HOUR) is None


@pytest.mark.parametrize("every", [timedelta(days=1), timedelta(days=7)])
def test_rounds_that_are_days_apart_are_settled_as_well(every: timedelta) -> None:
    """The next round ends a little more than a day after the last one began."""
    rounds = [booked(i + 1, START + i * every, {"DE": provenance(AVERAGE)}) for i in range(3)]
    provider = Knows(AVERAGE)
    assert fetched(provider, rounds, rounds[-1].start + timedelta(minutes=5)) is not None
    ((_, start, _),) = provider.asked
    # What nobody knew by then is given up.
    assert start == rounds[1].start


def test_a_round_that_begins_now_is_not_asked_for() -> None:
    provider = Knows(AVERAGE)
    rounds = [booked(1, START, {"DE": provenance(AVERAGE)})]
    assert fetched(provider, rounds, START) is None
    rounds.append(booked(2, START + HOUR, {"FR": provenance(AVERAGE)}))
    assert fetched(provider, rounds, START + HOUR) is not None
    assert provider.asked == [(["DE"], START, START + HOUR)]


def test_what_is_known_is_not_asked_for() -> None:
    provider = Knows(AVERAGE)
    rounds = [
        booked(1, START, {"DE": provenance(AVERAGE)}, actual=5),
        booked(2, START + HOUR, {"FR": provenance(AVERAGE)}),
        booked(3, START + 2 * HOUR, {"DE": provenance(AVERAGE)}, actual=5),
    ]
    now = START + 3 * HOUR
    assert fetched(provider, rounds, now) is not None
    assert provider.asked == [(["FR"], START + HOUR, now)]
