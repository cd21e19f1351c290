"""Known exports: told by their headers, whatever encoding and spreadsheet they went through."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lowcarb import HowWritten, InputError, read_actuals, read_forecasts
from tests.helpers.foreign_files import (
    CARBON_CAST,
    ELECTRICITY_MAPS,
    ENERGINET,
    ENERGY_CHARTS,
    NESO,
    NESO_PAGE,
    OLD_ELECTRICITY_MAPS,
    WATTTIME,
    saved_in_central_europe,
)

POUND = 0.45359237


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "export.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "region", "values", "kind"),
    [
        (ELECTRICITY_MAPS, "FI", [70.2, 72.2, 73.2], ("average", "lifecycle")),
        (OLD_ELECTRICITY_MAPS, "FI", [70.2, 72.2, 73.2], ("average", "lifecycle")),
        (WATTTIME, "GB", [812.4 * POUND, 815.1 * POUND], ("marginal", None)),
        (NESO, "GB", [142, 138], ("average", "direct")),
        (NESO_PAGE, "GB", [142, 138], ("average", "direct")),
        (ENERGINET, "DK1", [100.5, 102.5], ("average", None)),
        (ENERGY_CHARTS, "GB", [310, 311], ("average", None)),
        (CARBON_CAST, "CISO", [305.7, 306.7], ("average", "lifecycle")),
    ],
)
def test_an_export_is_read_as_it_is(
    tmp_path: Path, content: str, region: str, values: list[float], kind: tuple[str, str | None]
) -> None:
    issues = read_forecasts(written(tmp_path, content), how=HowWritten(region="GB"))
    series = issues.newest.of(region)
    assert list(series.values) == pytest.approx(values)
    assert series.provenance is not None
    assert (series.provenance.signal, series.provenance.accounting) == kind
    assert (
        "read as an export of" in issues.newest.notes[0] or "CarbonCast" in issues.newest.notes[0]
    )


@pytest.mark.parametrize("content", [ELECTRICITY_MAPS, OLD_ELECTRICITY_MAPS])
@pytest.mark.parametrize("encoding", ["cp1250", "cp1252", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize(
    ("dates", "semicolons"),
    [(r"\3.\2.\1", True), (r"\3/\2/\1", True), (r"\3/\2/\1", False), (r"\1-\2-\3", True)],
)
def test_a_spreadsheet_in_between_makes_no_difference(
    tmp_path: Path, content: str, encoding: str, dates: str, *, semicolons: bool
) -> None:
    saved = saved_in_central_europe(content, dates=dates, semicolons=semicolons)
    found = read_forecasts(written(tmp_path, saved.encode(encoding))).newest
    assert list(found.of("FI").values) == [70.2, 72.2, 73.2]
    assert found.first_time == datetime(2024, 2, 28, 22, tzinfo=UTC)


def test_direct_intensities_are_taken_if_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, ELECTRICITY_MAPS)
    found = read_forecasts(path, how=HowWritten(accounting="direct")).newest
    assert list(found.of("FI").values) == [41.5, 43.5, 44.5]
    assert any("1 of 3 values are estimates" in note for note in found.notes)


def test_what_came_true_stands_in_a_column_of_its_own(tmp_path: Path) -> None:
    how = HowWritten(region="GB")
    found = read_actuals(written(tmp_path, NESO), how=how).of("GB")
    # The blank cell is unknown, and the value before it ends where the file says.
    assert set(found.values) == {139}
    assert found.describe_coverage() == "2026-01-10 00:00 to 2026-01-10 00:30 UTC"
    assert list(read_actuals(written(tmp_path, NESO_PAGE), how=how).of("GB").values) == [139, 137]
    assert list(read_actuals(written(tmp_path, ENERGY_CHARTS), how=how).of("GB").values) == [
        300.5,
        301.5,
    ]


def test_pounds_are_usual_for_watttime_and_said_so(tmp_path: Path) -> None:
    path = written(tmp_path, WATTTIME)
    notes = read_forecasts(path, how=HowWritten(region="X")).newest.notes
    assert any("taken for lb/MWh, as usual in an export of WattTime" in note for note in notes)
    other = read_forecasts(path, "kg/MWh", how=HowWritten(region="X")).newest
    assert list(other.of("X").values) == [812.4, 815.1]
    assert not any("as usual" in note for note in other.notes)


@pytest.mark.parametrize(
    ("content", "how", "message"),
    [
        (WATTTIME, {}, "names no region; --region NAME says"),
        (NESO, {}, "names no region; --region NAME says"),
        (ELECTRICITY_MAPS, {"units": "lb/MWh"}, "is in g/kWh by its header, but lb/MWh was said"),
        (ELECTRICITY_MAPS, {"signal": "marginal"}, "has average intensities, but marginal was"),
        (NESO, {"region": "GB", "accounting": "lifecycle"}, "has direct intensities, but lifecyc"),
        (
            ELECTRICITY_MAPS.replace("(Life cycle)", "(other)"),
            {"accounting": "lifecycle"},
            "has no column for lifecycle intensities",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_a_way_out(
    tmp_path: Path, content: str, how: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message) as error:
        read_forecasts(written(tmp_path, content), how=HowWritten(**how))
    assert error.value.file == str(tmp_path / "export.csv")
