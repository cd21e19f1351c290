"""One limit as people write it, such as ``region <= 4`` or ``kwh region=DE <= 2 in all``."""

import math
import re
from dataclasses import dataclass
from typing import Literal, cast

from lowcarb.errors import InputError

EXAMPLES = '"region <= 4", "group=hospital >= 2", "samples >= 20000", "kg <= 3 in all", "rest >= 1"'
"""Right ones, for messages."""

SUMMED = ("kwh", "kg", "g", "samples", "value")
"""What may stand before a group: it is added up over the group's clients."""

_FORM = re.compile(
    r"(?P<what>[^<>=]+?)(?:=(?P<name>[^<>=]+?))?\s*(?P<sign><=|>=|==|=)\s*(?P<number>[^\s<>=]+)"
    r"(?P<in_all>\s+in\s+all)?"
)
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
        The bound.
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
    file: str | None = None
    argument: str = "limits"
    given: str | None = None

    @property
    def subject(self) -> str:
        """What is bounded, such as "kwh region=DE in all"."""
        group = None if self.group is None else "=".join(self.group)
        return " ".join(part for part in (self.what, group, "in all" * self.in_all) if part)

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
    found = _FORM.fullmatch(text.strip())
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
    return LimitText(
        text=text.strip(),
        what=what,
        group=group,
        sign=cast(_Sign, found["sign"].replace("==", "=")),
        number=_number(text, found["number"], file),
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
