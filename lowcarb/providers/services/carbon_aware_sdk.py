"""The Carbon Aware SDK's web API, on a server of your own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lowcarb._util.times import to_iso
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Signal
from lowcarb.errors import (
    AccessDeniedError,
    BadResponseError,
    ConfigurationError,
    NoDataError,
    ProviderError,
    UnknownLocationError,
)
from lowcarb.providers.http.client import Params
from lowcarb.providers.http.response import Response
from lowcarb.providers.services.client import ServiceClient
from lowcarb.providers.services.rows import Row, cut, end_of, part, seconds, series
from lowcarb.providers.services.service import (
    Call,
    Found,
    Refusal,
    Service,
    zone_is_unknown,
)

_TOGETHER = 40
_SPAN = re.compile(r"(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)(?:\.\d+)?")


@dataclass(kw_only=True, eq=False)
class CarbonAwareSdk(ServiceClient):
    """Forecasts by the names of locations that the server knows, as a rule Azure regions.

    In gCO2eq/kWh, in steps of its source, as a rule 24 h ahead.

    Options of all services, such as `zones` and `deadline`, are described in `ServiceClient`.

    Parameters
    ----------
    base_url
        Its address, such as http://localhost:8080.
    signal
        What its source gives: "marginal" with WattTime, "average" with Electricity Maps. None if
        you do not know; then it stands unlabelled in the account.
    """

    signal: str | None = None

    def _describe(self) -> Service:
        self.signal = Signal.of(self.signal)
        return Service(
            name="Carbon Aware SDK",
            signal=self.signal,
            groups=_groups,
            ask=_ask,
            ask_past=_ask_past,
            ask_alone=_ask_alone,
            refused=_refused,
        )


def _groups(zones: Sequence[str]) -> list[Sequence[str]]:
    return [zones[i : i + _TOGETHER] for i in range(0, len(zones), _TOGETHER)]


def _ask(call: Call, zones: Sequence[str]) -> Found:
    # No start, end or window: an end past the forecast is an error there, and windows are moving
    # averages. The server does not tell eastus from EastUS.
    once = {zone.casefold(): zone for zone in zones}
    params = [("location", zone) for zone in once.values()]
    # The outer location is what was asked for, the inner location may be the grid's.
    by_name: dict[str, Mapping[str, Any]] = {}
    twice: set[str] = set()
    for entry in _list(call, "/emissions/forecasts/current", params):
        name = part(entry, "location", str, "a forecast").casefold()
        if by_name.setdefault(name, entry) != entry:
            twice.add(name)
    wrong = sorted(set(by_name) - set(once))
    found: dict[str, Series | ProviderError] = {}
    for zone in zones:
        try:
            if zone.casefold() not in by_name and wrong:
                raise BadResponseError(f"got {cut(wrong[0])}, which nobody asked for")
            if zone.casefold() in twice:
                raise BadResponseError("there are two different forecasts of it")
            found[zone] = _series(call, by_name.get(zone.casefold(), {}), zone)
        except ProviderError as error:
            found[zone] = error
    return found


def _series(call: Call, entry: Mapping[str, Any], zone: str) -> Series:
    if not entry:
        raise NoDataError("it is missing in the answer")
    issued = seconds(entry.get("generatedAt"), "generatedAt")
    rows: list[Row] = []
    for row in part(entry, "forecastData", list, "the forecast"):
        begin = seconds(part(row, "timestamp", str, "a row"), "timestamp")
        end = end_of(begin, part(row, "duration", int, "a row"), 60.0)
        rows.append((begin, row.get("value"), end))
    return call.labelled(series(rows), zone, issued)


def _ask_past(call: Call, zones: Sequence[str], start: datetime, end: datetime) -> Found:
    # One by one: rows name the grid and not what was asked for.
    found: dict[str, Series | ProviderError] = {}
    for zone in zones:
        params = [("location", zone), ("time", to_iso(start)), ("toTime", to_iso(end))]
        try:
            rows = [_past_row(row) for row in _list(call, "/emissions/bylocation", params)]
            rows.sort(key=lambda row: row[0])
            found[zone] = call.labelled(series(rows, past=True), zone)
        except ProviderError as error:
            found[zone] = error
    return found


def _list(call: Call, path: str, params: Params) -> list[Any]:
    payload = call.json(path, params)
    if not isinstance(payload, list):
        raise BadResponseError(f"expected a list, got {cut(payload)}")
    return payload


def _ask_alone(error: ProviderError) -> bool:
    # What its source says of one location becomes the answer to the whole question, also that the
    # plan does not cover it (403). Status 401 means that nothing is covered.
    return zone_is_unknown(error) or error.status in (400, 403, 500)


def _refused(response: Response) -> Refusal | None:
    message = response.message.lower()
    if "unknown location" in message:
        return UnknownLocationError, "does not know the location"
    if response.status == 501 or "not configured" in message:
        return ConfigurationError, "the server has no source of forecasts"
    if response.status == 400 and "no data" in message:
        return NoDataError, "has nothing of that"
    if response.status in (401, 403):
        return AccessDeniedError, "the key that the server itself uses is not accepted"
    return None


def _past_row(row: Any) -> Row:
    begin = seconds(part(row, "time", str, "a row"), "time")
    span = _SPAN.fullmatch(part(row, "duration", str, "a row"))
    if span is None:
        raise BadResponseError(f"duration: expected hh:mm:ss, got {cut(row['duration'])}")
    days, hours, minutes, secs = (int(number or 0) for number in span.groups())
    return (
        begin,
        row.get("rating"),
        end_of(begin, 86400 * days + 3600 * hours + 60 * minutes + secs),
    )
