"""The file of finished tasks: it goes on, refuses other inputs, and survives being cut off."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowcarb import Fairness, InputError, LowcarbError, Planner
from lowcarb.replay import FinishedTasks, Sweep, draw_disruptions, starts_within, sweep
from tests.helpers.recorded_days import RECORDING, fleet

INPUTS = {"clients": "sha256 abc", "rounds": 4, "dropout": 0.1}
TASK = {"cohort_size": "2", "start": "2022-07-15T00:00:00Z"}
PLAYED = {"random_g": 0.1 + 0.2, "runs": {"ilp": []}}
PLANNER = Planner(fleet=fleet(8), cohort_size=2, rounds=3, fairness=Fairness())
STARTS = starts_within(RECORDING, PLANNER, 2)


def begun(path: Path, tasks: int = 3) -> None:
    with FinishedTasks.opened(str(path), INPUTS) as finished:
        for k in range(tasks):
            finished.add({**TASK, "min_share": str(k)}, {**PLAYED, "k": k})


def kept(path: Path, inputs: dict[str, Any] | None = None) -> tuple[int, tuple[str, ...]]:
    with FinishedTasks.opened(str(path), INPUTS if inputs is None else inputs) as finished:
        return len(finished), finished.notes


def swept(finished: FinishedTasks | None, shares: tuple[str, ...] = ("0", "1")) -> Sweep:
    return sweep(
        PLANNER,
        RECORDING,
        STARTS,
        min_shares=shares,
        cohort_sizes=[2],
        disruptions=draw_disruptions(8, 3, seed=0, dropout=0.2, absence=0.1),
        finished=finished,
    )


def test_what_is_kept_is_given_again_to_the_last_bit(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    begun(path)
    with FinishedTasks.opened(str(path), INPUTS) as finished:
        assert len(finished) == 3
        assert finished.notes == ()
        assert finished.get({"min_share": "1", **TASK}) == {**PLAYED, "k": 1}
        assert finished.get({"min_share": "9", **TASK}) is None
    lines = path.read_text().splitlines()
    assert json.loads(lines[0])["inputs"] == INPUTS
    assert all(isinstance(json.loads(line), dict) for line in lines)


def test_each_task_is_brought_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tasks.jsonl"
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: sizes.append(os.fstat(handle).st_size))
    begun(path)
    ends = [0]
    for line in path.read_bytes().splitlines(keepends=True):
        ends.append(ends[-1] + len(line))
    assert set(ends[1:]) <= set(sizes)


def test_a_file_that_is_cut_off_anywhere_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # a disk would take long, so many times
    path, cut = tmp_path / "tasks.jsonl", tmp_path / "cut.jsonl"
    begun(path, 2)
    whole = path.read_bytes()
    ends = [k + 1 for k, byte in enumerate(whole) if byte == ord("\n")]
    for length in range(len(whole) + 1):
        cut.write_bytes(whole[:length])
        tasks, notes = kept(cut)
        assert tasks == max(0, sum(end <= length for end in ends) - 1)
        torn = length > ends[0] and length not in ends
        assert ["half written" in note for note in notes] == [True] * torn
        with FinishedTasks.opened(str(cut), INPUTS) as finished:
            finished.add({"min_share": "new"}, PLAYED)
        assert kept(cut) == (tasks + 1, ())


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({**INPUTS, "rounds": 5}, "was begun with other inputs (rounds: 4 then, 5 now); give"),
        ({**INPUTS, "clients": "sha256 d"}, "clients: sha256 abc then, sha256 d now"),
        ({"rounds": 4}, "clients: sha256 abc then, nothing now; dropout: 0.1 then, nothing now"),
        ({**INPUTS, "seed": 1}, "(seed: nothing then, 1 now)"),
    ],
)
def test_other_inputs_are_refused_by_their_names(
    tmp_path: Path, inputs: dict[str, Any], message: str
) -> None:
    path = tmp_path / "tasks.jsonl"
    begun(path)
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        kept(path, inputs)
    assert message in str(caught.value)
    assert (caught.value.file, caught.value.field) == (str(path), "resume")
    assert path.read_bytes() == before


def test_a_file_without_tasks_takes_other_inputs(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    begun(path, 0)
    assert kept(path, {"rounds": 5}) == (0, ())
    assert json.loads(path.read_text())["inputs"] == {"rounds": 5}


@pytest.mark.parametrize(
    "content", [b"client,region\n", b"notes", b"\x00" * 9, b"{}\n", b"[1]\n2\n", b'{"schema":1}\n']
)
def test_other_files_are_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match="is no file of finished tasks of a sweep"):
        kept(path)
    assert path.read_bytes() == content


def test_damage_before_the_last_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    begun(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], lines[1].replace(b"0.3", b"0.4"), *lines[2:]]))
    with pytest.raises(InputError, match=r"tasks\.jsonl:2: is damaged; remove this line"):
        kept(path)
    path.write_bytes(b"".join([lines[0], *lines[2:]]))
    assert kept(path) == (2, ())


def test_one_sweep_at_a_time(tmp_path: Path) -> None:
    path = str(tmp_path / "tasks.jsonl")
    with (
        FinishedTasks.opened(path, INPUTS),
        pytest.raises(InputError, match="is in use by another sweep"),
        FinishedTasks.opened(path, INPUTS),
    ):
        pass
    assert kept(Path(path)) == (0, ())


@pytest.mark.parametrize("name", [".", "none/tasks.jsonl", "/dev/null"])
def test_what_is_no_place_for_a_file_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        kept(Path(name))
    assert caught.value.field == "resume"
    assert "expected a file" in str(caught.value) or "does not exist" in str(caught.value)


def test_a_full_disk_is_said_with_what_is_kept() -> None:
    with Path("/dev/full").open("r+b", buffering=0) as full:
        finished = FinishedTasks(path="tasks.jsonl", _stream=full, _found={})
        with pytest.raises(LowcarbError, match=r"No space left on device; 0 finished tasks are"):
            finished.add(TASK, PLAYED)


def test_a_sweep_goes_on_and_comes_to_the_same(tmp_path: Path) -> None:
    path = str(tmp_path / "tasks.jsonl")
    alone = swept(None)
    with FinishedTasks.opened(path, {}) as finished:
        swept(finished, ("1",))
    with FinishedTasks.opened(path, {}) as finished:
        assert len(finished) == 2
        done = swept(finished)
        assert len(finished) == 4
    with FinishedTasks.opened(path, {}) as finished:
        again = swept(finished)
    for found in (done, again):
        assert found.to_frame().equals(alone.to_frame())
        for point, other in zip(found.points, alone.points, strict=True):
            for run, same in zip(
                point.comparison.runs["ilp"], other.comparison.runs["ilp"], strict=True
            ):
                assert all(map(np.array_equal, run.cohorts, same.cohorts))
                assert np.array_equal(run.at_least, same.at_least)
