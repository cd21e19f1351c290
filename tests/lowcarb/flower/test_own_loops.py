"""Strategies with a start of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flwr.app import ArrayRecord, ConfigRecord, Message, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg, Result

from lowcarb import Fairness, Ledger, StrategyError
from tests.helpers.crashes import arrays
from tests.helpers.flower_app import (
    carbon_aware,
    cohorts,
    grid,
    initial_arrays,
    run,
)
from tests.helpers.flower_grid import set_identity
from tests.helpers.strategies import Wrapper

FAIRNESS = Fairness(min_rounds=1)


# --- start with parameters of its own


class Short(FedAvg):
    """Its loop has fewer parameters than Flower's."""

    def start(self, grid: Grid, initial_arrays: ArrayRecord, num_rounds: int = 3) -> Result:  # type: ignore[override]
        return super().start(grid, initial_arrays, num_rounds, timeout=5)


class Renamed(FedAvg):
    """Its loop has other parameters, in another order, and more."""

    def start(  # type: ignore[override]
        self, model: ArrayRecord, bus: Grid, *, num_rounds: int, note: str = "none"
    ) -> Result:
        self.note = note
        return super().start(bus, model, num_rounds, timeout=5)


class Keywords(FedAvg):
    """Its loop takes anything."""

    def start(self, grid: Grid, **rest: Any) -> Result:  # type: ignore[override]
        self.rest = sorted(rest)
        return super().start(grid, **rest)


class Silent(FedAvg):
    """Its loop does not say how many rounds it has."""

    def start(self, grid: Grid, initial_arrays: ArrayRecord) -> Result:  # type: ignore[override]
        return super().start(grid, initial_arrays, 4, timeout=5)


def test_a_loop_with_fewer_parameters_is_called_as_without_lowcarb() -> None:
    strategy = carbon_aware(Short())
    strategy.start(grid=grid(), initial_arrays=initial_arrays(), num_rounds=2)
    assert len(strategy.account.rounds) == 2
    with pytest.raises(TypeError, match="timeout"):
        strategy.start(grid=grid(), initial_arrays=initial_arrays(), num_rounds=2, timeout=5)


def test_its_own_number_of_rounds_is_the_default() -> None:
    for strategy in (carbon_aware(Short()), carbon_aware(FedAvg())):
        strategy.start(grid(), initial_arrays())
        assert len(strategy.account.rounds) == 3


def test_a_loop_with_other_parameters_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    for rounds in (2, 5):
        inside = Renamed()
        strategy = carbon_aware(inside, ledger=path)
        strategy.start(initial_arrays(), grid(), num_rounds=rounds, note="mine")
        assert inside.note == "mine"
        assert len(strategy.account.rounds) == rounds


