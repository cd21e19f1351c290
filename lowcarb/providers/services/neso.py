"""NESO's Carbon Intensity API: Great Britain and its regions, without a key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Accounting, Signal
from lowcarb.errors import BadResponseError, NoDataError, ProviderError, UnknownLocationError
from lowcarb.providers.http.base_url import segment
from lowcarb.providers.services.client import ServiceClient
from lowcarb.providers.services.rows import Row, cut, part, seconds, series
from lowcarb.providers.services.service import Call, Found, Service, one_by_one
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
# From so many regions on, a single large answer with all regions is less to ask for.
_MANY = 5


@dataclass(kw_only=True, eq=False)
class Neso(ServiceClient):
    """Forecasts for "GB" or for its regions, by number ("13") or name ("London").

    Average intensities of generation, in whole gCO2eq/kWh, for half-hours up to 48 h ahead. What
    came true is known of "GB" only.

    Options of all services, such as `zones` and `deadline`, are described in `ServiceClient`.
    """

    def _describe(self) -> Service:
        return Service(
            name="NESO",
            home="https://api.carbonintensity.org.uk",
            signal=Signal.AVERAGE,
            # Emissions at the power plants.
            accounting=Accounting.DIRECT,
            zone_of=_zone_of,
            groups=_groups,
            ask=_ask,
            ask_past=_ask_past,
        )


def _zone_of(region: str) -> str:
    name = region.strip()
    if NATIONAL in (name.upper(), cloud_zone(name)):
        return NATIONAL
    if name in {str(number) for number in REGIONS}:
        return name
    if name.casefold() in _BY_NAME:
        return _BY_NAME[name.casefold()]
    raise UnknownLocationError("expected GB, 1 to 17, or a name such as London")


def _groups(zones: Sequence[str]) -> list[Sequence[str]]:
    regions = [zone for zone in zones if zone != NATIONAL]
    if len(regions) < _MANY:
        return one_by_one(zones)
    return [regions, *([[NATIONAL]] if NATIONAL in zones else [])]


def _ask(call: Call, zones: Sequence[str]) -> Found:
    begin = _stamp(call.clock())
    if len(zones) > 1:
        rows = partial(_of_slots, _data(call, f"/regional/intensity/{begin}/fw48h"))
    elif zones[0] == NATIONAL:
        rows = partial(_of_country, _data(call, f"/intensity/{begin}/fw48h"), "forecast")
    else:
        path = f"/regional/intensity/{begin}/fw48h/regionid/{segment(zones[0])}"
        rows = partial(_of_region, _data(call, path))
    found: dict[str, Series | ProviderError] = {}
    for zone in zones:
        try:
            found[zone] = call.labelled(series(rows(zone)), zone, received=True)
        except ProviderError as error:
            found[zone] = error
    return found


def _ask_past(call: Call, zones: Sequence[str], start: datetime, end: datetime) -> Found:
    if zones != [NATIONAL]:
        return {zone: NoDataError("what came true is known of GB only") for zone in zones}
    path = f"/intensity/{_stamp(start)}/{_stamp(end + timedelta(minutes=30))}"
    rows = _of_country(_data(call, path), "actual", NATIONAL)
    return {NATIONAL: call.labelled(series(rows, past=True), NATIONAL, received=True)}


def _data(call: Call, path: str) -> Any:
    """Return what stands under "data"; an empty answer means that there is nothing."""
    payload = call.json(path)
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
