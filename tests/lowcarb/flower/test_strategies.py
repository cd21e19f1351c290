"""Every strategy that samples through the grid, inside CarbonAware: exact cohorts, same results."""

from collections.abc import Callable

import numpy as np
import pytest
from flwr.app import ArrayRecord, ConfigRecord, Message
from flwr.serverapp import strategy as flower
from flwr.serverapp.strategy import Strategy

from lowcarb import Fairness, StrategyError
from lowcarb.flower.cohort_grid import CohortGrid
from tests.helpers.flower_app import (
    carbon_aware,
    client_app,
    cohorts,
    initial_arrays,
    node_configs,
    nodes_of,
    run,
    tree_app,
)
from tests.helpers.flower_grid import InProcessGrid
from tests.helpers.params import first_fast
from tests.helpers.strategies import COHORT, accounted, private

ROUNDS = 3


STRATEGIES: dict[str, Callable[[], Strategy]] = {
    "FedAvg": flower.FedAvg,
    "FedAvg of a fraction": lambda: flower.FedAvg(fraction_train=0.1, min_available_nodes=15),
    "FedProx": lambda: flower.FedProx(proximal_mu=0.5),
    "FedAdam": flower.FedAdam,
    "FedYogi": flower.FedYogi,
    "FedAdagrad": flower.FedAdagrad,
    "FedAvgM": lambda: flower.FedAvgM(server_momentum=0.9),
    "FedMedian": flower.FedMedian,
    "FedTrimmedAvg": flower.FedTrimmedAvg,
    "Krum": lambda: flower.Krum(num_malicious_nodes=1),
    "MultiKrum": lambda: flower.MultiKrum(num_malicious_nodes=1, num_nodes_to_select=3),
    "Bulyan": lambda: flower.Bulyan(num_malicious_nodes=1),
    "QFedAvg": lambda: flower.QFedAvg(client_learning_rate=0.1),
    "FedXgbBagging": flower.FedXgbBagging,
    "DP, fixed clipping": lambda: private("Fixed", clipping_norm=1.0),
    "DP, adaptive clipping": lambda: private("Adaptive"),
    "DP with accounting": accounted,
}


def grid_for(name: str) -> InProcessGrid:
    return InProcessGrid(tree_app() if "Xgb" in name else client_app(), node_configs(20))


def arrays_for(name: str) -> ArrayRecord:
    return ArrayRecord([np.zeros(0, np.uint8)]) if "Xgb" in name else initial_arrays()


def content(arrays: ArrayRecord) -> list[tuple[str, bytes]]:
    return [(key, array.data) for key, array in arrays.items()]


def bare(strategy: Strategy, name: str, nodes: list[list[int]]) -> ArrayRecord:
    """Run a strategy without Lowcarb on grids that show one cohort each, replies in its order."""
    grid, arrays = grid_for(name), arrays_for(name)
    if isinstance(strategy, flower.FedAvg):
        strategy.fraction_train, strategy.min_available_nodes = 1.0, 1
    for number, cohort in enumerate(nodes, start=1):
        shown = CohortGrid(grid, cohort)
        messages = list(strategy.configure_train(number, arrays, ConfigRecord(), shown))
        messages.sort(key=lambda message: cohort.index(message.metadata.dst_node_id))
        replies = grid.send_and_receive(messages)
        order = [message.metadata.message_id for message in messages]

        def place(reply: Message, order: list[str] = order) -> int:
            return order.index(reply.metadata.reply_to_message_id)

        new, _ = strategy.aggregate_train(number, sorted(replies, key=place))
        arrays = arrays if new is None else new
    return arrays


@pytest.mark.parametrize("name", first_fast(STRATEGIES, 6))
def test_the_cohort_is_exact_and_the_result_the_bare_strategys(name: str) -> None:
    grid = grid_for(name)
    fairness = Fairness(min_rounds=1)
    wrapped = carbon_aware(STRATEGIES[name](), cohort_size=COHORT, fairness=fairness)
    np.random.seed(7)  # noqa: NPY002 - Flower draws its privacy noise from the global generator
    result = wrapped.start(grid=grid, initial_arrays=arrays_for(name), num_rounds=ROUNDS, timeout=5)

    chosen = cohorts(wrapped)
    assert [len(set(cohort)) for cohort in chosen] == [COHORT] * ROUNDS
    assert len({tuple(cohort) for cohort in chosen}) > 1
    nodes = [nodes_of(cohort, grid.nodes) for cohort in chosen]
    trained = [node for kind, node in grid.sent if kind == "train"]
    assert trained == [node for cohort in nodes for node in cohort]
    assert all(turn.counts for booked in wrapped.account.rounds for turn in booked.turns)

    np.random.seed(7)  # noqa: NPY002 - as above
    assert content(result.arrays) == content(bare(STRATEGIES[name](), name, nodes))


def test_parameters_of_the_strategy_come_back() -> None:
    inside = flower.FedAvg(fraction_train=0.3, min_train_nodes=4, min_available_nodes=9)
    run(carbon_aware(inside), grid_for("FedAvg"), rounds=2)
    assert (inside.fraction_train, inside.min_train_nodes, inside.min_available_nodes) == (
        0.3,
        4,
        9,
    )


def test_the_privacy_spent_is_accounted_for_each_round() -> None:
    strategy = accounted()
    run(carbon_aware(strategy, cohort_size=COHORT), grid_for("DP"), rounds=ROUNDS)
    spent = strategy.privacy_spent()  # type: ignore[attr-defined]
    assert spent.num_releases == ROUNDS
    assert spent.epsilon > 0


def test_a_strategy_that_trains_one_after_the_other_is_refused() -> None:
    with pytest.raises(StrategyError, match="FedXgbCyclic trains one client after the other"):
        carbon_aware(flower.FedXgbCyclic())


def test_what_is_no_strategy_is_refused() -> None:
    with pytest.raises(StrategyError, match=r"expected a strategy of flwr.serverapp.strategy"):
        carbon_aware(object())  # type: ignore[arg-type]
    with pytest.raises(StrategyError, match="carbon-aware already"):
        carbon_aware(carbon_aware(flower.FedAvg()))
