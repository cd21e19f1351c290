"""Pictures of a ledger, as far as it has what they need."""

from datetime import timedelta

from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import Outcome
from lowcarb.report.account.html import to_html
from lowcarb.report.account.pictures import pictures_of
from lowcarb.report.account.summary import AccountSummary
from lowcarb.report.pictures.picture import Picture
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
    assert set(found) == {"cumulative", "working", "turns"}
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
    assert html.count("<img") == 3
    assert 'aria-label="Planned and realised emissions by round"' in html


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
    assert "More pictures are drawn where matplotlib is installed" in html
    assert "<img" not in html
