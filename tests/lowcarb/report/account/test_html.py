"""The report as one HTML file: well-formed, and what comes from outside is only text."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lowcarb import LowcarbError
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import Outcome
from lowcarb.report.account.chart import grams_chart
from lowcarb.report.account.html import save_report, to_html
from lowcarb.report.account.summary import AccountSummary
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, evaluation, member, turn

NASTY = "<script>alert('x')</script>&\"\x1b[31m\0\u202e"


class Reader(HTMLParser):
    """Checks nesting; gathers tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def made(*rounds: object, **changed: object) -> AccountSummary:
    plain = Account(number=1, training=TRAINING, members=MEMBERS, rounds=[], evaluations={})
    return AccountSummary(account=replace(plain, rounds=list(rounds), **changed))  # type: ignore[arg-type]


def test_what_comes_from_outside_is_only_text() -> None:
    lost = turn(NASTY, NASTY, outcome=Outcome.FAILED, reason=NASTY)
    summary = made(
        booked(1, lost, notes=(NASTY,)),
        members=[member(NASTY, NASTY)],
        training=replace(TRAINING, fairness=NASTY, strategy=NASTY, version=NASTY),
        evaluations={1: [evaluation(NASTY)]},
    )
    html = to_html(summary)
    reader = read(html)
    assert "script" not in reader.tags
    assert reader.text.count("<script>alert('x')</script>&\"\\x1b[31m\\x00\\u202e") >= 7
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", html)


def test_it_needs_nothing_else() -> None:
    html = to_html(made(booked(1), booked(2), evaluations={1: [evaluation("a")]}))
    reader = read(html)
    assert not set(reader.tags) & {"script", "link", "img", "iframe", "object", "a", "form"}
    assert not reader.names & {"src", "href", "onload", "onclick", "style"}
    assert "url(" not in html
    assert "@import" not in html
    assert "http" not in html.replace('lang="en"', "")


def test_tables_have_units_and_figures() -> None:
    lost = turn("c", None, outcome=Outcome.SILENT, intensity=None)
    text = read(to_html(made(booked(1, turn("a"), lost, notes=("look here",)), booked(2)))).text
    for part in (
        *("Energy (kWh)", "Planned (g)", "Realised (g)", "Start (UTC)", "Planning (s)"),
        *("2022-07-01 01:00", "silent", "look here", "Dropouts and failures"),
        *("Planned: 450.0 g CO2eq", "NOT COMPLETE", "~200.0+", "energy-charts (average)"),
        "Names of 3 of 3 clients are not bound to a key",
    ):
        assert part in text, part


def test_an_empty_account_has_no_tables() -> None:
    reader = read(to_html(made()))
    assert "Nothing is booked yet." in reader.text
    assert "table" not in reader.tags


def test_a_thousand_rows_are_enough() -> None:
    many = [member(f"c{i}") for i in range(1203)]
    reader = read(to_html(made(booked(1, turn("c0")), members=many)))
    assert "... and 203 more" in reader.text


def test_it_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    save_report(made(booked(1, turn("a", "K\u00f6ln \ud800"))), str(path))
    assert "K\u00f6ln \\ud800" in path.read_text(encoding="utf-8")
    with pytest.raises(LowcarbError, match="none does not exist"):
        save_report(made(), str(tmp_path / "none" / "run.html"))


def shapes(svg: str, tag: str) -> list[dict[str, str]]:
    return [node.attrib for node in ElementTree.fromstring(svg).iter(tag)]  # noqa: S314 - our own


def test_the_chart_shows_what_is_known_and_breaks_where_it_is_not() -> None:
    unknown = booked(3, turn("a", intensity=None))
    svg = grams_chart(
        [booked(1, turn("a", actual=200.0)), booked(2), unknown, booked(4), booked(6)]
    )
    bars = shapes(svg, "rect")[:-1]  # the last one is in the legend
    dots = shapes(svg, "circle")[:-1]
    assert (len(bars), len(dots)) == (4, 4)
    assert len(shapes(svg, "polyline")) == 1  # from round 1 to 2 only
    # Round 1: planned 200 g, realised 100 g; the bar is twice as high as the dot.
    floor = float(bars[0]["y"]) + float(bars[0]["height"])
    assert floor - float(dots[0]["cy"]) == pytest.approx(float(bars[0]["height"]) / 2, abs=0.02)
    labels = [node.text for node in ElementTree.fromstring(svg).iter("text")]  # noqa: S314
    assert {"1", "6", "gCO2eq", "round", "planned", "realised so far"} <= set(labels)


@pytest.mark.parametrize("intensity", [None, 0.0, 1e-9, 1e5])
def test_the_chart_stands_any_figure(intensity: float | None) -> None:
    svg = grams_chart([booked(1, turn("a", intensity=intensity))])
    for attributes in [*shapes(svg, "rect"), *shapes(svg, "circle")]:
        assert "nan" not in str(attributes)
        assert float(attributes.get("height", 0)) >= 0


def test_a_long_training_has_a_line_without_dots() -> None:
    svg = grams_chart([booked(r) for r in range(1, 1001)])
    assert len(shapes(svg, "circle")) == 1
    assert len(shapes(svg, "rect")) == 1001
    numbers = [n.text for n in ElementTree.fromstring(svg).iter("text")]  # noqa: S314
    assert len(numbers) < 25
