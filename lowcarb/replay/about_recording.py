"""What a person should know of recorded days that were played: files, corrections, stand-ins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from lowcarb.carbon.correction_measured import Corrected
from lowcarb.replay.not_believed import not_believed
from lowcarb.replay.recording import Recording
from lowcarb.replay.stand_ins import stand_ins


@dataclass(frozen=True, kw_only=True, eq=False)
class AboutRecording:
    """What is to be said of a recording, as far as it was played.

    Parameters
    ----------
    recording
        What was forecast and what came true.
    regions
        Those of the clients.
    starts
        From when on it was played.
    length
        How long it was played from each.
    """

    recording: Recording
    regions: Sequence[str]
    starts: Sequence[datetime]
    length: timedelta

    @cached_property
    def corrected(self) -> Corrected | None:
        """What correction rests on and changed at the starts; None where nothing is corrected."""
        if self.recording.corrector is None:
            return None
        return Corrected.of(self.recording.corrector, self.regions, self.starts)

    @cached_property
    def stand_ins(self) -> tuple[str, ...]:
        """Of which hours no forecast spoke, in a sentence each."""
        if self.recording.persistent:
            return ()  # yesterday is no forecast that was issued, and its text says so
        windows = [(start, (start + self.length).timestamp()) for start in self.starts]
        return tuple(stand_ins(self.recording, self.regions, windows))

    @cached_property
    def not_believed(self) -> tuple[str, ...]:
        """Whose forecasts failed, in a sentence each."""
        windows = [(start, start + self.length) for start in self.starts]
        return not_believed(self.recording.corrector, self.regions, windows)

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it, without a full stop."""
        corrected = () if self.corrected is None else (self.corrected.sentence, *self.not_believed)
        return (*self.recording.notes, *corrected, *self.stand_ins)

    def to_dict(self) -> dict[str, Any]:
        """Return for JSON what was known and how it was corrected."""
        delay, corrected = self.recording.delay, self.corrected
        return {
            "actual_delay_s": None if delay is None else delay.total_seconds(),
            "forecasts": "persistence" if self.recording.persistent else "as issued",
            "correction": None if corrected is None else corrected.to_dict(),
        }
