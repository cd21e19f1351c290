"""Addresses of services."""

from urllib.parse import urlsplit

from lowcarb.errors import ConfigurationError

LOCAL = ("localhost", "127.0.0.1", "::1")
"""This machine."""


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
    except ValueError:
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
