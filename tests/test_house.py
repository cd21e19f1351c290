"""Promises about importing; the walls between the rooms are held by `lint-imports`."""

import inspect
import re
import subprocess
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

import lowcarb
import lowcarb.providers
import lowcarb.replay
import lowcarb_solvers
from lowcarb.providers.services.client import ServiceClient
from tests.helpers.data import ROOT
from tests.helpers.imports import all_loaded_by, loaded_by

HEAVY = ("numpy", "pandas", "pulp", "flwr", "requests", "scipy", "highspy", "ortools")


def test_the_solvers_know_nothing_of_the_domain() -> None:
    loaded = loaded_by("import lowcarb_solvers")
    assert not loaded & {"lowcarb", "flwr", "pandas", "requests", "pulp"}


def test_help_loads_nothing_heavy() -> None:
    loaded = loaded_by(
        "from typer.testing import CliRunner\nfrom lowcarb.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        "assert CliRunner().invoke(app, ['plan', '--help']).exit_code == 0\n"
        "assert CliRunner().invoke(app, ['report', '--help']).exit_code == 0\n"
        "assert CliRunner().invoke(app, ['compare', '--help']).exit_code == 0\n"
        "assert CliRunner().invoke(app, ['sweep', '--help']).exit_code == 0\n"
        "assert CliRunner().invoke(app, ['fetch', '--help']).exit_code == 0"
    )
    assert not loaded & set(HEAVY)


def test_the_clients_mod_loads_no_more_of_flower_than_a_client_does() -> None:
    # Some versions of Flower load their server side themselves; Lowcarb adds nothing to that.
    client = all_loaded_by("import flwr.app, flwr.clientapp")
    mod = all_loaded_by("import flwr.app, flwr.clientapp, lowcarb.flower.mod")
    added = {name for name in mod - client if name.startswith("flwr.")}
    assert added == set()
    assert not {name.split(".")[0] for name in mod - client} & {"pulp", "requests", "codecarbon"}
    assert not mod & {"lowcarb.flower.strategy", "lowcarb.planning.planner", "lowcarb.ledger"}


def test_forecasts_from_files_need_no_http() -> None:
    loaded = loaded_by("from lowcarb.providers import Composite, CsvProvider, TypicalDays")
    assert not loaded & {"requests", "urllib3", "flwr", "pandas", "pulp", "typer"}


def test_the_ledger_knows_nothing_of_flower() -> None:
    loaded = loaded_by("from lowcarb import Account, Ledger")
    assert not loaded & {"flwr", "pandas", "requests", "pulp", "typer"}


def test_importing_lowcarb_costs_nothing() -> None:
    assert not loaded_by("import lowcarb") & set(HEAVY)


@pytest.mark.parametrize("package", [lowcarb, lowcarb_solvers])
def test_public_names_exist_are_sorted_and_documented(package: object) -> None:
    names = package.__all__  # type: ignore[attr-defined]
    assert names == sorted(names, key=lambda name: (name.islower(), name)) or names == sorted(names)
    for name in names:
        thing = getattr(package, name)
        assert name == "__version__" or thing.__doc__, name


def has_parameters_of_its_own(thing: Any) -> bool:
    if inspect.isclass(thing):
        return (
            "__init__" in vars(thing)
            and not getattr(thing, "_is_protocol", False)
            and not issubclass(thing, Enum)
        )
    return inspect.isfunction(thing)


PUBLIC = [
    pytest.param(getattr(module, name), id=f"{module.__name__}.{name}")
    for module in (lowcarb, lowcarb_solvers, lowcarb.providers, lowcarb.replay)
    for name in module.__all__
    if has_parameters_of_its_own(getattr(module, name))
]


@pytest.mark.parametrize("thing", PUBLIC)
def test_public_documentation_names_every_parameter(thing: Any) -> None:
    text = inspect.getdoc(thing) or ""
    if inspect.isclass(thing) and issubclass(thing, ServiceClient):
        text += inspect.getdoc(ServiceClient) or ""
    for name in inspect.signature(thing).parameters:
        assert name.startswith("_") or re.search(rf"\b{name}\b", text), name


def test_public_names_have_a_home() -> None:
    for package in (lowcarb, lowcarb.providers):
        assert all(getattr(package, name) is not None for name in vars(package)["__all__"])
        with pytest.raises(AttributeError, match="nothing"):
            getattr(package, "nothing")  # noqa: B009


def test_nothing_prints_outside_the_command_line() -> None:
    for folder in ("lowcarb", "solvers"):
        for path in (ROOT / folder).rglob("*.py"):
            if "cli" not in path.parts:
                assert not re.search(r"^\s*print\(", path.read_text(), re.MULTILINE), path


def test_no_file_names_an_index_host() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    hosts = re.compile(r"pypi\.org|pythonhosted|--index-url|--hash")
    for name in tracked or [p.name for p in Path(ROOT).iterdir() if p.is_file()]:
        if name != "tests/test_house.py" and (ROOT / name).is_file():
            assert not hosts.search((ROOT / name).read_text(errors="ignore")), name
