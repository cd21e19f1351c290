"""Trainings of the app in benchmarks/learning: in this process, or in a simulation on Ray."""

import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.results import HERE
from lowcarb._util.output_file import output_file
from lowcarb.demo.simulation import simulate
from lowcarb_solvers.arrays import FloatArray

APP = HERE / "learning"
CLIENTS, COHORT = 30, 10
LAST_ROUNDS = 5
_RAY_S = 900.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is learnt, and where.

    Parameters
    ----------
    name, title
        For files and for people.
    config
        Run-config of the app that makes it.
    """

    name: str
    title: str
    config: dict[str, str]


CASES = (
    Case(
        name="skewed",
        title="Labels skewed (Dirichlet 0.5), machines mixed",
        config={"labels": "skewed", "machines": "mixed"},
    ),
    Case(
        name="regional",
        title="The hard case: labels follow the regions, machines alike",
        config={"labels": "regional", "machines": "alike"},
    ),
)


@dataclass(frozen=True, kw_only=True)
class Variant:
    """Who chooses cohorts, and under which floor.

    Parameters
    ----------
    policy
        Of `lowcarb.planning.policies`.
    min_share
        The floor; None for policies that know none.
    debias
        Whether replies are weighed by expected over realised turns.
    max_extra_carbon
        Percent more carbon that goes to the clients of high loss; None for carbon alone.
    root_mean_square
        Whether clients say that of their losses, in place of their mean.
    """

    policy: str
    min_share: float | None = None
    debias: bool = False
    max_extra_carbon: float | None = None
    root_mean_square: bool = False

    @property
    def name(self) -> str:
        """For people."""
        paid = self.max_extra_carbon
        parts = [self.policy]
        parts += [] if paid is None else [f"{paid:g} % for losses"]
        parts += ["debiased"] if self.debias else []
        return ", ".join(parts)

    def config(self) -> dict[str, Any]:
        """Run-config of the app."""
        share = {} if self.min_share is None else {"min-share": self.min_share}
        paid = self.max_extra_carbon
        value = {} if paid is None else {"value": "loss", "max-extra-carbon": float(paid)}
        loss = {"loss": "root-mean-square"} if self.root_mean_square else {}
        return {"policy": self.policy, "debias": self.debias, **value, **loss, **share}


@dataclass(frozen=True, kw_only=True)
class Task:
    """One training.

    Parameters
    ----------
    case, variant, seed, rounds
        What is trained.
    """

    case: Case
    variant: Variant
    seed: int
    rounds: int

    def config(self) -> dict[str, Any]:
        """Run-config of the app."""
        return {
            **self.case.config,
            **self.variant.config(),
            "seed": self.seed,
            "rounds": self.rounds,
            "cohort-size": COHORT,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """How a training went.

    Parameters
    ----------
    accuracy, emissions_g
        Shape (rounds + 1,): on the test set, and gCO2eq that came true so far, after each round.
    turns
        Shape (clients,).
    """

    accuracy: FloatArray
    emissions_g: FloatArray
    turns: FloatArray

    @classmethod
    def read(cls, path: Path, policy: str) -> "Curve":
        """Read one policy's lines of the app's report."""
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        mine = [line for line in lines if line["policy"] == policy]
        rounds = [line for line in mine if line["event"] == "round"]
        (training,) = (line for line in mine if line["event"] == "training")
        return cls(
            accuracy=np.array([line["accuracy"] for line in rounds]),
            emissions_g=np.array([line["emissions_g"] for line in rounds]),
            turns=np.array(training["turns"], dtype=np.float64),
        )

    @property
    def final(self) -> float:
        """Accuracy in the end: the mean over the last rounds, since each cohort sways it."""
        return float(self.accuracy[-LAST_ROUNDS:].mean())

    def until(self, target: float) -> tuple[int, float] | None:
        """Rounds and grams until an accuracy is reached; None if it never is."""
        reached = np.flatnonzero(self.accuracy >= target)
        return (int(reached[0]), float(self.emissions_g[reached[0]])) if len(reached) else None


def train(task: Task) -> Curve:
    """Train in this process."""
    from tests.helpers.digits_run import run

    logging.getLogger("flwr").setLevel(logging.ERROR)
    # In simulated time nothing is measured, so CodeCarbon would only cost time.
    sys.modules["codecarbon"] = None  # type: ignore[assignment]
    with TemporaryDirectory() as folder:
        config = {name.replace("-", "_"): value for name, value in task.config().items()}
        run(Path(folder), clients=CLIENTS, **config)
        return Curve.read(Path(folder) / "report.jsonl", task.variant.policy)


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """Trains, and keeps each training that is over in a file, so that a run can be gone on with.

    Parameters
    ----------
    folder
        Of the files, for one state of the code: trainings that are in it are not trained again.
        None to keep none.
    """

    folder: Path | None

    def __call__(self, task: Task) -> Curve:
        """Train in this process, or read how it went."""
        path = self._path(task)
        if path is None:
            return train(task)
        if not path.exists():
            curve = train(task)
            path.parent.mkdir(parents=True, exist_ok=True)
            with output_file(path) as stream:
                told = {name: values.tolist() for name, values in vars(curve).items()}
                stream.write(json.dumps(told).encode())
        return Curve(**{name: np.array(v) for name, v in json.loads(path.read_text()).items()})

    def has(self, task: Task) -> bool:
        """Whether a training is kept."""
        path = self._path(task)
        return path is not None and path.exists()

    def _path(self, task: Task) -> Path | None:
        if self.folder is None:
            return None
        key = sha256(json.dumps(task.config(), sort_keys=True).encode()).hexdigest()[:24]
        return self.folder / f"{key}.json"


def train_on_ray(task: Task, variants: Sequence[Variant]) -> list[Curve]:
    """Train in one Flower simulation, one variant after the other; floors are the task's."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.jsonl"
        names = [variant.policy for variant in variants]
        simulate(
            APP,
            clients=CLIENTS,
            config={
                **task.config(),
                "policy": ",".join(names),
                "report": str(report),
            },
            log=Path(folder) / "log.txt",
            time_limit_s=_RAY_S,
            beat=lambda: None,
        )
        return [Curve.read(report, name) for name in names]
