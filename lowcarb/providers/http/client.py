"""GET requests that end in time, retry with sense, and keep their secrets.

What libraries do of themselves, and we do not want: to sleep for as long as Retry-After says, to
follow a redirect to another host with the key in a header, to send what a .netrc file says, to
wait for ever for a body that drips.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from lowcarb._util.text import printable
from lowcarb._version import __version__
from lowcarb.errors import (
    BadResponseError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
)
from lowcarb.providers.http.base_url import LOCAL, check_base_url
from lowcarb.providers.http.body import ACCEPTED, TooLongError, read_body
from lowcarb.providers.http.deadline import Deadline
from lowcarb.providers.http.failures import why
from lowcarb.providers.http.line import watch
from lowcarb.providers.http.response import Response, date_of, retry_after
from lowcarb.providers.http.secrets import NoAuth, Secret, hide
from lowcarb.providers.http.turn import Turn

Session = requests.Session
Params = Sequence[tuple[str, str]]

_TRIES = 3
_CONNECT_S, _READ_S = 5.0, 10.0
# The first pause; the second is twice as long. Jitter keeps many clients from coming back at once.
_PAUSE_S = 0.5
_RETRIED = {408, 429, 500, 502, 503, 504}
# A service that says "come back next year" is asked again within the hour.
_LONGEST_REST = timedelta(hours=1)
# The largest forecast that was seen has 134 kB, one of all regions of Great Britain about 0.7 MB.
_MOST_BYTES = 2 * 2**20
_MOST_TEXT = 160


@dataclass(kw_only=True)
class HttpClient:
    """The way to one service.

    Parameters
    ----------
    service
        Its name, for messages.
    base_url
        What paths are appended to.
    keyed
        Whether a key is sent, which needs HTTPS unless the service is on this machine.
    secrets
        What no message may show.
    session
        Of requests; None to open a session at the first request.
    now
        The time, for Retry-After dates.
    sleep
        Waits between tries.
    """

    service: str
    base_url: str
    keyed: bool = False
    secrets: list[Secret] = field(default_factory=list, repr=False)
    session: Session | None = None
    now: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    skew: timedelta | None = None
    """How far its clock was ahead of ours at the last answer; None if it did not say."""
    reading: Turn = field(default_factory=Turn, repr=False)
    """Whose answer is being read."""
    _rest_until: float = 0.0
    _watched: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be an address."""
        self.base_url = check_base_url(self.base_url, self.service, keyed=self.keyed)
        parts = urlsplit(self.base_url)
        # To this machine a key may go without HTTPS, so that a proxy between would read it.
        self._proxies = (
            {f"{parts.scheme}://{parts.hostname}": ""} if parts.hostname in LOCAL else {}
        )

    def get(
        self, path: str, params: Params = (), *, auth: AuthBase | None = None, deadline: Deadline
    ) -> Response:
        """Ask, and ask again while that makes sense; return any answer that is final.

        Parameters
        ----------
        path
            What follows the base address.
        params
            The query.
        auth
            Adds a key to each request.
        deadline
            Of the whole call; no pause goes beyond it.

        Raises
        ------
        RateLimitedError
            If it wants to be left alone for longer than the deadline allows.
        ProviderUnavailableError
            If it cannot be reached, is too slow, or has failed too often.
        BadResponseError
            If it redirects, or sends more than any forecast is.
        """
        resting = self._rest_until - time.monotonic()
        if resting > 0:
            raise self._limited(timedelta(seconds=resting))
        tries = 0
        while True:
            tries += 1
            response, failure = self._try(path, params, auth or NoAuth(), deadline)
            if response is not None and response.status not in _RETRIED:
                return response
            pause = _PAUSE_S * 2 ** (tries - 1) * random.uniform(0.5, 1.0)  # noqa: S311
            if response is not None:
                failure = self._failure(response)
                if response.retry_after is not None:
                    pause = max(pause, response.retry_after.total_seconds())
            assert failure is not None  # noqa: S101 - there is one or the other
            if tries >= _TRIES or pause >= deadline.left_s:
                self._remember_rest(failure)
                raise failure
            self.sleep(pause)

    def error(
        self, kind: type[ProviderError], what: str, response: Response | None = None
    ) -> ProviderError:
        """Build an error that names the service and shows no secret."""
        text = what if response is None or not response.message else f"{what}: {response.message}"
        # Secrets are struck out first, in the form in which they came.
        lines = hide(f"{self.service}: {text}", self.secrets).splitlines()
        shown = printable(" ".join(lines))
        error = kind(shown if len(shown) <= 2 * _MOST_TEXT else f"{shown[: 2 * _MOST_TEXT]}...")
        error.status = None if response is None else response.status
        return error

    def _failure(self, response: Response) -> ProviderError:
        if response.status == 429:
            return self._limited(response.retry_after, response)
        what = "is too slow by its own account" if response.status == 408 else "is out of order"
        return self.error(ProviderUnavailableError, f"{what} (status {response.status})", response)

    def _limited(
        self, rest: timedelta | None, response: Response | None = None
    ) -> RateLimitedError:
        when = "" if rest is None else f"; it wants to be left alone for {_say(rest)}"
        limited = self.error(RateLimitedError, f"was asked too often{when}", response)
        error = RateLimitedError(str(limited), rest)
        error.status = limited.status
        return error

    def _remember_rest(self, failure: ProviderError) -> None:
        if isinstance(failure, RateLimitedError) and failure.retry_after is not None:
            rest = min(failure.retry_after, _LONGEST_REST).total_seconds()
            self._rest_until = time.monotonic() + rest

    def _try(
        self, path: str, params: Params, auth: AuthBase, deadline: Deadline
    ) -> tuple[Response | None, ProviderError | None]:
        """Ask once; errors of the libraries hold requests, and so secrets: none is passed on."""
        if deadline.left_s <= 0:
            return None, self.error(ProviderUnavailableError, "no time was left to ask")
        failed = refused = ""
        response = None
        try:
            response = self._send(path, params, auth, deadline)
        except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException) as error:
            failed = why(error)
        except (OSError, UnicodeError) as error:
            failed = why(error)
        except BadResponseError as error:
            refused = str(error)
        if refused:
            raise self.error(BadResponseError, refused)
        if response is None:
            if deadline.left_s <= 0:
                failed = f"no answer within {deadline.length_s:g} s"
            where = urlsplit(self.base_url).netloc
            return None, self.error(ProviderUnavailableError, f"{failed} ({where})")
        if response.server_time is not None:
            self.skew = response.server_time - self.now()
        return response, None

    def _send(self, path: str, params: Params, auth: AuthBase, deadline: Deadline) -> Response:
        left = max(deadline.left_s, 0.01)
        with self._session().get(
            self.base_url + path,
            params=list(params),
            headers={
                "User-Agent": f"lowcarb/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": ACCEPTED,
            },
            auth=auth,
            timeout=(min(_CONNECT_S, left), min(_READ_S, left)),
            proxies=self._proxies,
            allow_redirects=False,
            stream=True,
            # Before requests looks where a redirect leads: it would first read the whole body.
            hooks={"response": _refuse_redirect},
        ) as response:
            server_time = date_of(response.headers.get("Date"))
            return Response(
                status=response.status_code,
                body=_body(response, deadline),
                retry_after=retry_after(response.headers, server_time or self.now()),
                server_time=server_time,
            )

    def _session(self) -> Session:
        with self._lock:
            if self.session is None:
                session = requests.Session()
                session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
                for scheme in ("https://", "http://"):
                    session.mount(scheme, HTTPAdapter(pool_maxsize=16, max_retries=0))
                self.session = session
            if not self._watched:
                watch(self.session)
                self._watched = True
            return self.session


def _refuse_redirect(response: requests.Response, **_options: Any) -> None:
    if not 300 <= response.status_code < 400:
        return
    response.close()
    try:
        host = urlsplit(response.headers.get("Location", "")).hostname or "itself"
    except ValueError:
        host = "no address"
    raise BadResponseError(
        f"answers with a redirect to {host}, which is not followed; check base_url"
    )


def _body(response: requests.Response, deadline: Deadline) -> bytes:
    packing = response.headers.get("Content-Encoding", "")
    try:
        return read_body(response.raw, packing, _MOST_BYTES, deadline)
    except TooLongError:
        if response.status_code == 200:
            raise
        # The status says enough.
        return b""


def _say(rest: timedelta) -> str:
    seconds = rest.total_seconds()
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"
