"""Fallback forecasts over providers that give one answer after the other."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from lowcarb import Provenance, ProviderError, Series, TypicalDay
from lowcarb.carbon.provenance import Quality
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.providers.forecast_view import ForecastView
from tests.helpers.data import START

HOUR = timedelta(hours=1)
END = START + 60 * HOUR
RAMP = 10.0 * np.arange(24)
TYPICAL = TypicalDay(regions=("DE", "FR"), intensity=np.stack([RAMP, RAMP + 500]))


class Answers:
    """Gives one answer after the other; one that is an exception is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[list[str]] = []

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Any:  # noqa: ARG002
        self.asked.append(list(regions))
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def good(**series: Series) -> tuple[Mapping[str, Series], Mapping[str, ProviderError]]:
    return series, {}


def hourly(
    values: Sequence[float], begin: datetime = START, *, signal: str | None = None, step: float = 1
) -> Series:
    times = begin.timestamp() + 3600.0 * step * np.arange(len(values), dtype=np.float64)
    provenance = None if signal is None else Provenance(provider="mine", zone="DE", signal=signal)
    return Series(times=times, values=np.array(values, float), provenance=provenance)


def look(
    ladder: FallbackForecasts,
    regions: Sequence[str] = ("DE",),
    start: datetime = START,
    longest: timedelta = HOUR,
) -> ForecastView:
    return ladder.get(regions, start, END, longest)


def qualities(view: ForecastView) -> dict[str, Quality]:
    return {region: provenance.quality for region, provenance in view.provenances.items()}


def mean(view: ForecastView, hour: float, region: str = "DE", length: float = 1) -> float:
    found = view.mean(region, START + hour * HOUR, 3600 * length)
    assert found is not None
    return found
