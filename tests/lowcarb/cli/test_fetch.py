"""``lowcarb fetch``: from a service to a file, and from the file to a plan."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb._util.times import parse_instant
from lowcarb.carbon.forecast_csv import read_forecasts
from lowcarb.cli import app
from tests.helpers.at_home import at_home  # noqa: F401 - a fixture of all tests here
from tests.helpers.data import ENVIRONMENT
from tests.helpers.forecast_services import (
    BY_NAME,
    PASSWORD,
    SECRETS,
    TOKEN,
    USER,
    energy_charts,
    login,
    neso_region,
)
from tests.helpers.http_server import Asked, Handler, Say, free_port, serving

KEYS = {"ELECTRICITYMAPS_TOKEN": TOKEN, "WATTTIME_USER": USER, "WATTTIME_PASSWORD": PASSWORD}
NAMES = {
    "neso": "NESO GB",
    "electricity-maps": "Electricity Maps",
    "watttime": "WattTime",
    "carbon-aware-sdk": "Carbon Aware SDK",
    "energy-charts": "Energy-Charts",
}


def this_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def fetch(service: str, *options: str, keys: bool = True) -> Result:
    given = KEYS if keys else dict.fromkeys(KEYS, "")
    return CliRunner().invoke(app, ["fetch", service, *options], env={"COLUMNS": "80", **given})


def live(name: str, steps: int = 48) -> Handler:
    """Answer with values from two hours ago on."""
    kind = BY_NAME[name]

    def handler(asked: Asked) -> Say:
        start = this_hour() - timedelta(hours=2)
        rows = [(start + i * kind.step, (17 * i) % 90) for i in range(steps)]
        issued = datetime.now(UTC) - timedelta(minutes=3)
        return login(asked) or Say(body=kind.body(rows, asked, issued=issued))

    return handler


def test_a_forecast_goes_to_the_standard_output_and_its_words_elsewhere() -> None:
    kind = BY_NAME["NESO GB"]
    options = ["--region", kind.region, "--out", "-"]
    with serving(live(kind.name)) as server:
        result = fetch("neso", *options, "--base-url", server.url)
        assert result.exit_code == 0, result.output
        assert result.stdout.startswith("issued_at,target_time,region,value\n")
        assert f"{kind.region}: fresh, " in result.stderr
        refused = fetch("neso", *options, "--base-url", server.url, "--json")
    assert refused.exit_code == 1
    assert "has room for --out or --json" in json.loads(refused.stdout)["error"]["message"]


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


def test_a_region_that_fails_is_named_and_the_others_are_written(tmp_path: Path) -> None:
    def handler(asked: Asked) -> Say:
        if asked.path.endswith("/4"):
            return Say(status=500)
        start = this_hour()
        rows = [(start + timedelta(minutes=30 * i), i) for i in range(20)]
        return Say(body=neso_region(rows, asked))

    out = tmp_path / "f.csv"
    options = ["--region", "London", "--region", "4", "--region", "Atlantis", "--out", str(out)]
    with serving(handler) as server:
        result = fetch("neso", *options, "--base-url", server.url, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert set(told["regions"]) == {"London"}
    assert {name: one["error"] for name, one in told["failed"].items()} == {
        "4": "ProviderUnavailableError",
        "Atlantis": "UnknownLocationError",
    }
    assert result.stderr.count("Warning: no forecast: NESO: region ") == 2
    assert set(read_forecasts(str(out)).newest.series) == {"London"}


def test_nothing_is_written_if_nothing_came(tmp_path: Path) -> None:
    out = tmp_path / "f.csv"
    out.write_text("what was there before")
    url = f"http://127.0.0.1:{free_port()}"
    result = fetch("neso", "--region", "GB", "--base-url", url, "--out", str(out))
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: no forecast came: NESO: region 'GB': the connection was refused "
        f"({urlsplit(url).netloc})\n"
    )
    assert out.read_text() == "what was there before"
    assert [path.name for path in tmp_path.glob("*.csv")] == ["f.csv"]
    told = fetch("neso", "--region", "GB", "--base-url", url, "--out", str(out), "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["error"]["message"].startswith("no forecast came")


@pytest.mark.parametrize(
    ("service", "hint"),
    [
        ("electricity-maps", "set the environment variable ELECTRICITYMAPS_TOKEN"),
        ("watttime", "set the environment variable WATTTIME_USER"),
        ("carbon-aware-sdk", "needs --base-url, the address of your own server"),
    ],
)
def test_what_is_missing_is_said(service: str, hint: str, tmp_path: Path) -> None:
    result = fetch(service, "--region", "DE", "--out", str(tmp_path / "f.csv"), keys=False)
    assert result.exit_code == 1
    assert hint in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.glob("*.csv")) == []


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


def test_a_plan_without_forecasts_is_said(tmp_path: Path) -> None:
    refused = {"error": "Request unauthorized for zoneKey=DE", "message": "You do not have access"}
    with serving(lambda _asked: Say(status=401, body=refused)) as server:
        result = fetch(
            *("electricity-maps", "--region", "DE", "--base-url", server.url),
            *("--out", str(tmp_path / "f.csv")),
        )
    assert result.exit_code == 1
    assert "your plan does not cover this" in result.stderr
    assert "NESO and Energy-Charts need no key" in result.stderr


def test_help_names_every_service_and_what_it_needs() -> None:
    text = CliRunner().invoke(app, ["fetch", "--help"], env={"COLUMNS": "80"}).stdout
    for word in (*NAMES, *KEYS, "--base-url", "lowcarb fetch neso --region London"):
        assert word in text


def test_a_wrong_service_or_no_region_is_wrong_usage(tmp_path: Path) -> None:
    out = str(tmp_path / "f.csv")
    assert fetch("nothing", "--region", "DE", "--out", out).exit_code == 2
    assert fetch("neso", "--out", out).exit_code == 2


def test_the_program_writes_one_line_for_a_service_that_is_dead(tmp_path: Path) -> None:
    options = ["--base-url", f"http://127.0.0.1:{free_port()}", "--out", str(tmp_path / "f.csv")]
    done = subprocess.run(
        [sys.executable, "-m", "lowcarb", "fetch", "neso", "--region", "GB", *options],
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]},
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("Error: no forecast came: ")


def test_the_reach_and_the_accounting_may_be_said(tmp_path: Path) -> None:
    kind = BY_NAME["Electricity Maps"]

    def handler(asked: Asked) -> Say:
        assert asked.one("horizonHours") == "72"
        assert asked.one("emissionFactorType") == "direct"
        rows = [(this_hour() + i * kind.step, 100 + i) for i in range(72)]
        body = kind.body(rows, asked, issued=datetime.now(UTC))
        return Say(body=body | {"emissionFactorType": "direct"})

    options = ["--region", "DE", "--out", str(tmp_path / "f.csv")]
    with serving(handler) as server:
        url = ["--base-url", server.url]
        more = ["--horizon", "72", "--accounting", "direct"]
        result = fetch("electricity-maps", *options, *url, *more)
        assert result.exit_code == 0, result.output
        refused = fetch("neso", *options, *url, "--accounting", "direct")
    assert "average direct" in result.stdout
    assert len(read_forecasts(str(tmp_path / "f.csv")).newest.of("DE").values) == 72
    assert "accounting: neso has no such choice; leave it out" in refused.stderr


def test_a_place_on_the_map_is_told_with_its_zone(tmp_path: Path) -> None:
    kind = BY_NAME["Electricity Maps"]

    def handler(asked: Asked) -> Say:
        rows = [(this_hour() + i * kind.step, 100 + i) for i in range(24)]
        return Say(body=kind.body(rows, asked, issued=datetime.now(UTC), zone="JP-KN"))

    with serving(handler) as server:
        result = fetch(
            *("electricity-maps", "--region", "34.69,135.50", "--base-url", server.url),
            *("--out", str(tmp_path / "f.csv")),
        )
    assert result.exit_code == 0, result.output
    assert "34.69,135.50 (zone JP-KN): fresh" in result.stdout
