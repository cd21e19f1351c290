"""Options that cannot be given together, or that take one value and are given several."""

import shlex
from collections.abc import Mapping, Sequence

import click

from lowcarb._util.text import conjoined
from lowcarb.errors import InputError

_PATHS = {"FILE": "file", "DIR": "folder"}
"""Metavars of options that name files and folders, and what they name."""


def refuse_together(
    first: Mapping[str, object], second: Mapping[str, object], cannot: str = "cannot be kept beside"
) -> None:
    """Refuse options of one kind where some of another kind are given, too.

    Parameters
    ----------
    first, second
        What was typed, by names of parameters; None, False or no values where it was not given.
    cannot
        What those of the first kind cannot be, with the preposition for the second ones.

    Raises
    ------
    InputError
        Quotes the options with their values, and says which may be left out.
    """
    ones, others = (
        {name: value for name, value in kind.items() if not _is_missing(value)}
        for kind in (first, second)
    )
    if not ones or not others:
        return
    field = next(iter(ones))
    typed = [
        conjoined([text for one in kind.items() for text in in_words(*one)])
        for kind in (ones, others)
    ]
    names = [conjoined([_option(name) for name in kind]) for kind in (ones, others)]
    raise InputError(
        f"{_option(field).removeprefix('--')}: {typed[0]} {cannot} {typed[1]} yet; leave out "
        f"{names[0]}, or {names[1]}",
        field=field,
    )


def _is_missing(value: object) -> bool:
    # Zero may be typed.
    return value is None or value is False or value == []


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def in_words(name: str, value: object) -> list[str]:
    """Write an option as it was typed, each of its values; `name` is that of the parameter."""
    values = value if isinstance(value, list) else [value]
    return [
        _option(name) if one is True else f"{_option(name)} {shlex.quote(_number_or_text(one))}"
        for one in values
    ]


def _number_or_text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def check_repeated(command: click.Command, context: click.Context, words: Sequence[str]) -> None:
    """Let no option that takes one value lose others silently.

    A file or folder that is lost is refused. Of another option the last value counts, as people
    expect who add it to a command that they have, and that is said.

    Parameters
    ----------
    command
        That is asked for.
    context
        Of it.
    words
        That were typed behind its name.

    Raises
    ------
    click.UsageError
        Names the option of the files.
    """
    if context.resilient_parsing:
        return
    _, _, given = command.make_parser(context).parse_args(list(words))
    for one in dict.fromkeys(given):
        if not isinstance(one, click.Option) or one.multiple or one.is_flag:
            continue
        times, option = given.count(one), max(one.opts, key=len)
        if times > 1 and one.metavar in _PATHS:
            raise click.UsageError(
                f"{option} takes one {_PATHS[one.metavar]}, and is given {times} times; leave out "
                "all but one.",
                context,
            )
        if times > 1:
            click.echo(f"Note: {option} is given {times} times; the last one counts.", err=True)
