"""Who knows what came true is asked one question at a time, whoever asks."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lowcarb.providers import Actuals, Answer
from lowcarb.training.settings import Settings


@dataclass(frozen=True)
class OneQuestion:
    """Passes questions on, each once the one before is answered: providers need no locks.

    Parameters
    ----------
    source
        Who is asked.
    """

    source: Actuals
    _busy: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return what `Actuals.actuals` does; wait while another question is under way."""
        with self._busy:
            return self.source.actuals(regions, start=start, end=end)


def source_of_actuals(settings: Settings) -> OneQuestion | None:
    """Find who knows what came true: who is named for it, or the provider; None if nobody does."""
    if settings.actuals is not None:
        return OneQuestion(settings.actuals)
    return OneQuestion(settings.provider) if isinstance(settings.provider, Actuals) else None
