"""The page and the pictures of a comparison."""

import csv
import io
import re
import struct
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest

from lowcarb import Fairness, Forecast, Planner
from lowcarb.planning.policies import POLICIES, Planned
from lowcarb.replay import Comparison, Gap, Recording, compare, gap_to_oracle
from lowcarb.report.comparison.html import comparison_to_html
from lowcarb.report.comparison.pictures import pictures_of
from lowcarb.report.inputs import input_files
from lowcarb.report.pictures.picture import Picture
from tests.helpers.data import START
from tests.helpers.html_pages import read_page
from tests.helpers.recorded_days import RECORDING, ROUNDS, fleet

NAMES = ["cumulative", "working", "turns", "planned", "forecast_error", "remaining"]


def played(recording: Recording = RECORDING, rounds: int = ROUNDS) -> Comparison:
    planner = Planner(
        fleet=fleet(),
        cohort_size=4,
        rounds=rounds,
        fairness=Fairness(min_rounds=min(2, rounds - 1), max_rounds=6),
    )
    names = ("random", "cheapest", "regret", "ilp")
    policies = {name: POLICIES[name] for name in names}
    return compare(planner, recording, [START], policies, seeds=2, oracle=Planned(), split=True)


@pytest.fixture(scope="module")
def found() -> Comparison:
    return played()


@pytest.fixture(scope="module")
def gap(found: Comparison) -> Gap | None:
    return gap_to_oracle(found)


@pytest.fixture(scope="module")
def pictures(found: Comparison, gap: Gap | None) -> list[Picture]:
    return list(pictures_of(found, gap))


def test_the_page_needs_nothing_else_and_each_picture_has_words(
    found: Comparison, gap: Gap | None, pictures: list[Picture]
) -> None:
    page = read_page(comparison_to_html(found, gap, pictures))
    assert [picture.name for picture in pictures] == NAMES
    # Each picture twice: for wide windows and paper, and for narrow ones.
    assert page.images == [picture.alt for picture in pictures for _ in range(2)]
    for picture in pictures:
        assert len(picture.alt) > 40
        assert picture.title in page.text
        assert picture.caption in page.text
        assert f"{picture.name}.csv" in page.downloads
    assert page.text.count("With every floor met, ilp emitted ") == 1
    for words in (
        *("Left to the limit: ", "Realised (kg)", "Jain", "issues; actual values: actuals"),
        *("Saved by ilp: ", "Signal and accounting", "Actual values: signal unknown, accounting"),
        *("Lowcarb's plan, by an integer linear program", "perfect foresight", "kWh a round"),
        *("One start: how much figures vary", "c000"),
    ):
        assert words in page.text, words


@pytest.mark.slow
def test_values_are_shown_on_hover(
    found: Comparison, gap: Gap | None, pictures: list[Picture]
) -> None:
    titles = read_page(comparison_to_html(found, gap, pictures)).titles
    ilp = found.summaries["ilp"]
    assert f"ilp, round {ROUNDS}: {ilp.realised_g / 1000:.3g} kg" in titles
    assert f"ilp: {ilp.planned_g / 1000:.3g} kg planned" in titles
    first = found.runs["ilp"][0]
    assert f"c000: {first.turns[0]} turns, floor 2" in titles


def test_tables_can_be_had_as_csv_with_their_values(found: Comparison) -> None:
    page = read_page(comparison_to_html(found, None, []))
    links = dict(zip(page.downloads, page.links, strict=True))
    for name in ("saved-against-random-cohorts.csv", "clients.csv", "from-each-start.csv"):
        head, _, content = links[name].partition(",")
        assert head == "data:text/csv;charset=utf-8"
        rows = list(csv.reader(io.StringIO(unquote(content).removeprefix("\ufeff"))))
        assert len({len(row) for row in rows}) == 1
    saved = unquote(links["saved-against-random-cohorts.csv"])
    assert repr(found.summaries["ilp"].saved_g / 1000) in saved


def test_files_have_their_checksums(found: Comparison, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"abc")
    files = input_files({"actuals": str(tmp_path / "a.csv"), "clients": "-", "outages": None})
    html = comparison_to_html(found, None, [], files)
    whole = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert f'title="{whole}">{whole[:12]}...' in html
    assert "unknown: read from a stream" in html
    assert ">outages<" not in html


