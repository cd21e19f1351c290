"""What every provider of forecasts does, and what those do that also know the past."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from lowcarb.carbon.forecast import Series
from lowcarb.errors import ProviderError

Answer = tuple[Mapping[str, Series], Mapping[str, ProviderError]]
"""Series of the regions that could be had, and for each other region why not."""


class Provider(Protocol):
    """Gives forecasts of carbon intensity.

    A region that fails never loses the others: it stands among the errors. One of your own takes
    ten lines, see docs/forecasts.md.
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
