"""What arguments of Python are called on the command line, for errors raised far from it."""

import re

import click

# Arguments whose option is called otherwise than the command's own parameter.
_OTHERWISE = {"horizon_hours": "horizon", "price_g": "value-price"}


def option_names() -> dict[str, str]:
    """Return the options of the command that runs, without dashes, by the names of arguments."""
    context = click.get_current_context(silent=True)
    if context is None:
        return {}
    names = {
        parameter.name: max(parameter.opts, key=len).lstrip("-")
        for parameter in context.command.params
        if isinstance(parameter, click.Option) and parameter.name is not None
    }
    others = {name: option for name, option in _OTHERWISE.items() if option in names.values()}
    return names | others


def in_options(text: str) -> str:
    """Write names of Python's arguments in an error as the options that a person typed.

    Only names with an underscore: others are ordinary words, too, and are options as they stand.
    """
    names = {name: option for name, option in option_names().items() if "_" in name}
    if not names:
        return text
    which = "|".join(sorted(map(re.escape, names), key=len, reverse=True))

    def option(found: re.Match[str]) -> str:
        # Before a colon it is what the rest of the sentence is about.
        return f"{'' if found[2] else '--'}{names[found[1]]}{found[2]}"

    return re.sub(rf"(?<![\w.-])({which})(:?)(?![\w=(])", option, text)
