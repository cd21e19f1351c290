"""Several providers: each region falls through to the next, and signals are never mixed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.errors import (
    BadResponseError,
    ConfigurationError,
    InputError,
    NoDataError,
    ProviderError,
    ProviderUnavailableError,
    UnknownLocationError,
)
from lowcarb.providers import (
    Actuals,
    Answer,
    CarbonAwareSdk,
    Composite,
    CsvProvider,
    Neso,
    Provider,
    TypicalDays,
)
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.providers.last_good import LAST_GOOD_FOR
from tests.helpers.forecast_services import BY_NAME, END, NOW
from tests.helpers.http_server import Say, serving


class Mine:
    """A provider of one's own, in ten lines."""

    def __init__(self, *regions: str, level: float = 100, label: str | None = None) -> None:
        self.regions, self.level, self.label = regions, level, label

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        times = np.arange(start.timestamp(), end.timestamp(), 3600)
        provenance = Provenance(provider="mine", zone="mine", signal=self.label)
        series = Series(times=times, values=np.full(len(times), self.level), provenance=provenance)
        return {name: series for name in regions if name in self.regions}, {}


class Raises:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def forecasts(self, *_args: Any, **_more: Any) -> Answer:
        raise self.error


def ask(provider: Provider, *regions: str) -> tuple[dict[str, float], dict[str, ProviderError]]:
    found, failed = provider.forecasts(regions, start=NOW, end=END)
    return {name: float(series.values[0]) for name, series in found.items()}, dict(failed)


def test_each_region_falls_through_by_itself() -> None:
    provider = Composite(Mine("A", level=1), Mine("A", "B", level=2), Mine("B", "C", level=3))
    found, failed = ask(provider, "A", "B", "C", "D")
    assert found == {"A": 1, "B": 2, "C": 3}
    assert set(failed) == {"D"}


@pytest.mark.parametrize(
    "error", [ProviderUnavailableError("it is down"), RuntimeError("a fault of mine")]
)
def test_one_that_fails_altogether_is_passed_over(error: Exception) -> None:
    found, failed = ask(Composite(Raises(error), Mine("A")), "A", "B")
    assert (found, set(failed)) == ({"A": 100}, {"B"})


class Gives:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def forecasts(self, *_args: Any, **_more: Any) -> Any:
        return self.answer


@pytest.mark.parametrize(
    "answer", [None, 7, ({"A": "no series"}, {}), ({"A": None}, {}), ({"A": [1.0]}, {}), ({},)]
)
def test_an_answer_of_another_form_costs_only_what_it_is_about(answer: Any) -> None:
    found, failed = ask(Composite(Gives(answer), Mine("A", "B")), "A", "B", "C")
    assert (found, set(failed)) == ({"A": 100, "B": 100}, {"C"})


def test_a_last_good_answer_is_as_old_as_the_most_careful_provider_says() -> None:
    careful, usual = Mine("A"), Mine("B")
    careful.last_good_for = timedelta(hours=1)  # type: ignore[attr-defined]
    assert Composite(careful, usual).last_good_for == timedelta(hours=1)
    assert Composite(usual).last_good_for == LAST_GOOD_FOR
    down: Answer = ({}, {"A": ProviderUnavailableError("it is down")})
    answers = iter([careful.forecasts(["A"], start=NOW, end=END), down])

    class Changes:
        last_good_for = timedelta(hours=1)

        def forecasts(self, *_args: Any, **_more: Any) -> Any:
            return next(answers)

    ladder = FallbackForecasts(provider=Composite(Changes()))
    for hours, quality in ((0, Quality.FRESH), (3, Quality.TYPICAL)):
        start = NOW + timedelta(hours=hours)
        view = ladder.get(["A"], start, END, timedelta(hours=1))
        assert view.provenances["A"].quality is quality


def test_all_that_was_said_is_in_the_error_and_the_first_gives_its_class() -> None:
    down = Raises(ProviderUnavailableError("down"))
    _, failed = ask(Composite(down, Raises(NoDataError("nothing"))), "A")
    assert type(failed["A"]) is ProviderUnavailableError
    assert str(failed["A"]) == "down; nothing"


def test_signals_are_not_mixed() -> None:
    marginal = Mine("B", label="marginal")
    found, failed = ask(Composite(Mine("A", label="average"), marginal), "A", "B")
    assert set(found) == {"A"}
    assert isinstance(failed["B"], BadResponseError)
    found, failed = ask(
        Composite(Mine("A", label="average"), marginal, signal="marginal"), "A", "B"
    )
    assert set(found) == {"B"}


