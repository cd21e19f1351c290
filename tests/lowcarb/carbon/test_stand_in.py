"""What stands in for forecasts that are not believed: typical days, moved by the newest hours."""

from datetime import timedelta

import numpy as np
import pytest

from lowcarb import Forecast, Issues, Series
from lowcarb.carbon.correction_past import Past
from lowcarb.carbon.stand_in import StandIn
from tests.helpers.data import START

DAYS = 20


def days(last: float) -> tuple[StandIn, int]:
    """Make days that are all alike but for a factor of their last hour; say where that is."""
    hours = np.arange(24 * DAYS, dtype=np.float64)
    begin = START - timedelta(days=DAYS)
    values = 300.0 + 100.0 * np.sin(2 * np.pi * hours / 24)
    values[-1] *= last
    times = begin.timestamp() + 3600.0 * hours
    actual = Forecast(series={"R": Series(times=times, values=values)}, source="actual")
    issue = Forecast(series=actual.series, source="issue", issued_at=begin)
    past = Past.of(Issues(forecasts=(issue,), source="issues"), actual)
    assert past is not None
    return StandIn.of(past), len(hours) - 1


def ahead(stand_in: StandIn, newest: int, hours: list[int]) -> list[float]:
    lead = np.array(hours)
    whole = np.zeros_like(lead)
    found = stand_in.values(newest + lead, whole, whole + newest, lead)
    values: list[float] = np.expm1(found).tolist()
    return values


def test_days_that_are_all_alike_are_expected_again() -> None:
    stand_in, newest = days(1.0)
    expected = [300.0 + 100.0 * np.sin(2 * np.pi * (23 + k) / 24) for k in (1, 7, 30, 90)]
    assert ahead(stand_in, newest, [1, 7, 30, 90]) == pytest.approx(expected)


@pytest.mark.parametrize("last", [0.7, 1.3])
def test_what_the_newest_hour_leaves_lasts_for_hours_and_not_for_days(last: float) -> None:
    usual, newest = days(1.0)
    moved, _ = days(last)
    # Not at the same hour of the day as the newest one, of which a share is expected again.
    hours = [1, 4, 8, 47]
    rises = np.log(ahead(moved, newest, hours)) - np.log(ahead(usual, newest, hours))
    shares = rises / np.log(last)
    assert shares[0] > 0.8
    assert (np.diff(shares) < 0).all()
    assert shares[2] == pytest.approx(np.exp(-1), abs=0.05)
    assert shares[3] < 0.01