def test_a_loop_that_takes_anything_gets_what_was_given(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    for rounds in (2, 5):
        inside = Keywords()
        strategy = carbon_aware(inside, ledger=path)
        strategy.start(grid(), initial_arrays=initial_arrays(), num_rounds=rounds)
        assert inside.rest == ["initial_arrays", "num_rounds"]
        assert len(strategy.account.rounds) == rounds


def test_a_loop_that_does_not_say_its_rounds_needs_them_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(StrategyError, match=r"Silent does not say .* say CarbonAware\(rounds="):
        carbon_aware(Silent()).start(grid(), initial_arrays())
    strategy = carbon_aware(Silent(), rounds=4)
    strategy.start(grid(), initial_arrays())
    assert len(strategy.account.rounds) == 4
    path = tmp_path / "run.db"
    again = carbon_aware(Silent(), rounds=3, ledger=path)
    again.start(grid(), initial_arrays())
    assert len(again.account.rounds) == 3
    assert "all 3 rounds of the training are over" in caplog.text


class Anything(FedAvg):
    """Its loop hands on whatever it is given."""

    def start(self, *args: Any, **kwargs: Any) -> Result:
        return super().start(*args, **kwargs)


class Controlled(FedAvg):
    """Its loop is given a second set of arrays."""

    def start(  # type: ignore[override]
        self, grid: Grid, control: ArrayRecord, model: ArrayRecord, num_rounds: int
    ) -> Result:
        self.control = [array.data for array in control.values()]
        return super().start(grid, model, num_rounds, timeout=5)


class Making(FedAvg):
    """Its loop makes its model itself."""

    def start(self, grid: Grid, num_rounds: int) -> Result:  # type: ignore[override]
        return super().start(grid, initial_arrays(), num_rounds, timeout=5)


@pytest.mark.parametrize(
    ("strategy", "before"),
    [
        (Anything, (initial_arrays(),)),
        (Controlled, (initial_arrays(), initial_arrays())),
        (Making, ()),
    ],
)
def test_any_loop_goes_on_with_the_model_of_the_ledger(
    strategy: Callable[[], FedAvg], before: tuple[Any, ...], tmp_path: Path
) -> None:
    expected = run(carbon_aware(FedAvg()), grid(), rounds=5)
    path = tmp_path / "run.db"
    carbon_aware(strategy(), ledger=path).start(grid(), *before, 2)
    inside = strategy()
    result = carbon_aware(inside, ledger=path).start(grid(), *before, 5)
    assert arrays(result) == arrays(expected)
    assert list(result.train_metrics_clientapp) == [3, 4, 5]
    if isinstance(inside, Controlled):
        assert inside.control == [array.data for array in initial_arrays().values()]


class Handing(Wrapper):
    """Its loop is that of the strategy inside."""

    def start(self, *args: Any, **kwargs: Any) -> Result:
        return self.kept.start(*args, **kwargs)  # type: ignore[no-any-return]


def test_a_loop_that_would_train_without_a_plan_is_refused() -> None:
    on = grid()
    strategy = carbon_aware(Handing(FedAvg()))
    with pytest.raises(StrategyError, match="without calling configure_train, so nobody would"):
        run(strategy, on, rounds=3)
    assert [kind for kind, _ in on.sent if kind == "train"] == []


class Probing(FedAvg):
    """Its loop trains somebody once more, outside its rounds."""

    def aggregate_train(self, server_round: int, replies: Any) -> Any:
        made = super().aggregate_train(server_round, replies)
        if server_round == 1:
            record = RecordDict(
                {"arrays": initial_arrays(), "config": ConfigRecord({"server-round": 9})}
            )
            list(self.bus.send_and_receive([Message(record, 1000, "train")]))
        return made

    def configure_train(self, *args: Any) -> Any:
        self.bus = args[-1]
        return super().configure_train(*args)


def test_what_is_trained_beside_the_plan_is_said(caplog: pytest.LogCaptureFixture) -> None:
    run(carbon_aware(Probing()), grid(), rounds=2)
    assert "1 training messages are not those of configure_train" in caplog.text


class Quiet(FedAvg):
    """Its loop gives nothing back."""

    def start(self, *args: Any, **kwargs: Any) -> Result:
        super().start(*args, **kwargs)
        return None  # type: ignore[return-value]


def test_what_a_loop_returns_is_its_own_affair() -> None:
    strategy = carbon_aware(Quiet())
    assert run(strategy, grid(), rounds=2) is None
    assert len(strategy.account.rounds) == 2


def test_a_start_of_the_object_counts_too() -> None:
    inside = FedAvg()
    called = []

    def start(grid: Grid, arrays: ArrayRecord) -> Result:
        called.append(grid)
        return FedAvg.start(inside, grid, arrays, 2)

    inside.start = start  # type: ignore[method-assign, assignment]
    strategy = carbon_aware(inside, rounds=2)
    strategy.start(grid(), initial_arrays())
    assert len(called) == 1
    assert len(strategy.account.rounds) == 2


class Halved(FedAvg):
    """Its loop is Flower's, twice."""

    def start(self, grid: Grid, initial_arrays: ArrayRecord, num_rounds: int) -> Result:  # type: ignore[override]
        first = super().start(grid, initial_arrays, num_rounds // 2)
        return super().start(grid, first.arrays, num_rounds - num_rounds // 2)


def test_rounds_that_a_loop_counts_twice_are_booked_one_after_the_other(tmp_path: Path) -> None:
    strategy = carbon_aware(Halved(), ledger=tmp_path / "run.db")
    run_of = strategy.start(grid(), initial_arrays(), 4)
    assert run_of.arrays
    assert [booked.number for booked in Ledger(tmp_path / "run.db").account().rounds] == [
        1,
        2,
        3,
        4,
    ]


def test_a_loop_in_another_thread_books_each_round(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    seen: list[int] = []

    class Threaded(FedAvg):
        def start(self, *args: Any, **kwargs: Any) -> Result:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(set_identity).result()
                return pool.submit(super().start, *args, **kwargs).result()

    def look(_number: int, _arrays: Any) -> None:
        seen.append(Ledger(path).account().rounds_over)

    run(carbon_aware(Threaded(), ledger=path), grid(), rounds=3, evaluate_fn=look)
    assert seen == [0, 1, 2, 3]


# --- attributes


@pytest.mark.parametrize("name", ["initialize_parameters", "configure_fit", "num_fit_clients"])
def test_what_the_wrapper_lacks_is_not_laid_at_the_strategys_door(name: str) -> None:
    with pytest.raises(AttributeError, match=f"CarbonAware has no attribute '{name}'.*Message API"):
        getattr(carbon_aware(FedAvg()), name)


def test_what_has_not_begun_is_no_attribute_yet() -> None:
    strategy = carbon_aware(FedAvg())
    assert not hasattr(strategy, "account")
    with pytest.raises(StrategyError, match="no training has begun: call start"):
        _ = strategy.account
    assert not hasattr(strategy, "_repr_html_")
    assert not hasattr(strategy, "__deepcopy__")


def test_attributes_of_the_strategy_are_set_there() -> None:
    inside = FedAvg(fraction_train=0.5)
    strategy = carbon_aware(inside, cohort_size=None)
    strategy.fraction_train = 0.25
    assert inside.fraction_train == 0.25
    assert strategy.fraction_train == 0.25
    run(strategy, grid(), rounds=1)
    assert len(cohorts(strategy)[0]) == 5
