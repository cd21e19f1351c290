"""What Flower asks a strategy anew in each round: how many clients, of those online by then."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from flwr.app import ArrayRecord, ConfigRecord
from flwr.serverapp.strategy import FedAvg, Strategy

from lowcarb import Fairness
from tests.helpers.flower_app import carbon_aware, cohorts, grid, node_configs, run


def sizes(strategy: Strategy, rounds: int = 4, **options: Any) -> list[int]:
    """How many clients each round of a training with 20 nodes asks."""
    wrapped = carbon_aware(strategy, **options)
    run(wrapped, grid(), rounds=rounds)
    return [len(cohort) for cohort in cohorts(wrapped)]


class Scheduled(FedAvg):
    """Changes what it samples in a method, before or after what Flower's does there.

    Parameters
    ----------
    change
        Called with the strategy and the round's number.
    when
        The method, and "before" or "after".
    """

    def __init__(self, change: Callable[[Any, int], None], when: str, **options: Any) -> None:
        super().__init__(**options)
        self.change = change
        self.when = when

    def configure_train(self, server_round: int, *args: Any) -> Any:
        if self.when == "before configure_train":
            self.change(self, server_round)
        messages = super().configure_train(server_round, *args)
        if self.when == "after configure_train":
            self.change(self, server_round)
        return messages

    def aggregate_train(self, server_round: int, replies: Any) -> Any:
        if self.when == "aggregate_train":
            self.change(self, server_round)
        return super().aggregate_train(server_round, replies)


def quarter(strategy: Any, _number: int) -> None:
    strategy.fraction_train = 0.25


def double(strategy: Any, _number: int) -> None:
    strategy.fraction_train = min(1.0, strategy.fraction_train * 2)


def half(strategy: Any, number: int) -> None:
    strategy.fraction_train = 0.25 if number < 1 else 0.5


def at_least_nine(strategy: Any, number: int) -> None:
    strategy.min_train_nodes = 9 if number > 2 else strategy.min_train_nodes


@pytest.mark.parametrize(
    ("change", "when", "options", "expected"),
    [
        (quarter, "before configure_train", {}, [5, 5, 5, 5]),
        (half, "aggregate_train", {"fraction_train": 0.25}, [5, 10, 10, 10]),
        (double, "before configure_train", {"fraction_train": 0.1}, [4, 8, 16, 20]),
        (double, "after configure_train", {"fraction_train": 0.1}, [2, 4, 8, 16]),
        (double, "aggregate_train", {"fraction_train": 0.1}, [2, 4, 8, 16]),
        (at_least_nine, "before configure_train", {"fraction_train": 0.1}, [2, 2, 9, 9]),
    ],
)
def test_a_schedule_decides_unless_a_size_is_given(
    change: Callable[[Any, int], None], when: str, options: dict[str, Any], expected: list[int]
) -> None:
    scheduled = Scheduled(change, when, **options)
    assert sizes(scheduled, cohort_size=None) == expected
    bare = Scheduled(change, when, **options)
    run_bare(bare)
    assert (scheduled.fraction_train, scheduled.min_train_nodes) == (
        bare.fraction_train,
        bare.min_train_nodes,
    )
    assert type(scheduled) is Scheduled
    assert sizes(Scheduled(change, when, **options), cohort_size=8) == [8, 8, 8, 8]


def run_bare(strategy: Strategy) -> None:
    on = grid()
    for number in range(1, 5):
        messages = strategy.configure_train(number, ArrayRecord(), ConfigRecord(), on)
        list(messages)
        strategy.aggregate_train(number, [])


class ByProperty(FedAvg):
    """Knows its fraction by a property, from a round that it counts itself."""

    seen = 0

    @property
    def fraction_train(self) -> float:
        return 0.2 if self.seen < 3 else 0.4

    @fraction_train.setter
    def fraction_train(self, value: float) -> None:
        """What the constructor gives is left alone."""

    def configure_train(self, *args: Any) -> Any:
        self.seen += 1
        return super().configure_train(*args)


def test_a_fraction_may_be_a_property() -> None:
    assert sizes(ByProperty(), cohort_size=None) == [4, 4, 8, 8]
    assert sizes(ByProperty(), cohort_size=7) == [7, 7, 7, 7]


@pytest.mark.parametrize("fairness", [Fairness(), Fairness(min_share=1)])
def test_who_comes_later_is_sampled_from(fairness: Fairness) -> None:
    on = grid(2)
    strategy = carbon_aware(FedAvg(fraction_train=0.3), cohort_size=None, fairness=fairness)

    def join(number: int, _arrays: Any) -> None:
        if number == 1:
            on.nodes.update(node_configs(20))

    run(strategy, on, rounds=4, evaluate_fn=join)
    assert [len(cohort) for cohort in cohorts(strategy)] == [2, 6, 6, 6]
    account = strategy.account
    assert account.training.cohort_size == 6
    late = {member.name: member for member in account.members if member.joined == 2}
    assert len(late) == 18
    # An equal share of theirs is 6 x 3 / 20 turns.
    expected = {"min_share 0.5": (0, 4), "min_share 1": (0, 1)}[str(fairness)]
    assert {(m.min_rounds, m.max_rounds) for m in late.values()} == {
        (expected[0], min(expected[1], 3))
    }


def test_that_there_is_nothing_to_choose_is_said_as_long_as_it_is_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    on = grid(2)
    strategy = carbon_aware(FedAvg(fraction_train=0.3), cohort_size=None)

    def join(number: int, _arrays: Any) -> None:
        if number == 1:
            caplog.clear()
            on.nodes.update(node_configs(20))

    run(strategy, on, rounds=3, evaluate_fn=join)
    assert "nothing to choose" not in caplog.text


def test_rounds_may_ask_nobody() -> None:
    def off(strategy: Any, number: int) -> None:
        strategy.fraction_train = 0.0 if number == 2 else 0.25

    strategy = carbon_aware(Scheduled(off, "before configure_train"), cohort_size=None)
    on = grid()
    run(strategy, on, rounds=3)
    assert [len(cohort) for cohort in cohorts(strategy)] == [5, 0, 5]
    assert strategy.account.rounds[1].notes == ("left out: the strategy asks nobody",)


def test_sizes_go_on_after_a_restart(tmp_path: Any) -> None:
    path = tmp_path / "run.db"

    def stop(number: int, _arrays: Any) -> None:
        if number == 2:
            raise KeyboardInterrupt

    options: dict[str, Any] = {"cohort_size": None, "ledger": path}
    with pytest.raises(KeyboardInterrupt):
        run(
            carbon_aware(FedAvg(fraction_train=0.2), **options),
            grid(),
            rounds=4,
            evaluate_fn=stop,
        )
    again = carbon_aware(FedAvg(fraction_train=0.4), **options)
    run(again, grid(), rounds=4)
    assert [len(cohort) for cohort in cohorts(again)] == [4, 4, 8, 8]


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        (FedAvg(min_train_nodes=8), ["cohort_size=3 comes before min_train_nodes=8"]),
        (FedAvg(fraction_train=0.5), ["cohort_size=3 comes before fraction_train=0.5"]),
        (FedAvg(), []),
    ],
)
def test_what_a_given_size_comes_before_is_said(
    strategy: Strategy, words: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert sizes(strategy, rounds=1, cohort_size=3) == [3]
    said = [line for line in caplog.messages if "comes before" in line]
    assert [line.removeprefix("lowcarb: ") for line in said] == [
        f"{w} of the strategy" for w in words
    ]


class Picky(FedAvg):
    """Writes to some of the nodes that it samples."""

    def configure_train(self, *args: Any) -> Any:
        return list(super().configure_train(*args))[:3]


def test_figures_are_of_those_who_were_asked(caplog: pytest.LogCaptureFixture) -> None:
    strategy = carbon_aware(Picky())
    with caplog.at_level(logging.INFO):
        run(strategy, grid(), rounds=1)
    (booked,) = strategy.account.rounds
    assert len(booked.turns) == 3
    assert (
        "Picky writes to 3 of the 5 nodes that were chosen; the others count as away" in caplog.text
    )
    whole = carbon_aware(FedAvg())
    run(whole, grid(), rounds=1)
    (of_all,) = whole.account.rounds
    assert booked.random_g == pytest.approx((of_all.random_g or 0) * 3 / 5)
    line = next(line for line in caplog.messages if line.startswith("lowcarb: round 1/1, "))
    assert "(3 of 20 online)" in line
