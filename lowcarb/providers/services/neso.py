"""NESO's Carbon Intensity API: Great Britain and its regions, without a key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from lowcarb.errors import BadResponseError, NoDataError, ProviderError, UnknownLocationError
from lowcarb.providers.http.deadline import Deadline
from lowcarb.providers.services.client import Found
from lowcarb.providers.services.rows import Row, cut, part, seconds, series
from lowcarb.providers.services.service import Service
from lowcarb.providers.services.zones import cloud_zone

NATIONAL = "GB"
# The numbers and names that the service gives its regions.
REGIONS = {
    1: "North Scotland",
    2: "South Scotland",
    3: "North West England",
    4: "North East England",
    5: "Yorkshire",
    6: "North Wales and Merseyside",
    7: "South Wales",
    8: "West Midlands",
    9: "East Midlands",
    10: "East England",
    11: "South West England",
    12: "South England",
    13: "London",
    14: "South East England",
    15: "England",
    16: "Scotland",
    17: "Wales",
}
_BY_NAME = {name.casefold(): str(number) for number, name in REGIONS.items()}
# From so many regions on, one large answer with all of them is less to ask for.
_MANY = 5


@dataclass(kw_only=True, eq=False)
class Neso(Service):
    """Forecasts for "GB" or for its regions, by number ("13") or name ("London").

    Average intensities of generation, in whole gCO2eq/kWh, for half-hours up to 48 h ahead. What
    came true is known of "GB" only.

    What all services have in common, such as `zones` and `deadline`, is told of in `Service`.
    """

    name: ClassVar[str] = "NESO"
    home: ClassVar[str] = "https://api.carbonintensity.org.uk"

    @property
    def signal(self) -> str:
        """Average."""
        return "average"

    @property
    def accounting(self) -> str:
        """Say "direct": emissions at the power plants."""
        return "direct"

    def _zone(self, region: str) -> str:
        name = region.strip()
        if NATIONAL in (name.upper(), cloud_zone(name)):
            return NATIONAL
        if name in {str(number) for number in REGIONS}:
            return name
        if name.casefold() in _BY_NAME:
            return _BY_NAME[name.casefold()]
        raise UnknownLocationError("expected GB, 1 to 17, or a name such as London")

    def _groups(self, zones: Sequence[str]) -> list[Sequence[str]]:
        regions = [zone for zone in zones if zone != NATIONAL]
        if len(regions) < _MANY:
            return [[zone] for zone in zones]
        return [regions, *([[NATIONAL]] if NATIONAL in zones else [])]

    def _ask(self, zones: Sequence[str], deadline: Deadline) -> Found:
        begin = _stamp(self.clock())
        if len(zones) > 1:
            payload = self._told(f"/regional/intensity/{begin}/fw48h", deadline)
            rows = partial(_of_slots, payload)
        elif zones[0] == NATIONAL:
            payload = self._told(f"/intensity/{begin}/fw48h", deadline)
            rows = partial(_of_country, payload, "forecast")
        else:
            payload = self._told(f"/regional/intensity/{begin}/fw48h/regionid/{zones[0]}", deadline)
            rows = partial(_of_region, payload)
        found: dict[str, Any] = {}
        for zone in zones:
            try:
                found[zone] = self._with_origin(series(rows(zone)), zone, received=True)
            except ProviderError as error:
                found[zone] = error
        return found

    def _ask_past(
        self, start: datetime, end: datetime, zones: Sequence[str], deadline: Deadline
    ) -> Found:
        if zones != [NATIONAL]:
            return {zone: NoDataError("what came true is known of GB only") for zone in zones}
        payload = self._told(
            f"/intensity/{_stamp(start)}/{_stamp(end + timedelta(minutes=30))}", deadline
        )
        rows = _of_country(payload, "actual", NATIONAL)
        known = [row for row in rows if row[1] is not None]
        return {NATIONAL: self._with_origin(series(known), NATIONAL, received=True)}

    def _told(self, path: str, deadline: Deadline) -> Any:
        """Return what stands under "data"; an empty answer means that there is nothing."""
        payload = self._checked(self._http.get(path, deadline=deadline)).json()
        if payload in ({}, {"data": []}, {"data": {}}):
            raise NoDataError("nothing is published for that time")
        return payload.get("data") if isinstance(payload, dict) else payload


def _of_country(payload: Any, kind: str, _zone: str) -> list[Row]:
    if not isinstance(payload, list):
        raise BadResponseError(f"expected a list of half-hours, got {cut(payload)}")
    return [_row(slot, slot, kind) for slot in payload]


def _of_region(payload: Any, zone: str) -> list[Row]:
    region = payload[0] if isinstance(payload, list) and payload else payload
    number = part(region, "regionid", int, "the region")
    if str(number) != zone:
        raise BadResponseError(f"asked for region {zone}, got region {number}")
    return [_row(slot, slot) for slot in part(region, "data", list, "the region")]


def _of_slots(payload: Any, zone: str) -> list[Row]:
    if not isinstance(payload, list):
        raise BadResponseError(f"expected a list of half-hours, got {cut(payload)}")
    return [
        _row(slot, region)
        for slot in payload
        for region in part(slot, "regions", list, "a half-hour")
        if str(part(region, "regionid", int, "a region")) == zone
    ]


def _row(slot: Any, holder: Mapping[str, Any], kind: str = "forecast") -> Row:
    begin = seconds(part(slot, "from", str, "a half-hour"), "from")
    end = seconds(part(slot, "to", str, "a half-hour"), "to")
    return begin, part(holder, "intensity", dict, "a half-hour").get(kind), end


def _stamp(instant: datetime) -> str:
    """Write the half-hour that holds a time, as the service wants it."""
    at = instant.astimezone(UTC)
    return at.replace(minute=at.minute - at.minute % 30).strftime("%Y-%m-%dT%H:%MZ")
