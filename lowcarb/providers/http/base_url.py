"""Addresses of services."""

import re
from urllib.parse import quote, urlsplit

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from lowcarb.errors import ConfigurationError, UnknownLocationError

LOCAL = ("localhost", "127.0.0.1", "::1")
"""This machine."""
# A name or an address, in brackets if it has colons, and a port: nothing between or behind.
_HOST_AND_PORT = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s\[\]\\%:/]+)(?::\d+)?")


def check_base_url(url: str, service: str, *, keyed: bool) -> str:
    """Return an address without a slash at its end.

    Raises
    ------
    ConfigurationError
        If the text is no address, holds a password, or would send a key in the clear.
    """
    try:
        parts = urlsplit(url)
        host, scheme = parts.hostname, parts.scheme
        _ = parts.port
        # Parsers differ in what they make of an odd address, and another parser sends the request.
        same = _HOST_AND_PORT.fullmatch(parts.netloc.rpartition("@")[2]) and url.isprintable()
        if not same or parse_url(url).host is None:
            host = None
    except (ValueError, LocationParseError):
        host, scheme = None, ""
    if not host or scheme not in ("http", "https"):
        raise ConfigurationError(
            f"{service}: base_url: expected an address such as http://host:8080"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError(f"{service}: base_url: expected no user, password, ? or #")
    if keyed and scheme == "http" and host not in LOCAL:
        raise ConfigurationError(f"{service}: base_url: expected https, since a key is sent")
    return url.rstrip("/")


def segment(name: str) -> str:
    """Quote a name for the path of an address, of which it can become no more than one part.

    Raises
    ------
    UnknownLocationError
        If the name means a folder in a path, however it is quoted.
    """
    if name in ("", ".", ".."):
        raise UnknownLocationError(f"expected the name of a region, got {name!r}")
    return quote(name, safe="")
