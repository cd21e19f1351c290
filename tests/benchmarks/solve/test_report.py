"""What is written of the comparisons: tables that say what was left out, and pictures of growth."""

import sys
from pathlib import Path

import pytest

import benchmarks.solve.__main__ as command
from benchmarks.solve.comparison import Comparison
from benchmarks.solve.families import columns_of, runs_of
from benchmarks.solve.measure import Row
from benchmarks.solve.methods import BASE, METHODS
from benchmarks.solve.program import LATE, OPTIMAL, Answer
from benchmarks.solve.tables import detail, overview, seconds, times


def invented(instance: str, cost: float = 100.0) -> Comparison:
    """Invent what every method that fits took: more with each column."""
    rows: dict[str, list[Row]] = {}
    for number, (name, method) in enumerate(METHODS.items(), start=1):
        columns = columns_of(instance)
        answer = Answer(cost=cost, missing=0, status=OPTIMAL if method.exact else "heuristic")
        one = Row(answer=answer, build_cpu_s=0.1, cpu_s=1e-6 * number * columns, wall_s=1.0)
        rows[name] = [one] if method.fits(columns) else []
    return Comparison(instance=instance, rows=rows)


def test_what_is_left_out_or_late_is_said() -> None:
    found = invented("10^5x24")
    text = detail(found)
    most = METHODS["cp-sat"].most_columns
    assert f"left out: 2,400,000 turns to choose from, above {most:,}" in text
    assert len(text.splitlines()) == 4 + len(METHODS)
    late = Row(answer=Answer(cost=None, missing=None, status=LATE), peak_mb=7.0)
    rows = {**found.rows, "highs": [late]}
    (line,) = (
        line
        for line in detail(Comparison(instance="100x96", rows=rows)).splitlines()
        if line.startswith(f"| {METHODS['highs'].label} |")
    )
    assert line.split(" | ")[1:] == ["late", "late", "-", "late", "7", "-", "time limit |"]


def test_an_overview_has_a_line_for_each_instance() -> None:
    found = [invented("100x96"), invented("10^5x24")]
    lines = overview(found, ratios=True).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| 100x96", "| 10^5x24"]
    where = 1 + list(METHODS).index(BASE)
    assert all(line.split(" | ")[where].strip(" |") == "1.00" for line in lines[2:])
    assert lines[3].split(" | ")[where + 1] == "-"


def test_numbers_are_as_long_as_they_are_known() -> None:
    assert [seconds(s) for s in (0.0123, 1.234, 12.34, None)] == ["0.012", "1.23", "12.3", "-"]
    assert [times(s) for s in (1.234, 1234.5, None)] == ["1.23", "1,234", "-"]


def test_large_instances_and_those_for_pictures_alone_run_once() -> None:
    assert runs_of("100x96", 3) == 3
    assert runs_of("10^6x24, 20,000", 3) == 1
    assert runs_of("100x48", 3) == 1


def test_pictures_have_a_line_for_each_method_as_far_as_it_went() -> None:
    names = ("100x24, 2", "1,000x24, 20", "10^5x24, 2,000", "100x24", "100x500")
    clients, rounds = command.pictures({name: invented(name) for name in names})
    assert [clients.name, rounds.name] == ["clients", "rounds"]
    sizes = [line[0] for line in clients.rows]
    assert sizes == [100, 1_000, 100_000]
    cp_sat = list(clients.columns).index("cp-sat")
    assert [line[cp_sat] is None for line in clients.rows] == [False, False, True]
    assert "swaps" not in clients.columns
    assert f"{METHODS['cbc'].label} 2.4 s at 100,000" in clients.alt


def test_differences_end_the_command_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def differing(method: str, instance: str, seed: int, limit_s: float) -> Row:
        del instance, seed, limit_s
        cost = 101.0 if method == "highs" else 100.0
        return Row(answer=Answer(cost=cost, missing=0, status=OPTIMAL), cpu_s=1.0)

    out = tmp_path / "RESULTS.md"
    arguments = ["solve", "--runs", "1", "--instances", "100x24", "--write", str(out)]
    monkeypatch.setattr(command, "measure", differing)
    monkeypatch.setattr(command, "find_spec", lambda name: name)
    monkeypatch.setattr(sys, "argv", [*arguments, "--methods", "cbc", "highs"])
    with pytest.raises(SystemExit, match=r"100x24, seed 0: HiGHS found 101\.0"):
        command.main()
    assert not out.exists()

    monkeypatch.setattr(sys, "argv", [*arguments, "--methods", "cbc", "all-arcs"])
    command.main()
    assert "<!-- solve: begin; not a full run: --runs 1" in out.read_text()
    assert (tmp_path / "figures" / "solve" / "rounds.png").exists()
    assert "| Lowcarb, CBC |" in capsys.readouterr().out


def test_a_method_whose_solver_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "find_spec", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["solve", "--smoke", "--methods", "cp-sat"])
    with pytest.raises(SystemExit):
        command.main()
    assert "cp-sat needs ortools, which is not installed" in capsys.readouterr().err
