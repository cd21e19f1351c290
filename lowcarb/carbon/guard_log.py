"""Says once whose forecasts are no longer believed, and once when they are again."""

import logging
from collections.abc import Mapping

from lowcarb.carbon.guard import Verdict

logger = logging.getLogger(__name__)


class GuardLog:
    """Remembers what was said."""

    def __init__(self) -> None:
        self._now: dict[str, tuple[bool, bool]] = {}
        self._said: set[tuple[str, int]] = set()

    def say(self, verdicts: Mapping[str, Verdict]) -> None:
        """Say what is new.

        Parameters
        ----------
        verdicts
            Of all regions at a time, as `Corrector.verdicts` gives them.
        """
        now = {name: (one.believed, one.factor is None) for name, one in verdicts.items()}
        for region, verdict in verdicts.items():
            key = (region, verdict.since)
            if now[region] != self._now.get(region) and key not in self._said:
                self._said.add(key)
                logger.warning("lowcarb: %s", verdict.sentence)
        for region, (believed, _) in self._now.items():
            if not believed and now.get(region, (True, True))[0]:
                logger.info("lowcarb: forecasts of %s are good again, and used", region)
        self._now = now
