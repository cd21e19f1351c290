"""The right values, units, intervals and issue times, from a server that speaks each format."""

from datetime import timedelta

import numpy as np
import pytest

from lowcarb.errors import UnknownLocationError
from lowcarb.forecast import Quality
from tests.lowcarb.providers.server import serving
from tests.lowcarb.providers.services import BY_NAME, END, ISSUED, KINDS, NOW, Kind

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
    origin = series.origin
    assert origin is not None
    signals = {"WattTime": "marginal", "Carbon Aware SDK": "marginal"}
    assert (origin.provider, origin.zone) == (
        kind.name.replace(" GB", "").replace(" London", ""),
        kind.region,
    )
    assert origin.signal == signals.get(kind.name, "average")
    assert (origin.fetched_at, origin.quality) == (NOW, Quality.FRESH)
    if kind.dated:
        assert origin.issued_at is not None
        assert abs(origin.issued_at - ISSUED) < timedelta(seconds=1)
    else:
        assert origin.issued_at == (NOW if "NESO" in kind.name else None)


@each_kind
def test_several_regions_of_which_one_has_another_name(kind: Kind) -> None:
    kind_other = BY_NAME["NESO London"] if kind.name == "NESO GB" else kind

    def handler(asked):  # type: ignore[no-untyped-def]
        return (kind_other if "regionid" in asked.path else kind).say()(asked)

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
