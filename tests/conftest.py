"""What holds for all tests."""

import sys

import pytest


@pytest.fixture(autouse=True)
def codecarbon_only_where_it_is_asked_for(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hide CodeCarbon: its start takes seconds, and what it measures differs between machines."""
    if request.node.get_closest_marker("codecarbon") is None:
        monkeypatch.setitem(sys.modules, "codecarbon", None)
