"""What the help of a command says, and how it is shown on any terminal."""

import inspect
import shutil
from collections.abc import Callable
from typing import Any

import click
from typer.core import TyperArgument, TyperCommand

from lowcarb.cli.together import check_repeated

_LEAST = 60


class LegibleCommand(TyperCommand):
    """A command whose help is plain on a narrow terminal, where groups would be cut to nothing."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # click 8.5 has a help of arguments of its own, which overwrites that of older typers.
        given = inspect.signature(self.callback).parameters if self.callback else {}
        for param in self.params:
            if isinstance(param, TyperArgument) and param.name in given:
                for info in getattr(given[param.name].annotation, "__metadata__", ()):
                    param.help = param.help or info.help

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what was typed; say where of an option only the last value counts."""
        if args:  # else help may be shown
            check_repeated(self, ctx, args)
        return super().parse_args(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help."""
        mode = self.rich_markup_mode
        columns = shutil.get_terminal_size().columns
        if columns < _LEAST:
            self.rich_markup_mode = None
            # click writes lines of 50 letters at least.
            formatter.width = columns
        try:
            super().format_help(ctx, formatter)
        finally:
            self.rich_markup_mode = mode
        # typer escapes brackets for rich even where rich does not write.
        formatter.buffer = [text.replace("\\[", "[") for text in formatter.buffer]


def help_of(command: Callable[..., Any], example: str) -> str:
    """Write the help of a command: its docstring, each paragraph on one line, and an example.

    Lines are broken by the terminal, and not where they end in the source.
    """
    paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
    return "\n\n".join([*(" ".join(text.split()) for text in paragraphs), example])
