"""What every provider of forecasts does, and what some can do besides."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from lowcarb.carbon.forecast import Series
from lowcarb.carbon.issues import Issues
from lowcarb.errors import ProviderError
from lowcarb.providers.http.deadline import Deadline

Answer = tuple[Mapping[str, Series], Mapping[str, ProviderError]]
"""Series of the regions that could be had, and for each other region why not."""


class Provider(Protocol):
    """Gives forecasts of carbon intensity.

    A region that fails never loses the others: it stands among the errors. A provider of your
    own takes ten lines, see docs/forecasts.md.
    """

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return what is known of some regions.

        Parameters
        ----------
        regions
            Regions, by the provider's own names.
        start
            Only forecasts issued by then may be used; the series should cover it.
        end
            How far the series should reach if they can; they may end sooner or later.
        """


@runtime_checkable
class Actuals(Protocol):
    """Gives the intensities that came true."""

    def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return what came true between two times, as far as it is known by now.

        Parameters
        ----------
        regions
            Regions, by the same names as for forecasts.
        start, end
            The time of interest; series may be longer or shorter.
        """


@runtime_checkable
class Issued(Protocol):
    """Has past forecasts as they were issued."""

    def issued(self) -> Issues:
        """Return all that were issued so far, those after some round's start included."""


@runtime_checkable
class Checked(Protocol):
    """Can tell before a training starts that it will never answer."""

    def check(self) -> None:
        """Refuse what no later answer can cure, such as a file that is not there.

        Raises
        ------
        ProviderError
            Says what is wrong and the way out.
        """


@runtime_checkable
class Timed(Protocol):
    """Keeps a deadline by itself, so that no other thread has to watch it."""

    def forecasts_by(
        self, deadline: Deadline, regions: Sequence[str], *, start: datetime, end: datetime
    ) -> Answer:
        """Return what `Provider.forecasts` does, before a deadline."""


@runtime_checkable
class Remembers(Protocol):
    """Remembers its last answers, also those that an earlier process was given."""

    last_good_for: timedelta
    """How old an answer may be to stand in once the provider fails."""

    def remembered(self, regions: Sequence[str]) -> Mapping[str, Series]:
        """Return the last series of each region that has one, however old it is."""
