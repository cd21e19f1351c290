"""Delimiters, encodings and numbers as spreadsheets write them."""

import codecs
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb._util.csv_dialect import Dialect, find_delimiter, number_of
from lowcarb._util.csv_table import Table, read_table
from lowcarb.errors import InputError


def table(folder: Path, content: str | bytes, **known: str) -> Table:
    path = folder / "f.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(path, Dialect(**known))


def numbers(read: Table, column: str = "b") -> list[float]:
    return list(read.numbers(column, lambda row: f"row {row}", np.arange(len(read)), 1e5))


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["a,b", "1,2"], ","),
        (["a;b", "1;2"], ";"),
        (["a;b", "1;2,5"], ";"),
        (["a;b, in g", "1;2,5"], ";"),
        (["a\tb", "1\t2,5"], "\t"),
        (["a|b", "1|2"], "|"),
        (["a", "1"], ","),
        (["a,b;c", "1,2"], ","),
        (['"a;x",b', '"1;2;3",4'], ","),
    ],
)
def test_the_delimiter_is_what_most_rows_have(lines: list[str], delimiter: str) -> None:
    assert find_delimiter(lines) == delimiter


@pytest.mark.parametrize(
    "content",
    [
        "# source: X, CC BY\na,b\n1,2.5\n",
        "\n\n# one\n# two, three\na,b\n1,2.5\n",
        '"# source: X"\na,b\n1,2.5\n',
        "sep=;\na;b\n1;2,5\n",
        "a;b;\n1;2,5;\n",
        "\ufeffa;b\r\n1;2,5\r\n",
        "a\tb\r1\t2.5\r",
    ],
)
def test_what_stands_around_a_table_makes_no_difference(tmp_path: Path, content: str) -> None:
    read = table(tmp_path, content)
    assert list(read.columns) == ["a", "b"]
    assert numbers(read) == [2.5]


def test_a_header_that_stands_again_is_skipped(tmp_path: Path) -> None:
    assert numbers(table(tmp_path, "a,b\n1,2\na,b\n1,3\n")) == [2, 3]
    with pytest.raises(InputError, match="has a header but no rows"):
        table(tmp_path, "a,b\na,b\n")


def test_lines_of_comment_count(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"f.csv:4: expected 2 cells as in the header, got 3"):
        table(tmp_path, "# x\n# y\na,b\n1,2,3\n")


@pytest.mark.parametrize(
    ("cell", "decimal", "value"),
    [
        ("2.5", ".", 2.5),
        ("2,5", ",", 2.5),
        ("1.234,5", ",", 1234.5),
        ("1,234.5", ".", 1234.5),
        ("1 234,5", ",", 1234.5),
        ("1\u00a0234", ".", 1234.0),
        ("1'234.5", ".", 1234.5),
        ("1e3", ".", 1000.0),
    ],
)
def test_a_number_may_have_commas_and_thousands(cell: str, decimal: str, value: float) -> None:
    assert number_of(cell, decimal) == value


@pytest.mark.parametrize(
    ("cell", "decimal"),
    [("2.5", ","), ("1.234", ","), ("2,5", "."), ("1,23,4", "."), ("1_0", "."), ("\u0665", ".")],
)
def test_what_is_no_number(cell: str, decimal: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        number_of(cell, decimal)


@given(value=st.floats(0, 1e5).map(lambda v: round(v, 3)))
def test_a_number_is_the_same_with_a_comma(value: float) -> None:
    assert number_of(f"{value:.3f}".replace(".", ","), ",") == value


def test_a_comma_that_may_part_thousands_is_asked_about(tmp_path: Path) -> None:
    content = 'a,b\n1,"1,234"\n'
    with pytest.raises(InputError, match=r"f.csv:2: row 0: '1,234' may be 1.234 or 1234; --decim"):
        numbers(table(tmp_path, content))
    assert numbers(table(tmp_path, content, decimal=",")) == [1.234]
    assert numbers(table(tmp_path, content, decimal=".")) == [1234]
    # With other decimals beside it, or other delimiters, it is no question.
    assert numbers(table(tmp_path, 'a,b\n1,"1,234"\n1,"2,5"\n')) == [1.234, 2.5]
    assert numbers(table(tmp_path, "a;b\n1;1,234\n")) == [1.234]


def test_points_and_commas_in_one_column_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"f.csv:3: .* got '2.5'; --decimal names the sign"):
        numbers(table(tmp_path, "a;b\n1;1,5\n1;2.5\n"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_found(tmp_path: Path, encoding: str) -> None:
    content = "region;Łódź\nZürich;1\n".encode(encoding)
    read = table(tmp_path, content)
    assert list(read.columns) == ["region", "Łódź"]
    assert not read.encoding_guessed


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("Łódź", "cp1250"), ("Kraków", "cp1250"), ("Zürich", "cp1250"), ("São Paulo", "cp1252")],
)
def test_an_old_encoding_is_found_by_its_letters(tmp_path: Path, name: str, encoding: str) -> None:
    said = table(tmp_path, f"region;b\n{name};1\n".encode(encoding), encoding=encoding)
    assert said.columns["region"][0] == name
    if encoding == "cp1250":
        assert table(tmp_path, f"region;b\n{name};1\n".encode(encoding)).columns["region"] == (
            name,
        )


def test_names_of_two_systems_are_the_same(tmp_path: Path) -> None:
    assert table(tmp_path, "a,Zu\u0308rich\n1,2\n").columns.keys() == {"a", "Zürich"}


@pytest.mark.parametrize(
    ("content", "known", "message"),
    [
        (b"PK\x03\x04rest", {}, "is a spreadsheet or an archive, not text; save the table as CSV"),
        (b"\x81\x01\x02", {}, "is not a text file in UTF-8, UTF-16, cp1250 or cp1252"),
        (codecs.BOM_UTF16_LE + b"a", {}, "is not a text file in utf-16"),
        (b"a,b\n\xff,1\n", {"encoding": "utf-8"}, "is not a text file in utf-8: invalid start"),
        (b"a,b\n1,2\n", {"encoding": "klingon"}, "encoding: expected one such as utf-8, .*klingon"),
        (b"a,b\n1,2\n", {"encoding": "base64"}, "encoding: expected one such as utf-8"),
        (b"a,b\n1,2\n", {"delimiter": "ab"}, "delimiter: expected one of ; , | : or tab"),
        (b"a,b\n1,2\n", {"decimal": ";"}, "decimal: expected . or , got ';'"),
    ],
)
def test_what_is_no_dialect(
    tmp_path: Path, content: bytes, known: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message.replace("|", r"\|")):
        table(tmp_path, content, **known)
