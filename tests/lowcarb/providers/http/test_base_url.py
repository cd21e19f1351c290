"""Addresses of services: those that are none, and those that a key must not go to."""

import pytest

from lowcarb import errors
from tests.helpers.forecast_services import BY_NAME, KINDS, Kind


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org",
        "http://",
        "http://user:secret-word@example.org",
        "http://example.org/?key=secret-word",
        "http://[::1",
        "http://example.org:port",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        BY_NAME["Carbon Aware SDK"].make(url)
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.keyed], ids=lambda kind: kind.name)
def test_a_key_is_not_sent_in_the_clear(kind: Kind) -> None:
    with pytest.raises(errors.ConfigurationError, match="expected https"):
        kind.make("http://example.org")
