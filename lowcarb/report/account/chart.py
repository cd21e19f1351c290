"""Planned against realised grams by round, as an inline picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lowcarb.ledger.entries import BookedRound

_WIDTH, _HEIGHT = 900.0, 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 70.0, 8.0, 26.0, 40.0
# Blue and vermilion of Okabe and Ito stay apart for colour-blind eyes; bars and dots in grey too.
_PLANNED, _REALISED = "#56b4e9", "#d55e00"
_LINES, _LABELS = 4, 12
# More dots than that would run into each other; then the line alone is drawn.
_DOTS = 150


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """Where rounds and grams lie in the picture."""

    first: int
    last: int
    top: float

    @property
    def step(self) -> float:
        return (_WIDTH - _LEFT - _RIGHT) / (self.last - self.first + 1)

    def x(self, number: int) -> float:
        return _LEFT + self.step * (number - self.first + 0.5)

    def y(self, grams: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * grams / self.top


def grams_chart(rounds: Sequence[BookedRound]) -> str:
    """Draw planned grams as bars and realised ones as dots on a line, as SVG.

    What is unknown is left out; the line is broken there.

    Parameters
    ----------
    rounds
        At least one, in order.
    """
    known = [g for booked in rounds for g in (booked.planned_g, booked.realised_g) if g is not None]
    scale = _Scale(
        first=rounds[0].number, last=rounds[-1].number, top=_round_up(max(known, default=0.0))
    )
    return "\n".join(
        [
            f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" font-size="12" '
            'font-family="sans-serif" aria-label="Planned and realised emissions by round">',
            *_axes(scale),
            *_bars(rounds, scale),
            *_line(rounds, scale),
            *_legend(),
            "</svg>",
        ]
    )


def _axes(scale: _Scale) -> list[str]:
    parts = []
    for i in range(_LINES + 1):
        grams = scale.top * i / _LINES
        y = scale.y(grams)
        parts.append(
            f'<line x1="{_LEFT:g}" x2="{_WIDTH - _RIGHT:g}" y1="{y:.2f}" y2="{y:.2f}" '
            'stroke="#ddd"/>'
        )
        parts.append(_label(_LEFT - 6, y + 4, f"{grams:,g}", "end"))
    every = math.ceil((scale.last - scale.first + 1) / _LABELS)
    bottom = _HEIGHT - _BOTTOM + 16
    parts += [
        _label(scale.x(number), bottom, str(number), "middle")
        for number in range(scale.first, scale.last + 1, every)
    ]
    parts.append(_label((_LEFT + _WIDTH) / 2, _HEIGHT - 6, "round", "middle"))
    parts.append(_label(4, 14, "gCO2eq", "start"))
    return parts


def _bars(rounds: Sequence[BookedRound], scale: _Scale) -> list[str]:
    return [
        f'<rect x="{scale.x(booked.number) - 0.4 * scale.step:.2f}" '
        f'y="{scale.y(booked.planned_g):.2f}" width="{0.8 * scale.step:.2f}" '
        f'height="{scale.y(0) - scale.y(booked.planned_g):.2f}" fill="{_PLANNED}">'
        f"<title>round {booked.number}: planned {booked.planned_g:,.1f} g</title></rect>"
        for booked in rounds
        if booked.planned_g is not None
    ]


def _line(rounds: Sequence[BookedRound], scale: _Scale) -> list[str]:
    parts: list[str] = []
    before: tuple[int, str] | None = None
    for booked in rounds:
        if booked.realised_g is None:
            continue
        at = f"{scale.x(booked.number):.2f},{scale.y(booked.realised_g):.2f}"
        if before is not None and before[0] == booked.number - 1:
            parts.append(
                f'<polyline points="{before[1]} {at}" stroke="{_REALISED}" stroke-width="1.5"/>'
            )
        before = booked.number, at
        if len(rounds) <= _DOTS:
            x, y = at.split(",")
            parts.append(
                f'<circle cx="{x}" cy="{y}" r="3.5" fill="{_REALISED}" stroke="white">'
                f"<title>round {booked.number}: realised {booked.realised_g:,.1f} g</title>"
                "</circle>"
            )
    return parts


def _legend() -> list[str]:
    x = _WIDTH - 250
    return [
        f'<rect x="{x:g}" y="6" width="14" height="11" fill="{_PLANNED}"/>',
        _label(x + 20, 16, "planned", "start"),
        f'<circle cx="{x + 100:g}" cy="12" r="4" fill="{_REALISED}"/>',
        _label(x + 110, 16, "realised so far", "start"),
    ]


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#333">{text}</text>'


def _round_up(value: float) -> float:
    """Return a round number that is as large or larger, and whose quarters read well; 1 for 0."""
    if not value:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * head for head in (1, 2, 4, 6, 8, 10, 20) if power * head >= value)
