"""What is booked comes back as it was, once, and nothing is half-booked."""

import math
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb import InputError
from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import BookedRound, ClockKind, Member, Outcome, TrainingSpec, Turn, Work
from tests.helpers.ledgers import (
    BEGIN,
    MEMBERS,
    TRAINING,
    booked,
    evaluation,
    member,
    turn,
    written,
)

figures = st.floats(min_value=0, allow_nan=False, allow_infinity=False)
maybe = st.none() | figures
counts = st.integers(0, 10_000)
texts = st.text(max_size=20)
# Up to the years 1900 and 2499; to the microsecond.
times = st.integers(-2_208_000_000_000_000, 16_700_000_000_000_000).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


def works(client: str) -> dict[str, st.SearchStrategy[object]]:
    return {
        "client": st.just(client),
        "region": st.none() | texts,
        "energy_kwh": figures,
        "measured": st.none() | st.sampled_from(["codecarbon", "power"]),
        "seconds": maybe,
        "intensity": maybe,
        "actual": maybe,
    }


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Draw an account with any figures and names."""
    names = draw(st.lists(texts, min_size=1, max_size=4, unique=True))
    members = [
        draw(
            st.builds(
                Member,
                name=st.just(name),
                region=st.none() | texts,
                energy_kwh=maybe,
                duration_s=maybe,
                min_rounds=counts,
                max_rounds=counts,
                joined=counts,
            )
        )
        for name in names
    ]
    rounds = [
        draw(
            st.builds(
                BookedRound,
                number=st.just(number),
                start=times,
                turns=st.tuples(
                    *(
                        st.builds(
                            Turn,
                            **works(name),
                            outcome=st.sampled_from(Outcome),
                            planned_kwh=figures,
                            reason=texts,
                        )
                        for name in draw(st.permutations(names))
                    )
                ).map(list),
                solver=texts,
                status=texts,
                seconds=figures,
                random_g=maybe,
                owed=counts,
                provenances=st.dictionaries(
                    texts,
                    st.builds(
                        Provenance,
                        provider=texts,
                        zone=texts,
                        signal=st.none() | st.sampled_from(["average", "marginal"]),
                        accounting=st.none() | st.sampled_from(["lifecycle", "direct"]),
                        issued_at=st.none() | times,
                        fetched_at=st.none() | times,
                        quality=st.sampled_from(Quality),
                    ),
                    max_size=3,
                ),
                aggregated=st.booleans(),
                notes=st.lists(texts, max_size=2),
            )
        )
        for number in sorted(draw(st.sets(st.integers(1, 20), max_size=3)))
    ]
    return Account(
        number=1,
        training=draw(
            st.builds(
                TrainingSpec,
                started_at=times,
                rounds=st.integers(1, 10_000),
                cohort_size=counts,
                fairness=texts,
                strategy=texts,
                clock=st.sampled_from(ClockKind),
                version=texts,
            )
        ),
        members=members if rounds else [],
        rounds=rounds,
        evaluations={
            one.number: [draw(st.builds(Work, **works(name))) for name in names]
            for one in rounds
            if draw(st.booleans())
        },
    )


@given(accounts())
@settings(deadline=None, max_examples=60)
def test_everything_comes_back_as_it_was(account: Account) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "run.db")
        with ledger.writing() as book:
            assert book.account() is None
            assert book.begin(account.training) == replace(
                account, members=[], rounds=[], evaluations={}
            )
            for one in account.rounds:
                book.book(one, account.members)
            for number, done in account.evaluations.items():
                book.book_evaluation(number, done)
            assert book.account() == account
            assert ledger.account() == account
        assert ledger.account() == account
        assert sorted(p.name for p in Path(folder).iterdir()) == ["run.db", "run.db.lock"]


def test_floats_keep_their_last_bit(tmp_path: Path) -> None:
    values = [0.1 + 0.2, 5e-324, 1.7976931348623157e308, math.nextafter(400.0, 0), 2.0**53 + 2]
    for number, value in enumerate(values):
        path = tmp_path / f"{number}.db"
        account = written(path, booked(1, turn("a", energy_kwh=value, intensity=value)))
        found = account.rounds[0].turns[0]
        assert (found.energy_kwh.hex(), found.intensity) == (value.hex(), value)


def test_unknown_stays_unknown(tmp_path: Path) -> None:
    account = written(tmp_path / "run.db", booked(1, turn("c", None, intensity=None)))
    found = account.rounds[0].turns[0]
    assert found == turn("c", None, intensity=None)
    assert (found.planned_g, found.realised_g, found.estimated) == (None, None, True)
    assert account.members[2].region is None


def test_a_round_is_booked_once(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1))
    with Ledger(path).writing() as book:
        before = book.account()
        with pytest.raises(LedgerError, match=r"run\.db: round 1 is booked already"):
            book.book(booked(1, turn("a", energy_kwh=9)), [member("new")])
        assert book.account() == before
        book.book_evaluation(1, [evaluation("a")])
        with pytest.raises(LedgerError, match="evaluation of round 1 is booked already"):
            book.book_evaluation(1, [evaluation("b")])
        with pytest.raises(LedgerError, match="round 2 is not booked"):
            book.book_evaluation(2, [evaluation("b")])
        book.book(booked(2))
    assert Ledger(path).account().evaluations == {1: [evaluation("a")]}
    assert len(Ledger(path).account().rounds) == 2


@pytest.mark.parametrize(
    ("one", "error", "message"),
    [
        (booked(2, turn("a"), turn("x")), LedgerError, "round 2: client 'x' is no member"),
        (booked(2, turn("a"), turn("a")), LedgerError, "client 'a' stands in it twice"),
        (booked(0), LedgerError, "number >= 1"),
        (booked(2, turn("a", energy_kwh=math.nan)), InputError, "energy_kwh of 'a': expected a fi"),
        (booked(2, turn("a", intensity=math.inf)), InputError, "intensity of 'a'.*got inf"),
        (booked(2, turn("a", seconds=-1)), InputError, "seconds of 'a'.*got -1"),
        (booked(2, random_g=math.nan), InputError, "random_g: expected"),
        (
            replace(booked(2), start=BEGIN.replace(tzinfo=None)),
            InputError,
            "start: expected a time with",
        ),
        (replace(booked(2), start=datetime(1, 1, 1, tzinfo=UTC)), InputError, "is not from 1900"),
        (booked(2, turn("a", "\ud800")), LedgerError, "cannot hold this value"),
        (replace(booked(2), owed=10**30), LedgerError, "cannot hold this value"),
    ],
)
def test_what_cannot_be_booked_leaves_no_trace(
    tmp_path: Path, one: BookedRound, error: type[Exception], message: str
) -> None:
    path = tmp_path / "run.db"
    before = written(path, booked(1))
    with Ledger(path).writing() as book:
        with pytest.raises(error, match=message):
            book.book(one, [member("new"), replace(MEMBERS[0], region="PL")])
        assert book.account() == before
        book.book(booked(2))
    assert len(Ledger(path).account().rounds) == 2


def test_a_reason_may_hold_anything(tmp_path: Path) -> None:
    failed = turn("a", outcome=Outcome.FAILED, reason="no file 'x\udcff'\0")
    account = written(tmp_path / "run.db", booked(1, failed))
    assert account.rounds[0].turns[0].reason == "no file 'x\\udcff'\0"


def test_members_move_but_their_floors_do_not(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1))
    kept = replace(MEMBERS[0], region="PL", energy_kwh=None, duration_s=60.0, key="ab")
    moved = replace(kept, min_rounds=4, max_rounds=9, joined=2)
    with Ledger(path).writing() as book:
        book.book(booked(2), [moved, member("late", joined=2)])
    members = Ledger(path).account().members
    assert [m.name for m in members] == ["a", "b", "c", "late"]
    assert members[0] == kept
    assert members[3].joined == 2


def test_trainings_follow_each_other(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    first = written(path, booked(1))
    with Ledger(path).writing() as book:
        assert book.begin(replace(TRAINING, rounds=9)).number == 2
        book.book(booked(1, turn("z")), [member("z")])
        book.revise(replace(TRAINING, rounds=12))
        with pytest.raises(LedgerError, match="at least 1 rounds, which are booked already, got 0"):
            book.revise(replace(TRAINING, rounds=0))
    assert Ledger(path).account(1) == first
    newest = Ledger(path).account()
    assert (newest.number, newest.training.rounds) == (2, 12)
    assert [m.name for m in newest.members] == ["z"]
    for wrong in (0, 3, -1):
        with pytest.raises(LedgerError, match=f"has trainings 1 to 2, not {wrong}"):
            Ledger(path).account(wrong)


def test_a_training_may_be_asked_for_anew(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    before = written(path, booked(1))
    asked = replace(TRAINING, rounds=9, cohort_size=3, fairness="min_rounds 3", strategy="FedProx")
    members = [replace(member, min_rounds=3, max_rounds=9) for member in MEMBERS]
    with Ledger(path).writing() as book:
        with pytest.raises(LedgerError, match="client 'z' is no member of the training"):
            book.revise(asked, [replace(MEMBERS[0], name="z")])
        assert book.account() == before
        book.revise(asked, members)
    assert Ledger(path).account() == replace(before, training=asked, members=members)


def test_nothing_is_booked_before_a_training_begins(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with Ledger(path).writing() as book:
        assert book.account() is None
        with pytest.raises(LedgerError, match="no training has begun"):
            book.book(booked(1))
        with pytest.raises(LedgerError, match="no training has begun"):
            book.revise(TRAINING)
    with pytest.raises(LedgerError, match="holds no training yet"):
        Ledger(path).account()


def test_a_round_may_be_missing_and_come_later(tmp_path: Path) -> None:
    account = written(tmp_path / "run.db", booked(1), booked(4), booked(3))
    assert [one.number for one in account.rounds] == [1, 3, 4]
    assert account.missing_rounds == [2]


def test_a_book_that_is_closed_says_so(tmp_path: Path) -> None:
    with Ledger(tmp_path / "run.db").writing() as book:
        pass
    with pytest.raises(LedgerError, match="closed"):
        book.begin(TRAINING)


def test_times_are_kept_to_the_microsecond_in_utc(tmp_path: Path) -> None:
    later = BEGIN + timedelta(microseconds=1)
    account = written(tmp_path / "run.db", replace(booked(1), start=later))
    assert account.rounds[0].start == later
    assert account.rounds[0].start.tzinfo is UTC
