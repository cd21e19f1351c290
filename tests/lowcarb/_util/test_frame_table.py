"""Data frames are read by the rules of CSV files: the same objects, the same refusals."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import (
    CoverageError,
    Fleet,
    Forecast,
    InputError,
    Series,
    read_fleet,
    read_forecasts,
)
from tests.helpers.data import ROOT

EXAMPLES = ROOT / "examples"
T0 = datetime(2022, 7, 15, tzinfo=UTC)
HOURS = pd.date_range(T0, periods=4, freq="h")
CLIENTS = "client,region,energy_kwh,duration_min\na,DE,0.5,30\nb,FR,0,60\n"


def frame_of(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(columns, index=HOURS)


def clients(text: str = CLIENTS) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text))


def same_series(one: Series, other: Series) -> bool:
    return all(
        np.array_equal(a, b)
        for a, b in ((one.times, other.times), (one.values, other.values), (one.ends, other.ends))
    )


def same_forecast(one: Forecast, other: Forecast) -> bool:
    return (
        (list(one.series), one.issued_at) == (list(other.series), other.issued_at)
        and one.first_time == other.first_time
        and all(same_series(one.series[r], other.series[r]) for r in one.series)
    )


def same_fleet(one: Fleet, other: Fleet) -> bool:
    return (
        list(one.clients) == list(other.clients)
        and list(one.regions) == list(other.regions)
        and list(one.attributes) == list(other.attributes)
        and all(
            np.array_equal(one.attributes[name], other.attributes[name]) for name in one.attributes
        )
        and all(
            np.array_equal(getattr(one, name), getattr(other, name))
            for name in ("region", "energy_kwh", "duration_s", "min_rounds", "max_rounds")
        )
    )


@pytest.mark.parametrize("name", ["forecast.csv", "actuals.csv"])
@pytest.mark.parametrize("units", ["g/kWh", "lb/MWh"])
def test_a_series_of_the_examples_is_the_same_from_a_frame(name: str, units: str) -> None:
    frame = pd.read_csv(EXAMPLES / name, index_col="time_utc", parse_dates=True)
    found = Forecast.from_frame(frame, source="mine", units=units)
    assert found.source == "mine"
    assert same_forecast(found, read_forecasts(EXAMPLES / name, units).newest)


def test_the_issues_of_the_examples_are_the_same_from_frames() -> None:
    table = pd.read_csv(EXAMPLES / "issues.csv", parse_dates=["issued_at", "target_time"])
    read = read_forecasts(EXAMPLES / "issues.csv").forecasts
    groups = table.groupby("issued_at")
    assert len(groups) == len(read) > 1
    for (issued_at, group), forecast in zip(groups, read, strict=True):
        assert isinstance(issued_at, datetime)
        frame = group.set_index("target_time").drop(columns="issued_at")
        assert same_forecast(Forecast.from_frame(frame, issued_at=issued_at), forecast)


def test_the_fleet_of_the_examples_is_the_same_from_a_frame() -> None:
    frame = pd.read_csv(EXAMPLES / "clients.csv")
    read = read_fleet(EXAMPLES / "clients.csv")
    assert same_fleet(Fleet.from_frame(frame), read)
    assert same_fleet(Fleet.from_frame(frame.set_index("client")), read)


@given(
    rows=st.lists(
        st.tuples(st.floats(0, 2000), st.none() | st.floats(0, 2000, width=32), st.integers(0, 9)),
        min_size=2,
        max_size=20,
    ),
    offset=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"]),
    step_min=st.sampled_from([5, 60, 90]),
)
def test_frames_and_long_csv_agree_on_what_is_known(
    rows: list[tuple[float, float | None, int]],
    offset: str,
    step_min: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A long CSV leaves out what is not known, as a frame does with a missing value."""
    columns: dict[str, list[Any]] = {
        name: [row[at] for row in rows] for at, name in enumerate(("a", "b", "c"))
    }
    if sum(value is not None for value in columns["b"]) < 2:
        del columns["b"]
    index = pd.date_range(T0, periods=len(rows), freq=f"{step_min}min").tz_convert(offset)
    found = Forecast.from_frame(pd.DataFrame(columns, index=index))
    path = tmp_path_factory.mktemp("long") / "f.csv"
    lines = [
        f"{time.isoformat()},{region},{value!r}\n"
        for region, values in columns.items()
        for time, value in zip(index, values, strict=True)
        if value is not None
    ]
    path.write_text("target_time,region,value\n" + "".join(lines))
    read = read_forecasts(path).newest
    assert list(found.series) == list(read.series)
    for region, series in read.series.items():
        assert np.array_equal(found.series[region].times, series.times)
        assert np.array_equal(found.series[region].values, series.values)


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["DE", "FR", "1"]),
            st.just(0.0) | st.floats(1e-9, 1e6),
            st.floats(0.02, 1e5),
            st.none() | st.integers(0, 99),
            st.sampled_from(["", "linux"]),
        ),
        min_size=1,
        max_size=10,
    )
)
def test_any_fleet_is_the_same_from_a_frame_and_from_its_csv(
    rows: list[tuple[str, float, float, int | None, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    columns = ["region", "energy_kwh", "duration_min", "min_rounds", "attr:os"]
    frame = pd.DataFrame(rows, columns=columns)
    frame.insert(0, "client", [f"c{i}" for i in range(len(rows))])
    path = tmp_path_factory.mktemp("fleet") / "c.csv"
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    lines = [f"c{i},{','.join(row)}\n" for i, row in enumerate(cells)]
    path.write_text(f"client,{','.join(columns)}\n" + "".join(lines))
    assert same_fleet(Fleet.from_frame(frame), read_fleet(path))


def test_a_missing_value_is_unknown_from_its_time_to_the_next() -> None:
    found = Forecast.from_frame(
        frame_of(DE=[1.0, None, 3.0, None], FR=[1, 2, 3, 4], IT=[None, None, 3, 4])
    )
    hour = timedelta(hours=1)
    assert [found.mean("DE", T0 + at * hour, hour) for at in (0, 2)] == [1, 3]
    assert found.mean("FR", T0, 4 * hour) == 2.5
    assert found.mean("IT", T0 + 2 * hour, 2 * hour) == 3.5
    for at in (1, 3):
        with pytest.raises(CoverageError, match=r"does not cover region 'DE'"):
            found.mean("DE", T0 + at * hour, hour)
    with pytest.raises(CoverageError, match="without 2022-07-15 01:00 to 2022-07-15 02:00"):
        found.mean("DE", T0, 4 * hour)


def test_a_series_is_the_forecast_of_one_region() -> None:
    found = Forecast.from_frame(frame_of(DE=[1, 2, 3, 4])["DE"], source="mine", issued_at=T0)
    assert list(found.series) == ["DE"]
    assert found.issued_at == T0
    with pytest.raises(InputError, match="expected a Series named as its region, got the name No"):
        Forecast.from_frame(pd.Series([1.0, 2.0], index=HOURS[:2]))


def test_identical_duplicates_are_merged_as_in_a_csv() -> None:
    frame = frame_of(DE=[1, 2, 3, 4], FR=[None, 2, 3, 4]).iloc[[0, 1, 1, 2, 3]]
    assert len(Forecast.from_frame(frame).series["DE"].times) == 4
    assert len(Forecast.from_frame(frame).series["FR"].times) == 3


NOT_A_FRAME: Any = {"DE": [1, 2]}


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (NOT_A_FRAME, "expected a pandas DataFrame, got dict"),
        (frame_of(DE=[1, 2, 3, 4]).iloc[:0], "got 0 rows and 1 columns"),
        (frame_of(), "got 4 rows and 0 columns"),
        (frame_of(DE=[1, 2, 3, 4]).reset_index(drop=True), "DatetimeIndex with a zone, got Range"),
        (frame_of(DE=[1, 2, 3, 4]).tz_localize(None), "have no zone, such as 2022-07-15 00:00:00;"),
        (frame_of(DE=[1, 2, 3, 4])[::-1], "row 1: the time 2022-07-15 02:00 UTC comes after 2022"),
        (frame_of(DE=[1, 2, 3, 4])[["DE", "DE"]], "the column 'DE' appears twice"),
        (frame_of(DE=[1, 2, 3, 4]).rename(columns={"DE": " "}), "a column has no name"),
        (frame_of(DE=[1, 2, 3, 4]).rename(columns={"DE": 7}), "columns named by text, got 7; fra"),
        (
            frame_of(FR=[1, 2, 3, 4], DE=[1, 2, -3, 4]),
            "row 2: the intensity of region 'DE' at 2022-07-15 02:00 UTC: expected a finite number "
            "from 0 to 100000, got '-3'",
        ),
        (frame_of(DE=[1, 2, np.inf, 4]), "row 2: .* got 'inf'"),
        (frame_of(DE=[1, 2, "many", 4]), "row 2: .* got 'many'"),
        (frame_of(DE=[1, 2, True, 4]), "row 2: .* got 'True'"),
        (frame_of(DE=[1, 2, 3, 4])[2:3], "row 0: .* at 2022-07-15 02:00 UTC is the only time"),
        (frame_of(FR=[1, 2, 3, 4], DE=[None] * 4), "region 'DE' has no value at any time"),
        (
            frame_of(DE=[1, 2, 3, 4]).set_index(HOURS[[0, 1, 1, 2]]),
            "row 2: .* at 2022-07-15 01:00 UTC has two different values, 2 and 3",
        ),
        (
            frame_of(DE=[1, 2, 3, 4]).set_index(pd.DatetimeIndex([*HOURS[:3], pd.NaT])),
            "row 3: index: expected a time such as .*, got 'NaT'",
        ),
    ],
)
def test_what_is_no_forecast_is_refused_by_row_region_and_time(
    frame: pd.DataFrame, message: str
) -> None:
    with pytest.raises(InputError, match=message) as error:
        Forecast.from_frame(frame, source="mine")
    assert (error.value.file, error.value.line) == ("mine", None)


@pytest.mark.parametrize("issued_at", ["2022-07-15", datetime(2022, 7, 15)])  # noqa: DTZ001
def test_a_time_of_issue_needs_a_zone(issued_at: Any) -> None:
    with pytest.raises(InputError, match="issued_at: expected a time with a zone, got 2022-07-15"):
        Forecast.from_frame(frame_of(DE=[1, 2, 3, 4]), issued_at=issued_at)
    with pytest.raises(InputError, match="units g/kWh or lb/MWh"):
        Forecast.from_frame(frame_of(DE=[1, 2, 3, 4]), units="kg")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (clients().iloc[:0], "got 0 rows and 4 columns"),
        (clients().rename(columns={"region": "zone"}), "unknown column 'zone'; known are client"),
        (clients().drop(columns="duration_min"), "the column 'duration_min' is missing"),
        (clients().drop(columns="client").set_index(pd.Index([1, 2])), "the column 'client' is mi"),
        (clients(CLIENTS.replace("b,", "a,")), "row 1: client 'a' stands already in row 0"),
        (clients(CLIENTS.replace("b,", ",")), "row 1: the client's name is blank"),
        (clients().set_index("client", drop=False), "the column 'client' appears twice"),
        (
            clients(CLIENTS.replace("b,", "a,")).set_index("client"),
            "row 1: client 'a' stands already in row 0",
        ),
        (clients(CLIENTS.replace("FR", "")), "row 1: region of client 'b' is blank"),
        (
            clients(CLIENTS.replace("0.5", "-0.5")),
            "row 0: energy_kwh of client 'a': expected a finite number from 0 to 1e\\+09, got '-0.",
        ),
        (clients(CLIENTS.replace("0.5", "")), "row 0: client 'a' has neither energy_kwh nor"),
        (clients().assign(min_rounds=[1.5, np.nan]), "row 0: .* whole number, got '1.5'"),
        (clients().assign(min_rounds=[3, 0], max_rounds=[2, 1]), "'a': min_rounds 3 is above max"),
    ],
)
def test_what_is_no_fleet_is_refused_by_row_and_client(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        Fleet.from_frame(frame)
    assert (error.value.file, error.value.line) == ("DataFrame", None)


def test_whole_numbers_beside_missing_values_are_whole() -> None:
    """Pandas keeps such a column as floats."""
    fleet = Fleet.from_frame(clients().assign(min_rounds=[np.nan, 2], region=[1.0, 10.0]))
    assert fleet.min_rounds.tolist() == [-1, 2]
    assert list(fleet.regions) == ["1", "10"]


def test_the_docstrings_examples_are_true() -> None:
    import doctest

    for function in (Forecast.from_frame, Fleet.from_frame):
        names = {"Forecast": Forecast, "Fleet": Fleet}
        tests = doctest.DocTestFinder().find(function, function.__qualname__, globs=names)
        results = [doctest.DocTestRunner().run(test) for test in tests]
        assert sum(result.attempted for result in results) > 2
        assert sum(result.failed for result in results) == 0


def test_names_of_two_systems_are_the_same_in_frames() -> None:
    fleet = Fleet.from_frame(clients(CLIENTS.replace("DE", "Zu\u0308rich")))
    assert fleet.regions[1] == "Z\u00fcrich"
    assert (
        "Z\u00fcrich"
        in Forecast.from_frame(
            frame_of(DE=[1, 2, 3, 4]).rename(columns={"DE": "Zu\u0308rich"})
        ).series
    )
