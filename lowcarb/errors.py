"""What goes wrong, and what a program may catch.

::

    LowcarbError
    ├── InputError         a file, an option or an argument is wrong (also a ValueError)
    │   └── CoverageError  the forecast does not cover what was asked of it
    ├── FloorsNotMet       a strict plan would leave owed turns or seats open
    ├── LedgerError        the ledger cannot be read or written
    ├── ProviderError      a forecast cannot be had
    │   ├── UnknownLocationError  the provider does not know the region
    │   └── NoDataError           it has nothing for the time that was asked for
    ├── SimulationError    a simulation did not come to its end
    └── StrategyError      a Flower strategy that cannot be made carbon-aware

An infeasible plan is no exception but a status of the plan, unless it was asked to be strict.
"""


class LowcarbError(Exception):
    """Base of everything that Lowcarb raises on purpose."""


class InputError(LowcarbError, ValueError):
    """A file, an option or an argument is wrong.

    Parameters
    ----------
    message
        What was expected and what came, in one line.
    file
        The file that is wrong, if one is.
    line
        Its line, counted from 1.
    field
        The column, option or argument that is wrong.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
    ) -> None:
        # What users put into files may hold line breaks and terminal codes; an error is one line.
        self.message = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in message)
        super().__init__(self.message)
        self.file = file
        self.line = line
        self.field = field

    def __str__(self) -> str:
        """Put the place before the message, as compilers do."""
        place = "".join(f"{part}:" for part in (self.file, self.line) if part is not None)
        return f"{place} {self.message}" if place else self.message


class CoverageError(InputError):
    """The forecast does not cover a time that was asked of it; the text says what it covers."""


class FloorsNotMet(LowcarbError):
    """A plan that was asked to be strict would leave owed turns or seats open."""


class LedgerError(LowcarbError):
    """The ledger cannot be read or written; what it held before is still there."""


class ProviderError(LowcarbError):
    """A forecast cannot be had."""


class UnknownLocationError(ProviderError):
    """The provider does not know the region."""


class NoDataError(ProviderError):
    """The provider has nothing for the time that was asked for."""


class SimulationError(LowcarbError):
    """A simulation could not be started or did not come to its end."""


class StrategyError(LowcarbError, TypeError):
    """A Flower strategy cannot be made carbon-aware, or not as it was asked for."""
