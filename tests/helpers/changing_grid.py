"""A grid whose nodes come and go."""

from collections.abc import Sequence
from typing import Any

from tests.helpers.flower_app import client_app, node_configs
from tests.helpers.flower_grid import InProcessGrid


class Changing(InProcessGrid):
    """Nodes come and go: `online` says by round who is there."""

    online: dict[int, Sequence[int]]
    number = 0

    def get_node_ids(self) -> Sequence[int]:
        return self.online.get(self.number, list(self.nodes))


def changing(count: int, online: dict[int, Sequence[int]]) -> tuple[Changing, Any]:
    """Build a grid, and a server-side evaluation that turns its rounds."""
    on = Changing(client_app(), node_configs(count))
    on.online = online
    on.number = 1

    def turn(number: int, _arrays: Any) -> None:
        on.number = number + 1

    return on, turn
