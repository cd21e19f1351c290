"""Whatever happens to OR-tools, a verified answer comes, in time, or a sentence says what to do."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.instances import INSTANCES, PLANNED
from lowcarb_solvers import Flow, Greedy, NoSolver, Status, chain, child, flow, solve
from tests.helpers.fallback import check_fallback
from tests.helpers.imports import all_loaded_by
from tests.helpers.params import first_fast

PROBLEM = INSTANCES["two-days"].problem()


@pytest.fixture
def _new_children() -> Iterator[None]:
    """Children that know nothing of the test's environment end before and after it."""
    child.end_idle()
    yield
    child.end_idle()


pytestmark = pytest.mark.usefixtures("_new_children")


def test_without_or_tools_nothing_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden(name: str) -> None:
        assert name == "ortools"

    monkeypatch.setattr(flow, "find_spec", hidden)
    advice = (
        r"^solver: flow needs OR-tools, .*: pip install 'lowcarb\[fast\]', or take the solver cbc"
    )
    with pytest.raises(NoSolver, match=advice):
        chain(solver="flow")
    with pytest.raises(NoSolver, match=advice):
        solve(PROBLEM, Greedy(), Flow())
    assert solve(PROBLEM).solver == "cbc", "the default does not ask for it"


def test_or_tools_stays_out_of_the_process_that_asks() -> None:
    loaded = all_loaded_by(
        "from benchmarks.instances import INSTANCES\n"
        "from lowcarb_solvers import chain, solve\n"
        "assert solve(INSTANCES['day'].problem(), *chain(solver='flow')).solver == 'flow'"
    )
    assert "lowcarb_solvers.flow" in loaded
    assert not {"ortools", "pulp", "highspy"} & loaded


def test_a_child_works_with_pulp_or_with_or_tools() -> None:
    for _ in range(2):
        assert solve(PROBLEM).solver == "cbc"
        assert solve(PROBLEM, *chain(solver="flow")).solver == "flow"
    assert sorted(one.module for one in child._idle) == [
        "lowcarb_solvers.cbc_model",
        "lowcarb_solvers.ortools_flow",
    ]


def write_module(folder: Path, name: str, text: str) -> None:
    path = folder.joinpath(*name.split("."))
    path.parent.mkdir(parents=True, exist_ok=True)
    for parent in path.parents:
        if parent == folder:
            break
        (parent / "__init__.py").touch()
    path.with_suffix(".py").write_text(text)


CLASH = "raise ImportError('libortools.so.9: undefined symbol: _Z19setLocalOptionValue')"


@pytest.mark.parametrize("beside", ["highspy", "nothing"])
def test_a_clash_with_highspy_names_both_and_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, beside: str
) -> None:
    write_module(tmp_path, "ortools.graph.python.min_cost_flow", CLASH)
    write_module(tmp_path, "highspy", "")
    if beside == "highspy":
        # Something that is loaded whenever Python starts.
        write_module(tmp_path, "sitecustomize", "import highspy")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    solution = solve(PROBLEM, Greedy(), Flow())
    assert solution.solver == "regret"
    (note,) = solution.notes
    assert "OR-tools failed: ImportError: libortools.so.9: undefined symbol" in note
    advice = "OR-tools (ortools) cannot be imported beside this release of highspy"
    assert (advice in note) == (beside == "highspy")
    assert ("take the solver cbc" in note) == (beside == "highspy")


DYING = (
    "import os\n"
    "class SimpleMinCostFlow:\n"
    "    def __getattr__(self, name): os.kill(os.getpid(), 9)\n"
)
HANGING = (
    "import time\nclass SimpleMinCostFlow:\n    def __getattr__(self, name): time.sleep(600)\n"
)
LYING = (
    "from enum import Enum\n"
    "import numpy as np\n"
    "class Status(Enum):\n"
    "    OPTIMAL, BAD_RESULT, INFEASIBLE = range(3)\n"
    "class SimpleMinCostFlow:\n"
    "    OPTIMAL = Status.OPTIMAL\n"
    "    def add_arcs_with_capacity_and_unit_cost(self, tail, *_): return np.arange(len(tail))\n"
    "    def set_nodes_supplies(self, *_): pass\n"
    "    def solve(self): return Status.{status}\n"
    "    def flows(self, arcs): return np.full(len(arcs), {flow}, dtype=np.int64)\n"
)


@pytest.mark.parametrize(
    ("script", "note"),
    first_fast(
        [
            (DYING, "OR-tools failed: the child process died"),
            (HANGING, "OR-tools had no better answer within the time limit of 1 s"),
            (LYING.format(status="OPTIMAL", flow=7), "the answer of flow was thrown away"),
            (LYING.format(status="OPTIMAL", flow=0), "flow found nothing better"),
            (LYING.format(status="BAD_RESULT", flow=0), "OR-tools: BAD_RESULT"),
            (LYING.format(status="INFEASIBLE", flow=0), "OR-tools: INFEASIBLE"),
        ],
        3,
    ),
)
def test_an_or_tools_that_fails_or_lies(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    note: str,
) -> None:
    write_module(tmp_path, "ortools.graph.python.min_cost_flow", script)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    began = time.monotonic()
    hangs = script is HANGING
    check_fallback(PROBLEM, Flow(time_limit=1.0 if hangs else 30.0), note, late=hangs)
    assert time.monotonic() - began < 20


def test_an_idle_child_that_is_killed_is_replaced() -> None:
    for _ in range(2):
        assert solve(PROBLEM, *chain(solver="flow")).solver == "flow"
        for idle in list(child._idle):
            os.killpg(idle._process.pid, signal.SIGKILL)


@pytest.mark.parametrize("started", [True, False])
def test_hardly_any_time(started: bool) -> None:
    if started:
        assert solve(PROBLEM, *chain(solver="flow")).solver == "flow"
    for name in ("1,000x100", "10^4x100"):
        problem = PLANNED[name].problem()
        began = time.monotonic()
        solution = solve(problem, *chain(0.05, solver="flow"))
        assert time.monotonic() - began < 5, "how long greedy takes on a busy machine"
        assert solution.status in (Status.OPTIMAL, Status.FEASIBLE)
        assert problem.violations(solution.cohorts) == []
        assert solution.solver == "flow" or solution.notes


def test_a_network_too_large_for_the_time_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "_ARCS_PER_SECOND", 10)
    check_fallback(PROBLEM, Flow(), "arcs cannot be solved within the time limit of 10 s")
