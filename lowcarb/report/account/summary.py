"""Figures of an account: in total, by region, by client; what is estimated and what is unknown."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isclose

from lowcarb._util.text import count, named
from lowcarb.carbon.provenance import Quality
from lowcarb.ledger.account import Account, known_total
from lowcarb.ledger.entries import Member, Outcome, Turn, Work
from lowcarb.report.account.cohorts import CohortSizes
from lowcarb.report.account.waiting import WaitingSummary


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What some work burnt and emitted, as far as it is known.

    Parameters
    ----------
    works
        How many workloads it is.
    unknown
        How many of them have no intensity; they are in none of the grams.
    energy_kwh
        Energy burnt.
    measured_kwh
        The part of it that was measured; the rest is what was expected.
    known_kwh
        The part of it of which an intensity is known, if only a forecast one.
    settled_kwh
        The part of it of which the intensity that came true is known.
    planned_g
        Planned emissions, gCO2eq; None if no intensity is known.
    realised_g
        Realised emissions, gCO2eq, with estimates where need be; None if no intensity is known.
    certain_g
        The part of `realised_g` in which nothing is estimated.
    """

    works: int
    unknown: int
    energy_kwh: float
    measured_kwh: float
    known_kwh: float
    settled_kwh: float
    planned_g: float | None
    realised_g: float | None
    certain_g: float

    @property
    def estimated(self) -> bool:
        """Whether any gram or kilowatt-hour is estimated."""
        return self.measured_kwh < self.energy_kwh or self.settled_kwh < self.energy_kwh

    @property
    def certain_share(self) -> float | None:
        """Share of the realised grams in which nothing is estimated; None where there are none."""
        if not self.realised_g:
            return None
        # Sums of the same figures may differ in their last bits.
        share = self.certain_g / self.realised_g
        return 1.0 if isclose(share, 1) else share

    @classmethod
    def of(cls, works: Sequence[Work]) -> "Sums":
        """Add up some work."""
        known = [work for work in works if work.realised_g is not None]
        return cls(
            works=len(works),
            unknown=len(works) - len(known),
            energy_kwh=sum(work.energy_kwh for work in works),
            measured_kwh=sum(work.energy_kwh for work in works if work.measured is not None),
            known_kwh=sum(work.energy_kwh for work in known),
            settled_kwh=sum(work.energy_kwh for work in works if work.actual is not None),
            planned_g=known_total(work.planned_g for work in works if isinstance(work, Turn)),
            realised_g=known_total(work.realised_g for work in works),
            certain_g=sum(work.realised_g or 0.0 for work in known if not work.estimated),
        )


@dataclass(frozen=True, kw_only=True)
class ClientLine:
    """One client's part.

    Parameters
    ----------
    member
        The client.
    turns
        Turns that count.
    owed
        Turns that the client still lacks.
    outcomes
        What became of the client's turns, by how often.
    sums
        What the client burnt and emitted in training.
    """

    member: Member
    turns: int
    owed: int
    outcomes: Counter[Outcome]
    sums: Sums


@dataclass(frozen=True, kw_only=True)
class AccountSummary:
    """All that a report says of an account."""

    account: Account

    @cached_property
    def total(self) -> Sums:
        """Training, all rounds."""
        return Sums.of(self.account.work)

    @cached_property
    def second(self) -> "AccountSummary | None":
        """The same training by its second signal; None if it has none."""
        account = self.account.by_second
        return None if account is None else AccountSummary(account=account)

    @cached_property
    def cohorts(self) -> CohortSizes | None:
        """Sizes of cohorts; None where all are to be of one size."""
        return CohortSizes.of(self.account)

    @cached_property
    def waiting(self) -> WaitingSummary | None:
        """How rounds waited; None where no hours were chosen."""
        return WaitingSummary.of(self.account)

    @cached_property
    def evaluation(self) -> Sums:
        """Evaluation, all rounds; evaluation is in no other figure."""
        return Sums.of(self.account.evaluation)

    @cached_property
    def regions(self) -> dict[str | None, Sums]:
        """Training by region, by name; the unknown region, None, comes last."""
        groups: dict[str | None, list[Turn]] = defaultdict(list)
        for turn in self.account.work:
            groups[turn.region].append(turn)
        return {name: Sums.of(groups[name]) for name in sorted(groups, key=_unknown_last)}

    @cached_property
    def clients(self) -> list[ClientLine]:
        """Every client: those that are owed most first, then those that emitted most."""
        groups: dict[str, list[Turn]] = defaultdict(list)
        for turn in self.account.work:
            groups[turn.client].append(turn)
        owed = self.account.owed
        lines = [
            ClientLine(
                member=member,
                turns=self.account.turns[member.name],
                owed=owed.get(member.name, 0),
                outcomes=Counter(turn.outcome for turn in groups[member.name]),
                sums=Sums.of(groups[member.name]),
            )
            for member in self.account.members
        ]
        return sorted(lines, key=lambda line: (-line.owed, -(line.sums.realised_g or 0.0)))

    @cached_property
    def outcomes(self) -> dict[Outcome, int]:
        """How often each thing became of a client that was asked."""
        found = Counter(turn.outcome for turn in self.account.work)
        return {outcome: found[outcome] for outcome in Outcome}

    @cached_property
    def qualities(self) -> dict[Quality, int]:
        """How good forecasts were, counted by region and round."""
        every = [
            provenance
            for booked in self.account.rounds
            for provenance in booked.provenances.values()
        ]
        found = Counter(provenance.quality for provenance in every)
        return {quality: found[quality] for quality in Quality}

    @cached_property
    def sources(self) -> Counter[tuple[str, str | None]]:
        """Providers and their signals, counted by region and round."""
        return Counter(
            (provenance.provider, provenance.signal)
            for booked in self.account.rounds
            for provenance in booked.provenances.values()
        )

    @cached_property
    def gaps(self) -> list[str]:
        """Why the account is not complete."""
        account = self.account
        found = []
        if account.missing_rounds:
            found.append(f"nothing is known of {named(account.missing_rounds, 'round')}")
        if account.rounds_left:
            of = count(account.training.rounds, "round")
            left = account.rounds_left
            found.append(f"{left} of {of} {'is' if left == 1 else 'are'} to come")
        if self.total.unknown:
            unknown, of = self.total.unknown, count(self.total.works, "turn")
            found.append(f"{unknown} of {of} {'has' if unknown == 1 else 'have'} no intensity")
        return found


def _unknown_last(name: str | None) -> tuple[bool, str]:
    return name is None, name or ""
