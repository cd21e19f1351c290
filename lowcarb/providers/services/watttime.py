"""WattTime: marginal intensities, with an account."""

import math
import threading
import time
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from lowcarb._util.times import to_iso
from lowcarb.carbon.forecast import Series
from lowcarb.errors import (
    AccessDeniedError,
    AuthError,
    BadResponseError,
    ConfigurationError,
    ProviderError,
    ProviderUnavailableError,
    UnknownLocationError,
)
from lowcarb.providers.http.client import Params
from lowcarb.providers.http.deadline import Deadline
from lowcarb.providers.http.response import Response
from lowcarb.providers.http.secrets import HeaderAuth, Secret, basic, take
from lowcarb.providers.services.client import Found
from lowcarb.providers.services.rows import cut, end_of, part, seconds, series
from lowcarb.providers.services.service import Service
from lowcarb.providers.services.zones import cloud_zone, point
from lowcarb.units import GRAMS_PER_KWH_PER_POUND_PER_MWH

_SIGNAL, _UNITS = "co2_moer", "lbs_co2_per_mwh"
# A token holds for 30 minutes.
_TOKEN_S = 25 * 60.0
# 100 logins in five minutes are allowed, and one that fails may be three requests: after a login
# that failed, or a new token that is refused as well, regions and rounds wait so long for the next.
_REST_S = 10.0


