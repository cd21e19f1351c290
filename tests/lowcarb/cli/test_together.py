"""Options that cannot be given together, and those of which only the last value would count."""

import click
import pytest
import typer
from typer.testing import CliRunner

from lowcarb.cli import app
from lowcarb.cli.together import check_repeated, refuse_together
from lowcarb.errors import InputError

COMMANDS = typer.main.get_command(app)


def test_no_option_silently_counts_by_its_last_value(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing that was typed is lost unseen, whatever the command."""
    assert isinstance(COMMANDS, click.Group)
    files, others = [], []
    for name, command in COMMANDS.commands.items():
        for one in command.params:
            if not isinstance(one, click.Option) or one.multiple or one.is_flag:
                continue
            option, context = max(one.opts, key=len), click.Context(command)
            words = [option, "1", option, "2"]
            if one.metavar in ("FILE", "DIR"):
                what = {"FILE": "file", "DIR": "folder"}[one.metavar]
                with pytest.raises(
                    click.UsageError, match=f"{option} takes one {what}, and is given 2"
                ):
                    check_repeated(command, context, words)
                files.append(f"{name} {option}")
            else:
                check_repeated(command, context, words)
                said = capsys.readouterr().err
                assert said == f"Note: {option} is given 2 times; the last one counts.\n"
                others.append(f"{name} {option}")
    assert {"plan --forecast", "sweep --resume", "compare --figures"} <= set(files)
    assert {"plan --rounds", "compare --starts"} <= set(others)


def test_options_that_count_as_often_as_they_are_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(COMMANDS, click.Group)
    command = COMMANDS.commands["plan"]
    words = ["--limit", "a", "--limit", "b", "--limits", "a", "--limits", "b", "--json", "--json"]
    check_repeated(command, click.Context(command), words)
    assert capsys.readouterr().err == ""


def test_a_command_says_it() -> None:
    twice = CliRunner().invoke(app, ["plan", "--clients", "a.csv", "--clients", "b.csv"])
    assert twice.exit_code == 2
    assert "--clients takes one file, and is given 2 times" in twice.stderr
    words = ["plan", "--clients", "no.csv", "--cohort-size", "1", "--rounds", "1", "--rounds", "2"]
    other = CliRunner().invoke(app, words)
    assert other.exit_code == 1
    assert other.stderr.startswith("Note: --rounds is given 2 times; the last one counts.\nError: ")
    short = CliRunner().invoke(app, [*words, "--unit", "g/kWh", "--units", "lb/MWh"])
    assert "Note: --units is given 2 times" in short.stderr


def test_what_is_not_given_stands_beside_everything() -> None:
    refuse_together({"limit": None, "flag": False, "limits": []}, {"deadline": "9h"})
    refuse_together({"limit": ["region <= 4"]}, {"deadline": None})


def test_options_are_quoted_as_they_were_typed() -> None:
    with pytest.raises(InputError) as caught:
        refuse_together({"limit": ["a <= 1", "b <= 2"], "rest": 0, "prices": True}, {"open": "Mon"})
    assert caught.value.message == (
        "limit: --limit 'a <= 1', --limit 'b <= 2', --rest 0 and --prices cannot be kept beside "
        "--open Mon yet; leave out --limit, --rest and --prices, or --open"
    )
    assert caught.value.field == "limit"
