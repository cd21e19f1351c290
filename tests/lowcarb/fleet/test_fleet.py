"""Fleets from CSV: energy in two ways, bounds of a client's own, and clear errors."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from lowcarb import Client, Fleet, InputError, read_fleet
from lowcarb.fleet.fleet_table import UNSET

HEADER = "client,region,energy_kwh,duration_min\n"
GOOD = HEADER + "a,DE,0.5,30\nb,FR,0,60\n"


def read(tmp_path: Path, content: str) -> Fleet:
    path = tmp_path / "c.csv"
    path.write_text(content)
    return read_fleet(str(path))


def test_columns_and_views(tmp_path: Path) -> None:
    fleet = read(tmp_path, GOOD)
    assert len(fleet) == 2
    assert fleet[0] == Client(name="a", region="DE", energy_kwh=0.5, duration=timedelta(minutes=30))
    assert fleet.position == {"a": 0, "b": 1}
    assert (fleet.min_rounds == UNSET).all()
    assert [fleet[i] for i in range(2)] == [
        Fleet.from_clients([fleet[0], fleet[1]])[i] for i in range(2)
    ]


def test_energy_from_power(tmp_path: Path) -> None:
    fleet = read(
        tmp_path,
        "client,region,duration_min,energy_kwh,power_w,pue,upload_mb,download_mb\n"
        "a,DE,30,,200,1.5,400,600\n"
        "b,DE,30,0.25,,,,\n"
        "c,DE,90,,100,,,\n",
    )
    assert fleet.energy_kwh.tolist() == pytest.approx([0.2 * 0.5 * 1.5 + 0.06, 0.25, 0.15])


def test_optional_columns(tmp_path: Path) -> None:
    fleet = read(
        tmp_path,
        "client,region,energy_kwh,duration_min,samples,value,group,min_rounds,max_rounds,attr:os\n"
        "a,DE,1,1,100,0.5,x,1,,linux\nb,DE,1,1,0,0,,,7,\n",
    )
    assert fleet.min_rounds.tolist() == [1, UNSET]
    assert fleet.max_rounds.tolist() == [UNSET, 7]
    assert list(fleet.attributes) == ["samples", "value", "group", "attr:os"]
    assert list(fleet.attributes["attr:os"]) == ["linux", ""]


def test_figures_that_not_all_plans_need_may_be_blank(tmp_path: Path) -> None:
    fleet = read(tmp_path, HEADER.strip() + ",samples,value\na,DE,1,1,5,\nb,DE,1,1, ,0.5\n")
    samples, value = (fleet.attributes[name] for name in ("samples", "value"))
    assert isinstance(samples, np.ndarray)
    assert isinstance(value, np.ndarray)
    np.testing.assert_array_equal(samples, [5, np.nan])
    np.testing.assert_array_equal(value, [np.nan, 0.5])


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (HEADER, 1, "no rows"),
        (GOOD.replace("region", "zone"), 1, "unknown column 'zone'; known are client, region"),
        (GOOD.replace("duration_min", "attr:"), 1, "unknown column 'attr:'"),
        ("client,region,energy_kwh\na,DE,1\n", 1, "the column 'duration_min' is missing"),
        ("client,region,duration_min\na,DE,1\n", 1, "energy_kwh or power_w is missing"),
        (GOOD.replace("b,", "a,"), 3, "client 'a' stands already in line 2"),
        (GOOD.replace("b,", " ,"), 3, "name is blank"),
        (GOOD.replace("FR", ""), 3, "region of client 'b' is blank"),
        (GOOD.replace("0.5", "nan"), 2, "energy_kwh of client 'a': expected a finite number"),
        (GOOD.replace("0.5", "-0.5"), 2, "got '-0.5'"),
        (GOOD.replace("0.5", "1e-320"), 2, "energy_kwh of client 'a': .* from 1e-9 to 1e9, or 0"),
        (GOOD.replace("0.5", "9e-10"), 2, "energy_kwh of client 'a': .* from 1e-9 to 1e9, or 0"),
        (GOOD.replace("0.5", "1e999"), 2, "got '1e999'"),
        (GOOD.replace("0.5", "0,5"), 2, "expected 4 cells"),
        (GOOD.replace("0.5", ""), 2, "client 'a' has neither energy_kwh nor power_w"),
        (GOOD.replace("60", "0"), 3, "duration_min of client 'b': expected at least 1 s, got 0 s"),
        (GOOD.replace("60", "long"), 3, "duration_min of client 'b': .* got 'long'"),
        (
            "client,region,duration_min,energy_kwh,power_w\na,DE,1,1,100\n",
            2,
            "client 'a' gives both energy_kwh and power_w",
        ),
        (
            "client,region,duration_min,energy_kwh,upload_mb\na,DE,1,1,100\n",
            2,
            "client 'a' gives both energy_kwh and upload_mb",
        ),
        (
            "client,region,duration_min,power_w,pue\na,DE,1,100,0.9\n",
            2,
            "pue of client 'a': expected 1 or more",
        ),
        (
            HEADER.strip() + ",min_rounds,max_rounds\na,DE,1,1,3,2\n",
            2,
            "client 'a': min_rounds 3 is above max_rounds 2",
        ),
        (HEADER.strip() + ",min_rounds\na,DE,1,1,1.5\n", 2, "whole number, got '1.5'"),
        (HEADER.strip() + ",max_rounds\na,DE,1,1,-1\n", 2, "whole number, got '-1'"),
        (HEADER.strip() + ",samples\na,DE,1,1,-1\n", 2, "samples of client 'a': expected a finite"),
        (
            HEADER.strip() + ",value\na,DE,1,1,n/a\n",
            2,
            "value of client 'a': .* got 'n/a'; leave the cell blank where nothing is known",
        ),
        # Where a cell may not be blank no way out says so.
        ("client,region,duration_min,power_w\na,DE,n/a,5\n", 2, "from 0 to [0-9.e+]+, got 'n/a'$"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: str, line: int, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path, content)
    assert error.value.line == line
    assert str(error.value).startswith(f"{tmp_path / 'c.csv'}:{line}: ")


def test_fleets_in_memory_are_checked_too() -> None:
    good = Client(name="a", region="DE", energy_kwh=1, duration=timedelta(hours=1))
    with pytest.raises(InputError, match="at least one client"):
        Fleet.from_clients([])
    with pytest.raises(InputError, match="appears twice"):
        Fleet.from_clients([good, good])
    for wrong in (float("nan"), -1.0, float("inf")):
        with pytest.raises(InputError, match="energy_kwh of client 'b'"):
            Fleet.from_clients(
                [good, Client(name="b", region="DE", energy_kwh=wrong, duration=good.duration)]
            )
    with pytest.raises(InputError, match="duration_s of client 'b'"):
        Fleet.from_clients(
            [good, Client(name="b", region="DE", energy_kwh=1, duration=timedelta())]
        )


def test_lines_are_right_behind_line_breaks_in_cells(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, "attr:note," + HEADER + '"a\nb",a,DE,1,1\n\n ,c,DE,1,bad\n')
    assert error.value.line == 5
