"""Running a strategy's own training loop, and counting its rounds over restarts."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flwr.app import ArrayRecord, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Result, Strategy

EvaluateFn = Callable[[int, ArrayRecord], MetricRecord | None]

HOOKS = ("configure_train", "aggregate_train", "configure_evaluate", "aggregate_evaluate")

_KEYWORDS, _POSITIONS = inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL
_GRID, _ROUNDS, _ARRAYS, _EVALUATE = "grid", "num_rounds", "initial_arrays", "evaluate_fn"

_METRICS = (
    *("train_metrics_clientapp", "evaluate_metrics_clientapp"),
    "evaluate_metrics_serverapp",
)


class LoopCall:
    """A call of a training loop, which may have parameters of its own.

    Parameters
    ----------
    loop
        Flower's, or that of a strategy; its parameters decide, what is not given is left to it.
    args, kwargs
        As the user gave them.

    Raises
    ------
    TypeError
        If the loop takes no such arguments.
    """

    def __init__(
        self, loop: Callable[..., Result], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        self._signature = inspect.signature(loop)
        self._given = self._signature.bind(*args, **kwargs)
        self._full = self._signature.bind(*args, **kwargs)
        self._full.apply_defaults()

    @property
    def grid(self) -> Grid | None:
        """Flower's message bus; None if the loop finds it itself."""
        name = self._name(_GRID, Grid)
        return None if name is None else self._flat(self._full)[name]

    @property
    def arrays(self) -> ArrayRecord | None:
        """The initial model; None if the loop makes it."""
        name = self._name(_ARRAYS, ArrayRecord)
        return None if name is None else self._flat(self._full)[name]

    @property
    def rounds(self) -> int | None:
        """How many rounds are asked for, by default too; None if the loop decides."""
        return self._flat(self._full).get(_ROUNDS)

    @property
    def says_rounds(self) -> bool:
        """Whether the user said how many rounds."""
        return _ROUNDS in self._flat(self._given)

    def run(
        self,
        loop: Callable[..., Result],
        *,
        grid: Callable[[Grid], Grid],
        rounds: int,
        arrays: ArrayRecord | None,
        done: int,
    ) -> Result:
        """Run the loop as it was called, but for what goes on from an earlier run.

        Parameters
        ----------
        loop
            The loop, with the same parameters.
        grid
            Makes the message bus to use of the one that was given.
        rounds
            In place of its own number of rounds, where it has such a parameter.
        arrays
            In place of its initial model, where it takes one.
        done
            Rounds that its own round 1 comes after.
        """
        changed = self._signature.bind(*self._given.args, **self._given.kwargs)
        said = self._flat(self._full)
        if (name := self._name(_GRID, Grid)) is not None:
            self._set(changed, name, grid(said[name]))
        if _ROUNDS in said:
            self._set(changed, _ROUNDS, rounds)
        name = self._name(_ARRAYS, ArrayRecord)
        if name is not None and arrays is not None:
            self._set(changed, name, arrays)
        if done and callable(evaluate := said.get(_EVALUATE)):
            self._set(changed, _EVALUATE, _later(evaluate, done))
        return loop(*changed.args, **changed.kwargs)

    def _name(self, usual: str, kind: type) -> str | None:
        """Find the argument of a kind: by its usual name, or else the only one of the kind."""
        said = self._flat(self._full)
        if isinstance(said.get(usual), kind):
            return usual
        found = [name for name, value in said.items() if isinstance(value, kind)]
        return found[0] if len(found) == 1 else None

    def _parameter(self, kind: object) -> str:
        """The parameter that takes any further arguments, of a kind; empty if there is none."""
        parameters = self._signature.parameters.items()
        return next((name for name, each in parameters if each.kind is kind), "")

    def _flat(self, bound: inspect.BoundArguments) -> dict[str, Any]:
        """Arguments by name; those without a name of their own have Flower's."""
        arguments: dict[str, Any] = dict(bound.arguments)
        arguments |= arguments.pop(self._parameter(_KEYWORDS), {})
        further = arguments.pop(self._parameter(_POSITIONS), ())
        arguments |= zip(self._further if further else (), further, strict=False)
        return arguments

    @property
    def _further(self) -> Sequence[str]:
        """Names in Flower's loop of the arguments that this loop takes by position alone."""
        names = list(self._signature.parameters)
        here = self._parameter(_POSITIONS)
        return list(inspect.signature(Strategy.start).parameters)[names.index(here) + 1 :]

    def _set(self, bound: inspect.BoundArguments, name: str, value: Any) -> None:
        if name in self._signature.parameters:
            bound.arguments[name] = value
        elif name in bound.arguments.get(self._parameter(_KEYWORDS), {}):
            bound.arguments[self._parameter(_KEYWORDS)][name] = value
        else:
            here = self._parameter(_POSITIONS)
            further = list(bound.arguments[here])
            further[list(self._further).index(name)] = value
            bound.arguments[here] = tuple(further)


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
    if not has_own_loop(strategy):
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


def has_own_loop(strategy: Strategy) -> bool:
    """Whether a strategy trains by a loop of its own."""
    return (
        "start" in getattr(strategy, "__dict__", {}) or type(strategy).start is not Strategy.start
    )


def _later(evaluate_fn: EvaluateFn, done: int) -> EvaluateFn:
    """Count a server-side evaluation's rounds from the beginning of the training."""
    return lambda number, arrays: evaluate_fn(number + done, arrays)


def renumbered(result: Result, done: int) -> Result:
    """Count a result's rounds from the beginning of the training."""
    for name in _METRICS if done else ():
        metrics = getattr(result, name)
        setattr(result, name, {number + done: value for number, value in metrics.items()})
    return result
