"""What came true, by each service: only what is over, and from early enough on."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from lowcarb.errors import BadResponseError, NoDataError
from tests.helpers.forecast_services import (
    BY_NAME,
    END,
    KINDS,
    LONDON,
    NOW,
    PAST,
    Kind,
    intensity,
    iso,
    slot,
)
from tests.helpers.http_server import Asked, Say, serving


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


def test_what_came_true_by_energy_charts() -> None:
    kind = BY_NAME["Energy-Charts"]
    rows = kind.rows(40, PAST)
    with serving(kind.say(rows)) as server:
        found, failed = kind.make(server.url).actuals(["DE"], start=PAST, end=END)
        assert server.asked[0].one("start") == "2026-11-24T04:00Z"
    assert failed == {}
    assert found["DE"].values.tolist() == [value for at, value in rows if at < NOW]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "London" not in kind.name])
@pytest.mark.parametrize("bad", [None, -1.0, "many"])
def test_what_is_no_value_costs_its_own_time_only(kind: Kind, bad: Any) -> None:
    rows: list[tuple[datetime, Any]] = list(kind.rows(12, PAST - timedelta(hours=1)))
    good = [value for _, value in rows]
    for lost in (4, 11):
        rows[lost] = (rows[lost][0], bad)

    def handler(asked: Asked) -> Say:
        return (
            kind.say()(asked) if asked.path == "/login" else Say(body=past_body(kind, rows, asked))
        )

    with serving(handler) as server:
        service = kind.make(server.url, clock=lambda: NOW + timedelta(days=1))
        found, failed = service.actuals([kind.region], start=PAST, end=NOW + timedelta(hours=9))
    assert failed == {}
    series = found[kind.region]
    expected = [value * kind.factor for n, value in enumerate(good) if n not in (4, 11)]
    np.testing.assert_allclose(series.values, expected)
    # The value before what is unknown does not hold on.
    np.testing.assert_allclose(series.ends - series.times, kind.step.total_seconds())
