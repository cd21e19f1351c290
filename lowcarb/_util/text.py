"""Figures in words: units that suit their size, changes in percent, plurals."""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence

_NAMED = 8
_LONGEST_SOURCE = 60


def grams(value: float, like: float | None = None) -> str:
    """Write emissions in the unit that suits them, or that suits the number they stand beside."""
    size = abs(value if like is None else like)
    if size >= 1e7:
        return f"{value / 1e6:,.2f} t"
    if size >= 1e4:
        return f"{value / 1e3:,.2f} kg"
    return f"{value:,.1f} g" if size >= 10 or not size else f"{value:.2g} g"


def kilograms(value: float) -> str:
    """Write grams in kilograms, whatever their size, to three figures."""
    return f"{three_figures(value / 1000)} kg"


def three_figures(value: float) -> str:
    """Write a number to three figures, trailing zeros and all; large ones wholly."""
    if value and abs(value) < 1e-4:
        return f"{value:.3g}"
    return f"{value:,.{decimals(abs(value))}f}"


def rounded(value: float, figures: int = 3) -> str:
    """Write a number to so many figures at most, with no trailing zeros; large ones wholly."""
    wholly = 10**figures - 0.5 <= abs(value) < 1e15
    return f"{value:,.0f}" if wholly else f"{value:,.{figures}g}"


def one_decimal(value: float) -> str:
    """Write a number with one digit behind the point, and with none where that is a zero."""
    return f"{value:.1f}".removesuffix(".0")


def decimals(largest: float) -> int:
    """Digits behind the point that give the largest of some figures three figures, 6 at most."""
    if not largest or largest >= 100:
        return 0
    return min(6, 2 - math.floor(math.log10(largest)))


def least_to_most(least: int, most: int) -> str:
    """Write a span of numbers; one of them if they are the same."""
    return f"{least} to {most}" if least < most else str(most)


def grams_if_known(value: float | None) -> str:
    """Write emissions, or a question mark where they are unknown."""
    return "? g" if value is None else grams(value)


def change(value: float, reference: float) -> str:
    """Write the change from a reference in percent, or as a multiple of it where that is huge."""
    if not reference:
        return "-"
    ratio = value / reference
    return f"{ratio - 1:+.1%}" if ratio < 10 else f"x {ratio:,.0f}"


def saving(share: float, than: str) -> str:
    """Write a share saved as a comparison; a negative one reads as more, next to none as equal."""
    if abs(share) < 0.0005:
        return f"as much as {than}"
    return f"{abs(share):.1%} {'less' if share > 0 else 'more'} than {than}"


def percent(share: float) -> str:
    """Write a share from 0 to 1 in whole percent; only all of it is 100%, only nothing is 0%."""
    if 0 < share < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < share < 1 else f"{share:.0%}"


def share_of(share: float) -> str:
    """Write how much of something that was named before: all of it, none of it, 42% of it."""
    return {0.0: "none of it", 1.0: "all of it"}.get(share, f"{percent(share)} of it")


def count(number: int, what: str) -> str:
    """Write how many there are of something."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def counts(fewest: int, most: int, what: str) -> str:
    """Write from how many to how many things there are."""
    return count(most, what) if fewest == most else f"{fewest} to {count(most, what)}"


def ordinal(number: int) -> str:
    """Write the place of something in a row: 1st, 2nd, 3rd, 4th."""
    usual = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else usual}"


def named(numbers: Sequence[int], what: str) -> str:
    """Name things by their numbers: the first few of them, and how many more there are."""
    return f"{what}{'' if len(numbers) == 1 else 's'} {listed([str(n) for n in numbers])}"


def spans(numbers: Iterable[int], what: str) -> str:
    """Name things by their numbers, runs of them by the first and the last: rounds 3 to 9 and 12.

    Of very many runs the first few stand there, and how many more things there are.
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    # Two are no run to people.
    runs = [part for run in runs for part in ([[one] for one in run] if len(run) == 2 else [run])]
    words = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs[:_NAMED]]
    if more := sum(map(len, runs[_NAMED:])):
        words.append(f"{more} more")
    several = len(runs) > 1 or len(runs[0]) > 1
    return f"{what}{'s' if several else ''} {conjoined(words)}"


def conjoined(parts: Sequence[str]) -> str:
    """Name all of some things, one or more: a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def listed(names: Sequence[str], most: int = _NAMED) -> str:
    """Name the first few of some things, and say how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def spread(least: float, most: float, unit: str) -> str:
    """Write from where to where some figures reach."""
    low, high = rounded(least), rounded(most)
    return f"{low} {unit}" if low == high else f"{low} to {high} {unit}"


def origin(source: str) -> str:
    """Say in a repr where something comes from: on one line, of a long path the end."""
    shown = printable(source)
    return f"from {shown if len(shown) <= _LONGEST_SOURCE else f'...{shown[-_LONGEST_SOURCE:]}'}"


def quoted(value: object, most: int = 40) -> str:
    """Quote what came, shortened if it is long."""
    if isinstance(value, str):
        return repr(value if len(value) <= most else f"{value[:most]}...")
    return f"{value!r:.{most}}"


def shortened(text: str, most: int) -> str:
    """Cut out the middle of what is longer than `most` letters: ends tell names apart, too."""
    if len(text) <= most:
        return text
    end = (most - 3) // 2
    return f"{text[: most - 3 - end]}...{text[len(text) - end :]}"


def by_number(text: str) -> tuple[tuple[bool, int, str], ...]:
    """Order names as people do, by the numbers in them: node-2 stands before node-10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", text)
    return tuple((not p[0].isdecimal(), int(p) if p[0].isdecimal() else 0, p) for p in parts)


def fitted(text: str, columns: int) -> str:
    """Write text in exactly so many columns of a terminal; what is too long is cut in the middle.

    Letters of East Asian scripts take two columns, marks above and below letters none.
    """
    most = columns
    while _columns(shown := shortened(text, most)) > columns:
        most -= 1
    return shown + " " * (columns - _columns(shown))


def _columns(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def printable(text: str) -> str:
    """Write what came from outside on one line; what cannot be printed is escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
