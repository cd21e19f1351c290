"""Which apps answer the server's question, and that none of their own functions runs for it."""

import functools
import inspect
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flwr.app import Context, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.clientapp.mod import LocalDpMod, fixedclipping_mod, message_size_mod

import lowcarb
from lowcarb import client_mod
from lowcarb.flower.app_answers import let_apps_answer
from lowcarb.flower.wire import RECORD
from tests.helpers.data import ENVIRONMENT
from tests.helpers.flower_messages import context, message, question

PRIVACY = LocalDpMod(1.0, 1.0, 1.0, 1e-5)


def never(*_: Any, **__: Any) -> Any:
    raise AssertionError("the question must not reach the app")


def with_functions(*mods: Any) -> ClientApp:
    app = ClientApp(mods=list(mods))
    app.train()(never)
    app.evaluate()(never)
    app.query()(never)
    app.lifespan()(never)
    return app


def legacy(*mods: Any) -> ClientApp:
    def client_fn(context: Context) -> Any:
        never(context)

    return ClientApp(client_fn=client_fn, mods=list(mods))


def evaluate_only(*mods: Any) -> ClientApp:
    app = ClientApp(mods=list(mods))
    app.evaluate()(never)
    return app


def of_a_function(*mods: Any) -> ClientApp:
    app = ClientApp(mods=[message_size_mod])
    app.evaluate()(never)
    app.train(mods=list(mods))(never)
    return app


KINDS = [with_functions, legacy, evaluate_only, of_a_function]
Build = Callable[..., ClientApp]


@pytest.mark.parametrize("build", KINDS)
@pytest.mark.parametrize("other", [fixedclipping_mod, PRIVACY, message_size_mod, never])
@pytest.mark.parametrize("kind", ["query.lowcarb", "train"])
def test_apps_with_the_mod_answer_wherever_it_stands(build: Build, other: Any, kind: str) -> None:
    for mods in ([other, client_mod], [client_mod, other], [other, client_mod, other]):
        reply = build(*mods)(message=question(kind), context=context(region="DE", secret=1))
        assert dict(reply.content[RECORD]) == {"region": "DE"}


@pytest.mark.parametrize("build", KINDS)
def test_of_two_apps_in_one_process_only_the_one_with_the_mod_answers(build: Build) -> None:
    plain, aware = build(message_size_mod), build(message_size_mod, client_mod)
    # What Flower does with it: lifespans begin, and client functions are called, in any case.
    with pytest.raises(Exception, match=r"No query function registered|must not reach the app"):
        plain(question(), context())
    assert RECORD in aware(question(), context()).content


def test_all_else_goes_through_unchanged() -> None:
    seen: list[str] = []

    def mod(message: Message, context: Context, call_next: Any) -> Message:
        seen.append("mod")
        reply: Message = call_next(message, context)
        return reply

    app = ClientApp(mods=[mod, client_mod])

    @app.lifespan()
    def lifespan(_context: Context) -> Iterator[None]:
        seen.append("begin")
        yield
        seen.append("end")

    @app.query("lowcarb")
    def own(message: Message, _context: Context) -> Message:
        seen.append(message.metadata.message_type)
        return Message(RecordDict(), reply_to=message)

    # A question of the app's own, of the same type.
    app(message("query.lowcarb"), context())
    assert seen == ["begin", "mod", "query.lowcarb", "end"]
    with pytest.raises(ValueError, match="No train function registered"):
        app(message("train"), context())
    with pytest.raises(ValueError, match="No query function registered"):
        app(message("query.other"), context())


def test_a_mod_that_is_wrapped_under_its_name_counts() -> None:
    @functools.wraps(client_mod)
    def louder(*args: Any) -> Message:
        return client_mod(*args)

    assert RECORD in with_functions(louder)(question(), context()).content


def test_flowers_class_is_wrapped_once_and_looks_as_before() -> None:
    call = ClientApp.__call__
    assert let_apps_answer(ClientApp, client_mod, never, never)
    assert ClientApp.__call__ is call
    original = inspect.unwrap(call)
    assert original is not call
    assert not hasattr(original, "__wrapped__")
    assert inspect.signature(call) == inspect.signature(original)
    assert (call.__name__, call.__doc__) == ("__call__", original.__doc__)


class Renamed:
    """Keeps its mods elsewhere."""

    def __init__(self, mods: list[Any]) -> None:
        self.mods = mods

    def __call__(self, message: Message, context: Context) -> object:
        return message, context


class NoMods:
    def __call__(self, message: Message, context: Context) -> object:
        return message, context


class Other(Renamed):
    """Is called with something else."""

    def __init__(self, mods: list[Any]) -> None:
        self._mods = mods

    def __call__(self, context: Context, message: Message) -> object:  # type: ignore[override]
        return message, context


@pytest.mark.parametrize("app_class", [Renamed, NoMods, Other, object])
def test_a_class_that_is_not_as_flowers_is_left_alone(
    app_class: type[Any], caplog: pytest.LogCaptureFixture
) -> None:
    before = app_class.__call__
    assert not let_apps_answer(app_class, client_mod, never, never)
    assert app_class.__call__ == before
    (line,) = caplog.messages
    assert line.startswith("lowcarb: this version of Flower calls a ClientApp in another way")
    assert 'app.query("lowcarb")(...)' in line
    assert caplog.records[0].levelno == logging.WARNING


class Newer:
    """As Flower's class, with more arguments than those of today."""

    def __init__(self, mods: list[Any]) -> None:
        self._mods = mods

    def __call__(self, message: Any, context: Any, more: int = 0, *, key: int = 0) -> Any:
        return message.metadata.message_type, context.node_id, more, key


def test_arguments_that_flower_may_add_go_through() -> None:
    class Fresh(Newer):
        pass

    Fresh.__call__ = Newer.__call__  # type: ignore[method-assign]
    assert let_apps_answer(Fresh, client_mod, lambda _: False, never)
    app = Fresh([client_mod])
    assert app(message("train"), context(), 1, key=2) == ("train", 7, 1, 2)
    assert app(context=context(), message=message("train")) == ("train", 7, 0, 0)


@pytest.mark.slow
def test_a_pickled_app_answers_in_a_process_that_has_not_loaded_lowcarb() -> None:
    """As a simulation sends apps to its workers, with functions that cannot be imported there."""
    from ray import cloudpickle

    def dumped(*mods: Any) -> bytes:
        app = ClientApp(mods=list(mods))

        @app.train()
        def train(*_: Any) -> Any:
            raise AssertionError("the question must not reach the app")

        content: bytes = cloudpickle.dumps((app, question(), context(region="DE")))  # type: ignore[no-untyped-call]
        return content

    aware, plain = dumped(message_size_mod, lowcarb.client_mod), dumped(message_size_mod)
    script = f"""
import pickle, sys
app, question, context = pickle.loads({plain!r})
assert not [name for name in sys.modules if name.startswith("lowcarb.flower.mod")]
try:
    app(question, context)
except ValueError as error:
    print(error)
from tests.helpers.flower_grid import set_identity
set_identity()
app, question, context = pickle.loads({aware!r})
print(dict(app(question, context).content["lowcarb"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "No query function registered with name 'lowcarb'",
        "{'region': 'DE'}",
    ], done.stderr
