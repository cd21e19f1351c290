"""What figures rest on: checksums, signal and accounting."""

from dataclasses import replace
from pathlib import Path

import pytest

from lowcarb import InputError
from lowcarb._util.checksum import sha256_of_file
from lowcarb.carbon.provenance import Provenance
from lowcarb.report.inputs import kind_of, kinds_of
from tests.helpers.data import invented_forecast


def test_kinds_are_named_once_and_unknown_ones_are_said() -> None:
    forecast = invented_forecast(regions=3)
    assert kind_of(forecast) == "signal unknown, accounting unknown"
    first, second, third = forecast.series
    known = Provenance(provider="p", zone="z", signal="average", accounting="lifecycle")
    series = {r: replace(forecast.series[r], provenance=known) for r in (first, second)}
    mixed = replace(forecast, series={**series, third: forecast.series[third]})
    assert kinds_of(mixed) == [
        {"signal": "average", "accounting": "lifecycle"},
        {"signal": None, "accounting": None},
    ]
    assert kind_of(mixed) == ("average intensities, lifecycle; signal unknown, accounting unknown")


def test_a_checksum_is_of_what_stands_on_disk(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    found = sha256_of_file(str(tmp_path / "f"))
    assert found == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of_file("-") is None
    assert sha256_of_file("/dev/null") is None
    assert sha256_of_file("s3://bucket/run.db") is None


def test_a_name_that_no_file_can_have_is_an_error() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        sha256_of_file("x" * 5000)
