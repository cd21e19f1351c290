"""A round that goes on once enough clients have answered."""

import itertools
import logging
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from flwr.app import ConfigRecord, Message, RecordDict
from flwr.serverapp.strategy import FedAvg

from lowcarb import Fairness, InputError, Ledger, StrategyError
from lowcarb.flower.early_grid import EarlyGrid, Stragglers
from tests.helpers.flower_app import (
    carbon_aware,
    client_app,
    cohorts,
    grid,
    initial_arrays,
    node_configs,
    run,
)
from tests.helpers.flower_grid import InProcessGrid
from tests.helpers.strategies import COHORT, private

FAST = Fairness(min_rounds=1)


class SlowGrid(InProcessGrid):
    """Replies to trainings come after so many rounds as their nodes need, or not at all.

    A round is over whenever the grid is asked who is online for the first time after messages were
    sent; time is counted in pulls, so that no test waits.
    """

    def __init__(self, slow: dict[int, float], **options: Any) -> None:
        super().__init__(client_app(), node_configs(20), **options)
        self.slow = slow
        self.pulls = 0
        self._ready: dict[str, float] = {}
        self._node: dict[str, int] = {}

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        sent = list(messages)
        ids = list(super().push_messages(sent))
        for name, message in zip(ids, sent, strict=True):
            is_training = "arrays" in message.content and message.metadata.message_type == "train"
            need = self.slow.get(message.metadata.dst_node_id, 0) if is_training else 0
            self._ready[name] = self.pulls + need
        return ids

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        self.pulls += 1
        wanted = list(message_ids)
        return super().pull_messages([n for n in wanted if self._ready.get(n, 0) < self.pulls])

    def send_and_receive(
        self,
        messages: Iterable[Message],
        *,
        timeout: float | None = None,  # noqa: ARG002 - in pulls no time passes
    ) -> Iterable[Message]:
        ids, replies = set(self.push_messages(messages)), []
        for _ in range(1000):
            replies += list(self.pull_messages(ids))
            ids -= {reply.metadata.reply_to_message_id for reply in replies}
            if not ids:
                break
        return replies


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lowcarb.flower.early_grid._PAUSE_S", 0.0)


def trainings() -> list[Message]:
    """Messages of a round to five nodes."""
    content = RecordDict({"arrays": initial_arrays(), "config": ConfigRecord({"server-round": 1})})
    return [Message(content, node, "train") for node in range(1000, 1005)]


def test_a_round_goes_on_without_the_stragglers(caplog: pytest.LogCaptureFixture) -> None:
    # The cleanest client never answers.
    on = SlowGrid({1002: 1e9})
    strategy = carbon_aware(FedAvg(), cohort_size=4, over_selection=1, enough=4)
    with caplog.at_level(logging.INFO):
        result = run(strategy, on, rounds=3)
    first, *later = strategy.account.rounds
    assert [str(turn.outcome) for turn in first.turns if turn.client == "client-02"] == ["late"]
    assert sum(turn.counts for turn in first.turns) == 4
    assert all("client-02" not in [turn.client for turn in booked.turns] for booked in later)
    assert [len(cohort) for cohort in cohorts(strategy)] == [5, 5, 5]
    assert result.arrays
    assert "4 of 5 trained; client-02 late (the round went on once enough others had" in caplog.text
    assert on.pulls < 60


def test_a_straggler_is_asked_again_once_it_has_answered_and_repays_its_turn() -> None:
    # It needs about as long as two rounds.
    on = SlowGrid({1002: 10})
    fairness = Fairness(min_rounds=2)
    strategy = carbon_aware(FedAvg(), over_selection=1, enough=5, fairness=fairness)
    run(strategy, on, rounds=12)
    asked = [
        booked.number
        for booked in strategy.account.rounds
        if "client-02" in [turn.client for turn in booked.turns]
    ]
    assert len(asked) > 1
    assert all(later - earlier > 1 for earlier, later in itertools.pairwise(asked))
    outcomes = {str(turn.outcome) for turn in strategy.account.work if turn.client == "client-02"}
    assert outcomes == {"late"}
    # All others have their turns.
    assert set(strategy.account.owed) == {"client-02"}


def test_who_is_late_again_and_again_is_asked_less_and_less() -> None:
    # Clean, and always a little later than the others.
    on = SlowGrid({1002: 2})
    strategy = carbon_aware(FedAvg(), over_selection=1, enough=5)
    run(strategy, on, rounds=24)
    asked = [i for i, cohort in enumerate(cohorts(strategy)) if "client-02" in cohort]
    gaps = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert gaps == sorted(gaps)
    assert 3 <= len(asked) <= 6
    assert strategy.account.turns["client-02"] == 0


def test_who_is_in_time_again_is_asked_as_before() -> None:
    on = SlowGrid({1002: 2})
    strategy = carbon_aware(FedAvg(), over_selection=1, enough=5)

    def faster(number: int, _arrays: Any) -> None:
        if number == 8:
            on.slow.clear()

    run(strategy, on, rounds=24, evaluate_fn=faster)
    late = [turn.outcome for turn in strategy.account.work if turn.client == "client-02"]
    assert "trained" in late
    assert strategy.account.turns["client-02"] >= 10


def test_a_straggler_is_not_evaluated_on_while_it_is_at_work() -> None:
    on = SlowGrid({1002: 1e9})
    strategy = carbon_aware(FedAvg(), over_selection=1, enough=5)
    run(strategy, on, rounds=2)
    assert "client-02" in cohorts(strategy)[0]
    assert ("evaluate", 1002) not in on.sent
    assert ("evaluate", 1003) in on.sent


