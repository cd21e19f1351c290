"""Stores that fsspec reaches, and those among them that are refused."""

import secrets
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from lowcarb import Ledger, LedgerError
from lowcarb.ledger.stores.fsspec_store import FsspecStore
from tests.helpers.imports import loaded_by
from tests.helpers.ledgers import MEMBERS, TRAINING, booked


@pytest.fixture
def address() -> Iterator[str]:
    fsspec = pytest.importorskip("fsspec")
    where = f"memory://{secrets.token_hex(4)}/run.db"
    yield where
    fsspec.filesystem("memory").store.clear()


def test_a_ledger_lives_where_fsspec_reaches(address: str) -> None:
    with Ledger(address).writing() as book:
        book.begin(TRAINING)
        book.book(booked(1), MEMBERS)
    with Ledger(address).writing() as book:
        book.book(booked(2))
    assert [one.number for one in Ledger(address).account().rounds] == [1, 2]
    assert FsspecStore(address).names() == ["generation-0000000007"]


def test_an_object_is_created_once(address: str) -> None:
    store = FsspecStore(address)
    assert store.names() == []
    store.create("one", b"first")
    with pytest.raises(FileExistsError):
        store.create("one", b"second")
    assert (store.read("one"), store.names()) == (b"first", ["one"])
    store.delete("one")
    store.delete("one")
    with pytest.raises(FileNotFoundError):
        store.read("one")


class _Refused(Exception):
    def __init__(self) -> None:
        self.response = {"ResponseMetadata": {"HTTPStatusCode": 412}}


@pytest.mark.parametrize(("cause", "expected"), [(_Refused(), FileExistsError), (None, OSError)])
def test_a_store_need_not_say_which_precondition_failed(
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    cause: Exception | None,
    expected: type[Exception],
) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("invalid") from cause

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", fail)
    with pytest.raises(OSError, match="invalid") as caught:
        FsspecStore(address).create("one", b"")
    assert type(caught.value) is expected


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (
            "local:///tmp/run.db",
            "fsspec's LocalFileSystem looks whether an object is there, and th",
        ),
        ("simplecache::memory://run.db", "expected the address of one store, got a chain"),
        ("nothing://bucket/run.db", "fsspec cannot use it: .*not known"),
        ("s3://bucket/run.db", "fsspec lacks the driver for it: .*s3fs"),
    ],
)
def test_what_cannot_keep_a_ledger_is_refused_by_name(
    url: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fsspec")
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(LedgerError, match=f"^{url}: {text}"):
        Ledger(url)


def test_the_extra_is_named_where_fsspec_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(LedgerError, match=r"pip install 'lowcarb\[remote\]'"):
        Ledger("s3://bucket/run.db")


def test_fsspec_is_loaded_only_for_a_store() -> None:
    loaded = loaded_by("from lowcarb import Ledger; Ledger('run.db'); Ledger('file:///run.db')")
    assert "lowcarb" in loaded
    assert "fsspec" not in loaded
