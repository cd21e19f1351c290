"""What stands in the cache's folder: plain files of this user with checked fields, or nothing."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Provenance
from lowcarb.providers.services.cache import Cache
from tests.helpers.forecast_services import NOW

_KEY = "a key"


def kept(folder: Path) -> tuple[Cache, Path]:
    """A cache with one file."""
    cache = Cache(folder / "cache")
    provenance = Provenance(provider="NESO", zone="13", signal="average", fetched_at=NOW)
    times = np.array([NOW.timestamp() + at for at in (0.0, 1800.0, 3600.0)])
    cache.write(_KEY, Series(times=times, values=np.array([1.0, 2, 3]), provenance=provenance))
    (path,) = cache.folder.iterdir()
    assert cache.read(_KEY) is not None
    return cache, path


@pytest.mark.parametrize("linked", [False, True])
def test_a_pipe_does_not_hang(linked: bool, tmp_path: Path) -> None:
    cache, path = kept(tmp_path)
    path.unlink()
    os.mkfifo(tmp_path / "pipe" if linked else path)
    if linked:
        path.symlink_to(tmp_path / "pipe")
    assert cache.read(_KEY) is None


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/null", "/dev/tty", "/proc/kmsg", "nowhere"])
def test_a_link_is_not_followed(target: str, tmp_path: Path) -> None:
    cache, path = kept(tmp_path)
    path.unlink()
    path.symlink_to(target)
    assert cache.read(_KEY) is None


def test_a_link_to_a_good_file_is_not_followed_and_is_replaced(tmp_path: Path) -> None:
    cache, path = kept(tmp_path)
    good = path.rename(tmp_path / "good.json")
    path.symlink_to(good)
    before = good.read_bytes()
    assert cache.read(_KEY) is None
    times = np.array([NOW.timestamp(), NOW.timestamp() + 60])
    provenance = Provenance(provider="NESO", zone="13", fetched_at=NOW)
    cache.write(_KEY, Series(times=times, values=np.array([7.0, 8]), provenance=provenance))
    assert good.read_bytes() == before
    assert cache.read(_KEY) is not None


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    cache, path = kept(tmp_path)
    path.unlink()
    path.mkdir()
    assert cache.read(_KEY) is None


def test_a_file_of_another_user_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, path = kept(tmp_path)
    monkeypatch.setattr("os.geteuid", lambda: path.stat().st_uid + 1)
    assert cache.read(_KEY) is None


WRONG: list[tuple[str, Any]] = [
    ("values", ["1", "2", "3"]),
    ("values", [1, True, 3]),
    ("values", [1, None, 3]),
    ("values", [[1], [2], [3]]),
    ("values", "123"),
    ("values", {"0": 1}),
    ("values", [1, 10**400, 3]),
    ("values", [1, -1, 3]),
    ("times", ["1", "2", "3"]),
    ("times", [False, True, 2]),
    ("until", ["5", "6", "7"]),
    ("until", 7),
    ("provider", "NE\x1b[2JSO"),
    ("provider", ""),
    ("provider", 7),
    ("zone", "13\n14"),
    ("zone", "x" * 101),
    ("zone", ["13"]),
    ("signal", "loud"),
    ("signal", 7),
    ("accounting", ["direct"]),
    ("fetched_at", 7),
    ("fetched_at", "yesterday"),
    ("issued_at", "2026-11-24T10:00:00"),
]


@pytest.mark.parametrize(("name", "given"), WRONG)
def test_a_field_that_is_not_right_makes_no_answer(name: str, given: Any, tmp_path: Path) -> None:
    cache, path = kept(tmp_path)
    payload = json.loads(path.read_text())
    path.write_text(json.dumps(payload | {name: given}))
    assert cache.read(_KEY) is None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
@pytest.mark.parametrize("name", ["times", "values", "until"])
def test_what_is_no_finite_number_makes_no_answer(name: str, number: str, tmp_path: Path) -> None:
    cache, path = kept(tmp_path)
    payload = json.loads(path.read_text())
    end = NOW.timestamp() + 9000
    rows = {"times": payload["times"], "values": payload["values"]}
    rows["until"] = [*payload["times"][1:], end]
    rows[name][-1] = "here"
    path.write_text(json.dumps(payload | rows).replace('"here"', number))
    assert cache.read(_KEY) is None


def test_a_key_that_comes_twice_makes_no_answer(tmp_path: Path) -> None:
    cache, path = kept(tmp_path)
    path.write_text(path.read_text().replace("{", '{"zone": "14", ', 1))
    assert cache.read(_KEY) is None
