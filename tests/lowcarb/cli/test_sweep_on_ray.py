"""``lowcarb sweep --ray``: the same figures from a cluster, or one line that says why not."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.data import ENVIRONMENT, ROOT
from tests.helpers.ray_clusters import two_nodes

HOURS = ["--deadline", "6h,8h", "--open", "00:00-10:00 UTC"]
OPTIONS = [
    *("sweep", "--forecast", "examples/issues.csv", "--actuals", "examples/actuals.csv"),
    *("--clients", "examples/clients.csv", "--rounds", "4", "--starts", "2"),
    *("--cohort-size", "2,4", "--min-share", "0,1"),
]


@pytest.fixture
def cluster() -> Iterator[str]:
    with two_nodes() as found:
        yield found.address


def figures(*options: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "lowcarb", *OPTIONS, *options, "--json"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    content: dict[str, Any] = json.loads(done.stdout)
    del content["timing"]
    return content


@pytest.mark.slow
def test_a_cluster_gives_the_same_figures(cluster: str) -> None:
    for more in ([], HOURS):
        assert figures(*more, "--ray", cluster) == figures(*more, "--jobs", "2")


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(app, [*OPTIONS, "--ray", "auto"])
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: a Ray cluster needs Ray: install Lowcarb with its extra 'simulation'\n"
    )


def test_where_no_cluster_is_it_says_how_to_begin_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(app, [*OPTIONS, "--ray", "127.0.0.1:1"])
    assert result.exit_code == 1
    assert "Error: ray: cannot connect to '127.0.0.1:1': " in result.stderr
    assert len(result.stderr.splitlines()) == 1
