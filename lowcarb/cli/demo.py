"""``lowcarb demo``: the whole story on the embedded scenario, offline."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from lowcarb.cli.errors import reporting
from lowcarb.cli.files import check_output

if TYPE_CHECKING:
    from lowcarb.demo import Story

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
_Json = Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")]


def demo(seed: _Seed = 0, png: _Png = None, as_json: _Json = False) -> None:
    """Plan two days of a hundred clients on 26 US grids, offline, and explain the result."""
    from rich.console import Console

    with reporting(as_json=as_json):
        check_output("png", png, endings=(".png", ".svg", ".pdf"))
        from lowcarb.demo import tell_story

        with Console(stderr=True).status("Planning ..."):
            story = tell_story(seed)
        if png is not None:
            from lowcarb.report.schedule import save_schedule

            save_schedule(story.plan, png)
    if as_json:
        typer.echo(json.dumps(story.to_dict(), allow_nan=False))
    else:
        _print(story)
    if png is not None:
        typer.echo(f"Wrote {png}", err=True)


def _print(story: "Story") -> None:
    from rich.console import Console

    from lowcarb.cli.demo_text import render

    render(story, Console(highlight=False, markup=False))


demo.__doc__ = f"{demo.__doc__}\n\n    {EXAMPLE}\n"
