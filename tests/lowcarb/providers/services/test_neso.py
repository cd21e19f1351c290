"""NESO: many regions in one request, their names, and half hours."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from lowcarb.errors import ConfigurationError, NoDataError, UnknownLocationError
from lowcarb.providers import Neso
from tests.helpers.forecast_services import BY_NAME, END, LONDON, NOW, intensity, slot
from tests.helpers.http_server import Asked, Say, serving


def test_neso_asks_once_for_many_regions_and_names_them_in_three_ways() -> None:
    def handler(asked: Asked) -> Say:
        if asked.path.startswith("/intensity"):
            return BY_NAME["NESO GB"].say()(asked)
        slots = [
            slot(
                at,
                {
                    "regions": [
                        {"regionid": number, **intensity(value + number)}
                        for number in range(1, 19)
                        if number != 5
                    ]
                },
            )
            for at, value in LONDON.rows()
        ]
        return Say(body={"data": slots})

    with serving(handler) as server:
        service = LONDON.make(server.url)
        names = ["1", "north wales and merseyside", "London", "uksouth", "5", "17", "gb"]
        found, failed = service.forecasts(names, start=NOW, end=END)
        paths = {asked.path for asked in server.asked}
    assert paths == {
        "/regional/intensity/2026-11-24T10:00Z/fw48h",
        "/intensity/2026-11-24T10:00Z/fw48h",
    }
    assert {name: type(error) for name, error in failed.items()} == {"5": NoDataError}
    values = {name: series.values[2] for name, series in found.items()}
    assert values == {"1": 1, "north wales and merseyside": 6, "London": 13, "17": 17} | {
        "uksouth": 0,
        "gb": 0,
    }


@pytest.mark.parametrize(
    ("minute", "slot_of"), [(0, "10:00"), (29, "10:00"), (30, "10:30"), (59, "10:30")]
)
def test_neso_is_asked_from_the_half_hour_that_runs(minute: int, slot_of: str) -> None:
    """Its first row may be the one before: that is over, and harms nobody."""
    now = NOW + timedelta(minutes=minute, seconds=47)
    begin = datetime.fromisoformat(f"2026-11-24T{slot_of}Z")
    rows = [(begin + i * timedelta(minutes=30), 100 + i) for i in range(-1, 20)]
    for kind in (BY_NAME["NESO GB"], LONDON):
        with serving(kind.say(rows)) as server:
            service = kind.make(server.url, clock=lambda: now)
            found, failed = service.forecasts([kind.region], start=now, end=END)
            (path,) = [asked.path for asked in server.asked]
        assert failed == {}
        assert f"/2026-11-24T{slot_of}Z/" in path
        assert found[kind.region].means(np.array([now.timestamp()]), 1.0).tolist() == [100]
        assert found[kind.region].values.tolist()[0] == 99


def test_names_of_your_own_are_names_of_the_service() -> None:
    with serving(LONDON.say()) as server:
        names = {"office": "London", "home": "13", "branch": "uksouth", "London": "5"}
        # One that only the service knows is asked for as it is.
        names |= {"all": "18"}
        found, failed = LONDON.make(server.url, zones=names).forecasts(
            list(names), start=NOW, end=END
        )
        asked = {asked.path for asked in server.asked}
    assert {name.rsplit("/", 1)[-1] for name in asked} == {"13", "5", "18", "fw48h"}
    assert found["office"] is found["home"]
    # The server of this test knows no answer for the country.
    assert set(failed) == {"branch"}


@pytest.mark.parametrize("zones", [{"here": 13}, {"here": ""}, {"here": None}])
def test_a_name_of_your_own_must_stand_for_one(zones: Any) -> None:
    with pytest.raises(ConfigurationError, match="zones: expected the name of a region for 'here'"):
        Neso(zones=zones)


def test_neso_does_not_know_regions_elsewhere() -> None:
    with serving(LONDON.say()) as server:
        names = ["DE", "18", "0", "eu-central-1", "", "London, Ontario"]
        found, failed = LONDON.make(server.url).forecasts(names, start=NOW, end=END)
        assert server.asked == []
    assert found == {}
    assert {type(error) for error in failed.values()} == {UnknownLocationError}
