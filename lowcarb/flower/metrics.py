"""Lowcarb's figures among the metrics of Flower's Result, where any tracker finds them.

Flower 1.26 to 1.42 keep the metrics of each round that `aggregate_train` returned in
`Result.train_metrics_clientapp`, and those of `aggregate_evaluate` in
`Result.evaluate_metrics_clientapp`; of the server's training there is no record of its own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from flwr.app import MetricRecord
from flwr.serverapp.strategy import Result

from lowcarb.ledger.account import Account, known_total
from lowcarb.ledger.entries import BookedRound, Member

PREFIX = "lowcarb-"
"""Begins the names of these metrics; no strategy's own begin like this."""


class RunningFigures:
    """Figures of rounds and of all rounds until then, one round after the other."""

    def __init__(self) -> None:
        self._sums: defaultdict[str, float] = defaultdict(float)
        self._turns: Counter[str] = Counter()

    def add(self, booked: BookedRound, members: Iterable[Member], rounds: int) -> dict[str, float]:
        """Give the figures of the next round and of the rounds until then.

        Grams are gCO2eq; what is unknown is left out. Until actual intensities are known realised
        grams are those of the forecast. What is saved is not told once floors cannot be met any
        more: it would look the better for it.

        Parameters
        ----------
        booked
            The round.
        members
            All clients.
        rounds
            Of the training.
        """
        energy = sum(turn.energy_kwh for turn in booked.turns)
        self._turns.update(turn.client for turn in booked.turns if turn.counts)
        self._add("energy", energy)
        self._add("measured", sum(t.energy_kwh for t in booked.turns if t.measured is not None))
        for turn in booked.turns:
            self._add("planned", turn.planned_g)
            self._add("realised", turn.realised_g)
        if booked.planned_g is not None and booked.random_g is not None:
            self._add("compared", booked.planned_g)
            self._add("random", booked.random_g)
        owed = [
            member.min_rounds - self._turns[member.name]
            for member in members
            if member.joined <= booked.number
        ]
        lost = sum(max(0, short - (rounds - booked.number)) for short in owed)
        sums = self._sums
        saved = 1 - sums["compared"] / sums["random"] if sums["random"] and not lost else None
        return _named(
            {
                "planned-g": booked.planned_g,
                "realised-g": booked.realised_g,
                "random-g": booked.random_g,
                "energy-kwh": energy,
                "total-planned-g": sums.get("planned"),
                "total-realised-g": sums.get("realised"),
                "total-saved-share": saved,
                "measured-share": sums["measured"] / sums["energy"] if sums["energy"] else None,
                "owed-turns": sum(max(0, short) for short in owed),
                "lost-turns": lost,
            }
        )

    def _add(self, what: str, value: float | None) -> None:
        if value is not None:
            self._sums[what] += value


def of_evaluation(account: Account, number: int) -> dict[str, float]:
    """Give what the evaluation after a round burnt; nothing where it was not measured."""
    works = account.evaluations.get(number, ())
    if not works:
        return {}
    energy = sum(work.energy_kwh for work in works)
    emitted = known_total(work.realised_g for work in works)
    return _named({"evaluation-kwh": energy, "evaluation-g": emitted})


def joined(metrics: MetricRecord | None, figures: Mapping[str, float]) -> MetricRecord | None:
    """Add figures to a strategy's metrics; where it has none, so it stays: loops may rely on it."""
    if not figures or not isinstance(metrics, MetricRecord):
        return metrics
    return MetricRecord({**metrics, **figures})


def complete(result: Result, account: Account, before: int) -> None:
    """Let a result have the figures of all its rounds, with what has come true by now.

    Parameters
    ----------
    result
        Of the loop, by its own numbers of rounds.
    account
        Of the training.
    before
        Rounds of the training that the loop's first round comes after.
    """
    running = RunningFigures()
    for booked in account.rounds:
        figures = running.add(booked, account.members, account.training.rounds)
        if booked.number <= before:
            continue
        place = booked.number - before
        own = result.train_metrics_clientapp.get(place, MetricRecord())
        result.train_metrics_clientapp[place] = joined(own, figures) or own
        evaluated = result.evaluate_metrics_clientapp.get(place)
        more = joined(evaluated, of_evaluation(account, booked.number))
        if more is not None:
            result.evaluate_metrics_clientapp[place] = more


def _named(figures: Mapping[str, float | None]) -> dict[str, float]:
    return {PREFIX + name: float(value) for name, value in figures.items() if value is not None}
