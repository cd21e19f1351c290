"""``lowcarb fetch``: what it says of services, of regions that fail, and of what it needs."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from lowcarb.carbon.forecast_csv import read_forecasts
from lowcarb.cli import app
from tests.helpers.at_home import at_home  # noqa: F401 - a fixture of all tests here
from tests.helpers.data import ENVIRONMENT
from tests.helpers.fetch_command import KEYS, NAMES, fetch, live, this_hour
from tests.helpers.forecast_services import BY_NAME, neso_region
from tests.helpers.http_server import Asked, Say, free_port, serving


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
