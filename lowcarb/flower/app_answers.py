"""Lets each ClientApp that carries a mod answer questions that it has no function for.

Flower looks for a function of a message's type before any mod runs, so a mod never sees a type of
its own, and mods that stand in front of it may refuse a message without arrays. Nothing tells a mod
which apps it is given to. So the one method by which Flower calls apps is wrapped.
"""

import functools
import inspect
import logging
from collections.abc import Callable, Iterator
from typing import Any

from flwr.app import Context, Message

Function = Callable[[Message, Context], Message]
Mod = Callable[[Message, Context, Function], Message]

logger = logging.getLogger("flwr.lowcarb")

_MARK = "_answers_for"


def let_apps_answer(
    app_class: type[Any], mod: Mod, asks: Callable[[Message], bool], answer: Function
) -> bool:
    """Wrap the call of a class of apps, once, so that questions to apps with the mod are answered.

    Neither the app's functions nor its other mods nor its lifespan see such a question. All else
    goes through unchanged.

    Parameters
    ----------
    app_class
        Flower's ClientApp.
    mod
        Apps that have it answer, whether it is a mod of the app or of one of its functions.
    asks
        Knows a question.
    answer
        Answers one.

    Returns
    -------
    bool
        False if the class is not as Flower's was so far; then it is left as it is, and a warning
        says so.
    """
    if hasattr(app_class.__call__, _MARK):
        return True
    if not _as_expected(app_class, mod):
        logger.warning(
            "lowcarb: this version of Flower calls a ClientApp in another way than those that "
            "Lowcarb knows, so apps with lowcarb.client_mod cannot tell who they are: use an older "
            'Flower, or register a function that stands behind the mod: app.query("lowcarb")(...)'
        )
        return False
    call = app_class.__call__

    @functools.wraps(call)
    def answering(self: Any, message: Message, context: Context, *args: Any, **kwargs: Any) -> Any:
        if asks(message) and _carries(self, mod):
            return answer(message, context)
        return call(self, message, context, *args, **kwargs)

    setattr(answering, _MARK, mod)
    # A type checker takes a method for fixed.
    setattr(app_class, "__call__", answering)  # noqa: B010
    return True


def _as_expected(app_class: type[Any], mod: Mod) -> bool:
    try:
        parameters = list(inspect.signature(app_class.__call__).parameters)
        return parameters[:3] == ["self", "message", "context"] and _carries(
            app_class(mods=[mod]), mod
        )
    except (AttributeError, TypeError, ValueError):
        return False


def _carries(app: Any, mod: Mod) -> bool:
    mods = list(getattr(app, "_mods", ()))
    for function in getattr(app, "_registered_funcs", {}).values():
        mods += _around(function)
    # By name: where an app was pickled by value, or a module loaded again, it is another object.
    return any(_name(other) == _name(mod) for other in mods)


def _around(function: object) -> Iterator[object]:
    """List the mods that Flower put around a function; it keeps them in closures only."""
    while inspect.isfunction(function) and "_mod" in function.__code__.co_freevars:
        inside = inspect.getclosurevars(function).nonlocals
        yield inside["_mod"]
        function = inside.get("_ffn")


def _name(mod: object) -> tuple[object, object]:
    return getattr(mod, "__module__", None), getattr(mod, "__qualname__", mod)
