"""The file that ``lowcarb fetch`` writes is read again as what came, and plans."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lowcarb._util.times import parse_instant
from lowcarb.carbon.forecast_csv import read_forecasts
from lowcarb.cli import app
from tests.helpers.at_home import at_home  # noqa: F401 - a fixture of all tests here
from tests.helpers.data import ENVIRONMENT
from tests.helpers.fetch_command import NAMES, fetch, live, this_hour
from tests.helpers.forecast_services import BY_NAME, SECRETS, energy_charts, neso_region
from tests.helpers.http_server import Asked, Say, serving


@pytest.mark.parametrize("service", NAMES)
def test_each_service_gives_a_file_that_is_read_again(service: str, tmp_path: Path) -> None:
    kind = BY_NAME[NAMES[service]]
    out = tmp_path / "f.csv"
    with serving(live(kind.name)) as server:
        result = fetch(
            service, "--region", kind.region, "--base-url", server.url, "--out", str(out), "--json"
        )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    provenance = told["regions"][kind.region]
    assert provenance["quality"] == "fresh"
    assert provenance["step_s"] == kind.step.total_seconds()
    assert provenance["values"] == 48
    assert told["failed"] == {}
    issues = read_forecasts(str(out))
    series = issues.newest.of(kind.region)
    assert series.values.tolist() == pytest.approx([(17 * i) % 90 * kind.factor for i in range(48)])
    assert issues.newest.issued_at == parse_instant(told["issued_at"])
    assert not any(secret in out.read_text() + result.output for secret in SECRETS)


def plan(folder: Path, forecast: Path, clients: str) -> dict[str, Any]:
    (folder / "c.csv").write_text(f"client,region,energy_kwh,duration_min\n{clients}")
    files = ["--forecast", str(forecast), "--clients", str(folder / "c.csv")]
    options = ["--cohort-size", "1", "--rounds", "3", "--json"]
    result = CliRunner().invoke(app, ["plan", *files, *options])
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_regions_of_different_steps_make_one_file_that_plans(tmp_path: Path) -> None:
    def handler(asked: Asked) -> Say:
        start = this_hour() - timedelta(hours=1)
        quarter = asked.one("country") == "de"
        step = timedelta(minutes=15 if quarter else 60)
        # France is clean, and has the coarser steps.
        rows = [(start + i * step, 400 if quarter else 50) for i in range(80 if quarter else 20)]
        return Say(body=energy_charts(rows, asked))

    out = tmp_path / "f.csv"
    with serving(handler) as server:
        result = fetch(
            *("energy-charts", "--region", "DE", "--region", "FR"),
            *("--base-url", server.url, "--out", str(out)),
        )
    assert result.exit_code == 0, result.output
    assert "DE: fresh, average, 400 to 400 gCO2eq/kWh" in result.stdout
    told = plan(tmp_path, out, "a,DE,1,30\nb,FR,1,30\n")
    assert told["participation"] == {"a": 0, "b": 3}
    assert told["status"] == "optimal"


@pytest.mark.parametrize("name", ["48.86,2.35", 'with "quotes"', "with spaces", "ü", "=1+1", "#1"])
def test_any_name_of_a_region_is_read_again_by_plan(name: str, tmp_path: Path) -> None:
    def handler(asked: Asked) -> Say:
        rows = [(this_hour() + timedelta(hours=i), i) for i in range(12)]
        body = BY_NAME["Electricity Maps"].body
        place = {} if "zone" in asked.query else {"zone": "FR"}
        return Say(body=body(rows, asked, issued=datetime.now(UTC), **place))

    out = tmp_path / "f.csv"
    with serving(handler) as server:
        # Spaces around a name are no part of it, neither here nor in the file.
        options = ["--region", name, "--region", f" {name} ", "--base-url", server.url]
        result = fetch("electricity-maps", *options, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert set(read_forecasts(str(out)).newest.series) == {name}
    quoted = name.replace('"', '""')
    told = plan(tmp_path, out, f'a,"{quoted}",1,30\n')
    assert told["status"] == "optimal"


@pytest.mark.parametrize("name", ["a\nDE,1", "a\rb", "\x1b[2J", "x" * 200, " "])
def test_a_name_that_no_file_can_hold_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    out = tmp_path / "f.csv"
    with serving(live("Electricity Maps")) as server:
        options = ["--region", name, "--base-url", server.url, "--out", str(out)]
        result = fetch("electricity-maps", *options)
        assert server.asked == []
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert result.stderr.isprintable() or result.stderr[:-1].isprintable()
    assert "expected the name of a region" in result.stderr
    assert not out.exists()


def test_a_file_whose_name_says_gzip_is_gzip(tmp_path: Path) -> None:
    out = tmp_path / "f.csv.gz"
    with serving(live("NESO London")) as server:
        result = fetch("neso", "--region", "13", "--base-url", server.url, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert len(read_forecasts(str(out)).newest.of("13").values) == 48


def test_ends_that_steps_do_not_show_stand_in_the_file(tmp_path: Path) -> None:
    """Values of five minutes, an hour apart: by its steps each would hold for the hour."""
    kind = BY_NAME["Carbon Aware SDK"]

    def handler(asked: Asked) -> Say:
        step = timedelta(hours=1) if "sparse" in asked.query["location"] else kind.step
        rows = [(this_hour() + i * step, i) for i in range(30)]
        return Say(body=kind.body(rows, asked, issued=datetime.now(UTC)))

    out = tmp_path / "f.csv"
    url = ["--out", str(out), "--base-url"]
    with serving(handler) as server:
        result = fetch("carbon-aware-sdk", "--region", "sparse", *url, server.url)
    assert result.exit_code == 0, result.output
    assert out.read_text().startswith("issued_at,target_time,until,region,value\n")
    series = read_forecasts(str(out)).newest.of("sparse")
    assert set(series.ends - series.times) == {300}


def test_gaps_that_a_file_can_show_are_shown(tmp_path: Path) -> None:
    def handler(asked: Asked) -> Say:
        rows = [(this_hour() + timedelta(minutes=30 * i), i) for i in range(20) if i not in (5, 6)]
        return Say(body=neso_region(rows, asked))

    out = tmp_path / "f.csv"
    with serving(handler) as server:
        result = fetch("neso", "--region", "13", "--base-url", server.url, "--out", str(out))
    assert result.exit_code == 0, result.output
    series = read_forecasts(str(out)).newest.of("13")
    assert series.ends[4] == (this_hour() + timedelta(minutes=150)).timestamp()
    assert "without" in series.describe_coverage()


def test_a_disk_that_is_full_leaves_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "f.csv"
    out.write_text("what was there before")
    script = (
        "import resource, signal, sys\n"
        "from lowcarb.cli import main\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "_, most = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (700, most))\n"
        "try: main()\n"
        "finally: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))\n"
    )
    with serving(live("NESO London")) as server:
        options = ["fetch", "neso", "--region", "13", "--base-url", server.url, "--out", str(out)]
        done = subprocess.run(
            [sys.executable, "-c", script, *options],
            capture_output=True,
            text=True,
            env={**ENVIRONMENT, "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]},
            check=False,
        )
    assert done.returncode == 1, done
    assert done.stderr == f"Error: {out}: cannot be written: File too large\n"
    assert out.read_text() == "what was there before"
    # The cache does not fit either, which is no reason to stop, and leaves nothing behind.
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [out]
