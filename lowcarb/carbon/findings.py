"""What was found of forecasts over a training: which were not believed, why, and until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from lowcarb._util.times import from_seconds, show, to_iso
from lowcarb.carbon.guard import Fault, Verdict
from lowcarb.units import SECONDS_PER_HOUR


class FaultName(StrEnum):
    """A `Fault` as it is kept and told."""

    NONE = "none"
    """Forecasts are used, though they are steadily a multiple of what comes true."""
    WRONG = "wrong"
    STUCK = "stuck"
    RANDOM = "random"
    STRANGE = "strange"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found of one region's forecasts, from when on, and until when it held.

    Parameters
    ----------
    region
        Its name.
    fault
        Why its forecasts were not believed.
    since
        The hour in which that began, in UTC.
    issued, corrected, yesterday
        How wrong forecasts were then, as issued and as corrected, and yesterday's values: shares.
    factor
        How many times what came true forecasts were steadily; None if they were not.
    until
        The first start at which it held no longer, in UTC; None while it holds.
    """

    region: str
    fault: FaultName
    since: datetime
    issued: float
    corrected: float
    yesterday: float
    factor: float | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, verdict: Verdict) -> "Finding":
        """Take what the guard finds."""
        return cls(
            region=verdict.region,
            fault=FaultName[verdict.fault.name],
            since=from_seconds(verdict.since * SECONDS_PER_HOUR),
            issued=verdict.issued,
            corrected=verdict.corrected,
            yesterday=verdict.yesterday,
            factor=verdict.factor,
        )

    @property
    def verdict(self) -> Verdict:
        """What the guard found."""
        return Verdict(
            region=self.region,
            fault=Fault[self.fault.name],
            since=int(self.since.timestamp() // SECONDS_PER_HOUR),
            issued=self.issued,
            corrected=self.corrected,
            yesterday=self.yesterday,
            factor=self.factor,
        )

    @property
    def sentence(self) -> str:
        """Say it in words, without a full stop."""
        when = f"since {show(self.since)} UTC"
        if self.until is not None:
            when = f"from {show(self.since)} to {show(self.until)} UTC, when they were good again"
        return f"{when}: {self.verdict.sentence}"

    def to_dict(self) -> dict[str, object]:
        """Write it for JSON."""
        return {
            "region": self.region,
            "fault": str(self.fault),
            "believed": self.verdict.believed,
            "since": to_iso(self.since),
            "until": None if self.until is None else to_iso(self.until),
            "error_issued": self.issued,
            "error_corrected": self.corrected,
            "error_yesterday": self.yesterday,
            "factor": self.factor,
            "sentence": self.verdict.sentence,
        }


class Findings:
    """Follows what the guard finds, round after round.

    Parameters
    ----------
    before
        What was found earlier, oldest first.
    """

    def __init__(self, before: Sequence[Finding] = ()) -> None:
        self._open = {one.region: one for one in before if one.until is None}

    @property
    def open(self) -> list[Finding]:
        """What holds now, as it was found."""
        return list(self._open.values())

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """What holds now, by region."""
        return {region: one.verdict for region, one in self._open.items()}

    def take(self, verdicts: Mapping[str, Verdict], now: datetime) -> list[Finding]:
        """Take note of what holds at a time; return what begins and what ends, as it is now."""
        changed = []
        for region, finding in list(self._open.items()):
            verdict = verdicts.get(region)
            if verdict is None or _state(verdict) != _state(finding.verdict):
                # A finding that another one follows ends where that begins, and not before itself.
                after = now if verdict is None else Finding.of(verdict).since
                changed.append(replace(finding, until=max(finding.since, min(now, after))))
                del self._open[region]
        for region, verdict in verdicts.items():
            if region not in self._open:
                self._open[region] = Finding.of(verdict)
                changed.append(self._open[region])
        return changed


def _state(verdict: Verdict) -> tuple[Fault, bool]:
    return verdict.fault, verdict.factor is None
