"""What is known of one client: what it says of itself, and how it has done in this training."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from statistics import median

from lowcarb.ledger.entries import Member

LEARNT_FROM = 9
"""Measurements of a client that count, the last ones."""


class FigureOrigin(StrEnum):
    """Where a figure of a client's rounds comes from; best first."""

    MEASURED = "measured"
    """By the client, in this training."""
    DECLARED = "declared"
    """By the client's node config, or by a fleet."""
    TYPICAL = "typical"
    """The others' median."""
    DEFAULT = "default"
    """Nobody gave or measured any."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A client as it describes itself.

    Parameters
    ----------
    name
        Its identity: the client-id of its node config, else the name under which the operator
        registered it, else its partition-id, else its public key, else its node id.
    region
        None if it does not say.
    energy_kwh, duration_s
        Of one round; None if it does not say.
    samples
        That it trains on in a round; None if it does not say.
    told
        Whether the client itself answered.
    registered
        The name under which the operator registered its node; empty if there is none.
    key
        Fingerprint of its node's public key: SHA-256 in hexadecimal digits; None without one.
    lasting
        Whether the node has that key after a restart too, so that a name can belong to the key.
    """

    name: str
    region: str | None = None
    energy_kwh: float | None = None
    duration_s: float | None = None
    samples: float | None = None
    told: bool = True
    registered: str = ""
    key: str | None = None
    lasting: bool = True

    def renamed(self, name: str) -> "Facts":
        """Give it another name."""
        return self if name == self.name else replace(self, name=name)


@dataclass
class ClientState:
    """A client, and how it has done in this training.

    Parameters
    ----------
    member
        What the account says of it.
    node
        Flower's number of the node it runs on; None while it is offline.
    absent
        Rounds in a row that it has been offline for.
    failures
        Failed or silent turns in a row.
    suspected
        Whether it was asked, but in a round of which nobody was heard, and nobody was heard since.
    doubted
        Whether it was blamed for such a round, and was not heard since.
    late
        Turns in a row that a round did not wait for.
    passed_over
        How often in a row it was chosen and then not written to.
    resting
        It is not asked before this round.
    rested
        It would not be asked before this round, owed it nothing.
    asked
        The last round in which it was asked; None if it never was.
    turns
        Credited ones.
    energies, durations
        The last measurements, kWh and seconds.
    samples, last_loss
        What its last reply said of its training, and before that its node config of samples; None
        where nothing was said.
    """

    member: Member
    node: int | None = None
    absent: int = 0
    failures: int = 0
    suspected: bool = False
    doubted: bool = False
    late: int = 0
    passed_over: int = 0
    resting: int = 0
    rested: int = 0
    asked: int | None = None
    turns: int = 0
    energies: list[float] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)
    samples: float | None = None
    last_loss: float | None = None

    @property
    def energy_kwh(self) -> float | None:
        """Energy expected of its next round; None if nothing is known."""
        return learn(self.member.energy_kwh, self.energies)

    @property
    def duration_s(self) -> float | None:
        """Length expected of its next round; None if nothing is known."""
        return learn(self.member.duration_s, self.durations)

    @property
    def owed(self) -> int:
        """Turns that it still lacks."""
        return max(0, self.member.min_rounds - self.turns)


def learn(given: float | None, measured: Sequence[float]) -> float | None:
    """Expect of the next round what the last ones measured.

    The estimate is the median of the last `LEARNT_FROM` measurements and two copies of the given
    figure. A single outlier therefore never decides; after one measurement the given figure still
    stands, after two it is half way, from the third on measurements alone decide.

    Parameters
    ----------
    given
        The figure to start from, kWh or seconds; None if nobody gave one.
    measured
        Measurements in the same unit, oldest first.

    Returns
    -------
    float or None
        None if nothing is known.
    """
    known = [*measured[-LEARNT_FROM:], *([] if given is None else [given, given])]
    return median(known) if known else None
