"""The Carbon Aware SDK's web API, on a server of your own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

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
from lowcarb.providers.http.deadline import Deadline
from lowcarb.providers.http.response import Response
from lowcarb.providers.services.client import Found
from lowcarb.providers.services.rows import Row, cut, end_of, part, seconds, series
from lowcarb.providers.services.service import Service

_TOGETHER = 40
_SPAN = re.compile(r"(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)(?:\.\d+)?")


@dataclass(kw_only=True, eq=False)
class CarbonAwareSdk(Service):
    """Forecasts by the names of locations that the server knows, as a rule Azure regions.

    In gCO2eq/kWh, in steps of its source, as a rule 24 h ahead.

    What all services have in common, such as `zones` and `deadline`, is told of in `Service`.

    Parameters
    ----------
    base_url
        Its address, such as http://localhost:8080.
    signal
        What its source gives: "marginal" with WattTime, "average" with Electricity Maps. None if
        you do not know; then it stands unlabelled in the account.
    """

    name: ClassVar[str] = "Carbon Aware SDK"

    signal: str | None = None

    def __post_init__(self) -> None:
        """Look at the signal."""
        self.signal = Signal.of(self.signal)
        super().__post_init__()

    def _zone(self, region: str) -> str:
        return region.strip()

    def _groups(self, zones: Sequence[str]) -> list[Sequence[str]]:
        return [zones[i : i + _TOGETHER] for i in range(0, len(zones), _TOGETHER)]

    def _ask(self, zones: Sequence[str], deadline: Deadline) -> Found:
        # No start, end or window: an end past the forecast is an error there, and windows are
        # moving averages. The server does not tell eastus from EastUS.
        once = {zone.casefold(): zone for zone in zones}
        payload = self._told(
            "/emissions/forecasts/current", [("location", zone) for zone in once.values()], deadline
        )
        # The outer location is the one that was asked for, the inner one may be the grid's.
        by_name: dict[str, Mapping[str, Any]] = {}
        twice: set[str] = set()
        for entry in payload:
            name = part(entry, "location", str, "a forecast").casefold()
            if by_name.setdefault(name, entry) != entry:
                twice.add(name)
        wrong = sorted(set(by_name) - {zone.casefold() for zone in zones})
        found: dict[str, Series | ProviderError] = {}
        for zone in zones:
            try:
                if zone.casefold() not in by_name and wrong:
                    raise BadResponseError(f"got {cut(wrong[0])}, which nobody asked for")
                if zone.casefold() in twice:
                    raise BadResponseError("there are two different forecasts of it")
                found[zone] = self._series(by_name.get(zone.casefold(), {}), zone)
            except ProviderError as error:
                found[zone] = error
        return found

    def _series(self, entry: Mapping[str, Any], zone: str) -> Series:
        if not entry:
            raise NoDataError("it is missing in the answer")
        issued = seconds(entry.get("generatedAt"), "generatedAt")
        rows: list[Row] = []
        for row in part(entry, "forecastData", list, "the forecast"):
            begin = seconds(part(row, "timestamp", str, "a row"), "timestamp")
            end = end_of(begin, part(row, "duration", int, "a row"), 60.0)
            rows.append((begin, row.get("value"), end))
        return self._with_origin(series(rows), zone, issued)

    def _ask_past(
        self, start: datetime, end: datetime, zones: Sequence[str], deadline: Deadline
    ) -> Found:
        # One by one: rows name the grid and not what was asked for.
        found: dict[str, Series | ProviderError] = {}
        for zone in zones:
            params = [("location", zone), ("time", to_iso(start)), ("toTime", to_iso(end))]
            try:
                rows = [
                    _past_row(row) for row in self._told("/emissions/bylocation", params, deadline)
                ]
                found[zone] = self._with_origin(series(sorted(rows, key=lambda row: row[0])), zone)
            except ProviderError as error:
                found[zone] = error
        return found

    def _told(self, path: str, params: list[tuple[str, str]], deadline: Deadline) -> list[Any]:
        payload = self._checked(self._http.get(path, params, deadline=deadline)).json()
        if not isinstance(payload, list):
            raise BadResponseError(f"expected a list, got {cut(payload)}")
        return payload

    def _is_spoilt(self, error: ProviderError) -> bool:
        # What its source says of one location becomes the answer to the whole question, also that
        # the plan does not cover it (403). Status 401 means that nothing is covered.
        return super()._is_spoilt(error) or error.status in (400, 403, 500)

    def _refused(self, response: Response) -> ProviderError:
        said = response.message.lower()
        if "unknown location" in said:
            return self._http.error(UnknownLocationError, "does not know the location", response)
        if response.status == 501 or "not configured" in said:
            return self._http.error(
                ConfigurationError, "the server has no source of forecasts", response
            )
        if response.status == 400 and "no data" in said:
            return self._http.error(NoDataError, "has nothing of that", response)
        if response.status in (401, 403):
            return self._http.error(
                AccessDeniedError, "the key that the server itself uses is not accepted", response
            )
        return super()._refused(response)


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
