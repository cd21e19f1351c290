"""What a ledger keeps of a second signal: beside the rounds, and in no figure of theirs.

A training is planned by one signal. Where it has a second one, each round keeps what its turns are
charged by that: forecast, and what came true.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lowcarb.carbon.forecast import Forecast
from lowcarb.carbon.kinds import Kind, kinds_said
from lowcarb.carbon.provenance import Provenance
from lowcarb.ledger.as_json import plain
from lowcarb.ledger.entries import BookedRound, Member
from lowcarb.ledger.settlement import actual_mean


@dataclass(frozen=True, kw_only=True)
class SecondTurn:
    """Intensities of a turn by the second signal.

    Parameters
    ----------
    client
        Whose turn.
    intensity
        Forecast mean over its workload's window, gCO2eq/kWh; None where there was no forecast.
    actual
        The intensity that came true; None until it is known.
    """

    client: str
    intensity: float | None = None
    actual: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON."""
        return {
            "client": self.client,
            "intensity_g_per_kwh": self.intensity,
            "actual_g_per_kwh": self.actual,
        }


@dataclass(frozen=True, kw_only=True)
class SecondRound:
    """A round by the second signal.

    Parameters
    ----------
    turns
        Of its clients, as far as anything is known.
    provenances
        Where each region's intensities come from.
    random_g
        Expected emissions of a random cohort by this signal, gCO2eq; None where unknown.
    """

    turns: Sequence[SecondTurn]
    provenances: Mapping[str, Provenance] = field(default_factory=dict)
    random_g: float | None = None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Of which kind its intensities are: one, unless a ledger was tampered with."""
        return kinds_said(self.provenances.values()) if self.provenances else ()

    def of(self, booked: BookedRound) -> BookedRound:
        """Return the round as it is by this signal; turns of which nothing is known are unknown."""
        own = {turn.client: turn for turn in self.turns}
        nothing = SecondTurn(client="")
        turns = [
            replace(turn, intensity=known.intensity, actual=known.actual)
            for turn in booked.turns
            for known in [own.get(turn.client, nothing)]
        ]
        return replace(
            booked,
            turns=turns,
            provenances=dict(self.provenances),
            random_g=self.random_g,
            # They are of the first signal.
            least_g=None,
            most_g=None,
        )

    def to_dict(self, booked: BookedRound) -> dict[str, Any]:
        """Write it for JSON, with the grams of its round."""
        seen = self.of(booked)
        return {
            "round": booked.number,
            "planned_g": seen.planned_g,
            "realised_g": seen.realised_g,
            "random_g": self.random_g,
            "origins": plain(self.provenances),
            "turns": plain(list(self.turns)),
        }


NOTHING = SecondRound(turns=())
"""Of a round of which a second signal says nothing."""


def settled_second(
    booked: BookedRound,
    before: SecondRound | None,
    members: Mapping[str, Member],
    actual: Forecast,
) -> SecondRound | None:
    """Fill in the intensities that came true by the second signal in a round.

    Parameters
    ----------
    booked
        The round.
    before
        What is known of it by that signal; None if nothing is.
    members
        Clients by name: their durations count where none was measured.
    actual
        What came true by that signal.

    Returns
    -------
    SecondRound | None
        None if nothing changes.
    """
    known = before or NOTHING
    own = {turn.client: turn for turn in known.turns}
    provenances = dict(known.provenances)
    for turn in booked.turns:
        member = members.get(turn.client)
        given_s = None if member is None else member.duration_s
        mean = actual_mean(actual, turn.region, booked.start, turn.seconds, given_s)
        if mean is None or turn.region is None:
            continue
        own[turn.client] = replace(
            own.get(turn.client, SecondTurn(client=turn.client)), actual=mean
        )
        origin = actual.series[turn.region].provenance
        if turn.region not in provenances and origin is not None:
            provenances[turn.region] = origin
    order = [own[turn.client] for turn in booked.turns if turn.client in own]
    after = replace(known, turns=order, provenances=provenances)
    return None if list(known.turns) == order else after
