"""A ledger in a store: what is booked is there, also when the server's own disk is wiped."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lowcarb import Ledger, LedgerError
from lowcarb.errors import LedgerTakenOverError
from lowcarb.ledger import may_pass
from lowcarb.ledger.backup import back_up
from lowcarb.ledger.model_files import ModelFiles, checksum
from tests.helpers.ledgers import MEMBERS, TRAINING, booked
from tests.helpers.object_stores import Faulty, MemoryStore, generations


def _written(store: Any, rounds: int = 2) -> Ledger:
    ledger = Ledger("run.db", store=store)
    with ledger.writing() as book:
        book.begin(TRAINING)
        for number in range(1, rounds + 1):
            book.book(booked(number), MEMBERS)
    return ledger


def _rounds(store: Any) -> list[int]:
    return [one.number for one in Ledger("run.db", store=store).account().rounds]


def test_each_transaction_is_in_the_store_when_it_returns() -> None:
    store = MemoryStore()
    with Ledger("run.db", store=store).writing() as book:
        book.begin(TRAINING)
        for number in (1, 2, 3):
            book.book(booked(number), MEMBERS)
            assert _rounds(store) == list(range(1, number + 1))
        with book.together():
            book.book(booked(4), MEMBERS)
            assert _rounds(store) == [1, 2, 3]
        assert _rounds(store) == [1, 2, 3, 4]
    assert len(generations(store)) == 1


def test_it_is_gone_on_with_by_another_server() -> None:
    store = MemoryStore()
    ledger = _written(store)
    with ledger.writing() as book:
        account = book.account()
        assert account is not None
        assert account.rounds_over == 2
        book.book(booked(3))
    assert _rounds(store) == [1, 2, 3]
    assert [one.rounds_booked for one in ledger.trainings()] == [3]


def test_an_empty_store_is_no_ledger_to_read(tmp_path: Path) -> None:
    ledger = Ledger("run.db", store=MemoryStore())
    for read in (ledger.account, ledger.trainings, lambda: back_up(ledger, tmp_path / "copy.db")):
        with pytest.raises(LedgerError, match=r"run.db: there is no such ledger"):
            read()


def test_what_another_program_put_there_is_no_ledger() -> None:
    store = MemoryStore()
    store.create("generation-0000000001", b"another program's")
    for use in (lambda: _rounds(store), lambda: _written(store)):
        with pytest.raises(LedgerError, match=r"run.db: is damaged: .* does not begin as a ledger"):
            use()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_the_store_did_not_confirm_is_not_booked_and_may_be_booked_again(moment: str) -> None:
    store = MemoryStore()
    faults: list[str] = []

    def fail(call: str, _name: str) -> None:
        if call in faults:
            raise ConnectionError("unplugged")

    with Ledger("run.db", store=Faulty(store, **{moment: fail})).writing() as book:
        book.begin(TRAINING)
        for faults[:] in (["create"], ["names"], ["create", "read"]):
            with pytest.raises(LedgerError, match=r"run.db: cannot be .*: unplugged") as caught:
                book.book(booked(1), MEMBERS)
            assert may_pass(caught.value)
            account = book.account()
            assert account is not None
            assert not account.rounds
        faults.clear()
        book.book(booked(1), MEMBERS)
        with pytest.raises(LedgerError, match=r"run.db: round 1 is booked already"):
            book.book(booked(1), MEMBERS)
    assert _rounds(store) == [1]


def test_a_second_writer_takes_over_and_the_first_changes_nothing_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = MemoryStore()
    ledger = Ledger("run.db", store=store)
    with ledger.writing() as first:
        first.begin(TRAINING)
        first.book(booked(1), MEMBERS)
        with ledger.writing() as second:
            assert "run.db is taken over from process " in caplog.text
            with pytest.raises(LedgerTakenOverError) as caught:
                first.book(booked(2), MEMBERS)
            assert not may_pass(caught.value)
            second.book(booked(2), MEMBERS)
        before = dict(store.objects)
    assert store.objects == before
    assert _rounds(store) == [1, 2]


def test_a_ledger_that_is_open_can_be_left_alone() -> None:
    store = MemoryStore()
    ledger = _written(store)
    with ledger.writing(take_over=False) as book:
        with (
            pytest.raises(LedgerError, match=r"run.db: is being written by process \d+ on"),
            ledger.writing(take_over=False),
        ):
            pass
        book.book(booked(3))
    assert _rounds(store) == [1, 2, 3]


def test_a_model_lies_in_the_store_before_the_round_that_names_it() -> None:
    store = MemoryStore()
    ledger = Ledger("run.db", store=store)
    with ledger.writing() as book:
        book.begin(TRAINING)
        files = ModelFiles(book.path)
        for number in (1, 2, 3):
            files.path(1, number).write_bytes(b"model %d" % number)
            book.book(booked(number), MEMBERS)
            files.drop_old(1, number)
    assert [store.read(name) for name in _models(store)] == [b"model 3"]
    uploaded = _models(store)
    with ledger.writing() as book:
        assert ModelFiles(book.path).path(1, 3).read_bytes() == b"model 3"
        book.book(booked(4), MEMBERS)
    # One that is there already is not brought there again.
    assert _models(store) == uploaded
    with ledger.on_disk() as copy:
        assert ModelFiles(copy).path(1, 3).read_bytes() == b"model 3"
    assert not copy.exists()


def _models(store: MemoryStore) -> list[str]:
    return [name for name in store.objects if name.startswith("model")]


def test_a_backup_is_a_ledger_in_a_file_with_its_model(tmp_path: Path) -> None:
    store = MemoryStore()
    ledger = Ledger("run.db", store=store)
    with ledger.writing() as book:
        book.begin(TRAINING)
        path = ModelFiles(book.path).path(1, 1)
        path.write_bytes(b"model")
        one = replace(booked(1), model=path.name, model_sha256=checksum(path))
        book.book(one, MEMBERS)
        model = back_up(ledger, tmp_path / "copy.db")
    assert model is not None
    assert (model.name, model.read_bytes()) == ("copy.db.training1.round1.npz", b"model")
    assert Ledger(tmp_path / "copy.db").account() == ledger.account()


def test_a_backup_follows_a_writer_that_removes_the_model_it_copies(tmp_path: Path) -> None:
    store = MemoryStore()
    with Ledger("run.db", store=store).writing() as book:
        files = ModelFiles(book.path)

        def go_on(number: int) -> None:
            path = files.path(1, number)
            path.write_bytes(b"model %d" % number)
            named = replace(booked(number), model=path.name, model_sha256=checksum(path))
            book.book(named, MEMBERS)
            files.drop_old(1, number)

        def overtake(call: str, name: str) -> None:
            if call == "read" and name.startswith("model") and ahead:
                number = ahead.pop(0)
                go_on(number)
                go_on(number + 1)

        book.begin(TRAINING)
        go_on(1)
        ahead = [2, 4]
        model = back_up(Ledger("run.db", store=Faulty(store, overtake)), tmp_path / "copy.db")
    assert not ahead
    assert model is not None
    assert (model.name, model.read_bytes()) == ("copy.db.training1.round5.npz", b"model 5")
    assert Ledger(tmp_path / "copy.db").account().rounds_over == 5


@pytest.mark.parametrize("harm", ["removed", "altered"])
def test_a_model_that_is_lost_in_the_store_is_said(
    harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryStore()
    ledger = Ledger("run.db", store=store)
    with ledger.writing() as book:
        book.begin(TRAINING)
        ModelFiles(book.path).path(1, 1).write_bytes(b"model")
        book.book(booked(1), MEMBERS)
    (name,) = _models(store)
    store.delete(name)
    if harm == "altered":
        store.create(name, b"modem")
    with ledger.writing() as book:
        assert f"run.db: the model {ModelFiles(book.path).path(1, 1).name}, in the" in caplog.text
        assert not ModelFiles(book.path).path(1, 1).exists()


def test_nothing_stays_on_the_servers_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = MemoryStore()
    _written(store)
    _rounds(store)
    back_up(Ledger("run.db", store=store), tmp_path / "copy.db")
    assert {path.name for path in tmp_path.iterdir()} <= {"copy.db", "copy.db.lock"}


def test_a_newer_ledger_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    with monkeypatch.context() as newer:
        newer.setattr("lowcarb.ledger.schema.VERSION", 99)
        _written(store)
    before = dict(store.objects)
    for use in (lambda: _rounds(store), lambda: _written(store)):
        with pytest.raises(LedgerError, match=r"^run.db: was written by a newer Lowcarb"):
            use()
    assert store.objects == before


def test_it_is_said_that_no_temporary_folder_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    _written(store)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    for use in (lambda: _rounds(store), lambda: _written(store)):
        with pytest.raises(LedgerError, match=r"run.db: is worked on in a temporary .* set TMPDIR"):
            use()


def test_a_ledger_of_which_only_models_are_left_is_not_begun_anew() -> None:
    store = MemoryStore()
    ledger = _written(store)
    for name in store.names():
        store.delete(name)
    store.create("model-0000000005-abc", b"a model")
    alone = pytest.raises(LedgerError, match="got its models alone: restore the object generation-")
    with alone, ledger.writing():
        pass
    assert store.names() == ["model-0000000005-abc"]


def test_private_folders_of_killed_processes_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = MemoryStore()
    with Ledger("run.db", store=store).writing() as book:
        book.begin(TRAINING)
        (own,) = tmp_path.iterdir()
    begin, _, rest = own.name.rpartition(f"-{os.getpid()}-")
    # No process has such a number.
    left, others = tmp_path / f"{begin}-99999999-{rest}", tmp_path / f"{begin}-1-{rest}"
    for folder in (left, others):
        folder.mkdir()
        (folder / "run.db").write_bytes(b"left")
    _written(MemoryStore())
    assert not left.exists()
    assert others.exists()
