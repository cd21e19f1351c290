"""The README's code and commands run, and say what it says."""

import re
import shlex
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.data import ENVIRONMENT, ROOT

README = (ROOT / "README.md").read_text()
DOCS = sorted((ROOT / "docs").glob("*.md"))
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    """The `lowcarb` commands of the README, continued lines joined."""
    text = "".join(body for kind, body in BLOCKS if kind == "console").replace("\\\n", " ")
    return [
        line.split("lowcarb", 1)[1]
        for line in text.splitlines()
        if re.match(r"\$ (\.venv/bin/)?lowcarb ", line)
    ]


def test_there_are_commands_and_code() -> None:
    assert len(commands()) == 4
    assert [kind for kind, _ in BLOCKS].count("python") == 1


@pytest.mark.parametrize("command", commands())
def test_commands_run(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    # Training takes a minute, and a test of its own looks after it.
    arguments = shlex.split(command) + (["--no-train"] if "demo" in command else [])
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "80"})
    if result.exit_code:
        assert result.stderr in README
        return
    printed = [_timeless(line) for line in result.stdout.splitlines()]
    blocks = [body.splitlines() for kind, body in BLOCKS if kind == "text"]
    (shown,) = [
        b for b in ([_timeless(line) for line in block] for block in blocks) if b[0] in printed
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


@pytest.mark.parametrize("name", ["README.md", *(f"docs/{p.name}" for p in DOCS)])
def test_links_resolve(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        assert target.startswith("https://") or (page.parent / target).exists(), target
