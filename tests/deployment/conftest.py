"""One federation for all tests of this folder: it takes ten seconds to start."""

import sys
from collections.abc import Generator, Iterator

import pytest

from tests.deployment.federation import Federation
from tests.deployment.hospitals import NODES

_TAIL = 6_000
_federation = pytest.StashKey[Federation]()


@pytest.fixture(scope="session")
def federation(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Federation]:
    if sys.platform != "linux":
        pytest.skip("processes are found in /proc")
    with Federation(tmp_path_factory.mktemp("federation"), NODES) as running:
        request.config.stash[_federation] = running
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of every process's log when a test fails."""
    report = yield
    if report.failed and _federation in item.config.stash:
        for name, log in item.config.stash[_federation].logs.items():
            report.sections.append((f"log of {name}", log[-_TAIL:]))
    return report
