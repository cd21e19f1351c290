"""Energy of sites over time, from a CSV."""

from pathlib import Path

import numpy as np
import pytest

from lowcarb.errors import InputError
from lowcarb.planning.site_series import SiteSeries, read_site_series

DAY = 1_767_225_600.0  # 2026-01-01T00:00Z


def read(folder: Path, text: str) -> SiteSeries:
    path = folder / "s.csv"
    path.write_text(text)
    return read_site_series(path)


def test_a_value_holds_until_the_next_one(tmp_path: Path) -> None:
    series = read(
        tmp_path,
        "site,time,kwh\nn,2026-01-01T00:00Z,1\nn,2026-01-01T01:00Z,3\nn,2026-01-01T03:00Z,4\n",
    )
    starts = DAY + 3600.0 * np.array([-1, 0, 0.5, 1, 4, 4.5])
    found = series.energy("n", starts, 3600.0)
    assert np.isnan(found[[0, 5]]).all()
    assert found[1:5].tolist() == pytest.approx([1, 1.25, 1.5, 2])
    assert series.least("n", 1800.0) == pytest.approx(0.5)
    assert series.span("n") == "2026-01-01 00:00 to 2026-01-01 05:00 UTC"


@pytest.mark.parametrize(("column", "value"), [("w", 1500), ("kW", 1.5)])
def test_power(tmp_path: Path, column: str, value: float) -> None:
    text = f"Site,Time,{column}\nn,2026-01-01T00:00Z,{value}\nn,2026-01-01T01:00Z,{value}\n"
    assert read(tmp_path, text).energy("n", np.array([DAY]), 1800.0)[0] == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "site,time,mwh\nn,2026-01-01T00:00Z,1\n",
            "expected the columns site,time and kwh, w or kw",
        ),
        ("site,time,kwh,w\nn,2026-01-01T00:00Z,1,1\n", "got site,time,kwh,w"),
        ("site,time,kwh\nn,2026-01-01T00:00Z,1\n", "site 'n': expected two times or more"),
        ("site,time,kwh\n,2026-01-01T00:00Z,1\n", "the site's name is blank"),
        (
            "site,time,kwh\nn,2026-01-01T00:00Z,1\nn,2026-01-01T00:00Z,1\n",
            "expected each time once, got 2026-01-01 00:00 UTC twice",
        ),
        ("site,time,kwh\nn,2026-01-01T00:00Z,-1\n", "kwh of site 'n': expected a finite number"),
        ("site,time,kwh\nn,2026-01-01T00:00,1\n", "time of site 'n'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert message in caught.value.message
    assert caught.value.file == str(tmp_path / "s.csv")
