"""Processes that fight for a ledger in a store, and are killed while they write."""

import random
import time
from pathlib import Path

import pytest

from lowcarb import Ledger
from tests.helpers.ledgers import TRAINING
from tests.helpers.object_stores import folder_store, generations
from tests.helpers.processes import child, eventually

_WRITER = """
import sys, os
from dataclasses import replace
from lowcarb import Ledger, LedgerError
from tests.helpers.ledgers import MEMBERS, booked

ledger, diary, stop = Ledger(sys.argv[1]), sys.argv[2], sys.argv[3]
with open(diary, "a", buffering=1) as confirmed:
    while not os.path.exists(stop):
        try:
            with ledger.writing() as book:
                for _ in range(3):
                    number = book.account().rounds_over + 1
                    model = book.path.with_name(f"{book.path.name}.training1.round{number}.npz")
                    model.write_bytes(os.urandom(200_000))
                    book.book(replace(booked(number), notes=[diary]), MEMBERS)
                    confirmed.write(f"{number}\\n")
        except LedgerError as error:
            print(error, file=sys.stderr)
"""


@pytest.mark.slow
def test_no_round_is_lost_or_booked_twice_while_writers_fight_and_are_killed(
    tmp_path: Path,
) -> None:
    chance = random.Random(3)  # noqa: S311
    address = f"file://{tmp_path}/run.db"
    stop = tmp_path / "stop"
    with Ledger(address).writing() as book:
        book.begin(TRAINING)
    diaries: list[Path] = []

    def diary() -> str:
        diaries.append(tmp_path / f"diary-{len(diaries)}")
        return str(diaries[-1])

    with child(_WRITER, address, diary(), str(stop)) as steady:
        for _ in range(6):
            with child(_WRITER, address, diary(), str(stop)) as doomed:
                assert eventually(lambda: _lines(diaries[-1]) > 0, 60)
                time.sleep(chance.uniform(0, 0.3))
                doomed.kill()
        stop.touch()
        assert steady.wait(60) == 0
    account = Ledger(address).account()
    numbers = [one.number for one in account.rounds]
    assert numbers == list(range(1, len(numbers) + 1))
    booked_by = {one.number: one.notes[0] for one in account.rounds}
    confirmed = [(int(n), str(path)) for path in diaries for n in path.read_text().split()]
    assert len(confirmed) > 20
    # What a writer was told is booked is there, and by it alone.
    assert all(booked_by[number] == who for number, who in confirmed)
    assert len({number for number, _ in confirmed}) == len(confirmed)
    # What those left that were killed the next one removes.
    with Ledger(address).writing():
        pass
    assert len(generations(folder_store(address))) == 1


def _lines(path: Path) -> int:
    return path.read_text().count("\n") if path.exists() else 0
