"""What a run is asked for: the app's run-config, checked."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from digits.peers import PEERS
from lowcarb import InputError
from lowcarb.planning.policies import POLICIES, Policy
from lowcarb.planning.value import LOSS

FEDAVG = "fedavg"
"""Flower alone: cohorts drawn by FedAvg."""
SKEWED, REGIONAL = "skewed", "regional"
"""How labels are dealt to clients: by chance, or so that they follow the regions."""
MIXED, ALIKE = "mixed", "alike"
"""What clients train on: the scenario's machines, or the same one everywhere."""
MEAN, ROOT_MEAN_SQUARE = "mean", "root-mean-square"
"""What clients say of the losses of their samples."""
CHOOSERS: dict[str, Policy] = {**POLICIES, **PEERS}
"""Who may choose cohorts, by name."""
NO_VALUE = "none"
"""Carbon alone chooses."""
_MOST = 10_000


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The run-config of one run; keys are written with dashes.

    Parameters
    ----------
    policies
        Who chooses cohorts: `FEDAVG`, or names of `lowcarb.planning.policies.POLICIES` or of
        `digits.peers.PEERS`. Several train one after the other, from the same start.
    rounds, cohort_size
        Of each training.
    min_share
        The floor under each client's turns, as a share of an equal share.
    labels
        `SKEWED`, see `digits.data.partition`; or `REGIONAL`: clients of clean regions hold other
        labels than those of dirty ones, see `digits.data.partition_in_order`.
    alpha
        How even skewed labels are dealt to clients.
    machines
        `MIXED` or `ALIKE`.
    debias
        As of `CarbonAware`.
    value
        As of `CarbonAware`: "loss", or None for none.
    max_extra_carbon
        As of `CarbonAware`, in percent; it counts where there is a value.
    loss
        What clients say of the losses of their samples: `MEAN` or `ROOT_MEAN_SQUARE`.
    epochs, batch_size, learning_rate
        Of a client's training in one round.
    seed
        Decides data, weights, weather and draws.
    ledger
        File that keeps the account of the trainings; None for none.
    report
        File that gets one line of JSON for each round and for each training; None for none.
    """

    policies: tuple[str, ...]
    rounds: int
    cohort_size: int
    min_share: float
    labels: str
    alpha: float
    machines: str
    debias: bool
    value: Literal["loss"] | None
    max_extra_carbon: float
    loss: str
    epochs: int
    batch_size: int
    learning_rate: float
    seed: int
    ledger: Path | None
    report: Path | None

    @classmethod
    def of(cls, config: Mapping[str, bool | float | int | str]) -> "Settings":
        """Read a run-config.

        Raises
        ------
        InputError
            If a value is missing or wrong; says which.
        """
        given = {key: config[key] for key in _KEYS if key in config}
        if missing := [key for key in _KEYS if key not in given]:
            raise InputError(f"run-config: expected a value for {missing[0]}", field=missing[0])
        return cls(
            policies=_policies(str(given["policy"])),
            rounds=_whole(given, "rounds", 1),
            cohort_size=_whole(given, "cohort-size", 1),
            min_share=_share(given, "min-share"),
            labels=_one_of(given, "labels", (SKEWED, REGIONAL)),
            alpha=_positive(given, "alpha"),
            machines=_one_of(given, "machines", (MIXED, ALIKE)),
            debias=_switch(given, "debias"),
            value=None if _one_of(given, "value", (NO_VALUE, LOSS)) == NO_VALUE else LOSS,
            max_extra_carbon=_positive(given, "max-extra-carbon"),
            loss=_one_of(given, "loss", (MEAN, ROOT_MEAN_SQUARE)),
            epochs=_whole(given, "epochs", 1),
            batch_size=_whole(given, "batch-size", 1),
            learning_rate=_positive(given, "learning-rate"),
            seed=_whole(given, "seed", 0),
            ledger=_file(given, "ledger"),
            report=_file(given, "report"),
        )


_KEYS = (
    "policy",
    "rounds",
    "cohort-size",
    "min-share",
    "labels",
    "alpha",
    "machines",
    "debias",
    "value",
    "max-extra-carbon",
    "loss",
    "epochs",
    "batch-size",
    "learning-rate",
    "seed",
    "ledger",
    "report",
)
_Config = Mapping[str, bool | float | int | str]


def _policies(text: str) -> tuple[str, ...]:
    names = tuple(text.replace(",", " ").split())
    for name in names:
        if name != FEDAVG and name not in CHOOSERS:
            known = ", ".join([FEDAVG, *CHOOSERS])
            raise InputError(f"policy: expected some of {known}, got {name!r}", field="policy")
    if not names or len(set(names)) < len(names):
        raise InputError(f"policy: expected each policy once, got {text!r}", field="policy")
    return names


def _whole(config: _Config, key: str, least: int) -> int:
    value = config[key]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MOST:
        raise InputError(
            f"{key}: expected a whole number from {least} to {_MOST}, got {value!r}", field=key
        )
    return value


def _share(config: _Config, key: str) -> float:
    value = config[key]
    if isinstance(value, bool | str) or not 0 <= value <= 1:
        raise InputError(f"{key}: expected a number from 0 to 1, got {value!r}", field=key)
    return float(value)


def _one_of(config: _Config, key: str, known: tuple[str, ...]) -> str:
    value = config[key]
    if value not in known:
        raise InputError(f"{key}: expected {' or '.join(known)}, got {value!r}", field=key)
    return str(value)


def _switch(config: _Config, key: str) -> bool:
    value = config[key]
    if not isinstance(value, bool):
        raise InputError(f"{key}: expected true or false, got {value!r}", field=key)
    return value


def _positive(config: _Config, key: str) -> float:
    value = config[key]
    if isinstance(value, bool | str) or not 0 < value < math.inf:
        raise InputError(f"{key}: expected a number above 0, got {value!r}", field=key)
    return float(value)


def _file(config: _Config, key: str) -> Path | None:
    text = str(config[key])
    if not text:
        return None
    # The app's working folder is the SuperLink's, not the one that `flwr run` was started in.
    if not Path(text).is_absolute():
        raise InputError(f"{key}: expected an absolute path, got {text!r}", field=key)
    return Path(text)