@dataclass(kw_only=True, eq=False)
class WattTime(Service):
    """Marginal intensities by WattTime's regions ("CAISO_NORTH") or "latitude,longitude".

    In steps of 5 minutes, 24 h ahead unless `horizon_hours` says more. Free accounts see
    CAISO_NORTH only.

    What all services have in common, such as `zones` and `deadline`, is told of in `Service`.

    Parameters
    ----------
    user, password
        Of the account; by default those of the environment variables WATTTIME_USER and
        WATTTIME_PASSWORD.
    horizon_hours
        From 1 to 72.
    """

    name: ClassVar[str] = "WattTime"
    home: ClassVar[str] = "https://api.watttime.org"
    keyed: ClassVar[bool] = True

    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    horizon_hours: int = 24

    def __post_init__(self) -> None:
        """Take user and password, and keep them where they do not show."""
        self._user = take(self.user, "WATTTIME_USER", "the user name of WattTime")
        self._password = take(self.password, "WATTTIME_PASSWORD", "the password of WattTime")
        self.user = self.password = None
        self._basic = basic(self._user, self._password)
        if not 1 <= self.horizon_hours <= 72:
            raise ConfigurationError(f"horizon_hours: expected 1 to 72, got {self.horizon_hours!r}")
        self._token: Secret | None = None
        self._token_until = 0.0
        self._login = threading.Lock()
        self._login_error: ProviderError | None = None
        self._rest_since = -math.inf
        self._places: dict[str, str] = {}
        super().__post_init__()

    @property
    def signal(self) -> str:
        """Marginal."""
        return "marginal"

    @property
    def accounting(self) -> str:
        """Say "direct": what burns at the power plants."""
        return "direct"

    def _secrets(self) -> list[Secret]:
        return [self._password, self._user, self._basic.secret]

    def _zone(self, region: str) -> str:
        zone = region.strip()
        if cloud_zone(zone) is not None:
            raise UnknownLocationError(
                "expected a region of WattTime's or latitude,longitude; name one with zones="
            )
        return zone

    def _key(self, zone: str) -> str:
        return f"{super()._key(zone)} {self.horizon_hours}"

    def _ask(self, zones: Sequence[str], deadline: Deadline) -> Found:
        (zone,) = zones
        region = self._region(zone, deadline)
        params = [("horizon_hours", str(self.horizon_hours))]
        payload = self._told("/v3/forecast", region, params, deadline)
        issued = seconds(part(payload, "meta", dict).get("generated_at"), "generated_at")
        return {zone: self._with_origin(_series(payload, region), region, issued)}

    def _ask_past(
        self, start: datetime, end: datetime, zones: Sequence[str], deadline: Deadline
    ) -> Found:
        (zone,) = zones
        region = self._region(zone, deadline)
        params = [("start", to_iso(start)), ("end", to_iso(end))]
        payload = self._told("/v3/historical", region, params, deadline)
        return {zone: self._with_origin(_series(payload, region), region)}

    def _region(self, zone: str, deadline: Deadline) -> str:
        """Find the region of a place."""
        place = point(zone)
        if place is None:
            return zone
        if zone not in self._places:
            params = [("latitude", place[0]), ("longitude", place[1]), ("signal_type", _SIGNAL)]
            payload = self._get("/v3/region-from-loc", params, deadline)
            self._places[zone] = part(payload, "region", str)
        return self._places[zone]

    def _told(self, path: str, region: str, more: Params, deadline: Deadline) -> Any:
        return self._get(path, [("region", region), ("signal_type", _SIGNAL), *more], deadline)

    def _get(self, path: str, params: Params, deadline: Deadline) -> Any:
        """Ask with a token; one that is refused is replaced once."""
        token = self._fresh_token(deadline)
        response = self._http.get(path, params, auth=_bearer(token), deadline=deadline)
        if response.status == 401:
            token = self._fresh_token(deadline, refused=token)
            response = self._http.get(path, params, auth=_bearer(token), deadline=deadline)
        return self._checked(response).json()

    def _fresh_token(self, deadline: Deadline, refused: Secret | None = None) -> Secret:
        """Log in, unless another thread has just done so."""
        if not self._login.acquire(timeout=max(deadline.left_s, 0.0)):
            raise self._http.error(ProviderUnavailableError, "no time was left to log in")
        try:
            resting = time.monotonic() - self._rest_since < _REST_S
            if resting and self._login_error is not None:
                raise copy(self._login_error)
            known = self._token
            again = known is not None and known is refused and not resting
            if known is None or again or time.monotonic() > self._token_until:
                known = self._log_in(deadline, again=again)
            return known
        finally:
            self._login.release()

    def _log_in(self, deadline: Deadline, *, again: bool) -> Secret:
        if again:
            self._rest_since = time.monotonic()
        self._login_error = None
        try:
            token = self._new_token(deadline)
        except ProviderError as error:
            # Without its traceback, which holds what was sent.
            self._login_error, self._rest_since = copy(error), time.monotonic()
            raise
        self._token, self._token_until = token, time.monotonic() + _TOKEN_S
        return token

    def _new_token(self, deadline: Deadline) -> Secret:
        response = self._http.get("/login", auth=self._basic, deadline=deadline)
        if response.status in (401, 403):
            raise self._http.error(
                AuthError, "does not accept WATTTIME_USER and WATTTIME_PASSWORD", response
            )
        token = _token_of(self._checked(response).json())
        if token is None:
            raise BadResponseError("the login gives no token that can be sent")
        self._http.secrets.append(token)
        return token

    def _refused(self, response: Response) -> ProviderError:
        if response.status == 403:
            return self._http.error(
                AccessDeniedError,
                "your plan does not cover this (free ones see CAISO_NORTH only)",
                response,
            )
        if response.status == 404 or (
            response.status in (400, 422) and "region" in response.message.lower()
        ):
            return self._http.error(UnknownLocationError, "does not know the region", response)
        return super()._refused(response)


def _series(payload: Any, region: str) -> Series:
    """Read units, signal and region from the answer; nothing of that is taken for granted."""
    meta = part(payload, "meta", dict)
    for name, expected in (("region", region), ("signal_type", _SIGNAL), ("units", _UNITS)):
        if meta.get(name) != expected:
            raise BadResponseError(f"expected {name} {expected}, got {cut(meta.get(name))}")
    step = part(meta, "data_point_period_seconds", int, "meta")
    rows = []
    for row in part(payload, "data", list):
        begin = seconds(part(row, "point_time", str, "a row"), "point_time")
        rows.append((begin, row.get("value"), end_of(begin, step)))
    return series(rows, GRAMS_PER_KWH_PER_POUND_PER_MWH)


def _token_of(payload: Any) -> Secret | None:
    """Read the token of a login; no message may show what is in its place."""
    text = payload.get("token") if isinstance(payload, dict) else None
    if not isinstance(text, str) or not (text and text.isascii() and text.isprintable()):
        return None
    return Secret(text)


def _bearer(token: Secret) -> HeaderAuth:
    return HeaderAuth("Authorization", token, "Bearer ")
