"""Recorded results give way to full runs only, and each results file has its own pictures."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import accuracy, limits, long, savings, untuned
from benchmarks.days import Days
from benchmarks.results import RESULTS, Section
from benchmarks.solve import __main__ as solve


def section(*words: str) -> Section:
    parser = ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=float, default=90.0)
    parser.add_argument("--no-ray", action="store_true")
    parser.add_argument("--names", nargs="+", default=["a", "b"])
    parser.add_argument("--out", type=Path)
    return Section.of("this", parser, parser.parse_args(words), apart_from=("out",))


def test_a_run_departs_by_each_option_that_changes_what_is_measured() -> None:
    assert section().departures == ()
    assert section("--runs", "3", "--out", "x.md").departures == ()
    words = ("--runs", "1", "--limit", "40", "--no-ray", "--names", "b", "c")
    made = section(*words)
    assert made.departures == ("--runs 1", "--limit 40", "--no-ray", "--names b c")
    assert made.command("benchmarks.this") == f"`python -m benchmarks.this {' '.join(words)}`"
    assert section().command("benchmarks.this") == "`python -m benchmarks.this`"


def test_a_full_section_gives_way_to_full_runs_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "mine.md"
    section("--runs", "1").write(path, "one run")
    section("--runs", "2").write(path, "two runs")
    assert "one run" not in path.read_text()
    assert "begin; not a full run: --runs 2 -->" in path.read_text()
    Section(name="that").write(path, "another")
    section().write(path, "in full")
    before = path.read_text()
    assert before.count("begin") == 2
    assert "two runs" not in before
    assert "another" in before
    with pytest.raises(SystemExit, match=r"mine\.md: its section 'this' .* by --runs 2; leave"):
        section("--runs", "2").write(path, "two runs")
    assert path.read_text() == before
    section().write(path, "in full again")
    assert "in full again" in path.read_text()


def test_the_recorded_results_take_one_more_run_in_the_setting_that_stands_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "recorded.md"
    monkeypatch.setattr("benchmarks.results.RESULTS", path)
    with pytest.raises(SystemExit, match="this run differs by --runs 1"):
        section("--runs", "1").write(path, "one run")
    assert not path.exists()
    path.write_text(
        "# R\n\n<!-- this: begin; not a full run: --runs 1 -->\nold\n<!-- this: end -->\n"
    )
    section("--runs", "1").write(path, "new")
    assert "new" in path.read_text()
    assert "old" not in path.read_text()
    with pytest.raises(SystemExit, match="--runs 2"):
        section("--runs", "2").write(path, "two")


def test_pictures_of_the_recorded_results_are_never_overwritten_by_others() -> None:
    recorded = section().figures(RESULTS)
    assert recorded == RESULTS.parent / "figures" / "this"
    assert section().figures(RESULTS.with_name("mine.md")) == RESULTS.parent / "mine-figures/this"


@pytest.mark.parametrize(
    ("main", "words", "why"),
    [
        (savings.main, "", "2"),
        (savings.main, "--data nowhere", "2"),
        (savings.main, "--embedded --data nowhere", "2"),
        (savings.main, "--embedded", "differs by --embedded"),
        (savings.main, "--embedded --starts 2", "differs by --embedded, --starts 2"),
        (long.main, "", "2"),
        (long.main, "--embedded --starts 2", "differs by --embedded, --starts 2"),
        (limits.main, "--seeds 2", "differs by --seeds 2"),
        (untuned.main, "--embedded", "differs by --embedded"),
        (accuracy.main, "--seeds 2", "differs by --seeds 2"),
        (accuracy.main, "--no-ray", "differs by --no-ray"),
        (solve.main, "--write --smoke", "differs by --smoke"),
        (solve.main, "--write --instances 100x24", "differs by --instances 100x24"),
    ],
)
def test_no_benchmark_replaces_recorded_results_by_others(
    main: Callable[[], None], words: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = RESULTS.read_bytes()
    monkeypatch.setattr(sys, "argv", ["benchmark", *words.split()])
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(SystemExit, match=why):
        main()
    assert RESULTS.read_bytes() == before


def test_days_of_ones_own_are_written_elsewhere_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Days(about="mine", by_accounting={}, departures=("days other than the recorded ones",))
    before = RESULTS.read_bytes()
    monkeypatch.setattr(Days, "read", staticmethod(lambda _: own))
    monkeypatch.setattr(sys, "argv", ["savings", "--data", str(tmp_path)])
    with pytest.raises(SystemExit, match="differs by days other than the recorded ones"):
        savings.main()
    written: list[Path] = []

    def report(bench: object, days: Days, command: str, figures: Path) -> str:
        del bench
        written.append(figures)
        return f"{days.about}: {command}"

    monkeypatch.setattr(savings, "report", report)
    out = tmp_path / "mine.md"
    monkeypatch.setattr(sys, "argv", ["savings", "--data", str(tmp_path), "--out", str(out)])
    savings.main()
    assert "mine: `python -m benchmarks.savings --data DIR`" in out.read_text()
    assert written == [tmp_path / "mine-figures" / "savings"]
    assert RESULTS.read_bytes() == before
