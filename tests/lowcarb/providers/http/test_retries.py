"""Trying again, and waiting for as long as a service wants, within the deadline."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from lowcarb import errors
from tests.helpers.forecast_calls import always, ask, call
from tests.helpers.forecast_services import BY_NAME, END, NOW, Kind, each_kind
from tests.helpers.http_server import Asked, Say, serving


@each_kind
def test_the_second_try_may_do(kind: Kind) -> None:
    tries: list[Asked] = []

    def handler(asked: Asked) -> Say:
        if asked.path != "/login":
            tries.append(asked)
        return Say(status=503) if len(tries) == 1 else kind.say()(asked)

    result = call(kind, handler)
    assert result.series is not None
    assert len(tries) == 2
    (pause,) = result.slept
    assert 0 < pause < 1


RETRY_AFTER: dict[str, tuple[str, timedelta | None]] = {
    "seconds": ("3600", timedelta(hours=1)),
    "as a date": (format_datetime(NOW + timedelta(hours=6), usegmt=True), timedelta(hours=6)),
    "a year": ("31536000", timedelta(days=365)),
    "absurd": ("9" * 30, None),
    "negative": ("-5", None),
    "no time at all": ("soon", None),
    "a date that is over": (format_datetime(NOW - timedelta(days=1), usegmt=True), timedelta()),
}


@each_kind
@pytest.mark.parametrize("wish", RETRY_AFTER)
def test_retry_after_is_kept_but_never_waited_for_beyond_the_deadline(
    kind: Kind, wish: str
) -> None:
    text, expected = RETRY_AFTER[wish]
    result = call(kind, always(Say(status=429, headers={"Retry-After": text})))
    assert isinstance(result.error, errors.RateLimitedError)
    assert result.error.retry_after == expected
    assert all(pause < 2 for pause in result.slept)
    long = expected is not None and expected > timedelta(seconds=2)
    assert len(result.slept) == (0 if long else 2)


def test_a_date_to_wait_for_is_by_the_clock_that_says_it() -> None:
    fast = NOW + timedelta(days=1)
    text = format_datetime(fast + timedelta(seconds=90), usegmt=True)
    say = Say(status=429, headers={"Retry-After": text}, date=fast)
    with serving(always(say)) as server:
        result = ask(BY_NAME["NESO GB"].make(server.url), "GB", [])
    assert isinstance(result.error, errors.RateLimitedError)
    assert result.error.retry_after == timedelta(seconds=90)


def test_a_short_wait_is_waited() -> None:
    kind = BY_NAME["NESO GB"]
    tries: list[Asked] = []

    def handler(asked: Asked) -> Say:
        tries.append(asked)
        if len(tries) == 1:
            return Say(status=429, headers={"Retry-After": "1"})
        return kind.say()(asked)

    result = call(kind, handler)
    assert result.series is not None
    assert result.slept == [1.0]


def test_a_service_that_wants_to_be_left_alone_is() -> None:
    kind = BY_NAME["Electricity Maps"]
    with serving(always(Say(status=429, headers={"Retry-After": "600"}))) as server:
        service = kind.make(server.url)
        service.forecasts(["DE"], start=NOW, end=END)
        asked = len(server.asked)
        _, failed = service.forecasts(["FR"], start=NOW, end=END)
        assert len(server.asked) == asked == 1
    assert isinstance(failed["FR"], errors.RateLimitedError)


def test_a_service_that_wants_to_be_left_alone_for_a_year_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After an hour, which is none here."""
    monkeypatch.setattr("lowcarb.providers.http.client._LONGEST_REST", timedelta())
    kind = BY_NAME["Electricity Maps"]
    with serving(always(Say(status=429, headers={"Retry-After": "31536000"}))) as server:
        service = kind.make(server.url)
        assert type(ask(service, kind.region, []).error) is errors.RateLimitedError
        server.handler = kind.say()
        assert ask(service, kind.region, []).series is not None
