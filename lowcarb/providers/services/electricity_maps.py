"""Electricity Maps: most of the world, with a key."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lowcarb._util.times import to_iso
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Accounting, Signal
from lowcarb.errors import (
    AccessDeniedError,
    AuthError,
    BadResponseError,
    ConfigurationError,
    NoDataError,
    UnknownLocationError,
)
from lowcarb.providers.http.client import Params
from lowcarb.providers.http.response import Response
from lowcarb.providers.http.secrets import HeaderAuth, Secret, take
from lowcarb.providers.services.client import ServiceClient
from lowcarb.providers.services.rows import Row, cut, part, seconds, series
from lowcarb.providers.services.service import Call, Found, Refusal, Service
from lowcarb.providers.services.zones import cloud_zone, point

VARIABLE = "ELECTRICITYMAPS_TOKEN"
_STEPS = {"hourly": 3600.0, "15_minutes": 900.0, "5_minutes": 300.0}
_HORIZONS = (6, 24, 48, 72)
# What an error about the place names; not the "latest" or "longer" of another.
_PLACE = re.compile(r"\b(?:node|zone|zonekey|lat|lon|latitude|longitude)\b")


@dataclass(kw_only=True, eq=False)
class ElectricityMaps(ServiceClient):
    """Flow-traced average intensities by zone ("DE"), cloud region or "latitude,longitude".

    Hourly, 24 h ahead unless your plan and `horizon_hours` say more. Free plans may have no
    forecasts at all.

    Options of all services, such as `zones` and `deadline`, are described in `ServiceClient`.

    Parameters
    ----------
    token
        Key; by default that of the environment variable ELECTRICITYMAPS_TOKEN.
    accounting
        "lifecycle" or "direct" emissions.
    horizon_hours
        6, 24, 48 or 72.
    """

    token: str | None = field(default=None, repr=False)
    accounting: str = "lifecycle"
    horizon_hours: int = 24

    def _describe(self) -> Service:
        """Take the key, and keep it where it does not show."""
        key = take(self.token, VARIABLE, "the key of Electricity Maps")
        self.token = None
        self.accounting = Accounting.of(self.accounting) or Accounting.LIFECYCLE
        if self.horizon_hours not in _HORIZONS:
            raise ConfigurationError(
                f"horizon_hours: expected 6, 24, 48 or 72, got {self.horizon_hours!r}"
            )
        api = _Api(key=key, accounting=self.accounting, horizon=str(self.horizon_hours))
        return Service(
            name="Electricity Maps",
            home="https://api.electricitymaps.com/v4",
            signal=Signal.AVERAGE,
            accounting=self.accounting,
            zone_of=_zone_of,
            ask=api.ask,
            ask_past=api.ask_past,
            refused=_refused,
            secrets=(key,),
            variant=api.horizon,
        )


@dataclass(frozen=True, kw_only=True)
class _Api:
    """What is asked of the service, and how its answers are read."""

    key: Secret
    accounting: str
    horizon: str

    def ask(self, call: Call, zones: Sequence[str]) -> Found:
        (zone,) = zones
        horizon = [("horizonHours", self.horizon)]
        payload = self._payload(call, "/carbon-intensity/forecast", zone, horizon)
        issued = seconds(payload.get("updatedAt"), "updatedAt")
        return {zone: self._series(call, payload, ("forecast", "data"), issued)}

    def ask_past(self, call: Call, zones: Sequence[str], start: datetime, end: datetime) -> Found:
        (zone,) = zones
        times = [("start", to_iso(start)), ("end", to_iso(end))]
        payload = self._payload(call, "/carbon-intensity/past-range", zone, times)
        return {zone: self._series(call, payload, ("data", "history"), None, past=True)}

    def _payload(self, call: Call, path: str, zone: str, more: Params) -> dict[str, Any]:
        place = point(zone)
        where = [("zone", zone)] if place is None else [("lat", place[0]), ("lon", place[1])]
        # Without it the service answers for wherever the caller's address is, if nothing fits.
        params = [*where, ("disableCallerLookup", "true"), *more]
        if self.accounting != Accounting.LIFECYCLE:
            params.append(("emissionFactorType", self.accounting))
        payload = call.json(path, params, auth=HeaderAuth("auth-token", self.key))
        if not isinstance(payload, dict):
            raise BadResponseError(f"expected an object, got {cut(payload)}")
        if place is None and payload.get("zone") != zone:
            raise BadResponseError(f"asked for zone {zone}, got {cut(payload.get('zone'))}")
        if "sandbox" in str(payload.get("_disclaimer")).lower():
            raise AccessDeniedError("the key is in sandbox mode, and the values are invented")
        for name, expected in (
            ("emissionFactorType", self.accounting),
            ("unit", "gCO2eq/kWh"),
            ("units", "gCO2eq/kWh"),
        ):
            if payload.get(name) not in (None, expected):
                raise BadResponseError(f"expected {name} {expected}, got {cut(payload[name])}")
        return payload

    def _series(
        self,
        call: Call,
        payload: dict[str, Any],
        names: tuple[str, ...],
        issued: float | None,
        *,
        past: bool = False,
    ) -> Series:
        zone = part(payload, "zone", str)
        name = next((name for name in names if name in payload), names[0])
        granularity = payload.get("temporalGranularity")
        step = _STEPS.get(granularity) if isinstance(granularity, str) else None
        rows: list[Row] = []
        for row in part(payload, name, list):
            begin = seconds(part(row, "datetime", str, "a row"), "datetime")
            if row.get("zone", zone) != zone:
                raise BadResponseError(f"a row is for zone {cut(row['zone'])}, not {zone}")
            kind = row.get("emissionFactorType")
            if kind not in (None, self.accounting):
                raise BadResponseError(f"expected {self.accounting} emissions, got {cut(kind)}")
            end = None if step is None else begin + step
            rows.append((begin, row.get("carbonIntensity"), end))
        return call.labelled(series(rows, past=past), zone, issued)


def _zone_of(region: str) -> str:
    return cloud_zone(region) or region.strip()


def _refused(response: Response) -> Refusal | None:
    message = response.message.lower()
    if response.status in (401, 403) and (
        response.status == 403 or "access" in message or "unauthorized for" in message
    ):
        return (
            AccessDeniedError,
            "your plan does not cover this (forecasts may need a paid one; NESO and "
            "Energy-Charts need no key)",
        )
    if response.status == 401:
        return AuthError, f"does not accept the key, see {VARIABLE}"
    if response.status == 404:
        kind = NoDataError if "data" in message else UnknownLocationError
        return kind, "has nothing of that (status 404)"
    if response.status == 400 and _PLACE.search(message):
        return UnknownLocationError, "does not know the zone"
    return None
