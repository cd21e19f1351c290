"""One limit as people write it, such as ``region <= 4`` or ``kwh region=DE <= 2 in all``."""

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, cast

from lowcarb.errors import InputError

EXAMPLES = '"region <= 4", "group=hospital >= 2", "samples >= 20000", "kg <= 3 in all", "rest >= 1"'
"""Right ones, for messages."""

SUMMED = ("kwh", "kg", "g", "samples", "value")
"""What may stand before a group: it is added up over the group's clients."""

_FORM = re.compile(
    r"(?P<what>[^<>=]+?)(?:=(?P<name>[^<>=]+?))?\s*(?P<sign><=|>=|==|=)\s*(?P<number>[^\s<>=%]+)"
    r"(?P<share>\s*%)?(?P<in_all>\s+in\s+all)?"
)
# What some keyboards and word processors make of signs.
_TYPED = str.maketrans({"≤": "<=", "≥": ">="})
_SHARES = '"region <= 40%", "group=rural >= 30% in all"'
# More than any cohort has clients.
_MOST = 1e12
_Sign = Literal["<=", ">=", "="]


@dataclass(frozen=True, kw_only=True)
class LimitText:
    """A limit, taken apart.

    Parameters
    ----------
    text
        As it was written.
    what
        What is counted: a column, or one of `SUMMED` before a group; None for a group's clients.
    group
        Column and value that clients must have; None for all clients.
    sign, number
        The bound; NaN of a share until `sized` says what it comes to.
    percent
        Of clients, or of turns, where the bound is a share of them; None where it is a number.
    in_all
        Whether it is of the whole horizon and not of each round.
    file
        Where it is written, for messages; None if it was given as an argument.
    argument
        Which argument it was given as.
    given
        As what it was given, where that is not the text, such as "rest=2".
    """

    text: str
    what: str | None
    group: tuple[str, str] | None
    sign: _Sign
    number: float
    in_all: bool
    percent: Fraction | None = None
    file: str | None = None
    argument: str = "limits"
    given: str | None = None

    @property
    def subject(self) -> str:
        """What is bounded, such as "kwh region=DE in all"."""
        group = None if self.group is None else "=".join(self.group)
        return " ".join(part for part in (self.what, group, "in all" * self.in_all) if part)

    @property
    def bound(self) -> str:
        """What is written after the subject, such as ">= 30% in all"."""
        share = self.percent
        number = f"{self.number:.15g}" if share is None else f"{float(share):.15g}%"
        return f"{self.sign} {number}{' in all' * self.in_all}"

    def sized(self, cohort_size: int, rounds: int) -> "LimitText":
        """Say a share as so many clients of a cohort, or turns of so many rounds.

        Raises
        ------
        InputError
            If exactly so large a share is asked for, and it is no whole number of them.
        """
        if self.percent is None:
            return self
        of = cohort_size * (rounds if self.in_all else 1)
        exact = self.percent * of / 100
        if self.sign == "=" and exact.denominator > 1:
            what = "turns" if self.in_all else "seats"
            raise self.error(
                f"expected a share that is a whole number of {of} {what}, got {float(exact):g}; "
                "give a number, or two limits, with >= and with <="
            )
        number = math.floor(exact) if self.sign == "<=" else math.ceil(exact)
        return replace(self, number=float(number))

    def refuse_sizes(self, cohort_range: tuple[int, int]) -> None:
        """Refuse a share of each round's clients where rounds are of several sizes.

        Raises
        ------
        InputError
            Shows what can be asked for instead.
        """
        if self.percent is None or self.in_all:
            return
        least, most = cohort_range
        raise self.error(
            f"expected a number where rounds have {least} to {most} clients, since a share of them "
            f"is no fixed number; give one, as in '{self.subject} {self.sign} 2', or a share of "
            f"all turns, as in '{self.text} in all'"
        )

    @property
    def of_any_size(self) -> "LimitText":
        """The limit, where it is a share with a bound that every cohort keeps."""
        if self.percent is None:
            return self
        number = _MOST if self.sign == "<=" else 0.0
        return replace(self, sign="<=" if self.sign == "<=" else ">=", number=number)

    @property
    def column(self) -> str:
        """The column of the clients that it needs, or what is added up."""
        if self.what is not None:
            return self.what
        assert self.group is not None  # noqa: S101 - else something is counted or added up
        return self.group[0]

    @property
    def shown(self) -> str:
        """As what it was given, to tell it from another that says the same."""
        where = "" if self.file is None else f" in {self.file}"
        return self.given or f"{self.text!r}{where}"

    def error(self, message: str) -> InputError:
        """Build an error that quotes the limit, and names an argument for which it stands."""
        usual = self.argument == "limits"
        text = f"limit {self.text!r}: {message}"
        return InputError(
            text if usual else f"{self.argument}: {text}",
            file=self.file,
            field="limit" if usual else self.argument,
        )


def read_limit(text: str, file: str | None = None) -> LimitText:
    """Take a limit apart.

    Parameters
    ----------
    text
        As people write it.
    file
        Where it is written, for messages.

    Raises
    ------
    InputError
        If it is none; quotes it and shows right ones.
    """
    found = _FORM.fullmatch(text.translate(_TYPED).strip())
    if found is None:
        raise InputError(
            f"limit {text!r}: expected WHAT <= NUMBER or WHAT >= NUMBER, for example {EXAMPLES}",
            file=file,
            field="limit",
        )
    head = " ".join(found["what"].split())
    what: str | None = head.casefold() if head.casefold() in (*SUMMED, "rest") else head
    group = None
    if found["name"] is not None:
        before, _, column = head.partition(" ")
        # Names of columns may hold blanks.
        summed = bool(column) and before.casefold() in SUMMED
        what = before.casefold() if summed else None
        group = (column if summed else head, found["name"].strip())
    number, percent = _number(text, found["number"], file), None
    if found["share"] is not None:
        if what in (*SUMMED, "rest") or number > 100:
            raise InputError(
                f"limit {text!r}: expected a share of clients, or of turns in all, from 0 to 100%; "
                f"for example {_SHARES}",
                file=file,
                field="limit",
            )
        number, percent = math.nan, Fraction(str(number))
    return LimitText(
        text=text.strip(),
        what=what,
        group=group,
        sign=cast(_Sign, found["sign"].replace("==", "=")),
        number=number,
        percent=percent,
        in_all=found["in_all"] is not None,
        file=file,
    )


def _number(text: str, written: str, file: str | None) -> float:
    """Read a number of zero or more; a comma could be a decimal sign or not, so it is refused."""
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise InputError(
            f"limit {text!r}: expected a number of zero or more such as 20000 or 0.5, got "
            f"{written!r}; for example {EXAMPLES}",
            file=file,
            field="limit",
        )
    return number
