"""The strategy inside: what it would have done, and how to make it take the whole cohort."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any

from flwr.app import ArrayRecord, ConfigRecord, Message
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvgM, FedXgbCyclic, Strategy
from flwr.serverapp.strategy.fedopt import FedOpt

from lowcarb.errors import StrategyError
from lowcarb.flower.cohort_grid import CohortGrid
from lowcarb.flower.sampling import caller_among, sampling

# What a strategy reads that is to take all nodes it sees; if it trains none, that holds.
_WHOLE: dict[str, Callable[[Any], float]] = {
    "fraction_train": lambda own: 1.0 if own else 0.0,
    "min_train_nodes": lambda _own: 1,
    "min_available_nodes": lambda _own: 1,
}


class Inner:
    """A strategy, perhaps wrapped in others such as differential privacy.

    Parameters
    ----------
    strategy
        The outermost of them.

    Raises
    ------
    StrategyError
        If it cannot be made carbon-aware.
    """

    def __init__(self, strategy: Strategy) -> None:
        if not isinstance(strategy, Strategy):
            raise StrategyError(
                "expected a strategy of flwr.serverapp.strategy, got "
                f"{type(strategy).__name__}: Lowcarb works with Flower's Message API"
            )
        self.strategy = strategy
        self.chain = [strategy]
        while (within := _within(self.chain[-1])) is not None and within not in self.chain:
            self.chain.append(within)
        self.leaf = self.chain[-1]
        self.reachable = _reachable(strategy)
        if any(isinstance(one, FedXgbCyclic) for one in self.chain):
            raise StrategyError(
                "FedXgbCyclic trains one client after the other by design, so there is no cohort "
                "to choose; use FedXgbBagging"
            )
        # Bound now: `start` may put other methods in their place.
        self.configure_train = strategy.configure_train
        self.aggregate_train = strategy.aggregate_train
        self.configure_evaluate = strategy.configure_evaluate
        self.aggregate_evaluate = strategy.aggregate_evaluate

    @property
    def name(self) -> str:
        """Class of the strategy, from the outside in."""
        return " of ".join(type(one).__name__ for one in self.chain)

    @property
    def min_available(self) -> int:
        """Nodes that it waits for."""
        return int(getattr(self.leaf, "min_available_nodes", 1))

    @property
    def private_cohort(self) -> int | None:
        """Cohort size that a differential-privacy wrapper reckons with, if there is one."""
        for one in self.chain:
            if hasattr(one, "num_sampled_clients"):
                return int(one.num_sampled_clients)
        return None

    @property
    def accounts_privacy(self) -> bool:
        """Whether a wrapper accounts for privacy, so that only exact cohorts will do."""
        return any(getattr(one, "accountant", None) is not None for one in self.chain)

    @property
    def weight_key(self) -> str:
        """Metric that replies are weighed by.

        Raises
        ------
        StrategyError
            If they are not, or if differential privacy counts on equal weights.
        """
        key = getattr(self.leaf, "weighted_by_key", None)
        if not isinstance(key, str) or self.private_cohort is not None:
            raise StrategyError(
                f"debias: {self.name} does not weigh replies, or must not weigh them otherwise"
            )
        return key

    @property
    def lost_on_restart(self) -> list[str]:
        """What the strategy keeps between rounds and the ledger does not."""
        lost = []
        if isinstance(self.leaf, FedOpt | FedAvgM):
            lost.append(f"the momentum of {type(self.leaf).__name__}")
        if any(hasattr(one, "clip_count_stddev") for one in self.chain):
            lost.append("the adaptive clipping norm")
        if self.accounts_privacy:
            lost.append("the privacy spent so far")
        return lost

    def cohort_size(self, online: int) -> int:
        """How many clients it takes of those online: what samples just now decides."""
        sampler = caller_among(self.reachable) or self.leaf
        fraction = float(getattr(sampler, "fraction_train", 1.0))
        least = int(getattr(sampler, "min_train_nodes", 1))
        return max(1, min(online, max(int(online * fraction), least)))

    @property
    def fraction_evaluate(self) -> float | None:
        """Share of the nodes that it evaluates on; None if it does not say."""
        fraction = getattr(self.leaf, "fraction_evaluate", None)
        return None if fraction is None else float(fraction)

    @property
    def min_evaluate(self) -> int:
        """Nodes that it evaluates on, at least."""
        return int(getattr(self.leaf, "min_evaluate_nodes", 1))

    def overruled_by(self, cohort_size: int) -> list[str]:
        """Say what of its own sampling a given cohort size comes before, where the two differ."""
        least = int(getattr(self.leaf, "min_train_nodes", cohort_size))
        fraction = float(getattr(self.leaf, "fraction_train", 1.0))
        overruled = [f"min_train_nodes={least}"] if least > cohort_size else []
        return overruled + ([f"fraction_train={fraction:g}"] if 0 < fraction < 1 else [])

    def messages_to(
        self,
        choose: Callable[[], Sequence[int]],
        number: int,
        arrays: ArrayRecord,
        config: ConfigRecord,
        grid: Grid,
    ) -> list[Message]:
        """Let it write to the nodes that are chosen once it looks for nodes, in their order.

        Raises
        ------
        StrategyError
            If it writes to others, or waits for others.
        """
        shown = CohortGrid(grid, choose)
        with sampling(self.reachable, _WHOLE):
            messages = list(self.configure_train(number, arrays, config, shown))
        place = {node: i for i, node in enumerate(shown.shown)}
        self._check_addressed([message.metadata.dst_node_id for message in messages], place)
        messages.sort(key=lambda message: place[message.metadata.dst_node_id])
        return messages

    def _check_addressed(self, addressed: Sequence[int], chosen: Collection[int]) -> None:
        if set(addressed) - set(chosen) or len(set(addressed)) < len(addressed):
            raise StrategyError(
                f"{type(self.leaf).__name__} writes to nodes that Lowcarb did not choose: it does "
                "not sample through grid.get_node_ids(), so it cannot be made carbon-aware"
            )

    def not_waiting(self, online: int) -> AbstractContextManager[None]:
        """Make it evaluate without waiting for more nodes than there are, for a while."""
        names = ("min_evaluate_nodes", "min_available_nodes")
        return sampling(self.reachable, dict.fromkeys(names, lambda own: min(online, int(own))))


def _within(strategy: Strategy) -> Strategy | None:
    """Find the strategy that a wrapper holds: Flower's call it `strategy`, others as they like."""
    held = _attributes(strategy)
    if isinstance(named := held.get("strategy"), Strategy):
        return named
    # One that samples itself is no wrapper, whatever else it holds.
    if "fraction_train" in held:
        return None
    return next((one for one in held.values() if isinstance(one, Strategy)), None)


def _reachable(strategy: Strategy) -> list[Strategy]:
    """A strategy and all that it holds, directly or in lists and dictionaries."""
    found: list[Strategy] = []
    ahead = [strategy]
    while ahead:
        one = ahead.pop()
        if any(one is other for other in found):
            continue
        found.append(one)
        for held in _attributes(one).values():
            parts = held.values() if isinstance(held, dict) else held
            several = parts if isinstance(held, dict | list | tuple) else [held]
            ahead += [part for part in several if isinstance(part, Strategy)]
    return found


def _attributes(strategy: Strategy) -> dict[str, Any]:
    """Attributes of an object, those in slots as well."""
    slots = [name for cls in type(strategy).__mro__ for name in getattr(cls, "__slots__", ())]
    held = {name: getattr(strategy, name) for name in slots if hasattr(strategy, name)}
    return held | getattr(strategy, "__dict__", {})
