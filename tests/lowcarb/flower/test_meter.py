"""Measuring energy: with the real CodeCarbon, by power x time, or not at all."""

import json
import math
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb.flower.meter import Reading, measure
from lowcarb.flower.wire import sensible
from tests.helpers.processes import run_script

NONSENSE = [-1.0, math.nan, math.inf, 1e300, "250", "", True, None, b"250", [250.0], 10**400]


def measured(node_config: Mapping[str, Any]) -> Reading:
    with measure(node_config) as reading:
        pass
    return reading


def test_energy_is_power_times_time_times_pue_plus_transfer() -> None:
    site = {"power-w": 3.6e6, "pue": 1.5, "upload-mb": 300, "download-mb": 700.0}
    began = perf_counter()
    reading = measured(site)
    assert 0 < reading.seconds <= perf_counter() - began
    assert reading.measured == "power"
    assert reading.energy_kwh == pytest.approx(1.5 * reading.seconds + 0.06, rel=1e-12)
    assert reading.to_record() == {
        "seconds": reading.seconds,
        "energy-kwh": reading.energy_kwh,
        "measured": "power",
    }


def test_without_power_only_time_is_measured() -> None:
    reading = measured({"pue": 1.5, "upload-mb": 300.0, "energy-kwh": 0.5})
    assert (reading.energy_kwh, reading.measured) == (None, None)
    assert list(reading.to_record()) == ["seconds"]


def test_a_machine_may_draw_nothing() -> None:
    assert measured({"power-w": 0}).energy_kwh == 0


@pytest.mark.parametrize("value", NONSENSE)
def test_nonsense_is_taken_as_not_said(value: Any) -> None:
    assert measured({"power-w": value}).energy_kwh is None
    for key in ("pue", "upload-mb", "download-mb"):
        reading = measured({"power-w": 3.6e6, key: value})
        assert reading.energy_kwh == pytest.approx(reading.seconds)
    assert measured({"power-w": 3.6e6, "pue": 0.5}).energy_kwh is not None


@given(st.one_of(st.integers(), st.floats(), st.text(), st.booleans(), st.binary()))
def test_a_sensible_number_is_within_its_range(value: object) -> None:
    found = sensible(value, 1, 10)
    assert found is None or (found == value and 1 <= found <= 10 and type(found) is float)
    if type(value) in (int, float) and 1 <= value <= 10:  # type: ignore[operator]
        assert found is not None


def test_what_is_raised_goes_through_and_was_measured() -> None:
    with pytest.raises(ZeroDivisionError), measure({"power-w": 100}) as reading:
        _ = 1 / 0
    assert reading.energy_kwh


needs_codecarbon = pytest.mark.skipif(
    find_spec("codecarbon") is None,
    reason="CodeCarbon is not installed: pip install 'lowcarb[codecarbon]'",
)


@pytest.mark.codecarbon
@needs_codecarbon
def test_codecarbon_measures_a_block_that_works() -> None:
    readings = []
    for pue in (1.0, 10.0):
        with measure({"pue": pue, "upload-mb": 0}) as reading:
            end = perf_counter() + 0.3
            while perf_counter() < end:
                sum(i * i for i in range(1000))
        readings.append(reading)
    for reading, pue in zip(readings, (1.0, 10.0), strict=True):
        assert reading.measured == "codecarbon"
        assert reading.energy_kwh is not None
        # No computer draws less than a milliwatt or more than a megawatt.
        assert 1e-3 < reading.energy_kwh / pue * 3.6e6 / reading.seconds < 1e6


SCRIPT = """
import json, os, socket, sys, threading, time
os.environ["HOME"] = os.getcwd()
os.environ.update(json.loads(sys.argv[1]))

def refuse(*args, **kwargs):
    os.write(2, b"a socket was opened")
    os._exit(0)

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
exec(sys.argv[2])
from lowcarb.flower.meter import measure
found = []
for _ in range(2):
    with measure({"power-w": 100.0}) as outer:
        with measure({}) as reading:
            sum(i * i for i in range(3_000_000))
    found.append([reading.measured, reading.energy_kwh, outer.measured])
# A thread that was told to end may take a moment to do so.
for _ in range(100):
    if threading.active_count() > 1:
        time.sleep(0.1)
print(json.dumps([found, threading.active_count()]))
"""
CONFIG = """[codecarbon]
output_methods = csv,api,logger
save_to_file = true
save_to_api = true
emissions_endpoint = http://127.0.0.1:9/emissions
electricitymaps_api_token = secret
log_level = debug
pue = 7
cloud_provider = gcp
cloud_region = europe-west1
"""


def in_a_new_process(folder: Path, environment: Mapping[str, str] = {}, before: str = "") -> str:
    return run_script(SCRIPT, json.dumps(environment), before, cwd=folder)


@pytest.fixture
def quiet_folder(tmp_path: Path) -> Iterator[Path]:
    """A home folder in which no file may appear."""
    yield tmp_path
    assert {path.name for path in tmp_path.rglob("*")} <= {".codecarbon.config"}


@pytest.mark.codecarbon
@needs_codecarbon
@pytest.mark.parametrize("configured", [False, True])
@pytest.mark.slow
def test_codecarbon_is_silent_writes_nothing_and_asks_nobody(
    quiet_folder: Path, configured: bool
) -> None:
    if configured:
        (quiet_folder / ".codecarbon.config").write_text(CONFIG)
    lines = in_a_new_process(quiet_folder).splitlines()
    assert len(lines) == 1, lines
    found, threads = json.loads(lines[0])
    assert [[how, outer] for how, _, outer in found] == [["codecarbon", "codecarbon"]] * 2
    assert all(energy > 0 for _, energy, _ in found)
    assert threads == 1


FAILS_TO_PROBE = """
from codecarbon.core.resource_tracker import ResourceTracker
def fail(self):
    raise OSError("no such hardware")
ResourceTracker.set_CPU_GPU_ram_tracking = fail
"""
FAILS_TO_IMPORT = """
import sys
sys.modules["codecarbon.emissions_tracker"] = None
"""


@pytest.mark.codecarbon
@needs_codecarbon
@pytest.mark.parametrize(
    ("environment", "before", "what"),
    [
        ({}, FAILS_TO_PROBE, "measured nothing"),
        ({"CODECARBON_OUTPUT_DIR": "/no/such/folder"}, "", "measured nothing"),
        ({}, FAILS_TO_IMPORT, "cannot be started"),
    ],
)
def test_where_codecarbon_fails_power_is_used_and_it_is_said_once(
    quiet_folder: Path, environment: Mapping[str, str], before: str, what: str
) -> None:
    said, found = in_a_new_process(quiet_folder, environment, before).splitlines()
    assert said.startswith(f"lowcarb: CodeCarbon {what}: ")
    assert json.loads(found) == [[[None, None, "power"]] * 2, 1]
