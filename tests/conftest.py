"""What holds for all tests."""

import sys

import pytest
from hypothesis import settings

# How long a test takes says nothing on a busy machine.
settings.register_profile("lowcarb", deadline=None)
settings.load_profile("lowcarb")


@pytest.fixture(autouse=True)
def codecarbon_only_where_it_is_asked_for(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hide CodeCarbon: its start takes seconds, and what it measures differs between machines."""
    if request.node.get_closest_marker("codecarbon") is None:
        monkeypatch.setitem(sys.modules, "codecarbon", None)
