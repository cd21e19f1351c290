"""Typical days as forecasts."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from lowcarb import ProviderError, TypicalDay
from lowcarb.carbon.provenance import Quality
from lowcarb.carbon.typical_day_csv import HOUR_COLUMNS
from lowcarb.errors import UnknownLocationError
from lowcarb.providers import TypicalDays
from tests.helpers.data import START

DAYS = TypicalDay(regions=("DE", "FR"), intensity=np.arange(48.0).reshape(2, 24))
END = START + timedelta(days=3)


def test_days_are_repeated_as_far_as_is_asked_for() -> None:
    found, failed = TypicalDays(DAYS).forecasts(["FR"], start=START, end=END)
    series = found["FR"]
    assert failed == {}
    assert series.values.tolist() == list(range(24, 48)) * 3
    assert series.ends[-1] == END.timestamp()
    assert series.provenance is not None
    assert (series.provenance.quality, series.provenance.zone) == (Quality.TYPICAL, "FR")


def test_an_unknown_region_loses_no_other() -> None:
    found, failed = TypicalDays(DAYS).forecasts(["DE", "XX"], start=START, end=END)
    assert set(found) == {"DE"}
    assert isinstance(failed["XX"], UnknownLocationError)
    assert str(failed["XX"]) == "there is no typical day of region 'XX'; known are DE, FR"


def test_files_are_read_when_they_are_needed(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    provider = TypicalDays(path)
    with pytest.raises(ProviderError, match=r"days\.csv"):
        provider.forecasts(["DE"], start=START, end=END)
    path.write_text("region,h00\nDE,1\n")
    with pytest.raises(ProviderError, match="the column 'h01' is missing"):
        provider.forecasts(["DE"], start=START, end=END)
    path.write_text(",".join(["region", *HOUR_COLUMNS]) + "\nDE" + ",7" * 24 + "\n")
    found, _ = provider.forecasts(["DE"], start=START, end=END)
    assert set(found["DE"].values.tolist()) == {7.0}