def test_in_a_loop_of_ones_own_the_grid_of_the_strategy_goes_on_early() -> None:
    on = SlowGrid({1002: 1e9})
    strategy = carbon_aware(FedAvg(), over_selection=1, enough=5, rounds=1)
    early = strategy.grid(on)
    messages = strategy.configure_train(1, initial_arrays(), ConfigRecord(), early)
    strategy.aggregate_train(1, early.send_and_receive(messages, timeout=5))
    assert sum(strategy.account.turns.values()) == 5


def test_what_cannot_be_sent_is_not_waited_for() -> None:
    class Refusing(SlowGrid):
        def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
            ids = list(super().push_messages(messages))
            return ["", *ids[1:]] if len(ids) == 6 else ids

    on = Refusing(dict.fromkeys((1003, 1011), 1000000000.0))
    strategy = carbon_aware(FedAvg(), over_selection=1, enough=5)
    strategy.start(grid=on, initial_arrays=initial_arrays(), num_rounds=1, timeout=0.2)
    assert len(strategy.account.rounds) == 1


def test_errors_are_not_enough() -> None:
    on = SlowGrid(
        {1002: 8}, fault=lambda node, m: "error" if node == 1003 and "arrays" in m.content else None
    )
    strategy = carbon_aware(FedAvg(), cohort_size=5, enough=4)
    run(strategy, on, rounds=1)
    outcomes = {turn.client: str(turn.outcome) for turn in strategy.account.rounds[0].turns}
    assert outcomes.pop("client-03") == "failed"
    # Three valid replies came at once; the fourth had to be waited for.
    assert set(outcomes.values()) == {"trained"}


def test_a_round_that_cannot_have_enough_lasts_to_its_timeout() -> None:
    now = [0.0]
    stragglers = Stragglers(now=lambda: now[0])
    on = SlowGrid(dict.fromkeys(range(1000, 1020), 1000000000.0))

    def sleep(_seconds: float) -> None:
        now[0] += 7

    early = EarlyGrid(on, lambda _messages: 2, stragglers, sleep)

    messages = trainings()
    assert list(early.send_and_receive(messages, timeout=20)) == []
    assert now[0] == 21
    assert stragglers.still_at_work(on) == set()


def test_who_is_at_work_is_forgotten_after_the_time_that_a_round_may_last() -> None:
    now = [0.0]
    stragglers = Stragglers(now=lambda: now[0])
    on = SlowGrid({1002: 1e9})
    early = EarlyGrid(on, lambda messages: len(messages) - 1, stragglers, lambda _s: None)

    messages = trainings()
    assert len(list(early.send_and_receive(messages, timeout=30))) == 4
    assert stragglers.still_at_work(on) == {1002}
    now[0] = 31
    assert stragglers.still_at_work(on) == set()


def test_evaluation_waits_for_all() -> None:
    on = SlowGrid({})
    strategy = carbon_aware(FedAvg(), enough=1)
    result = run(strategy, on, rounds=2)
    evaluated = [node for kind, node in on.sent if kind == "evaluate"]
    assert len(evaluated) == 40
    assert len(result.evaluate_metrics_clientapp) == 2


@pytest.mark.parametrize("enough", [1, 3, 5])
def test_floors_are_met_with_any_number_that_is_enough(enough: int, tmp_path: Path) -> None:
    strategy = carbon_aware(FedAvg(), enough=enough, fairness=FAST, ledger=tmp_path / "run.db")
    run(strategy, grid(), rounds=16)
    assert not strategy.account.owed
    assert Ledger(tmp_path / "run.db").account().turns == strategy.account.turns


@pytest.mark.parametrize(
    ("enough", "error"), [(0, InputError), (7, InputError), (1.5, InputError), (True, InputError)]
)
def test_what_can_never_be_enough_is_refused(enough: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="enough: expected"):
        carbon_aware(FedAvg(), over_selection=1, enough=enough)


def test_private_rounds_wait_for_all() -> None:
    with pytest.raises(StrategyError, match="enough=3: differential privacy reckons with all 7"):
        carbon_aware(private("Fixed", clipping_norm=1.0), cohort_size=COHORT, enough=3)


class RealTimeGrid(SlowGrid):
    """A straggler that really takes its time, in a thread of its own."""

    def __init__(self, seconds: float) -> None:
        super().__init__({})
        self.seconds = seconds

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        late = time.monotonic() - self.begun < self.seconds
        held = {n for n, node in self._late.items() if node == 1002} if late else set()
        return InProcessGrid.pull_messages(self, [n for n in message_ids if n not in held])

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        sent = list(messages)
        ids = list(InProcessGrid.push_messages(self, sent))
        self.begun = time.monotonic()
        self._late = {
            n: m.metadata.dst_node_id
            for n, m in zip(ids, sent, strict=True)
            if "arrays" in m.content and m.metadata.message_type == "train"
        }
        return ids


@pytest.mark.slow
def test_a_round_ends_within_five_seconds_of_the_reply_that_is_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    on = RealTimeGrid(60)
    began = time.monotonic()
    strategy = carbon_aware(FedAvg(), cohort_size=4, over_selection=1, enough=4)
    strategy.start(grid=on, initial_arrays=initial_arrays(), num_rounds=1, timeout=60)
    assert time.monotonic() - began < 5
    assert sum(turn.counts for turn in strategy.account.rounds[0].turns) == 4
