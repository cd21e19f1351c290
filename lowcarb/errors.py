"""What goes wrong, and what a program may catch.

::

    LowcarbError
    ├── InputError         a file, an option or an argument is wrong (also a ValueError)
    │   ├── CoverageError  the forecast does not cover what was asked of it (also a ProviderError)
    │   └── PolicyError    a policy cannot be asked, or its answer cannot be carried out
    ├── FloorsNotMet       a strict plan would leave owed turns or seats open
    ├── LedgerError        the ledger cannot be read or written
    │   └── LedgerTakenOverError  another writer has it now, and nothing more is booked from here
    ├── ProviderError      a forecast cannot be had
    │   ├── AuthError                 the key is wrong or expired
    │   ├── AccessDeniedError         the key does not cover what was asked for
    │   ├── ConfigurationError        a key or an address is missing or cannot be used
    │   ├── UnknownLocationError      the provider does not know the region
    │   ├── NoDataError               it has nothing for the time that was asked for
    │   ├── RateLimitedError          it was asked too often
    │   ├── ProviderUnavailableError  it cannot be reached, is too slow or broken
    │   └── BadResponseError          its answer is not what it documents, and is not used
    ├── SimulationError    a simulation did not come to its end
    └── StrategyError      a Flower strategy that cannot be made carbon-aware

An infeasible plan is no exception but a status of the plan, unless it was asked to be strict.
"""

from datetime import timedelta

# Characters of a message that are shown; regions that are known may be listed.
_MOST_TEXT = 2000


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
        # (As `_util.text.printable`, which stands a floor above: errors import nothing.)
        shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in message[:_MOST_TEXT])
        # Nor may a cell of a megabyte fill the screen.
        self.message = shown if len(message) <= _MOST_TEXT else f"{shown}..."
        super().__init__(self.message)
        self.file = file
        self.line = line
        self.field = field

    def __str__(self) -> str:
        """Put the place before the message, as compilers do."""
        place = "".join(f"{part}:" for part in (self.file, self.line) if part is not None)
        return f"{place} {self.message}" if place else self.message


class ProviderError(LowcarbError):
    """A forecast cannot be had."""

    status: int | None = None
    """The HTTP status that says so; None if something else does."""


class CoverageError(InputError, ProviderError):
    """The forecast does not cover a time that was asked of it; the text says what it covers."""


class PolicyError(InputError):
    """A policy cannot be asked, or its answer cannot be carried out."""


class FloorsNotMet(LowcarbError):
    """A plan that was asked to be strict would leave owed turns or seats open."""


class LedgerError(LowcarbError):
    """The ledger cannot be read or written; what it held before is still there."""


class LedgerTakenOverError(LedgerError):
    """A ledger that is kept elsewhere has another writer now; trying again does not help."""


class AuthError(ProviderError):
    """The service does not accept the key, or no longer."""


class AccessDeniedError(ProviderError):
    """The service knows the key, but it does not cover what was asked for."""


class ConfigurationError(ProviderError):
    """A key or an address is missing, or cannot be used."""


class UnknownLocationError(ProviderError):
    """The provider does not know the region."""


class NoDataError(ProviderError):
    """The provider has nothing for the time that was asked for."""


class RateLimitedError(ProviderError):
    """The service was asked too often.

    Parameters
    ----------
    message
        What happened.
    retry_after
        How long it wants to be left alone; None if it does not say, or nothing that makes sense.
    """

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ProviderUnavailableError(ProviderError):
    """The service cannot be reached, is too slow, or is broken."""


class BadResponseError(ProviderError):
    """The answer is not what the service documents, and none of it is used."""


class SimulationError(LowcarbError):
    """A simulation could not be started or did not come to its end."""


class StrategyError(LowcarbError, TypeError):
    """A Flower strategy cannot be made carbon-aware, or not as it was asked for."""


class NotBegunError(StrategyError, AttributeError):
    """Something is asked of a training that has not begun."""
