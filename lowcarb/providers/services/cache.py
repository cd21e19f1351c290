"""The last answer for each zone, on disk: whole files, for this user only, without secrets."""

import hashlib
import json
import logging
import os
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_path

from lowcarb._util.arrays import FloatArray
from lowcarb._util.atomic_file import replaced_file
from lowcarb._util.times import parse_instant
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Provenance
from lowcarb.providers.http.response import distinct
from lowcarb.providers.services.zones import is_name

logger = logging.getLogger(__name__)

_VERSION = 1
_MOST_BYTES = 2**20
# What reading a file of another form may raise.
_UNUSABLE = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
    OverflowError,
)


def default_folder() -> Path | None:
    """Where caches belong on this system; on Linux ``~/.cache/lowcarb``, or in $XDG_CACHE_HOME.

    None for a user without a home, as in some containers.
    """
    try:
        folder = user_cache_path("lowcarb", appauthor=False)
    except RuntimeError:
        # Newer releases of platformdirs say so that there is no home; older releases keep the "~".
        return None
    return folder if folder.is_absolute() else None


@dataclass(frozen=True)
class Cache:
    """Keeps one series for each key; a file that cannot be read or written counts as none.

    Parameters
    ----------
    folder
        Is made when it is first needed.
    """

    folder: Path

    def read(self, key: str) -> Series | None:
        """Return the series that was kept last; None if no file can be used."""
        path = self._path(key)
        try:
            content = _plain(path)
            return _from_json(json.loads(content, object_pairs_hook=distinct), key)
        except FileNotFoundError:
            return None
        except _UNUSABLE as error:
            logger.info("lowcarb: %s is not used: %s", path, type(error).__name__)
            return None

    def write(self, key: str, series: Series) -> None:
        """Keep a series; a disk that does not take it is no reason to stop."""
        path = self._path(key)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with replaced_file(path, 0o600) as stream:
                stream.write(json.dumps(_to_json(key, series), allow_nan=False).encode())
        except OSError as error:
            logger.warning(
                "lowcarb: the cache %s cannot be written: %s", self.folder, error.strerror
            )

    def _path(self, key: str) -> Path:
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _plain(path: Path) -> bytes:
    """Read a file of this user's, and nothing else: a pipe would hang, a device never ends.

    Raises
    ------
    ValueError
        If it is something else, or too large.
    """
    # Looked at first, since the mere opening of a device may do something, and again once open,
    # since by then another file may stand there.
    _require_plain(path.lstat())
    flags = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    with os.fdopen(os.open(path, os.O_RDONLY | flags), "rb") as stream:
        _require_plain(os.fstat(stream.fileno()))
        content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError("too large")
    return content


def _require_plain(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("not a plain file")
    # Windows has no such users; there the folder's own rights keep others out.
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise ValueError("a file of another user")


def _to_json(key: str, series: Series) -> dict[str, Any]:
    provenance = series.provenance
    assert provenance is not None  # noqa: S101 - a service says where each comes from
    return {
        "version": _VERSION,
        "key": key,
        **provenance.to_dict(),
        "times": series.times.tolist(),
        "values": series.values.tolist(),
        "until": None if series.until is None else series.until.tolist(),
    }


def _from_json(payload: Any, key: str) -> Series:
    if payload["version"] != _VERSION or payload["key"] != key:
        raise ValueError("of another version")
    until = payload["until"]
    return Series(
        times=_numbers(payload["times"]),
        values=_numbers(payload["values"]),
        until=None if until is None else _numbers(until),
        provenance=Provenance(
            provider=_name(payload["provider"]),
            zone=_name(payload["zone"]),
            signal=payload["signal"],
            accounting=payload["accounting"],
            issued_at=_instant(payload["issued_at"]),
            fetched_at=_instant(payload["fetched_at"]),
        ),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)


def _numbers(given: Any) -> FloatArray:
    if not isinstance(given, list):
        raise TypeError("not a list of numbers")
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in given):
        raise TypeError("not a list of numbers")
    numbers = np.array(given, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError("not finite")
    return numbers


def _name(given: Any) -> str:
    if not (isinstance(given, str) and is_name(given)):
        raise ValueError("not a name")
    return given
