"""The README's code and commands run, and say what it says."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.data import ENVIRONMENT, ROOT

README = (ROOT / "README.md").read_text()
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = {path.name: path.read_text() for path in (ROOT / "README.md", *DOCS)}


def blocks(page: str) -> list[tuple[str, str]]:
    """Kind and content of a page's blocks of code."""
    return re.findall(r"```(\w+)\n(.*?)```", PAGES[page], re.DOTALL)


BLOCKS = blocks("README.md")


def commands() -> list[tuple[str, str]]:
    """Pages and the `lowcarb` commands on them, continued lines joined."""
    found = []
    for page in PAGES:
        text = "".join(body for kind, body in blocks(page) if kind == "console")
        found += [
            (page, line.split("lowcarb", 1)[1])
            for line in text.replace("\\\n", " ").splitlines()
            if re.match(r"\$ (\.venv/bin/)?lowcarb ", line)
        ]
    return found


def test_there_are_commands_and_code() -> None:
    assert [page for page, _ in commands()] == ["README.md"] * 4 + [
        "forecasts.md",
        "planning.md",
        "planning.md",
    ]
    assert [kind for kind, _ in BLOCKS].count("python") == 1


@pytest.mark.parametrize(("page", "command"), commands())
def test_commands_run(
    page: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    # Training takes a minute, and a test of its own looks after it.
    arguments = shlex.split(command) + (["--no-train"] if "demo" in command else [])
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "80"})
    if result.exit_code:
        assert result.stderr in PAGES[page]
        return
    printed = [_timeless(line) for line in result.stdout.splitlines()]
    texts = [body.splitlines() for kind, body in blocks(page) if kind == "text"]
    (shown,) = [
        b for b in ([_timeless(line) for line in text] for text in texts) if b[0] in printed
    ]
    begin = printed.index(shown[0])
    assert shown == printed[begin : begin + len(shown)]


def _timeless(line: str) -> str:
    return re.sub(r"in \d+\.\d s", "in N s", line.rstrip())


def test_python_runs() -> None:
    code = next(body for kind, body in BLOCKS if kind == "python")
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("optimal 2704.9 g")


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make (\w+)", README) + re.findall(r"\$ make (\w+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


LINKING = [
    *(ROOT.glob("*.md")),
    *DOCS,
    *(ROOT / "benchmarks").rglob("*.md"),
    *(ROOT / "examples").glob("*.md"),
    *(ROOT / "notebooks").iterdir(),
]


@pytest.mark.parametrize("page", LINKING, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        name, _, heading = target.partition("#")
        there = page.parent / name
        assert there.exists(), target
        assert not heading or heading in headings(there), target


def headings(page: Path) -> set[str]:
    """Names by which the headings of a page are linked to."""
    lines = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}