@pytest.mark.slow
def test_svg_needs_nothing_else_and_is_the_same_twice(
    found: Comparison, gap: Gap | None, pictures: list[Picture]
) -> None:
    again = next(p for p in pictures_of(found, gap) if p.name == "turns")
    for picture in pictures:
        svg = picture.bytes("svg").decode()
        targets = re.findall(r'href="([^"]{0,20})', svg) + re.findall(r"url\(([^)]{0,9})", svg)
        assert targets
        assert all(target.startswith(("#", "data:image/png")) for target in targets)
        if picture.name == again.name:
            assert svg == again.bytes("svg").decode()


def test_names_from_files_are_only_text(found: Comparison, gap: Gap | None) -> None:
    nasty = "<script>alert('x')</script>.csv"
    issues = replace(found.recording.issues, source=nasty)
    html = comparison_to_html(
        replace(found, recording=replace(found.recording, issues=issues)), gap, []
    )
    assert len(read_page(html).scripts) == 1
    assert "&lt;script&gt;" in html


def read(picture: Picture) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(picture.csv())))


def test_the_figures_are_those_of_the_runs(
    found: Comparison, gap: Gap | None, pictures: list[Picture]
) -> None:
    by_name = dict(zip(NAMES, map(read, pictures), strict=True))
    last = by_name["cumulative"][-1]
    for name, summary in found.summaries.items():
        assert float(last[f"{name}_g"]) == pytest.approx(summary.realised_g, abs=0.01)
    ilp = found.runs["ilp"][0]
    by_round = np.zeros(ROUNDS)
    for row in by_name["working"]:
        by_round[int(row["round"]) - 1] += int(row["clients"])
    assert by_round.tolist() == [len(cohort) for cohort in ilp.cohorts]
    turns = [row for row in by_name["turns"] if row["who"] == "ilp"]
    assert [int(row["turns"]) for row in turns] == ilp.turns.tolist()
    assert {(row["floor"], row["cap"]) for row in turns} == {("2", "6")}
    planned = {row["who"]: row for row in by_name["planned"]}
    assert float(planned["ilp"]["planned_g"]) == pytest.approx(ilp.planned_g, abs=0.01)
    assert float(planned["ilp"]["realised_g"]) == pytest.approx(ilp.realised_g, abs=0.01)
    assert {row["region"] for row in by_name["forecast_error"]} == set(fleet().regions)
    assert gap is not None
    parts = [float(row["grams"]) for row in by_name["remaining"]]
    assert sum(parts) == pytest.approx(2 * gap.distance_g, abs=0.1)


def test_pictures_are_saved(tmp_path: Path, pictures: list[Picture]) -> None:
    folder = tmp_path / "figures"
    for picture in pictures:
        picture.save(str(folder))
    expected = {f"{name}.{kind}" for name in NAMES for kind in ("png", "svg", "csv")}
    assert {path.name for path in folder.iterdir()} == expected
    for name in NAMES:
        content = (folder / f"{name}.png").read_bytes()
        width, height = struct.unpack(">II", content[16:24])
        assert width > 1000
        assert height > 300


def still(forecast: Forecast, value: float) -> Forecast:
    """Give a forecast one value for all regions and times."""
    return replace(
        forecast,
        series={
            region: replace(series, values=np.full(len(series.values), value))
            for region, series in forecast.series.items()
        },
    )


@pytest.mark.parametrize(("value", "rounds"), [(0.0, 2), (300.0, 1)])
@pytest.mark.slow
def test_plain_days_can_be_drawn_too(value: float, rounds: int) -> None:
    issues = tuple(still(issue, value) for issue in RECORDING.issues.forecasts)
    recording = replace(
        RECORDING,
        issues=replace(RECORDING.issues, forecasts=issues),
        actual=still(RECORDING.actual, value),
    )
    found = played(recording, rounds)
    gap = gap_to_oracle(found)
    html = comparison_to_html(found, gap, list(pictures_of(found, gap)))
    assert "Nothing is left to the limit." in html
    assert len(read_page(html).images) == 2 * (5 if value else 4)
