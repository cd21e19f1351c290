"""The right values, units, intervals and issue times, from a server that speaks each format."""

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from lowcarb.carbon.provenance import Quality
from lowcarb.errors import ConfigurationError, UnknownLocationError
from lowcarb.providers import ElectricityMaps, Neso, WattTime
from tests.helpers.forecast_calls import FIFTY
from tests.helpers.forecast_services import (
    BY_NAME,
    END,
    ISSUED,
    LONDON,
    NOW,
    TOKEN,
    Kind,
    each_kind,
)
from tests.helpers.http_server import Asked, Say, serving


@each_kind
def test_values_units_intervals_and_provenance(kind: Kind) -> None:
    with serving(kind.say()) as server:
        found, failed = kind.make(server.url).forecasts([kind.region], start=NOW, end=END)
    assert failed == {}
    series = found[kind.region]
    rows = kind.rows()
    np.testing.assert_allclose(series.values, [value * kind.factor for _, value in rows])
    assert series.values[2] == 0
    assert series.times.tolist() == [at.timestamp() for at, _ in rows]
    assert series.ends.tolist() == [(at + kind.step).timestamp() for at, _ in rows]
    provenance = series.provenance
    assert provenance is not None
    signals = {"WattTime": "marginal", "Carbon Aware SDK": "marginal"}
    assert (provenance.provider, provenance.zone) == (
        kind.name.replace(" GB", "").replace(" London", ""),
        kind.region,
    )
    assert provenance.signal == signals.get(kind.name, "average")
    assert (provenance.fetched_at, provenance.quality) == (NOW, Quality.FRESH)
    if kind.dated:
        assert provenance.issued_at is not None
        assert abs(provenance.issued_at - ISSUED) < timedelta(seconds=1)
    else:
        assert provenance.issued_at == (NOW if "NESO" in kind.name else None)


@each_kind
def test_several_regions_of_which_one_has_another_name(kind: Kind) -> None:
    def handler(asked: Asked) -> Say:
        return (LONDON if "regionid" in asked.path else kind).say()(asked)

    with serving(handler) as server:
        service = kind.make(server.url, zones={"here": kind.region})
        found, failed = service.forecasts(["here", kind.region, kind.other], start=NOW, end=END)
        asked = [one for one in server.asked if one.path != "/login"]
    assert failed == {}
    assert set(found) == {"here", kind.region, kind.other}
    assert found["here"] is found[kind.region]
    # One request a unique zone; the SDK takes them together.
    assert len(asked) == (1 if kind.name == "Carbon Aware SDK" else 2)
    assert all(one.headers["User-Agent"].startswith("lowcarb/") for one in asked)


@each_kind
def test_a_name_that_cannot_be_one_fails_alone(kind: Kind) -> None:
    with serving(kind.say()) as server:
        found, failed = kind.make(server.url).forecasts(
            [kind.region, "x" * 200, "a\nb"], start=NOW, end=END
        )
    assert set(found) == {kind.region}
    assert {type(error) for error in failed.values()} == {UnknownLocationError}
    assert all(len(str(error)) < 400 and "\n" not in str(error) for error in failed.values())


@pytest.mark.parametrize(
    "name", ["Electricity Maps", "WattTime", "Carbon Aware SDK", "Energy-Charts"]
)
def test_fifty_regions_with_a_slow_server(name: str) -> None:
    kind = BY_NAME[name]

    def handler(asked: Asked) -> Say:
        return replace(kind.say()(asked), delay=0.2)

    with serving(handler) as server:
        service = kind.make(server.url, deadline=timedelta(seconds=3))
        # What is not there within the deadline is an error.
        found, failed = service.forecasts(FIFTY, start=NOW, end=END)
    assert failed == {}
    assert set(found) == set(FIFTY)


@each_kind
def test_a_region_that_fails_never_loses_the_others(kind: Kind) -> None:
    names = ["1", "2", "3", "GB"] if "NESO" in kind.name else ["aa", "bb", "cc", "dd"]

    def handler(asked: Asked) -> Say:
        here = json.dumps([asked.path, asked.query])
        if names[1] in asked.query.get("location", []):
            problem = {"title": "ArgumentException", "detail": f"Unknown Location: '{names[1]}'"}
            return Say(status=400, body=problem)
        if f'"{names[1]}"' in here or here.split('"')[1].endswith(f"/{names[1]}"):
            return Say(status=404, body={"error": "No such zone"})
        country = asked.path.startswith("/intensity")
        return (BY_NAME["NESO GB"] if country else kind if "GB" not in kind.name else LONDON).say()(
            asked
        )

    with serving(handler) as server:
        found, failed = kind.make(server.url).forecasts(names, start=NOW, end=END)
    assert set(found) == {names[0], names[2], names[3]}
    assert set(failed) == {names[1]}


def test_keys_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="ELECTRICITYMAPS_TOKEN"):
        ElectricityMaps()
    with pytest.raises(ConfigurationError, match="WATTTIME_USER"):
        WattTime()
    monkeypatch.setenv("ELECTRICITYMAPS_TOKEN", f" {TOKEN}\n")
    kind = BY_NAME["Electricity Maps"]
    with serving(kind.say()) as server:
        service = ElectricityMaps(base_url=server.url, clock=lambda: NOW, cache=None)
        assert service.forecasts(["DE"], start=NOW, end=END)[1] == {}
        assert server.asked[0].headers["auth-token"] == TOKEN


def test_a_service_takes_no_more_than_half_a_minute_unless_asked_to() -> None:
    assert Neso().deadline == timedelta(seconds=30)
    with pytest.raises(ConfigurationError, match="longer than zero"):
        Neso(deadline=timedelta())
