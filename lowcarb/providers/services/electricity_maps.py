"""Electricity Maps: most of the world, with a key."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from lowcarb._util.times import to_iso
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Accounting
from lowcarb.errors import (
    AccessDeniedError,
    AuthError,
    BadResponseError,
    ConfigurationError,
    NoDataError,
    ProviderError,
    UnknownLocationError,
)
from lowcarb.providers.http.deadline import Deadline
from lowcarb.providers.http.response import Response
from lowcarb.providers.http.secrets import HeaderAuth, Secret, take
from lowcarb.providers.services.client import Found
from lowcarb.providers.services.rows import Row, cut, part, seconds, series
from lowcarb.providers.services.service import Service
from lowcarb.providers.services.zones import cloud_zone, point

VARIABLE = "ELECTRICITYMAPS_TOKEN"
_STEPS = {"hourly": 3600.0, "15_minutes": 900.0, "5_minutes": 300.0}
_HORIZONS = (6, 24, 48, 72)
# What an error about the place names; not the "latest" or "longer" of another.
_PLACE = re.compile(r"\b(?:node|zone|zonekey|lat|lon|latitude|longitude)\b")


@dataclass(kw_only=True, eq=False)
class ElectricityMaps(Service):
    """Flow-traced average intensities by zone ("DE"), cloud region or "latitude,longitude".

    Hourly, 24 h ahead unless your plan and `horizon_hours` say more. Free plans may have no
    forecasts at all.

    What all services have in common, such as `zones` and `deadline`, is told of in `Service`.

    Parameters
    ----------
    token
        Key; by default that of the environment variable ELECTRICITYMAPS_TOKEN.
    accounting
        "lifecycle" or "direct" emissions.
    horizon_hours
        6, 24, 48 or 72.
    """

    name: ClassVar[str] = "Electricity Maps"
    home: ClassVar[str] = "https://api.electricitymaps.com/v4"
    keyed: ClassVar[bool] = True

    token: str | None = field(default=None, repr=False)
    accounting: str = "lifecycle"
    horizon_hours: int = 24

    def __post_init__(self) -> None:
        """Take the key, and keep it where it does not show."""
        self._key_secret = take(self.token, VARIABLE, "the key of Electricity Maps")
        self.token = None
        self.accounting = Accounting.of(self.accounting) or Accounting.LIFECYCLE
        if self.horizon_hours not in _HORIZONS:
            raise ConfigurationError(
                f"horizon_hours: expected 6, 24, 48 or 72, got {self.horizon_hours!r}"
            )
        super().__post_init__()

    @property
    def signal(self) -> str:
        """Average."""
        return "average"

    def _secrets(self) -> list[Secret]:
        return [self._key_secret]

    def _zone(self, region: str) -> str:
        return cloud_zone(region) or region.strip()

    def _key(self, zone: str) -> str:
        return f"{super()._key(zone)} {self.horizon_hours}"

    def _ask(self, zones: Sequence[str], deadline: Deadline) -> Found:
        (zone,) = zones
        horizon = [("horizonHours", str(self.horizon_hours))]
        payload = self._told("/carbon-intensity/forecast", zone, horizon, deadline)
        issued = seconds(payload.get("updatedAt"), "updatedAt")
        return {zone: self._series(payload, ("forecast", "data"), issued)}

    def _ask_past(
        self, start: datetime, end: datetime, zones: Sequence[str], deadline: Deadline
    ) -> Found:
        (zone,) = zones
        times = [("start", to_iso(start)), ("end", to_iso(end))]
        payload = self._told("/carbon-intensity/past-range", zone, times, deadline)
        return {zone: self._series(payload, ("data", "history"), None)}

    def _told(
        self, path: str, zone: str, more: list[tuple[str, str]], deadline: Deadline
    ) -> dict[str, Any]:
        place = point(zone)
        where = [("zone", zone)] if place is None else [("lat", place[0]), ("lon", place[1])]
        # Without it the service answers for wherever the caller's address is, if nothing fits.
        params = [*where, ("disableCallerLookup", "true"), *more]
        if self.accounting != "lifecycle":
            params.append(("emissionFactorType", self.accounting))
        auth = HeaderAuth("auth-token", self._key_secret)
        payload = self._checked(self._http.get(path, params, auth=auth, deadline=deadline)).json()
        if not isinstance(payload, dict):
            raise BadResponseError(f"expected an object, got {cut(payload)}")
        if place is None and payload.get("zone") != zone:
            raise BadResponseError(f"asked for zone {zone}, got {cut(payload.get('zone'))}")
        if "sandbox" in str(payload.get("_disclaimer")).lower():
            raise AccessDeniedError("the key is in sandbox mode, and the values are invented")
        for name, expected in (
            ("emissionFactorType", {self.accounting}),
            ("unit", {"gCO2eq/kWh"}),
            ("units", {"gCO2eq/kWh"}),
        ):
            if payload.get(name) is not None and payload[name] not in expected:
                raise BadResponseError(
                    f"expected {name} {expected.pop()}, got {cut(payload[name])}"
                )
        return payload

    def _series(
        self, payload: dict[str, Any], names: tuple[str, ...], issued: float | None
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
        return self._with_origin(series(rows), zone, issued)

    def _refused(self, response: Response) -> ProviderError:
        said = response.message.lower()
        if response.status in (401, 403) and (
            response.status == 403 or "access" in said or "unauthorized for" in said
        ):
            return self._http.error(
                AccessDeniedError,
                "your plan does not cover this (forecasts may need a paid one; NESO and "
                "Energy-Charts need no key)",
                response,
            )
        if response.status == 401:
            return self._http.error(AuthError, f"does not accept the key, see {VARIABLE}", response)
        if response.status == 404:
            kind = NoDataError if "data" in said else UnknownLocationError
            return self._http.error(kind, "has nothing of that (status 404)", response)
        if response.status == 400 and _PLACE.search(said):
            return self._http.error(UnknownLocationError, "does not know the zone", response)
        return super()._refused(response)
