"""How pictures look: colours that colour-blind eyes tell apart, and that read in grey print too."""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lowcarb._util.text import shortened
from lowcarb.errors import InputError
from lowcarb.planning.policy_looks import policy_looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, NARROW = 9.5, 3.9
"""Inches of every picture, and on a telephone: on a page, letters then have one size."""

# The palette of Okabe and Ito (2008).
BLACK, GREY, BLUE, SKY = "#000000", "#6e6e6e", "#0072b2", "#56b4e9"
GREEN, ORANGE, VERMILION, PURPLE = "#009e73", "#e69f00", "#d55e00", "#cc79a7"
PAPER, INK = "#fefefe", "#010101"
"""White and black that stay so where a page is dark, as over the colours of intensities."""
INTENSITY = "cividis"
"""Colour map of intensities: the same order in colour, in grey, and for colour-blind eyes."""

_SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.8,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "legend.frameon": False,
    "legend.fontsize": 9,
    "hatch.linewidth": 0.6,
    "text.parse_math": False,  # a dollar in a name is a dollar
    "svg.fonttype": "path",
    "svg.hashsalt": "lowcarb",
    "figure.constrained_layout.use": True,
}
_PNG_DPI = 130


@dataclass(frozen=True)
class Look:
    """How a line or a marker looks."""

    colour: str
    line: Any = "-"
    marker: str = "o"
    width: float = 1.8


FIGURES = {
    "planned": Look(SKY, (0, (4, 2)), "D"),
    "realised": Look(VERMILION, "-", "o", 2.2),
}
"""Looks of figures that are no policy's."""

_COLOURS = {
    "black": BLACK,
    "grey": GREY,
    "blue": BLUE,
    "sky": SKY,
    "green": GREEN,
    "orange": ORANGE,
    "vermilion": VERMILION,
    "purple": PURPLE,
    "olive": "#8a6d00",
    # From the muted palette of Paul Tol (2021).
    "indigo": "#332288",
    "rose": "#cc6677",
    "teal": "#44aa99",
    "wine": "#882255",
    "forest": "#117733",
}
SVG_COLOURS = {colour: name for name, colour in _COLOURS.items() if name != "black"} | {
    BLACK: "ink",
    "#ffffff": "paper",
    "#e4e4e4": "line",
    "#333333": "quiet",
}
"""Colours to the names that a page's style has for them."""

_MARKERS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "plus": "P",
    "cross": "X",
    "star": "*",
    "pentagon": "p",
    "hexagon": "h",
    "octagon": "8",
    "triangle up": "^",
    "triangle down": "v",
    "triangle left": "<",
    "triangle right": ">",
}
_SERIES = (
    (BLUE, "o", "-"),
    (VERMILION, "s", (0, (6, 1.5))),
    (GREEN, "^", (0, (3, 1.2))),
    (PURPLE, "D", (0, (5, 1.5, 1, 1.5))),
    (ORANGE, "v", (0, (1, 1))),
    (SKY, "P", (0, (8, 2, 2, 2))),
)
_LONGEST_NAME = 24
_BELOW_AXIS = 0.48  # inches that numbers and label of an axis take


def looks_of(policies: Iterable[str]) -> dict[str, Look]:
    """Turn the looks of policies into matplotlib's terms."""
    return {
        name: Look(
            _COLOURS[look.colour],
            (0, look.dashes) if look.dashes else "-",
            _MARKERS[look.marker],
            look.width,
        )
        for name, look in policy_looks(policies).items()
    }


def series(k: int) -> Look:
    """Return the look of the k-th of several lines that are no policies, from 0.

    Beyond the sixth, colours and markers go on in another pairing.
    """
    colour, _, _ = _SERIES[k % len(_SERIES)]
    _, marker, line = _SERIES[(k + k // len(_SERIES)) % len(_SERIES)]
    return Look(colour, line, marker)


def names_of(policies: Iterable[str]) -> dict[str, str]:
    """Say what policies are called in legends and titles, which have little room.

    matplotlib hides labels that begin with an underscore: such a name gets a blank before it.
    """
    return {
        name: shortened(f" {name}" if name.startswith("_") else name, _LONGEST_NAME)
        for name in policies
    }


def has_matplotlib() -> bool:
    """Whether pictures can be drawn."""
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        return False
    return True


def require_matplotlib(field: str) -> None:
    """Refuse to draw without matplotlib, before any work is done.

    Raises
    ------
    InputError
        Names the extra that brings it.
    """
    if not has_matplotlib():
        raise InputError(
            "pictures need matplotlib: install Lowcarb with its extra 'report'", field=field
        )


@contextmanager
def styled() -> Iterator[None]:
    """Draw in this style; leave the user's own settings as they were."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def new_figure(height: float, width: float = WIDTH) -> "Figure":
    """Open a figure, by default of the common width, in inches; call this within `styled`."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


def is_narrow(width: float) -> bool:
    """Whether a width leaves no room beside the data."""
    return width < WIDTH / 2


def legend_beside(axes: "Axes", title: str | None = None) -> None:
    """Put a legend beside the data, or below it where there is no room."""
    from matplotlib.figure import Figure
    from matplotlib.transforms import ScaledTranslation

    figure = axes.get_figure()
    if isinstance(figure, Figure) and is_narrow(figure.get_figwidth()):
        below = ScaledTranslation(0, -_BELOW_AXIS, figure.dpi_scale_trans)
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(0.0, 0.0),
            bbox_transform=axes.transAxes + below,
            handlelength=2.6,
            borderaxespad=0.0,
        )
        return
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        borderaxespad=0.0,
        handlelength=3.2,
        title=title,
        alignment="left",
    )


def save(figure: "Figure", kind: str) -> bytes:
    """Write a figure as "png" or "pdf"; the same figure gives the same bytes."""
    stream = io.BytesIO()
    metadata = {"pdf": {"CreationDate": None}}.get(kind)
    with styled():
        figure.savefig(stream, format=kind, dpi=_PNG_DPI, metadata=metadata)
    return stream.getvalue()
