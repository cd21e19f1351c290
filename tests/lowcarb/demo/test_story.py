"""``lowcarb demo``: the story adds up, fits 80 columns, and draws its picture."""

import json
import re
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from lowcarb.cli import app
from lowcarb.cli.schedule_text import render_schedule
from lowcarb.demo.scenario import START, Scenario
from lowcarb.demo.story import DemoResult, tell_story
from lowcarb.report.plan_picture import draw_schedule, save_schedule
from lowcarb.report.region_schedule import schedule_of


@pytest.fixture(scope="module")
def story() -> DemoResult:
    return tell_story(0)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_is_as_told_for_any_weather(seed: int) -> None:
    outcomes = tell_story(seed).outcomes
    grams = [
        outcomes[name].forecast_g for name in ("cheapest", "ilp", "regret", "greedy", "random")
    ]
    assert grams == sorted(grams)
    for name in ("ilp", "regret", "greedy"):
        assert outcomes[name].floors_met == 1
        assert outcomes[name].never == 0
    assert outcomes["ilp"].realised_g < 0.6 * outcomes["random"].realised_g
    assert outcomes["cheapest"].floors_met is not None
    assert outcomes["cheapest"].floors_met < 0.5


def test_the_saving_is_split_without_rest(story: DemoResult) -> None:
    saved = story.outcomes["random"].forecast_g - story.outcomes["ilp"].forecast_g
    assert story.by_choice_g + story.by_timing_g == pytest.approx(saved)
    assert min(story.by_choice_g, story.by_timing_g) > 0


def test_realised_grams_are_those_of_the_actual_intensities(story: DemoResult) -> None:
    scenario = Scenario(seed=0)
    fleet = scenario.fleet
    grams = 0.0
    for planned in story.plan.rounds:
        for name in planned.clients:
            client = fleet[fleet.position[name]]
            mean = scenario.actual.mean(client.region, planned.start, client.duration)
            grams += client.energy_kwh * mean
    assert story.outcomes["ilp"].realised_g == pytest.approx(grams)


def test_the_schedule_counts_everyone_once(story: DemoResult) -> None:
    schedule = schedule_of(story.plan)
    assert schedule.working.sum(axis=0).tolist() == [10] * 48
    assert (np.diff(schedule.intensity.mean(axis=1)) >= 0).all()
    assert schedule.regions[0] == "BPAT"
    forecast = Scenario(seed=0).issues.at(START)
    row = schedule.regions.index("CISO")
    assert schedule.intensity[row] == pytest.approx(forecast.series["CISO"].values[:48])


def test_it_fits_80_columns_and_speaks_for_itself() -> None:
    result = CliRunner().invoke(app, ["demo", "--no-train"], env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 80
    text = " ".join(result.stdout.split())
    for part in (
        "100 clients on 26 US grids",
        "proven to be the least possible with these floors",
        "come from calling clean regions and thrifty machines more often",
        "would never take part",
        "cleanest region first",
    ):
        assert part in text
    picture = [
        line for line in result.stdout.splitlines() if re.match(r"^[A-Z]+ +[.\d+]{48} ", line)
    ]
    assert len(picture) == 26


def test_colours_show_intensity_where_there_are_colours(story: DemoResult) -> None:
    console = Console(force_terminal=True, color_system="truecolor", width=80, record=True)
    with console.capture() as capture:
        render_schedule(story.plan, console)
    cells = re.findall(r"48;2;(\d+);(\d+);(\d+)m", capture.get())
    assert len(set(cells)) > 200
    assert ("0", "34", "78") in cells
    assert ("254", "232", "56") in cells


def test_a_narrow_terminal_says_what_it_leaves_out(story: DemoResult) -> None:
    console = Console(width=40, record=True)
    with console.capture() as capture:
        render_schedule(story.plan, console)
    assert "(the first 26 rounds; a wider terminal shows more)" in " ".join(capture.get().split())


def test_json_adds_up() -> None:
    result = CliRunner().invoke(app, ["demo", "--no-train", "--json", "--seed", "3"])
    content = json.loads(result.stdout)
    assert list(content["policies"]) == ["ilp", "regret", "greedy", "random", "cheapest"]
    assert (content["seed"], content["status"], content["solver"]) == (3, "optimal", "cbc")
    ilp, random = content["policies"]["ilp"], content["policies"]["random"]
    assert ilp["saved_vs_random_pct"] == pytest.approx(
        100 * (1 - ilp["realised_g"] / random["realised_g"])
    )
    assert random["floors_met_pct"] is None
    assert content["training"] is None


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    path = tmp_path / "demo.png"
    result = CliRunner().invoke(app, ["demo", "--no-train", "--png", str(path)])
    assert result.exit_code == 0, result.output
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])
    assert width > 1000
    assert height > 700


def test_the_picture_has_labels_and_units(story: DemoResult) -> None:
    axes, bar = draw_schedule(story.plan).axes
    assert axes.get_xlabel() == "time (UTC)"
    assert axes.get_ylabel() == "region, cleanest first"
    assert bar.get_ylabel() == "carbon intensity (gCO2eq/kWh)"
    assert len(axes.get_yticklabels()) == 26


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere/demo.png", "does not exist"),
        ("demo.nonsense", "expected a name that ends in .png or .svg or .pdf"),
        ("demo", "expected a name that ends in"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_one_line(
    tmp_path: Path, name: str, message: str
) -> None:
    result = CliRunner().invoke(app, ["demo", "--png", str(tmp_path / name)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert message in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_other_pictures_are_drawn_too(tmp_path: Path, story: DemoResult, ending: str) -> None:
    path = tmp_path / f"demo.{ending}"
    save_schedule(story.plan, str(path))
    assert path.read_bytes()[:5] in (b"<?xml", b"%PDF-")


def test_a_seed_below_zero_is_one_line() -> None:
    result = CliRunner().invoke(app, ["demo", "--seed", "-1"])
    assert result.exit_code == 1
    assert result.stderr == "Error: seed: expected 0 or more, got -1\n"


def test_without_matplotlib_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = CliRunner().invoke(app, ["demo", "--png", str(tmp_path / "demo.png")])
    assert result.exit_code == 1
    assert "install Lowcarb with its extra 'report'" in result.stderr
