"""Forecasts from a CSV file that may change while a training runs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lowcarb import HowWritten, InputError, ProviderError
from lowcarb.carbon.provenance import Quality
from lowcarb.errors import NoDataError, UnknownLocationError
from lowcarb.providers import Answer, CsvProvider
from lowcarb.providers.fallback import FallbackForecasts
from tests.helpers.data import START

HOUR = timedelta(hours=1)
ISSUES = """issued_at,target_time,DE,FR
2022-07-15T00:00Z,2022-07-15T00:00Z,400,50
2022-07-15T00:00Z,2022-07-15T01:00Z,410,60
2022-07-15T06:00Z,2022-07-15T06:00Z,500,70
2022-07-15T06:00Z,2022-07-15T07:00Z,510,80
"""
SINGLE = "time_utc,DE\n2022-07-15T00:00Z,1\n2022-07-15T01:00Z,2\n"


def ask(provider: CsvProvider, hour: float = 0, *regions: str) -> Answer:
    start = START + hour * HOUR
    return provider.forecasts(list(regions) or ["DE"], start=start, end=start + HOUR)


def values(provider: CsvProvider, hour: float = 0, region: str = "DE") -> list[float]:
    return list(ask(provider, hour, region)[0][region].values)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "forecast.csv"
    path.write_text(ISSUES)
    return path


def test_the_newest_issue_by_then_is_given(path: Path) -> None:
    provider = CsvProvider(path)
    assert values(provider, 0) == [400, 410]
    assert values(provider, 5.99) == [400, 410]
    assert values(provider, 6) == [500, 510]
    assert values(provider, 6, "FR") == [70, 80]
    with pytest.raises(NoDataError, match="no forecast was issued by 2022-07-14 23:00"):
        ask(provider, -1)


def test_it_says_where_the_values_come_from(path: Path) -> None:
    provenance = ask(CsvProvider(str(path), signal="marginal"), 7)[0]["DE"].provenance
    assert provenance is not None
    assert provenance.provider == f"csv {path}"
    assert (provenance.zone, provenance.signal, provenance.quality) == (
        "DE",
        "marginal",
        Quality.FRESH,
    )
    assert provenance.issued_at == START + 6 * HOUR
    path.write_text(SINGLE)
    provenance = ask(CsvProvider(path))[0]["DE"].provenance
    assert provenance is not None
    assert (provenance.signal, provenance.issued_at) == (None, None)


def test_an_unknown_region_loses_no_other(path: Path) -> None:
    found, failed = ask(CsvProvider(path), 0, "DE", "XX", "FR")
    assert set(found) == {"DE", "FR"}
    assert set(failed) == {"XX"}
    assert isinstance(failed["XX"], UnknownLocationError)
    assert "region 'XX' is not in the forecast" in str(failed["XX"])


def test_units_are_converted(path: Path) -> None:
    assert values(CsvProvider(path, units="lb/MWh")) == pytest.approx([181.436948, 185.9728717])


def test_a_file_that_changes_is_read_again(path: Path) -> None:
    provider = CsvProvider(path)
    assert values(provider, 6) == [500, 510]
    with path.open("a") as stream:
        stream.write("2022-07-15T07:00Z,2022-07-15T07:00Z,600,1\n")
        stream.write("2022-07-15T07:00Z,2022-07-15T08:00Z,610,1\n")
    assert values(provider, 6) == [500, 510]
    assert values(provider, 7) == [600, 610]
    other = path.with_name("new.csv")
    other.write_text(SINGLE)
    other.replace(path)
    assert values(provider) == [1, 2]


def test_a_file_that_stays_is_read_once(path: Path) -> None:
    provider = CsvProvider(path)
    assert ask(provider)[0]["DE"].times is ask(provider)[0]["DE"].times


def test_a_file_that_vanishes_or_breaks_is_no_forecast_until_it_is_back(path: Path) -> None:
    provider = CsvProvider(path)
    path.unlink()
    with pytest.raises(ProviderError, match=r"forecast\.csv"):
        ask(provider)
    path.write_text(ISSUES + "2022-07-15T06:00Z,2022-0")
    with pytest.raises(ProviderError, match=r"forecast\.csv:6: "):
        ask(provider)
    path.write_text(ISSUES)
    assert values(provider) == [400, 410]


def test_on_the_ladder_it_becomes_the_last_good_forecast(path: Path) -> None:
    ladder = FallbackForecasts(provider=CsvProvider(path))
    ladder.get(["DE"], START, START + HOUR, HOUR)
    path.unlink()
    view = ladder.get(["DE"], START + HOUR, START + 2 * HOUR, HOUR)
    assert view.provenances["DE"].quality is Quality.LAST_GOOD
    assert view.mean("DE", START + HOUR, 3600) == 410


def test_mistakes_are_found_before_a_training_begins() -> None:
    with pytest.raises(InputError, match="expected units g/kWh or lb/MWh, got 'kg'"):
        CsvProvider("f.csv", units="kg")
    with pytest.raises(InputError, match="signal: expected average or marginal, got 'mean'"):
        CsvProvider("f.csv", signal="mean")


def test_two_for_one_file_are_equal(path: Path) -> None:
    one, other = CsvProvider(path), CsvProvider(path)
    ask(one)
    assert one == other
    assert hash(one) == hash(other)
    assert "Issues" not in repr(one)


MIXED = "time_utc,NSW\n" + "".join(
    f"2026-07-07T{time}Z,{value}\n"
    for time, value in (
        ("00:50", 100),
        ("00:55", 100),
        ("01:00", 200),
        ("02:00", 300),
        ("03:00", 400),
    )
)


def test_steps_that_change_are_no_gaps_to_a_training(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text(MIXED)
    begin = datetime(2026, 7, 7, 0, 50, tzinfo=UTC)
    ladder = FallbackForecasts(provider=CsvProvider(path))
    view = ladder.get(["NSW"], begin, begin + 3 * HOUR, HOUR / 12)
    assert view.forecast is not None
    for hours, value in ((1, 200), (2, 300)):
        start = begin.replace(minute=0) + hours * HOUR
        assert view.forecast.mean("NSW", start, HOUR) == value
    assert view.provenances["NSW"].quality is Quality.FRESH


def test_each_region_has_the_newest_issue_that_knows_it(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text(
        "issued_at,target_time,region,value\n"
        "2022-07-15T00:00:02Z,2022-07-15T00:00Z,GB,150\n"
        "2022-07-15T00:00:02Z,2022-07-15T01:00Z,GB,140\n"
        "2022-07-15T00:00:41Z,2022-07-15T00:00Z,DE,350\n"
        "2022-07-15T00:00:41Z,2022-07-15T01:00Z,DE,340\n"
    )
    found, failed = ask(CsvProvider(path), 0.5, "GB", "DE")
    assert failed == {}
    issued = {name: one.provenance and one.provenance.issued_at for name, one in found.items()}
    assert issued == {
        "GB": START + timedelta(seconds=2),
        "DE": START + timedelta(seconds=41),
    }


def test_an_export_is_read_as_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "wt.csv"
    path.write_text("point_time,value\n2022-07-15T00:00Z,1000\n2022-07-15T00:05Z,1000\n")
    provider = CsvProvider(path, how=HowWritten(region="CAISO_NORTH"))
    one = ask(provider, 0, "CAISO_NORTH")[0]["CAISO_NORTH"]
    assert list(one.values) == pytest.approx([453.59237, 453.59237])
    assert one.provenance is not None
    assert one.provenance.signal == "marginal"
    # A training has no text of its own for what a person should know: the log does, once.
    ask(provider, 0, "CAISO_NORTH")
    assert caplog.text.count("taken for lb/MWh, as usual in an export of WattTime") == 1
