"""What a user is told who needs more nodes."""

from importlib import import_module
from importlib.util import find_spec

import pytest

from lowcarb.flower.federation_size import how_to_have, is_simulated
from lowcarb.flower.passing_grid import PassingGrid
from tests.helpers.flower_app import grid
from tests.helpers.flower_grid import InProcessGrid


class InMemoryGrid(InProcessGrid):
    """Is called as Flower's grid of simulated nodes is."""

    def __init__(self) -> None:
        super().__init__(grid(1).client_app, {})


def test_flowers_own_grid_of_simulated_nodes_is_called_so() -> None:
    rooms = ("flwr.superlink.grid", "flwr.server.grid")
    (room,) = [room for room in rooms if find_spec(room) is not None]
    assert hasattr(import_module(f"{room}.inmemory_grid"), InMemoryGrid.__name__)


def test_a_simulation_is_known_however_it_is_wrapped() -> None:
    assert is_simulated(InMemoryGrid())
    assert is_simulated(PassingGrid(PassingGrid(InMemoryGrid())))
    assert not is_simulated(PassingGrid(grid(1)))


@pytest.mark.parametrize(
    ("flower", "said"),
    [
        ("1.26.0", "options.num-supernodes = 7 below [superlink.local]"),
        ("1.27.0", "options.num-supernodes = 7 below [superlink.local]"),
        ("1.28.0", 'flwr run . --federation-config "num-supernodes=7"'),
        ("1.42.0", 'flwr run . --federation-config "num-supernodes=7"'),
        ("2.0.0rc1", 'flwr run . --federation-config "num-supernodes=7"'),
        (None, "num-supernodes"),
    ],
)
def test_simulated_nodes_are_given_as_the_installed_flower_takes_them(
    flower: str | None, said: str
) -> None:
    assert said in how_to_have(InMemoryGrid(), 7, flower)


def test_a_deployment_gets_more_supernodes() -> None:
    assert how_to_have(grid(1), 7).startswith("start SuperNodes: flower-supernode")
