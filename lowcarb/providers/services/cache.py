"""The last answer for each zone, on disk: whole files, for this user only, without secrets."""

import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_path

from lowcarb._util.atomic_file import replaced_file
from lowcarb._util.times import parse_instant
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Provenance

logger = logging.getLogger(__name__)

_VERSION = 1
_MOST_BYTES = 2**20


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
            if path.stat().st_size > _MOST_BYTES:
                return None
            return _from_json(json.loads(path.read_bytes()), key)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
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
        times=np.array(payload["times"], dtype=np.float64),
        values=np.array(payload["values"], dtype=np.float64),
        until=None if until is None else np.array(until, dtype=np.float64),
        provenance=Provenance(
            provider=_text(payload["provider"]),
            zone=_text(payload["zone"]),
            signal=payload["signal"],
            accounting=payload["accounting"],
            issued_at=_instant(payload["issued_at"]),
            fetched_at=_instant(payload["fetched_at"]),
        ),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError
    return given
