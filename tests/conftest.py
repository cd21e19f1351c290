"""What holds for all tests."""

import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

from lowcarb_solvers import child

# How long a test takes says nothing on a busy machine.
settings.register_profile("lowcarb", deadline=None)
settings.load_profile("lowcarb")


@pytest.fixture(autouse=True, scope="session")
def idle_children_end_by_themselves() -> Iterator[None]:
    """Let go of CBC's children in the end: of one that is killed no coverage would be known."""
    yield
    while child._idle:
        idle = child._idle.pop()
        idle.forget()
        idle._process.wait(timeout=30)


@pytest.fixture(autouse=True)
def codecarbon_only_where_it_is_asked_for(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hide CodeCarbon: its start takes seconds, and what it measures differs between machines."""
    if request.node.get_closest_marker("codecarbon") is None:
        monkeypatch.setitem(sys.modules, "codecarbon", None)
