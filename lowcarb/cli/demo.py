"""``lowcarb demo``: the whole story on the embedded scenario, offline."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lowcarb.cli.consoles import literal_console
from lowcarb.cli.errors import reporting
from lowcarb.cli.paths import check_output
from lowcarb.errors import InputError, SimulationError

if TYPE_CHECKING:
    from rich.console import Console

    from lowcarb.demo.simulated_training import Trainings

EXAMPLE = "Example:  lowcarb demo --png demo.png"

_Seed = Annotated[
    int, typer.Option(metavar="N", help="Decides the weather, the errors and the machines.")
]
_Png = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="Draw who works when: .png, .svg or .pdf (needs the extra 'report')."
    ),
]
_Train = Annotated[
    bool, typer.Option(help="Train a model, too, where the app is (needs the extra 'demo').")
]
_App = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        help="Folder of the Flower app that trains.",
        show_default="benchmarks/learning if it is there",
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")]


def demo(
    seed: _Seed = 0,
    png: _Png = None,
    train: _Train = True,
    app: _App = None,
    as_json: _Json = False,
) -> None:
    """Plan two days of a hundred clients on 26 US grids, explain the result, and train a model."""
    console, status = literal_console(), literal_console(stderr=True)
    with reporting(as_json=as_json):
        check_output("png", png, endings=(".png", ".svg", ".pdf"))
        folder, hint = _where_to_train(app) if train else (None, None)
        from lowcarb.demo.story import tell_story

        with status.status("Planning ..."):
            story = tell_story(seed)
        if png is not None:
            from lowcarb.report.plan_picture import save_schedule

            save_schedule(story.plan, png)
    if png is not None:
        typer.echo(f"Wrote {png}", err=True)
    if as_json:
        outcome = _Outcome() if folder is None else _train(folder, seed, status)
        content = {**story.to_dict(), "training": outcome.to_dict()}
        typer.echo(json.dumps(content, allow_nan=False))
    else:
        from lowcarb.cli.demo_text import render

        render(story, console)
        outcome = _Outcome() if folder is None else _train(folder, seed, status)
        if outcome.trainings is not None:
            from lowcarb.cli.training_text import render_training

            console.print()
            render_training(outcome.trainings, console)
        if hint is not None:
            typer.echo(f"\n{hint}")
        typer.echo("\nNext: lowcarb plan --help, with your own forecast and clients.")
    if outcome.failure is not None:
        typer.echo(f"The training failed: {outcome.failure}", err=True)
        raise typer.Exit(1)


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    """What came of the training: nothing if it was skipped."""

    trainings: "Trainings | None" = None
    failure: str | None = None

    def to_dict(self) -> dict[str, Any] | None:
        if self.failure is not None:
            return {"error": self.failure}
        return None if self.trainings is None else self.trainings.to_dict()


def _train(folder: Path, seed: int, status: "Console") -> _Outcome:
    from lowcarb.demo.simulated_training import train

    with status.status("Starting Flower and Ray ...") as spinner:
        try:
            return _Outcome(trainings=train(folder, seed=seed, progress=spinner.update))
        except SimulationError as error:
            return _Outcome(failure=str(error))


def _where_to_train(app: str | None) -> tuple[Path | None, str | None]:
    """Return the app's folder, or what to do in order to train."""
    from lowcarb.demo.simulated_training import DEFAULT_APP, missing_packages

    folder = DEFAULT_APP if app is None else Path(app)
    missing = " and ".join(missing_packages())
    if not (folder / "pyproject.toml").is_file():
        if app is not None:
            raise InputError(
                f"--app: expected a folder with a Flower app's pyproject.toml, got {app!r}",
                field="app",
            )
        return None, (
            "To train a model, too, give --app the folder benchmarks/learning of a clone of\n"
            "Lowcarb's repository: the app is not installed with Lowcarb."
        )
    if missing:
        return None, f"To train a model, too, install the extra 'demo'; missing: {missing}."
    return folder, None
