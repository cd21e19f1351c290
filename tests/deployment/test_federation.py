"""The federation itself, with nothing of Lowcarb in it: what the other tests here stand on."""

import pytest

from tests.deployment.certificates import make_node_key
from tests.deployment.federation import Federation

pytestmark = pytest.mark.slow


def test_every_supernode_trains_in_every_round(federation: Federation) -> None:
    run = federation.run(rounds=2)
    model = run.result(seconds=200)
    assert model == pytest.approx([2, *[2 / 5] * 5])
    assert run.trainings == {(number, name) for number in (1, 2) for name in federation.nodes}
    assert run.program.wait(30) == 0


def test_a_key_that_is_not_registered_is_turned_away(federation: Federation) -> None:
    make_node_key(federation.folder / "stranger")
    stranger = federation.start_supernode("stranger")
    assert stranger.wait(60) == 1
    assert "Exit Code: 305" in stranger.output
    assert "No SuperNode found with the given public key" in federation.logs["superlink"]
