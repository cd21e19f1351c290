"""Answers that are none: the documented error for everything that a server may say instead."""

from datetime import timedelta

import pytest

from lowcarb import errors
from tests.helpers.bad_answers import SAYS, SLOW
from tests.helpers.forecast_calls import always, call
from tests.helpers.forecast_services import Kind, each_kind
from tests.helpers.http_server import Say


@each_kind
@pytest.mark.parametrize("fault", SAYS)
def test_transport_and_status(kind: Kind, fault: str) -> None:
    say, expected = SAYS[fault]
    slow = fault in SLOW
    deadline = timedelta(seconds=0.5 if slow else 2)
    result = call(kind, always(say), deadline=deadline)
    assert type(result.error) is expected
    assert repr(kind.region) in str(result.error)


@each_kind
def test_an_answer_without_end_is_refused(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lowcarb.providers.http.client._MOST_BYTES", 1000)
    result = call(kind, always(Say(body=b" " * 200_000)))
    assert type(result.error) is errors.BadResponseError
    assert "more than 1000 bytes" in str(result.error)
