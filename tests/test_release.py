"""What a release says of itself, in the files that say it."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import lowcarb
import lowcarb_solvers
from tests.helpers.data import ROOT

PROJECT_FILE = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PROJECT_FILE["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
CITATION = dict(
    line.split(": ", 1) for line in (ROOT / "CITATION.cff").read_text().splitlines() if ": " in line
)
MAKEFILE = (ROOT / "Makefile").read_text()


def library(requirement: str) -> tuple[str, str]:
    """The name of a library, without its extras, and the versions that are asked for."""
    match = re.fullmatch(r"([\w-]+)(?:\[\w+\])?(>=[\d.]+(?:,<\d+)?)", requirement)
    assert match, f"{requirement}: expected a lowest version"
    return match[1], match[2]


def test_the_version_is_the_newest_in_the_changelog_and_the_one_to_cite() -> None:
    unreleased, newest, *_ = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)
    assert unreleased == "[Unreleased]"
    assert newest == f"[{lowcarb.__version__}] - {CITATION['date-released']}"
    assert CITATION["version"] == lowcarb.__version__
    assert CITATION["license"] == PROJECT["license"]


def test_the_version_is_written_in_one_place() -> None:
    assert "version" not in PROJECT
    assert PROJECT["dynamic"] == ["version"]


def test_the_packages_under_test_are_those_of_this_folder() -> None:
    assert Path(lowcarb.__file__).is_relative_to(ROOT)
    assert Path(lowcarb_solvers.__file__).is_relative_to(ROOT)


def test_what_is_needed_is_tested_from_the_same_lowest_version() -> None:
    dev = dict(library(tool) for tool in PROJECT_FILE["dependency-groups"]["dev"])
    needed = {library(one) for one in PROJECT["dependencies"]}
    extras = {library(one) for one in chain(*PROJECT["optional-dependencies"].values())}
    assert all(dev.get(name, bound) == bound for name, bound in needed)
    # `make lowest` tests the demo after everything else, with a newer Flower.
    assert extras - set(dev.items()) == {("flwr", ">=1.28,<2")}


def test_newer_pythons_are_tried_or_resolved() -> None:
    known = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["classifiers"]))
    (resolved,) = re.findall(r"^PYTHONS := (.*)$", MAKEFILE, re.MULTILINE)
    assert PROJECT["requires-python"] == f">={known[0]}"
    assert set(known) <= set(resolved.split())
