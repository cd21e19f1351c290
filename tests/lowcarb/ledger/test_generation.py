"""What an object of the store holds: read back as it was, and never taken when it is not whole."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb.ledger.generation import (
    Generation,
    StoredModel,
    decoded,
    encoded,
    generation_name,
    generation_number,
    model_name,
    model_number,
)

_MODEL = StoredModel(
    file="run.db.training1.round7.npz", object=model_name(8, "0a1b"), sha256="0" * 64
)


def _generation(content: bytes = b"SQLite\n\0", models: tuple[StoredModel, ...] = ()) -> Generation:
    return Generation(
        number=8, writer="ab12", by="process 7", closed=True, models=list(models), content=content
    )


@given(st.binary(max_size=300))
def test_a_generation_is_read_as_it_was_written(content: bytes) -> None:
    one = _generation(content, (_MODEL,))
    assert decoded(encoded(one)) == one


_WHOLE = encoded(_generation(bytes(range(256)), (_MODEL,)))


@given(st.integers(0, len(_WHOLE) - 1))
def test_one_that_was_cut_off_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=r"expected \d+ bytes|does not begin|checksum"):
        decoded(_WHOLE[:length])


@given(st.integers(0, len(_WHOLE) - 1), st.integers(1, 255))
def test_one_that_was_altered_is_refused(place: int, change: int) -> None:
    altered = bytearray(_WHOLE)
    altered[place] ^= change
    with pytest.raises(ValueError, match=r"expected .* bytes|does not begin|checksum"):
        decoded(bytes(altered))


@pytest.mark.parametrize("file", ["../../etc/passwd", "/tmp/a.training1.round1.npz", "ledger.db"])  # noqa: S108
def test_a_model_is_never_written_beside_another_file(file: str) -> None:
    model = StoredModel(file=file, object=_MODEL.object, sha256="")
    with pytest.raises(ValueError, match="names a model"):
        decoded(encoded(_generation(models=(model,))))


@pytest.mark.parametrize("header", ["[]", "{}", '{"models": [7]}', '{"models": [], "size": 1}'])
def test_a_header_that_makes_no_sense_is_refused(header: str) -> None:
    rest = header.encode() + b"\nSQLite"
    sha256 = hashlib.sha256(rest).hexdigest()
    with pytest.raises(ValueError, match="its header makes no sense"):
        decoded(b"lowcarb-ledger 1 %d %s\n%s" % (len(rest), sha256.encode(), rest))


def test_names_tell_numbers() -> None:
    assert generation_number(generation_name(42)) == 42
    assert model_number(model_name(43, "0a1b")) == 43
    for other in ("generation-42", "probe-0a1b", model_name(43, "0a1b"), "generation-0000000042.x"):
        assert generation_number(other) is None
    assert model_number(generation_name(42)) is None
