"""The page and the pictures of a comparison."""

import csv
import io
import re
import struct
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from lowcarb import Fairness, Forecast, Planner
from lowcarb.planning.policies import POLICIES, Planned
from lowcarb.replay import Comparison, Gap, Recording, compare, gap_to_oracle
from lowcarb.report.comparison.html import comparison_to_html
from lowcarb.report.comparison.pictures import pictures_of
from lowcarb.report.pictures.picture import Picture
from tests.helpers.data import START
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


class Reader(HTMLParser):
    """Checks nesting; gathers tags, pictures and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.images: list[dict[str, str | None]] = []
        self.names: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        if tag == "img":
            self.images.append(dict(attrs))
        elif tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_needs_nothing_else_and_each_picture_has_words(
    found: Comparison, gap: Gap | None, pictures: list[Picture]
) -> None:
    html = comparison_to_html(found, gap, pictures)
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    assert not reader.tags & {"script", "link", "iframe", "object", "a", "form"}
    assert not reader.names & {"href", "onload", "style"}
    assert "http" not in html
    assert "@import" not in html
    assert [picture.name for picture in pictures] == NAMES
    assert len(reader.images) == len(pictures)
    for image, picture in zip(reader.images, pictures, strict=True):
        assert str(image["src"]).startswith("data:image/svg+xml;base64,")
        assert image["alt"] == picture.alt
        assert len(picture.alt) > 40
        assert picture.title in reader.text
        assert picture.caption in reader.text
    assert reader.text.count("With every floor met, ilp emitted ") == 1
    for words in ("Left to the limit: ", "Realised (kg)", "Jain", "issues; actual values: actuals"):
        assert words in reader.text


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
    assert "<script" not in html
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
    assert html.count("<img") == (5 if value else 4)
