"""Who works when in a plan, over the forecast intensity of each region: the demo's picture."""

from pathlib import Path
from typing import TYPE_CHECKING

from lowcarb._util.output_file import output_file
from lowcarb.planning.plan import Plan
from lowcarb.report.pictures.style import require_matplotlib, save, styled
from lowcarb.report.pictures.svg import svg_file
from lowcarb.report.pictures.working import draw_working
from lowcarb.report.region_schedule import schedule_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_schedule(plan: Plan) -> "Figure":
    """Draw regions over time: intensity as colour, clients at work as dots.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    """
    require_matplotlib("png")
    with styled():
        figure = draw_working(schedule_of(plan), [*plan.starts, plan.end])
        figure.suptitle("Who works when, over the forecast carbon intensity of each region")
    return figure


def save_schedule(plan: Plan, path: str) -> None:
    """Draw a plan into a PNG, SVG or PDF file, by the ending of its name.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    LowcarbError
        If the file cannot be written.
    """
    kind = Path(path).suffix.removeprefix(".").lower()
    figure = draw_schedule(plan)
    content = svg_file(figure) if kind == "svg" else save(figure, kind)
    with output_file(path) as stream:
        stream.write(content)
