"""Trainings of a benchmark: what the app is told, what is read of it, what is kept."""

import json
from pathlib import Path

import pytest

from benchmarks.accuracy_variants import ILP, OORT, VALUE
from benchmarks.trainings import CASES, Curve, Keeping, Task, Variant
from tests.helpers.accuracy_curves import curves


def test_a_training_that_is_kept_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (curve, *_), trained = curves()[ILP], []

    def train(task: Task) -> Curve:
        trained.append(task)
        return curve

    monkeypatch.setattr("benchmarks.trainings.train", train)
    tasks = [Task(case=CASES[0], variant=v, seed=1, rounds=7) for v in (ILP, VALUE, ILP)]
    keeping = Keeping(folder=tmp_path / "kept")
    assert not any(map(keeping.has, tasks))
    found = list(map(keeping, tasks))
    assert all(map(keeping.has, tasks))
    assert trained == tasks[:2]
    for name in ("accuracy", "emissions_g", "turns"):
        assert all((getattr(one, name) == getattr(curve, name)).all() for one in found)
    _ = list(map(Keeping(folder=None), tasks))
    assert trained == [*tasks[:2], *tasks]


def test_of_a_report_only_the_lines_of_the_policy_are_read(tmp_path: Path) -> None:
    lines = [
        {"event": event, "policy": policy, "accuracy": level, "emissions_g": grams, "turns": [1, 2]}
        for policy, level in (("random", 0.5), ("ilp", 0.7))
        for event, grams in (("round", 0.0), ("round", 8.0), ("training", 8.0))
    ]
    (tmp_path / "report.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    curve = Curve.read(tmp_path / "report.jsonl", "ilp")
    assert curve.accuracy.tolist() == [0.7, 0.7]
    assert curve.emissions_g.tolist() == [0.0, 8.0]
    assert curve.turns.tolist() == [1.0, 2.0]


def test_a_variant_without_a_floor_leaves_the_default_of_the_app() -> None:
    task = Task(case=CASES[1], variant=ILP, seed=7, rounds=3)
    assert task.config()["min-share"] == 0.5
    assert (task.config()["labels"], task.config()["seed"]) == ("regional", 7)
    assert "min-share" not in Variant(policy="random").config()
    assert Variant(policy="ilp", min_share=0.0).config()["min-share"] == 0
    assert (VALUE.config()["value"], VALUE.config()["max-extra-carbon"]) == ("loss", 10)
    assert "value" not in ILP.config()
    assert OORT.config()["loss"] == "root-mean-square"
