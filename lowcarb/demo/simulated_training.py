"""The demo's training: plain FedAvg and Lowcarb in one simulation, on clients of its story."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp
from typing import Any

from lowcarb.demo.simulation import simulate
from lowcarb.errors import SimulationError

CLIENTS = 30
COHORT_SIZE = 10
ROUNDS = 24
FEDAVG, LOWCARB = "fedavg", "ilp"
DEFAULT_APP = Path(__file__).parents[2] / "benchmarks/learning"
"""Where the app is if Lowcarb runs from a clone of its repository; no wheel holds the app."""

_NEEDED = ("flwr", "psutil", "ray", "sklearn")
# Ray may take two minutes to start on a small, busy machine.
_TIME_LIMIT_S = 600.0
_RAISED = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception|Exit)\w*: (.+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What came of one training.

    Parameters
    ----------
    accuracy
        Share of digits that no client holds and the model knows in the end.
    realised_g
        What all turns emitted with the intensities that came true, gCO2eq.
    turns
        How often each client trained.
    """

    accuracy: float
    realised_g: float
    turns: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Trainings:
    """Trainings of the same model on the same clients.

    Parameters
    ----------
    trained
        By policy: `FEDAVG` and `LOWCARB`.
    random_g
        What random cohorts emit on average, gCO2eq.
    """

    trained: dict[str, Trained]
    random_g: float

    def to_dict(self) -> dict[str, Any]:
        """Everything a program may want to know, ready for JSON."""
        return {
            "clients": CLIENTS,
            "cohort_size": COHORT_SIZE,
            "rounds": ROUNDS,
            "random_g": self.random_g,
            "policies": {
                policy: {
                    "accuracy": training.accuracy,
                    "emissions_g": training.realised_g,
                    "turns": list(training.turns),
                }
                for policy, training in self.trained.items()
            },
        }


def missing_packages() -> list[str]:
    """Name what the training needs and is not installed."""
    return [name for name in _NEEDED if find_spec(name) is None]


def train(app: Path, *, seed: int, progress: Callable[[str], None]) -> Trainings:
    """Train with plain FedAvg and with Lowcarb.

    Parameters
    ----------
    app
        Folder of the Flower app `benchmarks/learning`.
    seed
        Of the story.
    progress
        Called a few times a second with what is going on.

    Raises
    ------
    SimulationError
        If a training fails; names its log, which is kept then.
    """
    handle, name = mkstemp(prefix="lowcarb-demo-", suffix=".log")
    os.close(handle)
    log = Path(name)
    with TemporaryDirectory(prefix="lowcarb-") as folder:
        report = Path(folder) / "report.jsonl"
        try:
            simulate(
                app,
                clients=CLIENTS,
                config={
                    "policy": f"{FEDAVG} {LOWCARB}",
                    "rounds": ROUNDS,
                    "cohort-size": COHORT_SIZE,
                    "seed": seed,
                    "report": str(report),
                },
                log=log,
                time_limit_s=_TIME_LIMIT_S,
                beat=lambda: progress(_phase(_events(report))),
            )
            trainings = _trainings(_events(report))
        except SimulationError as error:
            raise SimulationError(f"{error}; log: {log}") from None
        except BaseException:
            log.unlink()
            raise
        if trainings is None:
            raise SimulationError(f"{_reason(log)}; log: {log}")
    log.unlink()
    return trainings


def _events(report: Path) -> list[dict[str, Any]]:
    """Read the lines that are there and whole."""
    text = report.read_text() if report.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _phase(events: list[dict[str, Any]]) -> str:
    """Say where the training is."""
    rounds = [event for event in events if event["event"] == "round"]
    if not rounds or not rounds[-1]["round"]:
        return "Starting Flower and Ray ..." if len(rounds) < 2 else "Planning ..."
    last = rounds[-1]
    who = {FEDAVG: "plain FedAvg", LOWCARB: "Lowcarb"}[last["policy"]]
    return (
        f"Training with {who}: round {last['round']} of {last['of']}, "
        f"accuracy {last['accuracy']:.0%}"
    )


def _trainings(events: list[dict[str, Any]]) -> Trainings | None:
    """Read the results of both trainings; None if a result is missing.

    Raises
    ------
    SimulationError
        If others trained than were asked to.
    """
    done = {event["policy"]: event for event in events if event["event"] == "training"}
    if set(done) != {FEDAVG, LOWCARB}:
        return None
    for event in done.values():
        if event["clients"] != CLIENTS:
            raise SimulationError(
                f"Flower simulated {event['clients']} clients, not the {CLIENTS} it was asked for; "
                "this needs Flower 1.28 or newer"
            )
    return Trainings(
        trained={
            policy: Trained(
                accuracy=done[policy]["accuracy"],
                realised_g=done[policy]["emissions_g"],
                turns=tuple(done[policy]["turns"]),
            )
            for policy in (FEDAVG, LOWCARB)
        },
        random_g=done[FEDAVG]["random_g"],
    )


def _reason(log: Path) -> str:
    """Return the last thing that was raised."""
    raised = _RAISED.findall(log.read_text(errors="replace"))
    return raised[-1].strip() if raised else "the app did not finish"
