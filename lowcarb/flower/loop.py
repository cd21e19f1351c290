"""Running a strategy's own training loop, and counting its rounds over restarts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flwr.app import ArrayRecord, MetricRecord
from flwr.serverapp.strategy import Result, Strategy

EvaluateFn = Callable[[int, ArrayRecord], MetricRecord | None]

HOOKS = ("configure_train", "aggregate_train", "configure_evaluate", "aggregate_evaluate")


@contextmanager
def own_loop(
    strategy: Strategy, hooks: Strategy, flowers: Callable[..., Result]
) -> Iterator[Callable[..., Result]]:
    """Give Flower's loop, or that of the strategy inside with other methods bound to it.

    Parameters
    ----------
    strategy
        The strategy inside; a loop of its own would be skipped silently by a mere wrapper.
    hooks
        Whose methods its loop is to call.
    flowers
        Flower's loop.
    """
    if type(strategy).start is Strategy.start:
        yield flowers
        return
    before = {name: vars(strategy)[name] for name in HOOKS if name in vars(strategy)}
    for name in HOOKS:
        setattr(strategy, name, getattr(hooks, name))
    try:
        yield strategy.start
    finally:
        for name in HOOKS:
            delattr(strategy, name)
        for name, method in before.items():
            setattr(strategy, name, method)


def later(evaluate_fn: EvaluateFn, done: int) -> EvaluateFn:
    """Count a server-side evaluation's rounds from the beginning of the training."""
    return lambda number, arrays: evaluate_fn(number + done, arrays)


def renumbered(result: Result, done: int) -> Result:
    """Count a result's rounds from the beginning of the training."""
    for name, metrics in vars(result).items():
        if done and isinstance(metrics, dict):
            setattr(result, name, {number + done: value for number, value in metrics.items()})
    return result
