"""Issue times, where the clock of a service and ours differ."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lowcarb import errors
from tests.helpers.forecast_calls import call
from tests.helpers.forecast_services import ISSUED, KINDS, NOW, Kind, each_kind
from tests.helpers.http_server import Asked, Say

DATED = [kind for kind in KINDS if kind.dated]


@pytest.mark.parametrize("kind", DATED, ids=lambda kind: kind.name)
def test_a_forecast_from_the_future_is_refused(kind: Kind) -> None:
    result = call(kind, kind.say(issued=NOW + timedelta(hours=3)))
    assert type(result.error) is errors.BadResponseError
    assert "issued in the future" in str(result.error)


@pytest.mark.parametrize("kind", DATED, ids=lambda kind: kind.name)
def test_a_clock_of_ours_that_is_late_is_allowed_for(kind: Kind) -> None:
    ahead = timedelta(hours=2)

    def handler(asked: Asked) -> Say:
        say = kind.say(issued=ISSUED + ahead)(asked)
        return say if asked.path == "/login" else replace(say, date=NOW + ahead)

    assert call(kind, handler).series is not None


@each_kind
def test_a_clock_of_ours_that_is_far_ahead_is_pointed_out(kind: Kind) -> None:
    def handler(asked: Asked) -> Say:
        rows = kind.rows(12, NOW - timedelta(days=3))
        return replace(kind.say(rows)(asked), date=NOW - timedelta(days=3))

    result = call(kind, handler)
    assert type(result.error) is errors.CoverageError
    assert "its clock and ours differ by 3 days" in str(result.error)
