"""Limits from a TOML file: a list of texts, an order of shortfalls, and a table of sites."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lowcarb.errors import InputError
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.limit_text import EXAMPLES, read_limit
from lowcarb.planning.limits import stages_of
from lowcarb.planning.site_series import SiteSeries, read_site_series
from lowcarb.planning.sites import Sites
from lowcarb.units import MOST_INTENSITY

_LISTS = ("limits", "order")
_SITES = "sites"
_SITES_KEYS = ("column", "caps", "excess", "excess_g_per_kwh")
_SITES_EXAMPLE = '[sites] with column = "group" and caps = "caps.csv" or excess = "solar.csv"'


def read_limits(path: str | Path) -> AskedLimits:
    """Read a TOML file with ``limits`` and perhaps ``order``, lists of texts, and ``[sites]``.

    Sites have a ``column`` of the clients and one of ``caps`` and ``excess``, or both: names of CSV
    files, from the folder of this file on, as `read_site_series` reads them. ``excess_g_per_kwh``
    is what excess energy emits, 0 unless it is said.

    Parameters
    ----------
    path
        The TOML file.

    Raises
    ------
    InputError
        If the file cannot be read or holds something else; names the file.
    """
    name = str(path)
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=name) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"expected TOML, got {error}", file=name) from None
    for key, value in document.items():
        texts = isinstance(value, list) and all(isinstance(text, str) for text in value)
        table = key == _SITES and isinstance(value, dict)
        if not table and (key not in _LISTS or not texts):
            raise InputError(
                f"expected {' and '.join(_LISTS)} as lists of texts, and [{_SITES}], got "
                f"{key} = {value!r}; for example limits = [{EXAMPLES}]",
                file=name,
                field=key,
            )
    if not document.get("limits") and _SITES not in document:
        raise InputError(
            f"expected limits or [{_SITES}], got neither; for example limits = [{EXAMPLES}]",
            file=name,
            field="limits",
        )
    stages_of(document.get("order", []), name)
    sites, files = None, [name]
    if _SITES in document:
        sites = _sites(document[_SITES], Path(path))
        files += [one.file for one in (sites.caps, sites.excess) if one is not None]
    return AskedLimits(
        limits=tuple(read_limit(text, name) for text in document.get("limits", [])),
        order=tuple(document.get("order", [])),
        sites=sites,
        files=tuple(files),
    )


def read_all_limits(paths: Iterable[str | Path]) -> AskedLimits | None:
    """Read several such files, whose limits hold together; None for no file.

    Raises
    ------
    InputError
        If one of them is wrong, or two say an order of their own or sites.
    """
    found: AskedLimits | None = None
    for path in paths:
        more = read_limits(path)
        if found is None:
            found = more
            continue
        for key, one, other in (
            ("order", found.order, more.order),
            (_SITES, found.sites, more.sites),
        ):
            if one and other and (key == _SITES or one != other):
                raise InputError(
                    f"{key}: is given in {', '.join(found.files)}, too; keep it in one of the "
                    "files",
                    file=str(path),
                    field=key,
                )
        found = AskedLimits(
            limits=(*found.limits, *more.limits),
            order=found.order or more.order,
            sites=found.sites or more.sites,
            files=(*found.files, *more.files),
        )
    return found


def _sites(table: dict[str, Any], path: Path) -> Sites:
    def error(message: str) -> InputError:
        return InputError(f"sites: {message}", file=str(path), field=_SITES)

    for key, value in table.items():
        if key not in _SITES_KEYS:
            raise error(f"expected {', '.join(_SITES_KEYS)}, got {key!r}; such as {_SITES_EXAMPLE}")
        if key != "excess_g_per_kwh" and not (isinstance(value, str) and value):
            raise error(f"{key}: expected a text, got {value!r}; such as {_SITES_EXAMPLE}")
    own = table.get("excess_g_per_kwh", 0.0)
    number = isinstance(own, int | float) and not isinstance(own, bool)
    if not number or not 0 <= own <= MOST_INTENSITY:
        raise error(f"excess_g_per_kwh: expected gCO2eq/kWh such as 0 or 35, got {own!r}")
    if "column" not in table or not {"caps", "excess"} & set(table):
        raise error(f"expected a column, and caps or excess; such as {_SITES_EXAMPLE}")
    read: dict[str, SiteSeries] = {
        key: read_site_series(path.parent / table[key])
        for key in ("caps", "excess")
        if key in table
    }
    return Sites(column=table["column"], excess_g_per_kwh=float(own), file=str(path), **read)
