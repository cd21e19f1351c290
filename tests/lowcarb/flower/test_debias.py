"""Replies weighed by expected over realised turns: the right weights, and only where asked for."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, Error, Message, MetricRecord, RecordDict
from flwr.serverapp import strategy as flower

from lowcarb import Fairness, StrategyError
from lowcarb.flower.debias import reweigh
from lowcarb.training.turns import turn_ratio
from tests.helpers.changing_grid import changing
from tests.helpers.flower_app import carbon_aware, client_app, cohorts, node_configs, run
from tests.helpers.flower_grid import InProcessGrid, set_identity

CLIENTS, COHORT, ROUNDS = 12, 4, 6


def test_a_client_that_is_called_twice_as_often_as_others_counts_about_half() -> None:
    assert turn_ratio(turns=3, equal_share=3) == 1
    assert turn_ratio(turns=39, equal_share=19) == pytest.approx(0.5)
    assert turn_ratio(turns=1, equal_share=1 / 3) == pytest.approx(2 / 3)


def test_only_the_weight_is_multiplied() -> None:
    set_identity()
    question = Message(RecordDict(), 7, "train")
    metrics = MetricRecord({"num-examples": 10, "loss": 2.5})
    good = Message(RecordDict({"metrics": metrics}), reply_to=question)
    bad = Message(Error(code=2, reason="raised"), reply_to=question)
    reweigh({7: good, 8: bad}, {7: 0.5, 8: 3.0}, "num-examples")
    found = good.content.metric_records["metrics"]
    assert dict(found) == {"num-examples": 5.0, "loss": 2.5}


class Noting(flower.FedAvg):
    """FedAvg that notes what each reply moved and how much it counts."""

    def __init__(self) -> None:
        super().__init__(fraction_evaluate=0.0)
        self.seen: list[list[tuple[float, float]]] = []

    def aggregate_train(self, server_round: int, replies: Any) -> Any:
        listed = list(replies)
        self.seen.append([_weight_and_value(reply) for reply in listed])
        return super().aggregate_train(server_round, listed)


def _weight_and_value(reply: Message) -> tuple[float, float]:
    metrics = reply.content.metric_records["metrics"]
    first: Array = reply.content.array_records["arrays"]["w"]
    weight = metrics["num-examples"]
    assert isinstance(weight, int | float)
    return float(weight), float(first.numpy()[0])


@pytest.mark.parametrize("debias", [False, True])
def test_the_average_is_weighed_by_expected_over_realised_turns(debias: bool) -> None:
    inside = Noting()
    strategy = carbon_aware(
        inside, cohort_size=COHORT, fairness=Fairness(min_share=0), debias=debias
    )
    grid = InProcessGrid(client_app(), node_configs(CLIENTS))
    result = run(strategy, grid, rounds=ROUNDS)
    turns: Counter[str] = Counter()
    for number, (cohort, seen) in enumerate(
        zip(cohorts(strategy), inside.seen, strict=True), start=1
    ):
        turns.update(cohort)
        equal = number * COHORT / CLIENTS
        expected = [10 * ((equal + 1) / (turns[name] + 1) if debias else 1) for name in cohort]
        assert [weight for weight, _ in seen] == pytest.approx(expected)
    # With no floor some clients are called every time: they count less and less.
    assert max(turns.values()) == ROUNDS
    weights, values = zip(*inside.seen[-1], strict=True)
    average = np.average(values, weights=weights)
    final: ArrayRecord = result.arrays
    assert final["w"].numpy()[0] == pytest.approx(average)


def test_nobody_is_expected_before_it_joined_or_more_than_once_a_round() -> None:
    inside = Noting()
    first = [1000, 1001, 1002]
    on, turn = changing(8, {1: first, 2: first})
    strategy = carbon_aware(inside, cohort_size=4, debias=True, wait="1s")
    run(strategy, on, rounds=ROUNDS, evaluate_fn=turn)
    joined = {member.name: member.joined for member in strategy.account.members}
    assert sorted(joined.values()) == [1] * 3 + [3] * 5
    turns: Counter[str] = Counter()
    late = 0
    for number, (cohort, seen) in enumerate(
        zip(cohorts(strategy), inside.seen, strict=True), start=1
    ):
        turns.update(cohort)
        a_round = 1 if number < 3 else 4 / 8
        equal = {name: a_round * (number - joined[name] + 1) for name in cohort}
        expected = [10 * (equal[name] + 1) / (turns[name] + 1) for name in cohort]
        assert [weight for weight, _ in seen] == pytest.approx(expected)
        late += sum(joined[name] > 1 for name in cohort)
    assert late > 0


def test_strategies_that_must_not_be_reweighed_are_refused() -> None:
    private = flower.DifferentialPrivacyServerSideFixedClipping(
        flower.FedAvg(), noise_multiplier=0.3, clipping_norm=1.0, num_sampled_clients=COHORT
    )
    with pytest.raises(StrategyError, match=r"debias: DifferentialPrivacy.* of FedAvg does not"):
        carbon_aware(private, cohort_size=COHORT, debias=True)
