"""The report as one HTML file: well-formed, and what comes from outside is only text."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from lowcarb import LowcarbError
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import Outcome
from lowcarb.report.account.html import save_report, to_html
from lowcarb.report.account.summary import AccountSummary
from tests.helpers.html_pages import read_page
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, evaluation, member, turn

NASTY = "<script>alert('x')</script>&\"\x1b[31m\0\u202e"


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
    reader = read_page(html)
    assert reader.tags.count("script") == 1
    assert reader.text.count("<script>alert('x')</script>&\"\\x1b[31m\\x00\\u202e") >= 7
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", html)


def test_it_needs_nothing_else() -> None:
    html = to_html(made(booked(1), booked(2), evaluations={1: [evaluation("a")]}))
    assert set(read_page(html).downloads) == {"regions.csv", "clients.csv", "rounds.csv"}


def test_it_says_in_one_sentence_what_was_saved_and_how_that_is_known() -> None:
    text = read_page(to_html(made(booked(1), booked(2)))).text
    for part in (
        "2 rounds emitted 0.500 kg CO2eq and by the forecast saved 0.500 kg (50.0%) against random",
        "How these figures came about",
        "average intensities, accounting unknown",
        "Lifecycle intensities include",
    ):
        assert part in text, part
    nothing = made(booked(1, turn("a", intensity=None), random_g=None))
    assert "emitted unknown grams CO2eq; what random cohorts would emit is unknown." in (
        read_page(to_html(nothing)).text
    )


def test_cells_have_the_values_that_they_are_sorted_by() -> None:
    html = to_html(made(booked(1, turn("a", actual=200.0)), booked(2)))
    assert '<td class="n" data-v="0.5">~0.5</td>' in html
    assert '<th scope="row" class="short" data-v="2">2</th>' in html


def test_tables_have_units_and_figures() -> None:
    lost = turn("c", None, outcome=Outcome.SILENT, intensity=None)
    text = read_page(
        to_html(made(booked(1, turn("a"), lost, notes=("look here",)), booked(2)))
    ).text
    for part in (
        *("Energy (kWh)", "Planned (g)", "Realised (g)", "Start (UTC)", "Planning (s)"),
        *("2022-07-01 01:00", "silent", "look here", "Dropouts and failures"),
        *("Planned: 450.0 g CO2eq", "NOT COMPLETE", "~200.0+", "energy-charts (average)"),
        "Names of 3 of 3 clients are not bound to a key",
    ):
        assert part in text, part


def test_an_empty_account_has_no_tables() -> None:
    reader = read_page(to_html(made()))
    assert "Nothing is booked yet." in reader.text
    assert "table" not in reader.tags


def test_a_page_shows_300_rows_and_gives_all() -> None:
    many = [member(f"c{i}") for i in range(1203)]
    reader = read_page(to_html(made(booked(1, turn("c0")), members=many)))
    assert "... and 903 more rows" in reader.text
    clients = reader.links[reader.downloads.index("clients.csv")]
    assert clients.count("%0A") == 1204


def test_it_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    save_report(made(booked(1, turn("a", "K\u00f6ln \ud800"))), str(path))
    assert "K\u00f6ln \\ud800" in path.read_text(encoding="utf-8")
    with pytest.raises(LowcarbError, match="none does not exist"):
        save_report(made(), str(tmp_path / "none" / "run.html"))
