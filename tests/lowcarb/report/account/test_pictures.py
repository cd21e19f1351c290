"""Pictures of a ledger, as far as it has what they need."""

from datetime import timedelta

import pytest

from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import Outcome
from lowcarb.report.account.html import to_html
from lowcarb.report.account.pictures import pictures_of
from lowcarb.report.account.summary import AccountSummary
from lowcarb.report.pictures.picture import Picture
from tests.helpers.html_pages import read_page
from tests.helpers.ledgers import BEGIN, MEMBERS, TRAINING, booked, turn


def account(*rounds: object) -> Account:
    return Account(
        number=1,
        training=TRAINING,
        members=MEMBERS,
        rounds=list(rounds),  # type: ignore[arg-type]
        evaluations={},
    )


def drawn(given: Account) -> dict[str, Picture]:
    found = {picture.name: picture for picture in pictures_of(given)}
    for picture in found.values():
        assert picture.bytes("svg").startswith(b"<?xml")
    return found


def test_they_show_what_the_ledger_has() -> None:
    lost = turn("b", "FR", intensity=100.0, outcome=Outcome.FAILED)
    found = drawn(account(booked(1, turn("a", actual=200.0), lost), booked(2), booked(4)))
    assert set(found) == {"by_round", "cumulative", "working", "turns"}
    # 0.5 kWh at 200 that came true and 100 that was forecast, then at 400 and 100 twice.
    assert [row[2:] for row in found["cumulative"].rows] == [
        [250.0, 150.0],
        [500.0, 400.0],
        [750.0, 650.0],
    ]
    assert [row[0] for row in found["cumulative"].rows] == [1, 2, 4]
    working = {(row[0], row[2]): row[3:] for row in found["working"].rows}
    assert working[1, "DE"] == [1, 200.0]
    assert working[1, "FR"] == [1, 100.0]
    assert found["working"].rows[-1][1] == (BEGIN + timedelta(hours=3)).isoformat()[:19] + "Z"
    turns = {row[1]: row[3:] for row in found["turns"].rows}
    assert turns == {"a": [3, 1, 4], "b": [2, 1, 4], "c": [0, 1, 4]}
    html = to_html(AccountSummary(account=account(booked(1))), list(found.values()))
    assert len(read_page(html).images) == 8


def test_planned_and_realised_grams_stand_by_round() -> None:
    unknown = booked(3, turn("a", intensity=None))
    given = account(booked(1, turn("a", actual=200.0)), booked(2), unknown, booked(5))
    picture = drawn(given)["by_round"]
    assert [list(row) for row in picture.rows] == [
        [1, 200.0, 100.0],
        [2, 250.0, 250.0],
        [3, "", ""],
        [5, 250.0, 250.0],
    ]
    wide, narrow = picture.inline()
    assert "round 1: planned 200 g" in wide
    assert "round 2: realised 250 g" in narrow
    assert "round 4: realised" not in wide


@pytest.mark.parametrize("intensity", [0.0, 1e-9, 1e5])
def test_any_figure_can_be_drawn(intensity: float) -> None:
    assert "by_round" in drawn(account(booked(1, turn("a", intensity=intensity))))


def test_a_long_training_has_lines_without_a_mark_for_each_round() -> None:
    picture = drawn(account(*(booked(r) for r in range(1, 401))))["by_round"]
    wide, narrow = picture.inline()
    assert "<title>" not in wide
    assert len(wide) + len(narrow) < 60_000


def test_what_is_unknown_is_left_out() -> None:
    nowhere = turn("c", None, intensity=None)
    assert set(drawn(account(booked(1, nowhere)))) == {"turns"}
    found = drawn(account(booked(1, turn("a"), nowhere), booked(2, random_g=None)))
    assert [row[0] for row in found["cumulative"].rows] == [2]
    assert list(found["cumulative"].columns) == ["round", "planned_g", "realised_g"]
    assert [row[2:] for row in found["working"].rows if row[0] == 1][-1] == ["?", 1, ""]
    assert drawn(account()) == {}


def test_a_clock_that_was_set_back_leaves_no_picture_of_times() -> None:
    later, earlier = booked(5), booked(2)
    assert "working" not in drawn(account(later, earlier))


def test_without_matplotlib_the_page_says_what_to_install() -> None:
    html = to_html(AccountSummary(account=account(booked(1))), None)
    assert "Pictures are drawn where matplotlib is installed" in html
    assert read_page(html).images == []
