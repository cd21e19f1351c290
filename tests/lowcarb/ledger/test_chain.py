"""Generations of a ledger: whoever began last writes, however the others slept or were cut off."""

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import LedgerError
from lowcarb.errors import LedgerTakenOverError
from lowcarb.ledger.chain import Chain, Writer
from lowcarb.ledger.faults import may_pass
from lowcarb.ledger.generation import StoredModel, encoded, generation_name
from lowcarb.ledger.stores.object_store import ObjectStore
from tests.helpers.object_stores import Faulty, MemoryStore, generations


def _begun(store: ObjectStore) -> Writer:
    """Begin to write with what the ledger holds, and a word more."""
    writer = Writer(store, "run.db")
    before = writer.newest()
    content = b"" if before is None else bytes(before.content)
    writer.begin(content, before, models=() if before is None else before.models)
    return writer


def _content(store: ObjectStore) -> bytes:
    newest = Chain(store, "run.db").newest()
    assert newest is not None
    return bytes(newest.content)


def test_the_newest_generation_is_the_ledger_and_the_others_are_removed() -> None:
    store = MemoryStore()
    assert Chain(store, "run.db").newest() is None
    writer = _begun(store)
    for content in (b"one", b"two"):
        writer.append(content, models=())
    assert _content(store) == b"two"
    assert generations(store) == [3]


def test_whoever_began_first_can_write_no_more() -> None:
    store = MemoryStore()
    old = _begun(store)
    old.append(b"old", models=())
    new = _begun(store)
    before = dict(store.objects)
    for _ in range(3):
        with pytest.raises(LedgerTakenOverError, match=r"run.db: process \d+ on .* has taken"):
            old.append(b"older", models=())
    assert store.objects == before
    new.append(b"new", models=())
    assert _content(store) == b"new"


def test_a_writer_that_slept_until_its_number_was_free_again_has_lost_all_the_same() -> None:
    store = MemoryStore()
    old = _begun(store)
    new = _begun(store)
    for number in range(5):
        new.append(b"new %d" % number, models=())
    assert old.next_number not in generations(store)
    before = dict(store.objects)
    for _ in range(2):
        with pytest.raises(LedgerTakenOverError):
            old.append(b"old", models=())
    assert store.objects == before
    assert _content(store) == b"new 4"


def test_of_two_that_begin_at_once_one_is_refused() -> None:
    store = MemoryStore()
    rivals: list[Writer] = []

    def overtake(call: str, _name: str) -> None:
        if call == "create" and not rivals:
            rivals.append(Writer(store, "run.db"))
            rivals[0].begin(b"first", None, models=())

    late = Writer(Faulty(store, overtake), "run.db")
    with pytest.raises(LedgerTakenOverError):
        late.begin(b"second", late.newest(), models=())
    rivals[0].append(b"and on", models=())
    assert _content(store) == b"and on"


def test_a_writer_does_not_begin_with_what_is_no_longer_the_newest() -> None:
    store = MemoryStore()
    first = _begun(store)
    late = Writer(store, "run.db")
    read = late.newest()
    first.append(b"booked meanwhile", models=())
    with pytest.raises(LedgerTakenOverError):
        late.begin(b"", read, models=())
    first.append(b"and on", models=())
    assert _content(store) == b"and on"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_attempt_that_failed_is_made_again_whether_it_came_through_or_not(moment: str) -> None:
    store = MemoryStore()
    faults = ["create"]

    def fail(call: str, _name: str) -> None:
        if faults and call == faults[0]:
            faults.pop()
            raise ConnectionError("reset by peer")

    writer = _begun(store)
    disturbed = Faulty(store, **{moment: fail})
    writer._store = disturbed
    with pytest.raises(LedgerError, match="cannot be written: reset by peer") as caught:
        writer.append(b"one", models=())
    assert may_pass(caught.value)
    writer.append(b"one and two", models=())
    writer.append(b"one, two and three", models=())
    assert _content(store) == b"one, two and three"


def test_an_attempt_whose_answer_was_lost_and_that_was_repeated_below_is_one() -> None:
    store = MemoryStore()
    writer = _begun(store)

    class _Repeats(Faulty):
        def create(self, name: str, content: bytes) -> None:
            self.store.create(name, content)
            self.store.create(name, content)

    writer._store = _Repeats(store)
    model = writer.put_model("run.db.training1.round1.npz", b"model")
    writer.append(b"one", models=[model])
    assert _content(store) == b"one"
    assert writer.model(model) == b"model"


