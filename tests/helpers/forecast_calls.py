"""Asks services for forecasts, and notes what came of it."""

from dataclasses import dataclass
from typing import Any

from lowcarb import errors
from lowcarb.carbon.forecast import Series
from lowcarb.providers import Provider
from tests.helpers.forecast_services import END, NOW, SECRETS, Kind, login
from tests.helpers.http_server import Handler, Say, free_port, now, serving

FIFTY = [f"z{first}{second}" for first in "abcde" for second in "abcdefghij"]
# Calls end after 2 s; only one that hangs would take as long as this.
HANG_S = 6.0


@dataclass(frozen=True)
class Result:
    """What came of a call."""

    series: Series | None
    error: errors.ProviderError | None
    slept: list[float]


def ask(service: Provider, region: str, slept: list[float]) -> Result:
    """Ask for one region; `slept` is what the service slept."""
    begin = now()
    found, failed = service.forecasts([region], start=NOW, end=END)
    assert now() - begin < HANG_S
    assert set(found) | set(failed) == {region}
    return Result(found.get(region), failed.get(region), slept)


def call(kind: Kind, handler: Handler | None, **options: Any) -> Result:
    """Ask for one region; there is no server at all if there is no handler."""
    slept: list[float] = []
    given = {"sleep": slept.append, **options}
    if handler is None:
        url = f"http://127.0.0.1:{free_port()}"
        return ask(kind.make(url, **given), kind.region, slept)
    with serving(handler) as server:
        return ask(kind.make(server.url, **given), kind.region, slept)


def always(say: Say) -> Handler:
    """Fail on everything but the login."""
    return lambda asked: login(asked) or say


def no_secrets(*texts: str) -> None:
    """No key, user or password is in these texts."""
    for text in texts:
        for secret in SECRETS:
            assert secret not in text
