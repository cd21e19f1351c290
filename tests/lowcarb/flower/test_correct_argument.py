"""CarbonAware takes what came true from a file, and refuses what is none."""

from datetime import timedelta
from pathlib import Path

import pytest
from flwr.serverapp.strategy import FedAvg

from lowcarb import CarbonAware, InputError
from lowcarb.providers import CsvProvider
from lowcarb.providers.csv_actuals import CsvActuals
from lowcarb.training.corrections import corrections_of
from lowcarb.training.one_question import source_of_actuals
from tests.helpers.data import ROOT

ISSUES = CsvProvider(ROOT / "examples" / "issues.csv")


def test_a_name_is_a_file_of_what_came_true(tmp_path: Path) -> None:
    strategy = CarbonAware(FedAvg(), provider=ISSUES, actuals=str(tmp_path / "a.csv"))
    assert strategy._settings.actuals == CsvActuals(str(tmp_path / "a.csv"))
    source = source_of_actuals(strategy._settings)
    assert source is not None
    assert source.source == CsvActuals(str(tmp_path / "a.csv"))
    assert corrections_of(strategy._settings, source) is not None


def test_forecasts_may_stay_as_issued() -> None:
    known = CsvActuals("a.csv")
    strategy = CarbonAware(FedAvg(), provider=ISSUES, actuals=known, correct=False)
    assert corrections_of(strategy._settings, known) is None


def test_a_provider_that_does_not_know_what_came_true_is_not_asked() -> None:
    strategy = CarbonAware(FedAvg(), provider=ISSUES)
    assert source_of_actuals(strategy._settings) is None
    assert corrections_of(strategy._settings, None) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"actuals": 3}, "actuals: expected the name of a CSV file or an object with the method"),
        ({"actuals": ""}, "actuals: expected the name of a CSV file or an object with the method"),
        ({"actuals": timedelta}, "actuals: expected the name of a CSV file or an object"),
        ({"correct": 1}, "correct: expected True or False, got 1"),
    ],
)
def test_what_is_none_of_it_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        CarbonAware(FedAvg(), provider=ISSUES, **options)  # type: ignore[arg-type]