def test_what_is_not_whole_is_never_taken(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStore()
    writer = _begun(store)
    writer.append(b"whole", models=())
    newest = writer.newest()
    assert newest is not None
    name = generation_name(writer.next_number)
    store.create(name, encoded(newest)[:-3])
    assert _content(store) == b"whole"
    assert f"{name} is left out: expected" in caplog.text
    _begun(store).append(b"and on", models=())
    assert _content(store) == b"and on"
    store.objects = dict.fromkeys(store.objects, b"half")
    with pytest.raises(LedgerError, match=r"run.db: is damaged: generation-.*restore it"):
        Chain(store, "run.db").newest()


def test_an_answer_that_was_cut_off_on_its_way_is_asked_for_again() -> None:
    store = MemoryStore()
    short = [True, True]

    class _CutsOff(Faulty):
        def read(self, name: str) -> bytes:
            content = self.store.read(name)
            return content[:-1] if short and short.pop() else content

    _begun(store).append(b"older", models=())
    kept = dict(store.objects)
    _begun(store).append(b"newest", models=())
    store.objects |= kept
    assert _content(_CutsOff(store)) == b"newest"


def test_a_reader_follows_a_writer_that_removes_what_it_reads() -> None:
    store = MemoryStore()
    writer = _begun(store)
    ahead = iter(range(5))

    def go_on(call: str, _name: str) -> None:
        if call == "read" and (number := next(ahead, None)) is not None:
            writer.append(b"%d" % number, models=())

    assert _content(Faulty(store, go_on)) == b"4"


def test_a_list_in_pages_never_costs_the_model_of_a_later_writer() -> None:
    store = MemoryStore()
    rival: list[Writer] = []
    models: list[StoredModel] = []

    class _Pages(MemoryStore):
        def names(self) -> Iterator[str]:  # type: ignore[override]
            pages = [name for name in store.names() if name.startswith("generation")]
            yield from pages
            if pages and len(writer_began) and not rival:
                rival.append(_begun(store))
                models.append(rival[0].put_model("run.db.training1.round1.npz", b"model"))
            yield from [name for name in store.names() if name.startswith("model")]

    paged = _Pages()
    paged.objects = store.objects
    writer_began: list[bool] = []
    writer = _begun(paged)
    writer_began.append(True)
    writer.append(b"one", models=())
    rival[0].append(b"two", models=models)
    assert rival[0].model(models[0]) == b"model"


def test_leftovers_that_cannot_be_removed_are_said_and_removed_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = MemoryStore()

    def keep(call: str, _name: str) -> None:
        if call == "delete":
            raise PermissionError("not allowed")

    writer = _begun(Faulty(store, keep))
    writer.append(b"one", models=())
    assert "generation-0000000001 is left over: run.db: cannot be written" in caplog.text
    assert generations(store) == [1, 2]
    _begun(store)
    assert generations(store) == [3]


@given(st.integers(0, 2**32), st.integers(2, 4))
def test_no_round_that_was_acknowledged_is_ever_lost(seed: int, writers: int) -> None:
    """Writers begin, book, fail, and sleep in any call while others begin and end."""
    chance = random.Random(seed)  # noqa: S311
    store = MemoryStore()
    booked: list[bytes] = []
    steps: list[Callable[[], None]] = []

    def program(who: int) -> None:
        """Book a few rounds; before each call others may run, and calls may fail."""

        def interrupt(_call: str, _name: str) -> None:
            while steps and chance.random() < 0.1:
                steps.pop(chance.randrange(len(steps)))()
            if chance.random() < 0.05:
                raise ConnectionError

        try:
            writer = Writer(Faulty(store, interrupt, interrupt), "run.db")
            before = writer.newest()
            content = b"" if before is None else bytes(before.content)
            models = [] if before is None else list(before.models)
            writer.begin(content, before, models=models)
            for number in range(4):
                word = b"%d.%d " % (who, number)
                for _attempt in range(5):
                    try:
                        model = writer.put_model("m.training1.round1.npz", word)
                        writer.append(content + word, models=[model])
                    except LedgerTakenOverError:
                        raise
                    except LedgerError:
                        continue
                    content += word
                    booked.append(word)
                    break
        except LedgerError:
            return

    steps.extend(lambda who=who: program(who) for who in range(writers))  # type: ignore[misc]
    while steps:
        steps.pop(0)()
    newest = Chain(store, "run.db").newest()
    found = [] if newest is None else newest.content.split()
    assert len(set(found)) == len(found)
    assert {word.strip() for word in booked} <= {bytes(word) for word in found}
    for model in () if newest is None else newest.models:
        assert Chain(store, "run.db").model(model) is not None
