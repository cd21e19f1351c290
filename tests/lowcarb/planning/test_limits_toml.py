"""Limits from TOML files, and what is said of wrong ones."""

from pathlib import Path

import pytest

from lowcarb.errors import InputError
from lowcarb.planning.limits_toml import read_all_limits, read_limits
from tests.helpers.limited_fleet import FLEET


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text('limits = ["region <= 4", "rest >= 1"]\norder = ["caps", "seats"]\n')
    limits = read_limits(path)
    assert limits.texts == ["region <= 4", "rest >= 1"]
    assert limits.order == ("caps", "seats")
    assert limits.files == (str(path),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"limits = [", "expected TOML"),
        (b"\xff", "expected TOML"),
        (b'limit = ["region <= 4"]', "got limit = ['region <= 4']; for example limits ="),
        (b'limits = "region <= 4"', "lists of texts, and [sites], got limits = 'region <= 4'"),
        (b"limits = [4]", "lists of texts, and [sites], got limits = [4]"),
        (b'limits = ["region < 4"]', "limit 'region < 4': expected WHAT"),
        (b'limits = ["rest >= 1"]\norder = ["cap"]', "got 'cap'; for example order ="),
        (b"", "expected limits or [sites], got neither; for example limits = ["),
        (b"limits = []", "expected limits or [sites], got neither"),
        (b"[sites]\ncaps = 'c.csv'", "sites: expected a column, and caps or excess; such as"),
        (b"[sites]\ncolumn = 'group'", "sites: expected a column, and caps or excess; such as"),
        (b"[sites]\ncap = 'c.csv'", "sites: expected column, caps, excess, excess_g_per_kwh"),
        (b"[sites]\ncolumn = 4", "sites: column: expected a text, got 4"),
        (b"[sites]\ncolumn = 'g'\nexcess_g_per_kwh = -1", "such as 0 or 35, got -1"),
        (b"sites = ['x']", "got sites = ['x']"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "limits.toml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_limits(path)
    assert caught.value.file == str(path)
    assert message in caught.value.message


def test_several_files_hold_together(tmp_path: Path) -> None:
    one, other = tmp_path / "a.toml", tmp_path / "b.toml"
    one.write_text('limits = ["region <= 4"]\norder = ["caps"]\n')
    other.write_text('limits = ["rest >= 1"]\norder = ["caps"]\n')
    found = read_all_limits([one, other])
    assert found is not None
    assert found.texts == ["region <= 4", "rest >= 1"]
    assert found.order == ("caps",)
    assert found.files == (str(one), str(other))
    assert read_all_limits([]) is None
    other.write_text('limits = ["region <= 4"]\n')
    found = read_all_limits([one, other])
    assert found is not None
    with pytest.raises(InputError, match="got 'region=DE <= 4' twice, also in ") as caught:
        found.check(FLEET, 2)
    assert caught.value.file == str(other)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ('order = ["caps"]', 'order = ["seats"]', "order: is given in .*a.toml, too; keep it in"),
        ("[sites]\ncolumn = 'g'\ncaps = 'c.csv'", None, "sites: is given in .*a.toml.*, too"),
    ],
)
def test_files_that_contradict_each_other(
    tmp_path: Path, first: str, second: str | None, message: str
) -> None:
    (tmp_path / "c.csv").write_text("site,time,w\nn,2026-01-01T00Z,1\nn,2026-01-01T01Z,1\n")
    paths = [tmp_path / "a.toml", tmp_path / "b.toml"]
    for path, content, text in zip(paths, (first, second or first), ("1", "2"), strict=True):
        path.write_text(f'limits = ["rest >= {text}"]\n{content}\n')
    with pytest.raises(InputError, match=message) as caught:
        read_all_limits(paths)
    assert caught.value.file == str(paths[1])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_limits(tmp_path / "none.toml")


def test_sites(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text("[sites]\ncolumn = 'group'\ncaps = 'c.csv'\nexcess = 'e.csv'\n")
    rows = "north,2026-01-01T00:00Z,1\nnorth,2026-01-01T01:00Z,2\n"
    (tmp_path / "c.csv").write_text(f"site,time,kwh\n{rows}")
    (tmp_path / "e.csv").write_text(f"site,time,w\n{rows}")
    limits = read_limits(path)
    assert limits.sites is not None
    assert limits.sites.names == ["north"]
    assert limits.texts == ["caps of sites by group", "excess energy of sites by group"]
    assert limits.columns == {"group"}
    assert limits.files == (str(path), str(tmp_path / "c.csv"), str(tmp_path / "e.csv"))
