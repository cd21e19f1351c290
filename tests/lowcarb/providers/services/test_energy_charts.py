"""Energy-Charts: countries, and two columns of which one counts."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from lowcarb.errors import BadResponseError, UnknownLocationError
from tests.helpers.forecast_calls import call
from tests.helpers.forecast_services import BY_NAME, END, NOW
from tests.helpers.http_server import Asked, Say, serving


def test_names_of_your_own_for_energy_charts() -> None:
    kind = BY_NAME["Energy-Charts"]
    with serving(kind.say()) as server:
        service = kind.make(server.url, zones={"home": "AT", "DE-LU": "eu-central-1"})
        service.forecasts(["home", "DE-LU"], start=NOW, end=END)
        assert {asked.one("country") for asked in server.asked} == {"at", "de"}


def test_energy_charts_takes_countries_and_nothing_that_looks_like_one() -> None:
    """Its answer does not say what it is for: a wrong country would never be noticed."""
    wrong = ["it-department", "IT-DEPARTMENT", "at home", "DK-DK2", "de1", "d", "", "eu-west-9"]
    right = {"DE": "de", " fr ": "fr", "eu-south-1": "it", "swedencentral": "se", "nie": "nie"}
    kind = BY_NAME["Energy-Charts"]
    with serving(kind.say()) as server:
        service = kind.make(server.url, zones={"home": "at"})
        found, failed = service.forecasts([*wrong, *right, "home"], start=NOW, end=END)
        assert len(server.asked) == len(right) + 1
    zones = {name: series.provenance.zone for name, series in found.items() if series.provenance}
    assert zones == right | {"home": "at"}
    assert set(failed) == set(wrong)
    assert {type(error) for error in failed.values()} == {UnknownLocationError}
    assert "expected a country such as DE" in str(failed["it-department"])


def test_where_energy_charts_says_both_the_forecast_counts() -> None:
    """What stands in the other column of an hour ahead has not come true."""
    kind = BY_NAME["Energy-Charts"]
    times = [int((NOW + i * kind.step).timestamp()) for i in range(-2, 3)]
    body = {
        "unix_seconds": times,
        "co2eq": [1, 2, 0, 0, None],
        "co2eq_forecast": [None, None, 30, 40, 50],
    }
    with serving(lambda _asked: Say(body=body)) as server:
        found, _ = kind.make(server.url).forecasts(["DE"], start=NOW, end=END)
    assert found["DE"].values.tolist() == [1, 2, 30, 40, 50]


def test_columns_that_differ_in_length_are_refused() -> None:
    kind = BY_NAME["Energy-Charts"]

    def handler(asked: Asked) -> Say:
        body = kind.body(kind.rows(), asked)
        return Say(body={**body, "co2eq_forecast": body["co2eq_forecast"][:-1]})

    assert type(call(kind, handler).error) is BadResponseError


@pytest.mark.parametrize("at", [True, -1, 2**40, 1795514400.5, "1795514400", None])
def test_columns_of_other_times_are_refused(at: Any) -> None:
    kind = BY_NAME["Energy-Charts"]

    def handler(asked: Asked) -> Say:
        body = kind.body(kind.rows(), asked)
        body["unix_seconds"][0] = at
        return Say(body=body)

    result = call(kind, handler)
    assert type(result.error) is BadResponseError
    assert "expected times in seconds since 1970" in str(result.error)


@pytest.mark.parametrize("hour", range(1, 23))
def test_a_forecast_on_the_hour_behind_observed_quarters_holds_at_any_time_of_day(
    hour: int,
) -> None:
    kind = BY_NAME["Energy-Charts"]
    midnight = NOW.replace(hour=0, minute=0)
    observed = [midnight + timedelta(minutes=15 * n) for n in range(4 * hour)]
    ahead = [midnight + timedelta(hours=n) for n in range(hour, 24)]
    body = {
        "unix_seconds": [int(at.timestamp()) for at in (*observed, *ahead)],
        "co2eq": [300.0] * len(observed) + [None] * len(ahead),
        "co2eq_forecast": [None] * len(observed) + [200.0 + n for n in range(len(ahead))],
    }
    now = midnight + timedelta(hours=hour)
    with serving(lambda _asked: Say(body=body)) as server:
        service = kind.make(server.url, clock=lambda: now)
        found, failed = service.forecasts(["DE"], start=now, end=midnight + timedelta(days=1))
    assert failed == {}
    hours = [at.timestamp() for at in ahead]
    assert found["DE"].means(np.array(hours), 3600.0).tolist() == [
        200.0 + n for n in range(len(ahead))
    ]