def test_the_signal_stays_the_same_over_rounds() -> None:
    """If the first one fails for a night, marginal does not take the place of average."""
    average, marginal = Mine("A", label="average"), Mine("A", label="marginal")
    provider = Composite(average, marginal)
    assert ask(provider, "A")[0] == {"A": 100}
    average.regions = ()
    assert ask(provider, "A")[0] == {}


def test_services_that_say_their_signal_are_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match="WattTime gives marginal intensities"):
        Composite(Neso(), BY_NAME["WattTime"].make("http://127.0.0.1:1"))
    with pytest.raises(ConfigurationError, match="NESO gives average"):
        Composite(Neso(), signal="marginal")
    with pytest.raises(InputError, match="signal: expected average or marginal, got 'median'"):
        Composite(Neso(), signal="median")
    with pytest.raises(ConfigurationError, match="at least one"):
        Composite()


def test_a_source_that_could_say_its_signal_must_beside_one_that_does() -> None:
    """The Carbon Aware SDK gives what its own source gives, as a rule marginal intensities."""
    sdk = CarbonAwareSdk(base_url="http://127.0.0.1:1")
    for unlabelled in (sdk, CsvProvider("forecast.csv")):
        for providers in ((Neso(), unlabelled), (unlabelled, Neso())):
            with pytest.raises(ConfigurationError, match=r"does not say whether .* signal="):
                Composite(*providers)
        # Asked for by name.
        assert Composite(unlabelled, Neso(), signal="average").signal == "average"
        assert Composite(unlabelled).signal is None
    assert Composite(CsvProvider("forecast.csv", signal="average"), Neso()).signal == "average"
    with pytest.raises(ConfigurationError, match="gives marginal"):
        Composite(Neso(), CarbonAwareSdk(base_url="http://127.0.0.1:1", signal="marginal"))


def test_what_is_counted_differently_is_said(caplog: pytest.LogCaptureFixture) -> None:
    maps = BY_NAME["Electricity Maps"]
    Composite(maps.make("http://127.0.0.1:1", accounting="direct"), Neso())
    assert caplog.text == ""
    Composite(maps.make("http://127.0.0.1:1"), Neso())
    assert "some direct ones" in caplog.text


def test_typical_days_are_the_last_rung() -> None:
    days = TypicalDay(regions=("DE",), intensity=np.full((1, 24), 321.0))
    kind = BY_NAME["Energy-Charts"]
    with serving(lambda _asked: Say(status=500)) as server:
        provider = Composite(kind.make(server.url), TypicalDays(days))
        found, failed = provider.forecasts(["DE", "FR"], start=NOW, end=END)
    assert set(found) == {"DE"}
    assert found["DE"].provenance is not None
    assert found["DE"].provenance.quality is Quality.TYPICAL
    assert isinstance(failed["FR"], ProviderUnavailableError)
    assert "no typical day of region 'FR'" in str(failed["FR"])


def test_what_came_true_falls_through_too() -> None:
    class Knows(Mine):
        def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
            return self.forecasts(regions, start=start, end=end)

    provider = Composite(Mine("A"), Knows("A", level=7), Knows("B", level=8))
    assert isinstance(provider, Actuals)
    found, failed = provider.actuals(["A", "B", "C"], start=NOW, end=END)
    assert {name: series.values[0] for name, series in found.items()} == {"A": 7, "B": 8}
    assert set(failed) == {"C"}


def test_an_unlabelled_series_is_taken_as_the_ladder_takes_it() -> None:
    ladder = FallbackForecasts(provider=Composite(Mine("A", label="average"), Mine("B")))
    view = ladder.get(["A", "B"], NOW, END, timedelta(hours=1))
    assert {provenance.quality for provenance in view.provenances.values()} == {Quality.FRESH}


def test_zero_is_kept_and_marginal_never_ranked_against_average() -> None:
    class Both:
        def forecasts(self, _names: Any, *, start: datetime, end: datetime) -> Answer:
            zero, _ = Mine("A", level=0, label="average").forecasts(["A"], start=start, end=end)
            other, _ = Mine("B", level=1, label="marginal").forecasts(["B"], start=start, end=end)
            return {**zero, **other}, {}

    view = FallbackForecasts(provider=Both()).get(["A", "B"], NOW, END, timedelta(hours=1))
    assert view.mean("A", NOW, 3600) == 0
    assert view.mean("B", NOW, 3600) is None
    assert view.provenances["B"].quality is Quality.MISSING


def test_errors_keep_their_region() -> None:
    known: dict[str, Any] = {"A": UnknownLocationError("no A")}

    class Says:
        def forecasts(self, *_args: Any, **_more: Any) -> Answer:
            return {}, known

    _, failed = ask(Composite(Says()), "A", "B")
    assert type(failed["A"]) is UnknownLocationError
    assert type(failed["B"]) is NoDataError
