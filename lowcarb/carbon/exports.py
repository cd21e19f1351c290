"""Exports of services and data sets, told by their headers although letters may be lost.

A new one is a function that looks at the columns and its place in `_EXPORTS`.
"""

import unicodedata
from collections.abc import Callable, Mapping
from typing import NamedTuple

from lowcarb.carbon.how_written import HowWritten
from lowcarb.carbon.layout import Layout
from lowcarb.carbon.provenance import Accounting, Signal

Keys = Mapping[str, str]
"""By what is left of a column's name in any encoding: the column."""


class Asked(NamedTuple):
    """What is to be read."""

    how: HowWritten
    past: bool
    """Whether it is what came true."""


def export_of(columns: list[str], how: HowWritten, *, past: bool) -> Layout | None:
    """Recognise an export by its columns; None if it is none that is known."""
    keys = {letters_of(column): column for column in columns}
    asked = Asked(how, past)
    return next((found for known in _EXPORTS if (found := known(keys, asked))), None)


def letters_of(column: str) -> str:
    """What is left of a name in any encoding and any release: its Latin letters."""
    letters = unicodedata.normalize("NFKD", column).casefold()
    return "".join(letter for letter in letters if "a" <= letter <= "z")


def _electricity_maps(keys: Keys, asked: Asked) -> Layout | None:
    intensities = {
        accounting: column
        for key, column in keys.items()
        if key.startswith("carbonintensity")
        for accounting, endings in (
            (Accounting.DIRECT, ("direct",)),
            (Accounting.LIFECYCLE, ("lifecycle", "lca")),
        )
        if key.endswith(endings)
    }
    if "datetimeutc" not in keys or "zoneid" not in keys or not intensities:
        return None
    accounting = Accounting.of(asked.how.accounting) or (
        Accounting.LIFECYCLE if Accounting.LIFECYCLE in intensities else Accounting.DIRECT
    )
    return Layout(
        form="an export of Electricity Maps",
        time=keys["datetimeutc"],
        region=keys["zoneid"],
        value=intensities.get(accounting),
        unit="g/kWh",
        signal=Signal.AVERAGE,
        accounting=accounting,
        estimated=keys.get("dataestimated"),
        other=next((c for a, c in intensities.items() if a is not accounting), None),
    )


def _watttime(keys: Keys, asked: Asked) -> Layout | None:
    if not {"pointtime", "value"} <= set(keys):
        return None
    issued = None if asked.past else keys.get("generatedat")
    return Layout(
        form="an export of WattTime",
        time=keys["pointtime"],
        value=keys["value"],
        region=keys.get("region") or keys.get("ba"),
        issued=issued,
        unit="lb/MWh",
        unit_is_usual=True,
        signal=Signal.MARGINAL,
    )


def _neso(keys: Keys, asked: Asked) -> Layout | None:
    what = "actual" if asked.past else "forecast"
    if {"from", "to", "forecast"} <= set(keys):
        return Layout(
            form="an export of NESO's Carbon Intensity API",
            time=keys["from"],
            until=keys["to"],
            value=keys.get(what),
            region=keys.get("region") or keys.get("shortname"),
            unit="g/kWh",
            signal=Signal.AVERAGE,
            accounting=Accounting.DIRECT,
        )
    columns = {"actual": "actualcarbonintensitygcokwh", "forecast": "forecastcarbonintensitygcokwh"}
    if {"datetimeutc", *columns.values()} <= set(keys):
        return Layout(
            form="an export of NESO's Carbon Intensity API",
            time=keys["datetimeutc"],
            value=keys[columns[what]],
            unit="g/kWh",
            signal=Signal.AVERAGE,
            accounting=Accounting.DIRECT,
        )
    return None


def _energinet(keys: Keys, asked: Asked) -> Layout | None:  # noqa: ARG001 - as the others
    if not {"minutesutc", "pricearea", "coemission"} <= set(keys):
        return None
    return Layout(
        form="an export of Energinet",
        time=keys["minutesutc"],
        region=keys["pricearea"],
        value=keys["coemission"],
        unit="g/kWh",
        signal=Signal.AVERAGE,
    )


def _energy_charts(keys: Keys, asked: Asked) -> Layout | None:
    if not {"unixseconds", "coeq"} <= set(keys):
        return None
    forecast = keys.get("coeqforecast")
    return Layout(
        form="an export of Energy-Charts",
        time=keys["unixseconds"],
        counted=True,
        value=keys["coeq"] if asked.past or forecast is None else forecast,
        region=keys.get("country"),
        unit="g/kWh",
        signal=Signal.AVERAGE,
    )


def _carbon_cast(keys: Keys, asked: Asked) -> Layout | None:
    accounting = Accounting.of(asked.how.accounting) or Accounting.LIFECYCLE
    names = (
        ("carbonintensityavg", "carbonintensity")
        if asked.past
        else ("forecastedavgcarbonintensity", "carbonintensityavg", "carbonintensity")
    )
    if "utctime" not in keys:
        return None
    for name in names:
        for key, said in (
            (f"{name}{accounting}", accounting),
            (name, Accounting.of(asked.how.accounting)),
        ):
            if key in keys:
                return Layout(
                    form="a file of CarbonCast",
                    time=keys["utctime"],
                    region=keys.get("regioncode"),
                    value=keys[key],
                    unit="g/kWh",
                    signal=Signal.AVERAGE,
                    accounting=said,
                )
    return None


_EXPORTS: tuple[Callable[[Keys, Asked], Layout | None], ...] = (
    _electricity_maps,
    _watttime,
    _neso,
    _energinet,
    _energy_charts,
    _carbon_cast,
)
