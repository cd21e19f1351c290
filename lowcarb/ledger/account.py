"""What a training did: rounds, turns, energy and emissions, as the ledger keeps them.

Grams are intensity times energy. A planned figure is the forecast times the energy expected. A
realised figure is the energy that was burnt, measured where the client measured it, times the
intensity that came true; until that is known the forecast stands in, and the figure is marked as
estimated.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lowcarb._util.text import count, grams_if_known
from lowcarb.carbon.findings import Finding
from lowcarb.carbon.kinds import Kind, kinds_said
from lowcarb.ledger.as_json import plain
from lowcarb.ledger.columns import columns_of
from lowcarb.ledger.entries import BookedRound, Member, TrainingSpec, Turn, Work
from lowcarb.ledger.second_signal import NOTHING, SecondRound
from lowcarb.ledger.tally import last_of, missing_of
from lowcarb.ledger.waits import Wait

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Account:
    """Everything that a ledger holds of one training.

    Parameters
    ----------
    number
        Of the training in its ledger, from 1.
    training
        What was asked for.
    members
        Its clients, in the order in which they became known.
    rounds
        Those booked, in order.
    evaluations
        Work for evaluation by the number of its round.
    second
        What a second signal says, by the number of the round; it is in no other figure.
    findings
        What was found of its forecasts, by when it began.
    wait
        The last decision to wait for a round; None if there was none.
    """

    number: int
    training: TrainingSpec
    members: Sequence[Member]
    rounds: Sequence[BookedRound]
    evaluations: dict[int, Sequence[Work]]
    second: Mapping[int, SecondRound] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    wait: Wait | None = None

    @cached_property
    def by_second(self) -> "Account | None":
        """The same training by its second signal; None if it has none.

        Rounds and turns of which that signal says nothing are of unknown intensity there.
        """
        if not self.second:
            return None
        rounds = [self.second.get(booked.number, NOTHING).of(booked) for booked in self.rounds]
        return replace(self, rounds=rounds, evaluations={}, second={}, findings=())

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Signals and accountings of the intensities that it rests on."""
        origins = [p for booked in self.rounds for p in booked.provenances.values()]
        return kinds_said(origins) if origins else ()

    @property
    def missing_rounds(self) -> list[int]:
        """Rounds before the last one that was booked of which nothing is known."""
        return missing_of([booked.number for booked in self.rounds])

    @property
    def rounds_over(self) -> int:
        """Number of the last round that was booked, 0 if none was."""
        return last_of([booked.number for booked in self.rounds])

    @property
    def rounds_left(self) -> int:
        """Rounds of the training that are still to come."""
        return max(0, self.training.rounds - self.rounds_over)

    @property
    def waits(self) -> Wait | None:
        """Until when it waits for the next round; None if it does not wait."""
        due = self.rounds_left and self.wait is not None and self.wait.number > self.rounds_over
        return self.wait if due else None

    @cached_property
    def work(self) -> list[Turn]:
        """All turns, those that do not count too, in order."""
        return [turn for booked in self.rounds for turn in booked.turns]

    @property
    def complete(self) -> bool:
        """Whether all rounds are booked and every turn has an intensity, if only a forecast one."""
        known = all(turn.realised_g is not None for turn in self.work)
        return known and not self.missing_rounds and not self.rounds_left

    @cached_property
    def turns(self) -> dict[str, int]:
        """Credited turns of each client."""
        counted = dict.fromkeys((member.name for member in self.members), 0)
        for turn in self.work:
            counted[turn.client] += turn.counts
        return counted

    def asked_since(self, number: int) -> int:
        """Turns that were asked for from a round on, whatever became of them."""
        return sum(len(booked.turns) for booked in self.rounds if booked.number >= number)

    @property
    def owed(self) -> dict[str, int]:
        """Clients that still lack turns, and how many."""
        lacks = {m.name: m.min_rounds - self.turns[m.name] for m in self.members}
        return {name: short for name, short in lacks.items() if short > 0}

    @property
    def unproven(self) -> list[str]:
        """Clients whose names belong to no key: any node could have claimed them."""
        return [member.name for member in self.members if member.key is None]

    @cached_property
    def planned_g(self) -> float | None:
        """Planned emissions of training, gCO2eq.

        A total of what is known: turns without a forecast are left out; None if there is no other.
        """
        return known_total(turn.planned_g for turn in self.work)

    @cached_property
    def realised_g(self) -> float | None:
        """Realised emissions of training, gCO2eq, with estimates where need be.

        A total of what is known: turns of which no intensity is known are left out; None if there
        is no other.
        """
        return known_total(turn.realised_g for turn in self.work)

    @cached_property
    def against_random(self) -> tuple[float, float, int]:
        """Planned and random grams, and of how many rounds: those of which both are known."""
        both = [
            (booked.planned_g, booked.random_g)
            for booked in self.rounds
            if booked.planned_g is not None and booked.random_g is not None
        ]
        return sum(planned for planned, _ in both), sum(random for _, random in both), len(both)

    @property
    def saved_share(self) -> float | None:
        """Share saved against random cohorts, by the forecast; None if unknown."""
        planned, random, _ = self.against_random
        return 1 - planned / random if random else None

    @property
    def lost_turns(self) -> dict[str, int]:
        """Clients whose owed turns the rounds that are left cannot all give, and how many not.

        Where there are any, what was saved compares with nothing: turns not given pass for a
        saving.
        """
        left = self.rounds_left
        return {name: short - left for name, short in self.owed.items() if short > left}

    @property
    def lost(self) -> int:
        """Owed turns that the rounds that are left cannot give."""
        return sum(self.lost_turns.values())

    @cached_property
    def evaluation(self) -> list[Work]:
        """All work for evaluation, in order; it is in no other figure."""
        return [work for number in sorted(self.evaluations) for work in self.evaluations[number]]

    @property
    def energy_kwh(self) -> float:
        """Energy of training, kWh; where nothing was measured, what was expected."""
        return sum(turn.energy_kwh for turn in self.work)

    @property
    def measured_share(self) -> float | None:
        """Share of the energy that was measured; None where there is none."""
        return self._share(turn for turn in self.work if turn.measured is not None)

    @property
    def actual_share(self) -> float | None:
        """Share of the energy of which the intensity that came true is known; None without any."""
        return self._share(turn for turn in self.work if turn.actual is not None)

    def _share(self, turns: Iterable[Turn]) -> float | None:
        every = self.energy_kwh
        return sum(turn.energy_kwh for turn in turns) / every if every else None

    @property
    def lengths(self) -> list[timedelta]:
        """Time from each round's start to the next one's."""
        starts = [booked.start for booked in self.rounds]
        return [after - before for before, after in pairwise(starts)]

    def to_dict(self) -> dict[str, Any]:
        """Return all of the account for JSON; keys are stable, unknown figures are null.

        Grams are gCO2eq, energies kWh. Totals are of training and of what is known. ::

            training    number, started_at, rounds, cohort_size, fairness, strategy, clock,
                        simulated_time, lowcarb_version, cohort_least, cohort_most, deadline,
                        hours
            complete    whether all rounds are booked and every turn has an intensity
            rounds_over, rounds_left, missing_rounds
            energy_kwh, planned_g, realised_g, measured_share, actual_share
            turns, owed by client: turns that count, turns that it still lacks
            members     a list of client, region, energy_kwh_a_round, duration_s, min_rounds,
                        max_rounds, joined, key
            rounds      a list of round, start, solver, status, planning_s, aggregated, planned_g,
                        realised_g, random_g, owed_before, notes, origins (by region), turns (a list
                        of WORK, outcome, counts, planned_kwh, planned_g, reason, loss, samples),
                        model, model_sha256, planned_least_g, planned_most_g (90 % interval),
                        ready_at, at_once_g, told_by, paid_for_value_g
            evaluations by number of the round: a list of WORK
            findings    what was found of forecasts: a list of region, fault (none, wrong, stuck,
                        random, strange), believed, since, until (null while it holds),
                        error_issued, error_corrected, error_yesterday (shares), factor, sentence
            also        only where there is a second signal: a list of round, planned_g,
                        realised_g, random_g, origins and turns (client, intensity_g_per_kwh,
                        actual_g_per_kwh) by that signal

        WORK stands for client, region, energy_kwh, measured, seconds, intensity_g_per_kwh,
        actual_g_per_kwh, realised_g, estimated.
        """
        names = (
            *("complete", "rounds_over", "rounds_left", "missing_rounds", "energy_kwh"),
            *("planned_g", "realised_g", "measured_share", "actual_share", "turns", "owed"),
            *("members", "rounds"),
        )
        return {
            "training": {"number": self.number} | self.training.to_dict(),
            **{name: plain(getattr(self, name)) for name in names},
            "evaluations": plain(dict(sorted(self.evaluations.items()))),
            "findings": plain(self.findings),
            **({"also": self._second_to_dict()} if self.second else {}),
        }

    def _second_to_dict(self) -> list[dict[str, Any]]:
        return [
            self.second[booked.number].to_dict(booked)
            for booked in self.rounds
            if booked.number in self.second
        ]

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each turn: round, start, and what `Turn.to_dict` gives."""
        import pandas as pd

        frame = pd.DataFrame(
            [
                {"round": booked.number, "start": booked.start} | turn.to_dict()
                for booked in self.rounds
                for turn in booked.turns
            ],
            columns=["round", "start", *Turn.json_keys()],
        )
        frame["start"] = pd.to_datetime(frame["start"], utc=True)
        # A column of which nothing is known would hold objects.
        figures = {name for name, column in columns_of(Turn).items() if column.kind == "REAL"}
        figures |= {"planned_g", "realised_g"}
        return frame.astype(
            {key: float for key, name in Turn.json_keys().items() if name in figures}
        )

    def __repr__(self) -> str:
        asked = self.training
        return (
            f"Account(training {self.number}: {len(self.rounds)} of {count(asked.rounds, 'round')} "
            f"of {asked.cohort_size}, {grams_if_known(self.planned_g)} planned, "
            f"{grams_if_known(self.realised_g)} realised, "
            f"{count(sum(self.owed.values()), 'turn')} owed)"
        )


def known_total(parts: Iterable[float | None]) -> float | None:
    """Add up what is known; None if nothing is."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None
