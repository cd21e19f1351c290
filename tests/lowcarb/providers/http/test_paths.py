"""Addresses that another parser could read differently, and names in paths."""

import pytest

from lowcarb.errors import ConfigurationError, UnknownLocationError
from lowcarb.providers.http.base_url import check_base_url, segment
from tests.helpers.forecast_services import BY_NAME, END, NOW
from tests.helpers.http_server import Say, serving


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1]evil.example",
        "http://[::1].evil.example:80",
        "http://[::1]]",
        "http://[localhost]",
        "http://localhost\\@evil.example",
        "http://localhost\\.evil.example",
        "http://local\thost",
        "http://localhost\n",
        "http://localhost%2eevil.example",
        "http://localhost :80",
        "http://local host",
        "http://::1",
        "http://127.0.0.1:80:90",
    ],
)
@pytest.mark.parametrize("keyed", [True, False])
def test_an_odd_address_is_none(url: str, keyed: bool) -> None:
    with pytest.raises(ConfigurationError, match="base_url: expected"):
        check_base_url(url, "service", keyed=keyed)


@pytest.mark.parametrize("host", ["[::1]", "[::1]:8080", "localhost", "LOCALHOST:1", "127.0.0.1"])
def test_this_machine_may_be_asked_without_https(host: str) -> None:
    assert check_base_url(f"http://{host}/", "service", keyed=True) == f"http://{host}"


@pytest.mark.parametrize("host", ["127.0.0.2", "[::ffff:127.0.0.1]", "localhost.evil.example"])
def test_other_machines_may_not(host: str) -> None:
    with pytest.raises(ConfigurationError, match="expected https"):
        check_base_url(f"http://{host}", "service", keyed=True)


@pytest.mark.parametrize("zone", ["DE/../../v3/secret", "a?b=c", "a#b", "%2e%2e", "ä b", "..%2f"])
def test_a_zone_stays_one_part_of_the_path(zone: str) -> None:
    with serving(lambda _asked: Say(status=404)) as server:
        service = BY_NAME["NESO London"].make(server.url, zones={"here": zone})
        service.forecasts(["here"], start=NOW, end=END)
        (asked,) = server.asked
    assert asked.path.endswith(f"/regionid/{segment(zone)}")
    assert asked.path.count("/") == 6
    assert asked.query == {}


@pytest.mark.parametrize("zone", [".", ".."])
def test_a_zone_that_is_a_folder_is_refused(zone: str) -> None:
    with serving(lambda _asked: Say(status=404)) as server:
        service = BY_NAME["NESO London"].make(server.url, zones={"here": zone})
        _, failed = service.forecasts(["here"], start=NOW, end=END)
        assert server.asked == []
    assert type(failed["here"]) is UnknownLocationError
