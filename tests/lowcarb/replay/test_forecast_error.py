"""Forecast errors by day ahead."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.issues import Issues
from lowcarb.replay import Recording
from lowcarb.replay.forecast_error import error_by_day_ahead
from tests.helpers.data import START

BEGIN = START.timestamp()


def recording(days: int = 4, step_s: float = 3600.0) -> Recording:
    """Two issues, a day apart, that are 10% too high on the first day, 20% on the second ..."""
    hours = BEGIN + 3600.0 * np.arange(24 * 4, dtype=np.float64)
    actual = Forecast(
        series={"A": Series(times=hours, values=np.full(len(hours), 200.0))}, source="actuals"
    )
    issues = []
    for day in range(2):
        times = (
            BEGIN
            + 86_400.0 * day
            + step_s * np.arange(int(86_400 * days / step_s), dtype=np.float64)
        )
        ahead = np.floor((times - times[0]) / 86_400)
        issues.append(
            Forecast(
                series={"A": Series(times=times, values=200.0 * (1.1 + 0.1 * ahead))},
                source="issues",
                issued_at=START + timedelta(days=day),
            )
        )
    return Recording(issues=Issues(forecasts=tuple(issues), source="issues"), actual=actual)


@pytest.mark.parametrize("step_s", [900.0, 3600.0, 10_800.0])
def test_errors_are_those_of_each_day_ahead(step_s: float) -> None:
    error = error_by_day_ahead(recording(step_s=step_s), ["A"], [START, START + timedelta(hours=1)])
    assert error[0] == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_what_has_not_come_true_is_unknown() -> None:
    late = START + timedelta(days=1)
    error = error_by_day_ahead(recording(), ["A"], [late])
    assert error[0] == pytest.approx([0.1, 0.2, 0.3])


def test_nothing_can_be_said_of_hours_without_emissions() -> None:
    given = recording()
    series = {"A": replace(given.actual.series["A"], values=np.zeros(96))}
    error = error_by_day_ahead(
        replace(given, actual=replace(given.actual, series=series)), ["A"], [START]
    )
    assert np.isnan(error).all()
