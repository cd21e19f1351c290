"""Says once whose forecasts are no longer believed, and once when they are again."""

import logging
from collections.abc import Mapping

from lowcarb.carbon.guard import Verdict

logger = logging.getLogger(__name__)


class GuardLog:
    """Remembers what was said.

    Parameters
    ----------
    said
        What had been said before, and holds still, by region.
    """

    def __init__(self, said: Mapping[str, Verdict] | None = None) -> None:
        before = {} if said is None else said
        self._now = _states(before)
        self._said = {(region, verdict.since) for region, verdict in before.items()}

    def say(self, verdicts: Mapping[str, Verdict]) -> None:
        """Say what is new.

        Parameters
        ----------
        verdicts
            Of all regions at a time, as `Corrector.verdicts` gives them.
        """
        now = _states(verdicts)
        for region, verdict in verdicts.items():
            key = (region, verdict.since)
            if now[region] != self._now.get(region) and key not in self._said:
                self._said.add(key)
                logger.warning("lowcarb: %s", verdict.sentence)
        for region, (believed, _) in self._now.items():
            if not believed and now.get(region, (True, True))[0]:
                logger.info("lowcarb: forecasts of %s are good again, and used", region)
        self._now = now


def _states(verdicts: Mapping[str, Verdict]) -> dict[str, tuple[bool, bool]]:
    """Whether each region's forecasts are believed, and whether they have no factor."""
    return {name: (one.believed, one.factor is None) for name, one in verdicts.items()}
