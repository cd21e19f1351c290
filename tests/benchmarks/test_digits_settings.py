"""The app's run-config: what it means, and what it refuses."""

from pathlib import Path

import pytest

from digits.settings import ALIKE, REGIONAL, Settings
from lowcarb import InputError
from tests.helpers.digits_run import DEFAULTS


def test_defaults_are_valid() -> None:
    settings = Settings.of(DEFAULTS)
    assert (settings.rounds, settings.cohort_size, settings.min_share) == (24, 10, 0.5)
    assert settings.ledger is None
    assert settings.report is None


def test_the_hard_case_is_asked_for() -> None:
    settings = Settings.of({**DEFAULTS, "labels": REGIONAL, "machines": ALIKE, "debias": True})
    assert (settings.labels, settings.machines, settings.debias) == (REGIONAL, ALIKE, True)


def test_files_are_absolute(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    assert Settings.of({**DEFAULTS, "ledger": str(path)}).ledger == path


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("policy", "best", "policy: expected some of fedavg.*, got 'best'"),
        ("policy", "", "policy: expected each policy once, got ''"),
        ("policy", "fedavg,fedavg", "policy: expected each policy once"),
        ("rounds", 0, "rounds: expected a whole number from 1 to 10000, got 0"),
        ("cohort-size", 2.5, "cohort-size: expected a whole number from 1 to 10000, got 2.5"),
        ("min-share", 1.5, "min-share: expected a number from 0 to 1, got 1.5"),
        ("labels", "sorted", "labels: expected skewed or regional, got 'sorted'"),
        ("machines", 3, "machines: expected mixed or alike, got 3"),
        ("value", "price", "value: expected none or loss, got 'price'"),
        ("max-extra-carbon", 0, "max-extra-carbon: expected a number above 0, got 0"),
        ("loss", "sum", "loss: expected mean or root-mean-square, got 'sum'"),
        ("debias", 1, "debias: expected true or false, got 1"),
        ("alpha", "much", "alpha: expected a number above 0, got 'much'"),
        ("learning-rate", 0, "learning-rate: expected a number above 0, got 0"),
        ("seed", -1, "seed: expected a whole number from 0"),
        ("report", "here.jsonl", "report: expected an absolute path, got 'here.jsonl'"),
    ],
)
def test_a_wrong_value_is_named(key: str, value: str | float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Settings.of({**DEFAULTS, key: value})


@pytest.mark.parametrize("key", DEFAULTS)
def test_a_missing_key_is_named(key: str) -> None:
    left = {name: value for name, value in DEFAULTS.items() if name != key}
    with pytest.raises(InputError, match=f"expected a value for {key}$"):
        Settings.of(left)
