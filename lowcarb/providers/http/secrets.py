"""Keys and passwords that no message, log, cache or traceback may show."""

import base64
import html
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import quote, quote_plus

from requests import PreparedRequest
from requests.auth import AuthBase

from lowcarb.errors import ConfigurationError

# What is shorter is no secret, and would be struck out of the middle of words.
_SHORTEST = 3


class Secret:
    """A text that does not show itself."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled, and so written to files or sent to other processes."""
        raise TypeError("a secret is not written to files; make the provider where it is used")

    def reveal(self) -> str:
        """Return the text, for the one place that sends it."""
        return self._text


def take(given: str | None, variable: str, what: str) -> Secret:
    """Take a secret as it was given, or from the environment.

    Parameters
    ----------
    given
        The argument; None or empty to read the environment.
    variable
        Name of the environment variable.
    what
        What it is, for messages.

    Raises
    ------
    ConfigurationError
        If there is no secret, or no HTTP header can hold it; the message does not show it.
    """
    secret = Secret((given or os.environ.get(variable, "")).strip())
    if not secret.reveal():
        raise ConfigurationError(f"{what} is missing: set the environment variable {variable}")
    if not (secret.reveal().isascii() and secret.reveal().isprintable()):
        raise ConfigurationError(f"{what} holds characters that cannot be sent; look at {variable}")
    return secret


def hide(text: str, secrets: Iterable[Secret]) -> str:
    """Strike secrets out of a text, however they were written for the wire."""
    for secret in secrets:
        plain = secret.reveal()
        if len(plain) < _SHORTEST:
            continue
        for form in sorted(_written(plain), key=len, reverse=True):
            text = re.sub(re.escape(form), "***", text, flags=re.IGNORECASE)
    return text


def _written(plain: str) -> set[str]:
    """All forms in which a text may come back."""
    coded = _base64(plain)
    return {
        plain.rstrip("=") or plain,
        json.dumps(plain)[1:-1],
        ascii(plain)[1:-1],
        html.escape(plain),
        quote(plain),
        quote(plain, safe=""),
        quote_plus(plain),
        coded.rstrip("="),
        coded.rstrip("=").replace("+", "-").replace("/", "_"),
    }


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@dataclass(frozen=True)
class NoAuth(AuthBase):
    """Sends nothing; without it requests would send what a .netrc file says."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Leave the request as it is."""
        return request


@dataclass(frozen=True)
class HeaderAuth(AuthBase):
    """Sends a secret in a header of one request; no session keeps it.

    Parameters
    ----------
    name
        Of the header.
    secret
        Its value.
    scheme
        What comes before the value, for example "Bearer ".
    """

    name: str
    secret: Secret
    scheme: str = ""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        headers: Any = request.headers
        headers[self.name] = self.scheme + self.secret.reveal()
        return request


def basic(user: Secret, password: Secret) -> HeaderAuth:
    """Build what HTTP calls Basic."""
    both = Secret(_base64(f"{user.reveal()}:{password.reveal()}"))
    return HeaderAuth("Authorization", both, "Basic ")
