"""The right values, units, intervals and issue times, from a server that speaks each format."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from lowcarb.carbon.provenance import Quality
from lowcarb.errors import (
    AccessDeniedError,
    BadResponseError,
    ConfigurationError,
    InputError,
    NoDataError,
    ProviderUnavailableError,
    UnknownLocationError,
)
from lowcarb.providers import ElectricityMaps, Neso, WattTime
from lowcarb.providers.services.zones import CLOUD_ZONES, cloud_zone, point
from tests.helpers.data import ROOT
from tests.helpers.forecast_services import (
    BY_NAME,
    END,
    HOUR,
    ISSUED,
    KINDS,
    NOW,
    TOKEN,
    Kind,
    intensity,
    iso,
    login,
    slot,
)
from tests.helpers.http_server import Asked, Say, serving

PAST = NOW - timedelta(hours=6)
FIXTURES = ROOT.parent / "shared" / "providers" / "fixtures"
LONDON = BY_NAME["NESO London"]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


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


FIFTY = [f"z{first}{second}" for first in "abcde" for second in "abcdefghij"]


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


@pytest.mark.parametrize(
    ("status", "expected"),
    [(400, BadResponseError), (403, AccessDeniedError), (500, ProviderUnavailableError)],
)
def test_a_location_that_spoils_the_sdks_answer_for_all_fails_alone(
    status: int, expected: type[Exception]
) -> None:
    """Its upstream plan may cover some locations only, and one bad one fails the whole call."""
    kind = BY_NAME["Carbon Aware SDK"]

    def handler(asked: Asked) -> Say:
        spoilt = "bad" in asked.query["location"]
        return Say(status=status, body={"detail": "Sorry"}) if spoilt else kind.say()(asked)

    with serving(handler) as server:
        found, failed = kind.make(server.url).forecasts(["a", "bad", "b"], start=NOW, end=END)
    assert set(found) == {"a", "b"}
    assert {name: type(error) for name, error in failed.items()} == {"bad": expected}


@pytest.mark.parametrize("status", [401, 503])
def test_a_server_that_is_down_for_all_is_not_asked_for_each(status: int) -> None:
    kind = BY_NAME["Carbon Aware SDK"]
    with serving(lambda _asked: Say(status=status)) as server:
        _, failed = kind.make(server.url).forecasts(["a", "b", "c"], start=NOW, end=END)
        assert all(len(asked.query["location"]) == 3 for asked in server.asked)
    assert set(failed) == {"a", "b", "c"}


def test_one_location_written_in_two_ways() -> None:
    kind = BY_NAME["Carbon Aware SDK"]
    names = ["eastus", "EastUS", "westeurope"]
    with serving(kind.say()) as server:
        found, failed = kind.make(server.url).forecasts(names, start=NOW, end=END)
    assert (set(found), failed) == (set(names), {})


def test_two_different_forecasts_of_one_location_are_refused() -> None:
    kind = BY_NAME["Carbon Aware SDK"]

    def handler(asked: Asked) -> Say:
        body = kind.body(kind.rows(), asked)
        body.append(json.loads(json.dumps(body[0])))
        body[-1]["forecastData"][0]["value"] = 1
        return Say(body=body)

    with serving(handler) as server:
        found, failed = kind.make(server.url).forecasts(["a", "b"], start=NOW, end=END)
    assert set(found) == {"b"}
    assert type(failed["a"]) is BadResponseError


ABSURD: list[tuple[str, Any]] = [
    ("value", 10**400),
    ("duration", 10**400),
    ("duration", 10**12),
    ("duration", -5),
    ("duration", 0),
]


@pytest.mark.parametrize(("name", "value"), ABSURD)
def test_an_absurd_number_fails_alone(name: str, value: Any) -> None:
    kind = BY_NAME["Carbon Aware SDK"]

    def handler(asked: Asked) -> Say:
        body = kind.body(kind.rows(), asked)
        next(one for one in body if one["location"] == "b")["forecastData"][-1][name] = value
        return Say(body=body)

    with serving(handler) as server:
        found, failed = kind.make(server.url).forecasts(["a", "b"], start=NOW, end=END)
    assert set(found) == {"a"}
    assert type(failed["b"]) is BadResponseError
    assert "not of the form" not in str(failed["b"])


@pytest.mark.parametrize("duration", ["9" * 400 + ".00:05:00", "999999.00:05:00", "00:00:00"])
def test_an_absurd_duration_in_the_sdks_past_fails_alone(duration: str) -> None:
    kind = BY_NAME["Carbon Aware SDK"]

    def handler(asked: Asked) -> Say:
        length = duration if asked.one("location") == "b" else "00:05:00"
        rows = kind.rows(20, PAST)
        return Say(
            body=[
                {"location": "GRID", "time": iso(at), "rating": value, "duration": length}
                for at, value in rows
            ]
        )

    with serving(handler) as server:
        found, failed = kind.make(server.url).actuals(["a", "b"], start=PAST, end=END)
    assert set(found) == {"a"}
    assert type(failed["b"]) is BadResponseError


@pytest.mark.parametrize("step", [10**400, 10**12, 0, -300])
def test_an_absurd_step_of_watttime_is_refused(step: int) -> None:
    kind = BY_NAME["WattTime"]

    def handler(asked: Asked) -> Say:
        body = (login(asked) or kind.say()(asked)).body
        if "meta" in body:
            body["meta"]["data_point_period_seconds"] = step
        return Say(body=body)

    with serving(handler) as server:
        _, failed = kind.make(server.url).forecasts([kind.region], start=NOW, end=END)
    assert "expected a value to hold" in str(failed[kind.region])


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


def test_names_of_your_own_for_energy_charts() -> None:
    kind = BY_NAME["Energy-Charts"]
    with serving(kind.say()) as server:
        service = kind.make(server.url, zones={"home": "AT", "DE-LU": "eu-central-1"})
        service.forecasts(["home", "DE-LU"], start=NOW, end=END)
        assert {asked.one("country") for asked in server.asked} == {"at", "de"}


def test_neso_does_not_know_regions_elsewhere() -> None:
    with serving(LONDON.say()) as server:
        names = ["DE", "18", "0", "eu-central-1", "", "London, Ontario"]
        found, failed = LONDON.make(server.url).forecasts(names, start=NOW, end=END)
        assert server.asked == []
    assert found == {}
    assert {type(error) for error in failed.values()} == {UnknownLocationError}


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


def test_electricity_maps_never_lets_the_service_guess_where_we_are() -> None:
    kind = BY_NAME["Electricity Maps"]

    def handler(asked: Asked) -> Say:
        zone = "FR" if "lat" in asked.query else None
        return Say(body=kind.body(kind.rows(), asked, zone=zone))

    with serving(handler) as server:
        found, _ = kind.make(server.url, horizon_hours=48).forecasts(
            ["eu-central-1", "48.86, 2.35", "DE"], start=NOW, end=END
        )
        queries = [asked.query for asked in server.asked]
        tokens = {asked.headers["auth-token"] for asked in server.asked}
    assert {name: s.provenance.zone for name, s in found.items() if s.provenance} == {
        "eu-central-1": "DE",
        "48.86, 2.35": "FR",
        "DE": "DE",
    }
    assert len(queries) == 2
    assert all(query["disableCallerLookup"] == ["true"] for query in queries)
    assert all(query["horizonHours"] == ["48"] for query in queries)
    assert tokens == {TOKEN}


def test_electricity_maps_direct_emissions() -> None:
    kind = BY_NAME["Electricity Maps"]
    with serving(kind.say()) as server:
        service = kind.make(server.url, accounting="direct")
        found, _ = service.forecasts(["DE"], start=NOW, end=END)
        assert server.asked[0].one("emissionFactorType") == "direct"
    assert found["DE"].provenance is not None
    assert found["DE"].provenance.accounting == "direct"


@pytest.mark.parametrize(
    ("name", "wrong"), [("zone", "FR"), ("emissionFactorType", "direct"), ("zone", None)]
)
def test_a_row_of_electricity_maps_for_another_zone_or_of_another_kind(
    name: str, wrong: Any
) -> None:
    kind = BY_NAME["Electricity Maps"]

    def handler(asked: Asked) -> Say:
        body = kind.body(kind.rows(), asked)
        body["forecast"][7][name] = wrong
        return Say(body=body)

    with serving(handler) as server:
        found, failed = kind.make(server.url).forecasts(["DE"], start=NOW, end=END)
    assert found == {}
    assert type(failed["DE"]) is BadResponseError


def test_rows_of_electricity_maps_under_data_hold_as_long_as_it_says() -> None:
    """Hours that come two apart stay hours, and what is between them a gap."""
    kind = BY_NAME["Electricity Maps"]
    rows = [(NOW + timedelta(hours=2 * i), 100 + i) for i in range(6)]

    def handler(asked: Asked) -> Say:
        body = kind.body(rows, asked)
        body["data"] = body.pop("forecast")
        return Say(body=body)

    with serving(handler) as server:
        found, failed = kind.make(server.url).forecasts(["DE"], start=NOW, end=END)
    assert failed == {}
    assert found["DE"].ends.tolist() == [(at + HOUR).timestamp() for at, _ in rows]


def test_electricity_maps_options() -> None:
    with pytest.raises(InputError, match="accounting: expected lifecycle or direct, got 'both'"):
        ElectricityMaps(token=TOKEN, accounting="both")
    with pytest.raises(ConfigurationError, match="horizon_hours: expected 6, 24, 48 or 72, got 7"):
        ElectricityMaps(token=TOKEN, horizon_hours=7)


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


def test_watttime_finds_the_region_of_a_place_once() -> None:
    kind = BY_NAME["WattTime"]

    def handler(asked: Asked) -> Say:
        if asked.path == "/v3/region-from-loc":
            assert asked.one("signal_type") == "co2_moer"
            assert (asked.one("latitude"), asked.one("longitude")) == ("37.77", "-122.42")
            return Say(body={"region": "CAISO_NORTH", "signal_type": "co2_moer"})
        return kind.say()(asked)

    with serving(handler) as server:
        service = kind.make(server.url)
        for _ in range(2):
            found, _ = service.forecasts(["37.77,-122.42"], start=NOW, end=END)
            assert [s.provenance.zone for s in found.values() if s.provenance] == ["CAISO_NORTH"]
        assert [asked.path for asked in server.asked].count("/v3/region-from-loc") == 1


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


def test_watttime_says_that_cloud_regions_are_not_its_own() -> None:
    kind = BY_NAME["WattTime"]
    with serving(kind.say()) as server:
        service = kind.make(server.url, zones={"us-west-1": "CAISO_NORTH"})
        found, failed = service.forecasts(["us-west-1", "eu-west-1"], start=NOW, end=END)
    assert set(found) == {"us-west-1"}
    assert "expected a region of WattTime's" in str(failed["eu-west-1"])


# --- what came true


def test_what_came_true_in_great_britain() -> None:
    rows = LONDON.rows(12, PAST)
    data = [
        slot(at, {"intensity": {"forecast": 999, "actual": None if i > 9 else value}})
        for i, (at, value) in enumerate(rows)
    ]
    with serving(lambda _asked: Say(body={"data": data})) as server:
        found, failed = LONDON.make(server.url).actuals(["GB", "London"], start=PAST, end=END)
        # What is ahead has not come true.
        assert [asked.path for asked in server.asked] == [
            "/intensity/2026-11-24T04:00Z/2026-11-24T10:30Z"
        ]
    assert found["GB"].values.tolist() == [value for _, value in rows[:10]]
    assert type(failed["London"]) is NoDataError


def test_what_came_true_by_watttime_and_electricity_maps() -> None:
    for name, key in (("WattTime", "data"), ("Electricity Maps", "data")):
        kind = BY_NAME[name]
        rows = kind.rows(20, PAST)

        def handler(asked: Asked, kind: Kind = kind, rows: Any = rows, key: str = key) -> Say:
            if asked.path == "/login":
                return kind.say()(asked)
            assert asked.path in ("/v3/historical", "/carbon-intensity/past-range")
            assert asked.one("start") == "2026-11-24T04:00:00Z"
            assert asked.one("end") == "2026-11-24T10:00:00Z"
            body = kind.body(rows, asked)
            body[key] = body.pop("forecast", body.get(key))
            return Say(body=body)

        with serving(handler) as server:
            found, failed = kind.make(server.url).actuals([kind.region], start=PAST, end=END)
        assert failed == {}
        expected = [value * kind.factor for at, value in rows if at + kind.step <= NOW]
        np.testing.assert_allclose(found[kind.region].values, expected)


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if "London" not in kind.name], ids=lambda k: k.name
)
def test_what_came_true_begins_early_enough_and_ends_with_what_is_over(kind: Kind) -> None:
    """A value belongs to its start, and the one that holds now has not come true."""
    start, now = PAST + timedelta(minutes=2), NOW + timedelta(minutes=2)
    rows = kind.rows(100, PAST - timedelta(hours=1))

    def handler(asked: Asked) -> Say:
        if asked.path == "/login":
            return kind.say()(asked)
        if kind.name == "NESO GB":
            first = asked.path.split("/")[2]
        else:
            first = asked.one("start" if "start" in asked.query else "time")
        begin = datetime.fromisoformat(first)
        given = [(at, value) for at, value in rows if begin <= at <= now]
        return Say(body=past_body(kind, given, asked))

    with serving(handler) as server:
        service = kind.make(server.url, clock=lambda: now)
        found, failed = service.actuals([kind.region], start=start, end=END)
    assert failed == {}
    series = found[kind.region]
    assert not np.isnan(series.means(np.array([start.timestamp()]), 600.0)).any()
    assert series.ends[-1] <= now.timestamp() < series.ends[-1] + kind.step.total_seconds()
    assert series.provenance is not None
    assert series.provenance.signal is not None


def past_body(kind: Kind, rows: Any, asked: Asked) -> Any:
    """Write rows as each service writes its past."""
    if kind.name == "NESO GB":
        return {"data": [slot(at, intensity(value, actual=value)) for at, value in rows]}
    if kind.name == "Energy-Charts":
        times = [int(at.timestamp()) for at, _ in rows]
        return {"unix_seconds": times, "co2eq": [value for _, value in rows]}
    if kind.name == "Carbon Aware SDK":
        return [
            {"location": "GRID", "time": iso(at), "rating": value, "duration": "00:05:00"}
            for at, value in rows
        ]
    body = kind.body(rows, asked)
    body["data"] = body.pop("forecast", body.get("data"))
    return body


def test_a_past_in_which_nothing_is_over_yet_is_no_data() -> None:
    kind = BY_NAME["Electricity Maps"]
    with serving(lambda asked: Say(body=past_body(kind, [(NOW, 5)], asked))) as server:
        service = kind.make(server.url, clock=lambda: NOW + timedelta(minutes=30))
        found, failed = service.actuals(["DE"], start=NOW, end=END)
    assert found == {}
    assert type(failed["DE"]) is NoDataError


def test_a_single_value_that_is_over_is_taken() -> None:
    kind = BY_NAME["Electricity Maps"]
    rows = [(NOW, 5), (NOW + kind.step, 7)]
    with serving(lambda asked: Say(body=past_body(kind, rows, asked))) as server:
        service = kind.make(server.url, clock=lambda: NOW + timedelta(minutes=90))
        found, _ = service.actuals(["DE"], start=NOW, end=END)
    assert found["DE"].means(np.array([NOW.timestamp()]), 3600.0).tolist() == [5]
    assert found["DE"].ends[-1] == (NOW + kind.step).timestamp()


def test_what_came_true_by_the_sdk() -> None:
    kind = BY_NAME["Carbon Aware SDK"]
    rows = kind.rows(20, PAST)

    def handler(asked: Asked) -> Say:
        assert (asked.path, asked.one("location")) == ("/emissions/bylocation", kind.region)
        return Say(
            body=[
                {"location": "GRID", "time": iso(at), "rating": value, "duration": "00:05:00"}
                for at, value in reversed(rows)
            ]
        )

    with serving(handler) as server:
        found, failed = kind.make(server.url).actuals([kind.region], start=PAST, end=END)
    assert failed == {}
    assert found[kind.region].values.tolist() == [value for _, value in rows]
    assert found[kind.region].step_s == 300


def test_what_came_true_by_energy_charts() -> None:
    kind = BY_NAME["Energy-Charts"]
    rows = kind.rows(40, PAST)
    with serving(kind.say(rows)) as server:
        found, failed = kind.make(server.url).actuals(["DE"], start=PAST, end=END)
        assert server.asked[0].one("start") == "2026-11-24T04:00Z"
    assert failed == {}
    assert found["DE"].values.tolist() == [value for at, value in rows if at < NOW]


# --- names of regions


def test_the_known_errors_of_public_tables_are_not_ours() -> None:
    assert cloud_zone("westus") == "US-CAL-CISO"
    assert cloud_zone("northeurope") == "IE"
    assert cloud_zone("europe-west2") == "GB"
    assert cloud_zone("DE") is None
    assert cloud_zone("us-west-2") is None


def test_every_zone_of_the_table_is_one() -> None:
    assert all(re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]+)*", zone) for zone in CLOUD_ZONES.values())
    recorded = FIXTURES / "electricitymaps" / "zones.json"
    if recorded.exists():
        assert set(CLOUD_ZONES.values()) <= set(json.loads(recorded.read_text()))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("52.5,13.4", ("52.5", "13.4")),
        (" -33 , 151.2", ("-33", "151.2")),
        ("91,0", None),
        ("0,181", None),
        ("DE", None),
        ("1,2,3", None),
    ],
)
def test_places(name: str, expected: tuple[str, str] | None) -> None:
    assert point(name) == expected
