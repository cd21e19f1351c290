"""WattTime: marginal intensities, with an account."""

import math
import threading
import time
from collections.abc import Sequence
from copy import copy
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
    ProviderError,
    ProviderUnavailableError,
    UnknownLocationError,
)
from lowcarb.providers.http.client import Params
from lowcarb.providers.http.response import Response
from lowcarb.providers.http.secrets import HeaderAuth, Secret, basic, take
from lowcarb.providers.services.client import ServiceClient
from lowcarb.providers.services.rows import cut, end_of, part, seconds, series
from lowcarb.providers.services.service import Call, Found, Refusal, Service
from lowcarb.providers.services.zones import cloud_zone, point
from lowcarb.units import GRAMS_PER_KWH_PER_POUND_PER_MWH

_SIGNAL, _UNITS = "co2_moer", "lbs_co2_per_mwh"
# A token holds for 30 minutes.
_TOKEN_S = 25 * 60.0
# 100 logins in five minutes are allowed, and a login that fails may be three requests: after a
# failed login, or a new token that is refused as well, regions and rounds wait so long for another.
_REST_S = 10.0


@dataclass(kw_only=True, eq=False)
class WattTime(ServiceClient):
    """Marginal intensities by WattTime's regions ("CAISO_NORTH") or "latitude,longitude".

    In steps of 5 minutes, 24 h ahead unless `horizon_hours` says more. Free accounts see
    CAISO_NORTH only.

    Options of all services, such as `zones` and `deadline`, are described in `ServiceClient`.

    Parameters
    ----------
    user, password
        Of the account; by default those of the environment variables WATTTIME_USER and
        WATTTIME_PASSWORD.
    horizon_hours
        From 1 to 72.
    """

    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    horizon_hours: int = 24

    def _describe(self) -> Service:
        """Take user and password, and keep them where they do not show."""
        user = take(self.user, "WATTTIME_USER", "the user name of WattTime")
        password = take(self.password, "WATTTIME_PASSWORD", "the password of WattTime")
        self.user = self.password = None
        if not 1 <= self.horizon_hours <= 72:
            raise ConfigurationError(f"horizon_hours: expected 1 to 72, got {self.horizon_hours!r}")
        both = basic(user, password)
        api = _Api(login=_Login(both), horizon=str(self.horizon_hours))
        return Service(
            name="WattTime",
            home="https://api.watttime.org",
            signal=Signal.MARGINAL,
            # What burns at the power plants.
            accounting=Accounting.DIRECT,
            zone_of=_zone_of,
            ask=api.ask,
            ask_past=api.ask_past,
            refused=_refused,
            secrets=(password, user, both.secret),
            variant=api.horizon,
        )


@dataclass(frozen=True, kw_only=True)
class _Api:
    """What is asked of the service, and how its answers are read."""

    login: "_Login"
    horizon: str
    places: dict[str, str] = field(default_factory=dict)

    def ask(self, call: Call, zones: Sequence[str]) -> Found:
        (zone,) = zones
        region = self._region(call, zone)
        payload = self._payload(call, "/v3/forecast", region, [("horizon_hours", self.horizon)])
        issued = seconds(part(payload, "meta", dict).get("generated_at"), "generated_at")
        return {zone: call.labelled(_series(payload, region), region, issued)}

    def ask_past(self, call: Call, zones: Sequence[str], start: datetime, end: datetime) -> Found:
        (zone,) = zones
        region = self._region(call, zone)
        times = [("start", to_iso(start)), ("end", to_iso(end))]
        payload = self._payload(call, "/v3/historical", region, times)
        return {zone: call.labelled(_series(payload, region, past=True), region)}

    def _region(self, call: Call, zone: str) -> str:
        """Find the region of a place."""
        place = point(zone)
        if place is None:
            return zone
        if zone not in self.places:
            params = [("latitude", place[0]), ("longitude", place[1]), ("signal_type", _SIGNAL)]
            payload = self._json(call, "/v3/region-from-loc", params)
            self.places[zone] = part(payload, "region", str)
        return self.places[zone]

    def _payload(self, call: Call, path: str, region: str, more: Params) -> Any:
        return self._json(call, path, [("region", region), ("signal_type", _SIGNAL), *more])

    def _json(self, call: Call, path: str, params: Params) -> Any:
        """Ask with a token; a token that is refused is replaced once."""
        # Who waits for a login must not keep from reading whoever logs in.
        call.done_reading()
        token = self.login.token(call)
        response = call.get(path, params, auth=_bearer(token))
        if response.status == 401:
            token = self.login.token(call, refused=token)
            response = call.get(path, params, auth=_bearer(token))
        return call.parsed(response)


class _Login:
    """Gives tokens to threads that ask at once, with as few logins as possible."""

    def __init__(self, auth: HeaderAuth) -> None:
        self._auth = auth
        self._token: Secret | None = None
        self._token_until = 0.0
        self._lock = threading.Lock()
        self._error: ProviderError | None = None
        self._rest_since = -math.inf

    def token(self, call: Call, refused: Secret | None = None) -> Secret:
        """Log in, unless another thread has just done so."""
        if not self._lock.acquire(timeout=max(call.deadline.left_s, 0.0)):
            raise call.http.error(ProviderUnavailableError, "no time was left to log in")
        try:
            resting = time.monotonic() - self._rest_since < _REST_S
            if resting and self._error is not None:
                raise copy(self._error)
            known = self._token
            again = known is not None and known is refused and not resting
            if known is None or again or time.monotonic() > self._token_until:
                known = self._log_in(call, again=again)
            return known
        finally:
            self._lock.release()

    def _log_in(self, call: Call, *, again: bool) -> Secret:
        if again:
            self._rest_since = time.monotonic()
        self._error = None
        try:
            token = self._new_token(call)
        except ProviderError as error:
            # What the deadline ended is no reason to rest: the next call may ask again.
            if call.deadline.left_s > 0:
                # Without its traceback, which holds what was sent.
                self._error, self._rest_since = copy(error), time.monotonic()
            raise
        self._token, self._token_until = token, time.monotonic() + _TOKEN_S
        return token

    def _new_token(self, call: Call) -> Secret:
        response = call.get("/login", auth=self._auth)
        if response.status in (401, 403):
            raise call.http.error(
                AuthError, "does not accept WATTTIME_USER and WATTTIME_PASSWORD", response
            )
        token = _token_of(call.parsed(response))
        if token is None:
            raise BadResponseError("the login gives no token that can be sent")
        call.http.secrets.append(token)
        return token


def _zone_of(region: str) -> str:
    zone = region.strip()
    if cloud_zone(zone) is not None:
        raise UnknownLocationError(
            "expected a region of WattTime's or latitude,longitude; name one with zones="
        )
    return zone


def _refused(response: Response) -> Refusal | None:
    if response.status == 403:
        return AccessDeniedError, "your plan does not cover this (free ones see CAISO_NORTH only)"
    if response.status == 404 or (
        response.status in (400, 422) and "region" in response.message.lower()
    ):
        return UnknownLocationError, "does not know the region"
    return None


def _series(payload: Any, region: str, *, past: bool = False) -> Series:
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
    return series(rows, GRAMS_PER_KWH_PER_POUND_PER_MWH, past=past)


def _token_of(payload: Any) -> Secret | None:
    """Read the token of a login; no message may show what is in its place."""
    text = payload.get("token") if isinstance(payload, dict) else None
    if not isinstance(text, str) or not (text and text.isascii() and text.isprintable()):
        return None
    return Secret(text)


def _bearer(token: Secret) -> HeaderAuth:
    return HeaderAuth("Authorization", token, "Bearer ")
