"""Energy-Charts of Fraunhofer ISE: countries of Europe, without a key."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from lowcarb.carbon.holding import ends_of
from lowcarb.carbon.provenance import Signal
from lowcarb.errors import BadResponseError, UnknownLocationError
from lowcarb.providers.http.client import Params
from lowcarb.providers.http.response import Response
from lowcarb.providers.services.client import ServiceClient
from lowcarb.providers.services.rows import Row, part, series
from lowcarb.providers.services.service import Call, Found, Refusal, Service
from lowcarb.providers.services.zones import cloud_zone

# Also "nie" for Northern Ireland, and "all".
_COUNTRY = re.compile("[A-Za-z]{2,3}")


@dataclass(kw_only=True, eq=False)
class EnergyCharts(ServiceClient):
    """Average intensities by country ("DE") or cloud region, in gCO2eq/kWh.

    In steps of 15 or 60 minutes, up to the end of tomorrow at most. Hours that are over are as
    they came true, those ahead as they are forecast; where there are both, the forecast counts. The
    service limits requests strictly.

    Options of all services, such as `zones` and `deadline`, are described in `ServiceClient`.
    """

    def _describe(self) -> Service:
        return Service(
            name="Energy-Charts",
            home="https://api.energy-charts.info",
            signal=Signal.AVERAGE,
            zone_of=_zone_of,
            ask=_ask,
            ask_past=_ask_past,
            refused=_refused,
            # Fewer, since its limit is strict, and enough for 50 countries within 3 s.
            workers=8,
        )


def _zone_of(region: str) -> str:
    # The service knows countries only, and its answer does not name them: what just begins like a
    # country must not become that country.
    zone = cloud_zone(region)
    country = region.strip() if zone is None else zone.split("-")[0]
    if not _COUNTRY.fullmatch(country):
        raise UnknownLocationError(
            "expected a country such as DE, or a cloud region; name another with zones="
        )
    return country.lower()


def _ask(call: Call, zones: Sequence[str]) -> Found:
    (zone,) = zones
    times, came_true, forecast = _columns(call, [("country", zone)])
    # What was observed and what is ahead may come in steps of their own.
    observed, expected = _ends(times, came_true), _ends(times, forecast)
    rows: list[Row] = [
        (time, actual, observed.get(time)) if ahead is None else (time, ahead, expected.get(time))
        for time, actual, ahead in zip(times, came_true, forecast, strict=True)
        if actual is not None or ahead is not None
    ]
    return {zone: call.labelled(series(rows), zone)}


def _ends(times: Sequence[float], values: Sequence[Any]) -> dict[float, float]:
    """When the values that are there end, by their steps alone; nothing if there are not two."""
    known = [time for time, value in zip(times, values, strict=True) if value is not None]
    if len(known) < 2 or not (np.diff(known) > 0).all():
        return {}
    return dict(zip(known, ends_of(np.array(known)).tolist(), strict=True))


def _ask_past(call: Call, zones: Sequence[str], start: datetime, end: datetime) -> Found:
    (zone,) = zones
    form = "%Y-%m-%dT%H:%MZ"
    params = [("country", zone), ("start", start.strftime(form)), ("end", end.strftime(form))]
    times, came_true, _ = _columns(call, params)
    rows: list[Row] = [(time, actual, None) for time, actual in zip(times, came_true, strict=True)]
    return {zone: call.labelled(series(rows, past=True), zone)}


def _columns(call: Call, params: Params) -> tuple[list[float], list[Any], list[Any]]:
    """Return starts, what came true, and what is forecast; the last two have gaps."""
    payload = call.json("/co2eq", params)
    times = part(payload, "unix_seconds", list)
    empty = [None] * len(times)
    came_true = part(payload, "co2eq", list)
    forecast = part(payload, "co2eq_forecast", list) if "co2eq_forecast" in payload else empty
    if not len(times) == len(came_true) == len(forecast):
        raise BadResponseError("its columns differ in length")
    if not all(type(time) is int and 0 < time < 2**33 for time in times):
        raise BadResponseError("expected times in seconds since 1970")
    return [float(time) for time in times], came_true, forecast


def _refused(response: Response) -> Refusal | None:
    if response.status in (400, 404, 422):
        return UnknownLocationError, f"has no such country (status {response.status})"
    return None
