"""The saved model comes back to the last bit, or not at all."""

from pathlib import Path

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lowcarb import LedgerError, LowcarbError
from lowcarb.flower.model import load_model, save_model

DTYPES = ["?", "i1", "u1", "<i2", ">i4", "<u8", "<f2", "<f4", ">f8", "<c8", "<U3", "S2", "<M8[s]"]


def content(arrays: ArrayRecord) -> list[tuple[str, str, tuple[int, ...], str, bytes]]:
    return [(name, a.dtype, tuple(a.shape), a.stype, a.data) for name, a in arrays.items()]


@given(st.data())
def test_arrays_of_any_kind_come_back(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    names = data.draw(st.lists(st.text(max_size=8), unique=True, max_size=4))
    shapes = hnp.array_shapes(min_dims=0, min_side=0, max_dims=3, max_side=3)
    arrays = ArrayRecord(
        {
            name: Array(data.draw(hnp.arrays(np.dtype(data.draw(st.sampled_from(DTYPES))), shapes)))
            for name in names
        }
    )
    path = str(tmp_path_factory.getbasetemp() / "model.npz")
    save_model(arrays, path)
    found = load_model(path)
    assert content(found) == content(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name].numpy(), array.numpy())


@pytest.mark.parametrize(
    "name",
    ["", "a/b", "/etc/passwd", "../up", "a\\b", "layer.0:weight", "ä\u4e2d\U0001f33f", "a\0", "\0"],
)
def test_names_may_be_anything(tmp_path: Path, name: str) -> None:
    arrays = ArrayRecord({name: Array(np.arange(3)), "header": Array(np.zeros(()))})
    save_model(arrays, str(tmp_path / "m.npz"))
    assert content(load_model(str(tmp_path / "m.npz"))) == content(arrays)
    assert [path.name for path in tmp_path.iterdir()] == ["m.npz"]


def test_layouts_and_foreign_bytes_come_back(tmp_path: Path) -> None:
    arrays = ArrayRecord(
        {
            "fortran": Array(np.asfortranarray(np.arange(6.0).reshape(2, 3))),
            "strided": Array(np.arange(10)[::3]),
            "foreign": Array("bfloat16", (2, 2), "my.tensor", b"\x00\x01\x02\x03\x04\x05\x06\x07"),
            "nan": Array(np.array([np.nan, np.inf, -0.0])),
        }
    )
    save_model(arrays, str(tmp_path / "m"))
    found = load_model(str(tmp_path / "m"))
    assert content(found) == content(arrays)
    assert found["fortran"].numpy().flags.f_contiguous


def test_no_arrays_are_a_model_too(tmp_path: Path) -> None:
    save_model(ArrayRecord(), str(tmp_path / "m"))
    assert not load_model(str(tmp_path / "m"))


def whole() -> bytes:
    from io import BytesIO

    stream = BytesIO()
    np.save(stream, np.arange(3))
    return stream.getvalue()


@pytest.mark.parametrize(
    "damaged", [b"", b"PK", b"no model at all", b"\x80\x04N.", whole(), b"PK\x05\x06" + b"\0" * 18]
)
def test_what_is_no_model_is_refused(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "m.npz"
    path.write_bytes(damaged)
    with pytest.raises(LedgerError, match=r"m\.npz: the saved model cannot be read: "):
        load_model(str(path))


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be read: FileNotFoundError"):
        load_model(str(tmp_path / "m.npz"))
    with pytest.raises(LedgerError, match="cannot be read: IsADirectoryError"):
        load_model(str(tmp_path))


@given(st.data())
def test_a_damaged_model_is_refused_or_harmlessly_damaged(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    arrays = ArrayRecord({"w": Array(np.arange(5.0)), "b": Array(np.zeros(()))})
    save_model(arrays, str(path))
    good = path.read_bytes()
    bad = bytearray(good)
    if data.draw(st.booleans()):
        bad = bad[: data.draw(st.integers(0, len(good) - 1))]
    else:
        for _ in range(data.draw(st.integers(1, 5))):
            bad[data.draw(st.integers(0, len(good) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bad)
    try:
        found = load_model(str(path))
    except LedgerError:
        return
    # Damage that was not noticed lies in what says nothing, such as the date of an entry.
    assert content(found) == content(arrays)


def test_a_model_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    with pytest.raises(LowcarbError, match="cannot be written"):
        save_model(ArrayRecord(), str(tmp_path / "no" / "folder" / "m"))
