"""A second signal's forecasts, fetched beside the training, which never waits for them.

What it fails at costs its own figures only, and is said once.
"""

import logging
import queue
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np

from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.kinds import Kind, require_other_kind, saying, second_kind
from lowcarb.errors import BadResponseError, InputError, LowcarbError, ProviderError
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import BookedRound
from lowcarb.ledger.second_signal import SecondRound, SecondTurn
from lowcarb.planning.emissions import known_intensities
from lowcarb.providers import Actuals, CsvProvider, Provider
from lowcarb.providers.forecast_view import UNKNOWN
from lowcarb.providers.last_good import WithLastGood
from lowcarb.providers.series_fault import series_fault
from lowcarb.training.actuals import ActualsFetcher, recent_rounds
from lowcarb.training.booking import Booking
from lowcarb.training.decision import Decision

logger = logging.getLogger(__name__)

_Answer = tuple[Decision, Forecast | LowcarbError | None, Mapping[str, ProviderError]]
"""A round, its forecast or why there is none, and why regions are missing in it."""


def require_two_signals(first: Provider, second: Provider) -> None:
    """Refuse a second provider of which it is known before a training that it is no second signal.

    Raises
    ------
    InputError
        Names what is missing; where providers tell their kind only with an answer, nothing is
        refused.
    ProviderError
        If a file cannot be read.
    """
    ours, theirs = _kind_of(first), _kind_of(second)
    if theirs is not None and (ours is not None or theirs.signal is None):
        require_other_kind(ours or Kind(), theirs, _name(second))


def _kind_of(provider: Provider) -> Kind | None:
    """Of which kind a provider's answers are; None where it tells that only with an answer."""
    if isinstance(provider, CsvProvider):
        return provider.kind()
    said = _said_by(provider)
    return said if said.signal else None


def _said_by(provider: Provider) -> Kind:
    return Kind(getattr(provider, "signal", None), getattr(provider, "accounting", None))


def _name(provider: Provider) -> str:
    # Not its repr, which may hold what is secret.
    if isinstance(provider, CsvProvider):
        return str(provider.path)
    return str(getattr(provider, "name", type(provider).__name__))


class SecondForecasts:
    """Asks a provider for each round's intensities by a second signal, one round after the other.

    Parameters
    ----------
    provider
        Of the second signal; None if there is none.
    kind
        Of which kind earlier rounds were; None if there are none.
    """

    def __init__(self, provider: Provider | None, kind: Kind | None = None) -> None:
        self._provider = provider
        self._kind = kind
        self._questions: queue.SimpleQueue[Decision | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
        self._open = 0
        self._thread: threading.Thread | None = None
        self._said: set[str] = set()

    def ask(self, decision: Decision) -> None:
        """Let the intensities of a round be asked for; return at once."""
        provider = self._provider
        if provider is None or decision.drawn is None:
            return
        self._open += 1
        self._questions.put(decision)
        if self._thread is None:
            # It may hang for as long as it likes, and ends with the process.
            self._thread = threading.Thread(
                target=self._work, args=(provider,), daemon=True, name="lowcarb-second-signal"
            )
            self._thread.start()

    def take(self, wait_s: float = 0.0) -> list[tuple[Decision, Forecast]]:
        """Return what is known by now of rounds that were asked about.

        Parameters
        ----------
        wait_s
            How long to wait for answers that are under way.
        """
        until = time.monotonic() + wait_s
        found = []
        while self._open:
            try:
                left = until - time.monotonic()
                decision, answer, failed = self._answers.get(left > 0, max(left, 0.0) or None)
            except queue.Empty:
                if wait_s:
                    self._say("late", f"no answer yet about the last {self._open} rounds")
                break
            self._open -= 1
            for region, why in failed.items():
                self._say("regions", f"no forecast of region {region!r}: {why}")
            good = self._judged(decision, answer)
            if good is not None:
                found.append((decision, good))
        return found

    def close(self) -> None:
        """Ask nothing more."""
        self._questions.put(None)

    def _judged(
        self, decision: Decision, answer: Forecast | LowcarbError | None
    ) -> Forecast | None:
        """Take an answer if it is of another kind than the first signal, and of one kind always."""
        if isinstance(answer, LowcarbError):
            self._say("answers", str(answer))
            return None
        if answer is None:
            return None
        try:
            first = decision.view.provenances.values()
            kind = second_kind(first, answer, list(answer.series))
        except InputError as error:
            self._say("kind", str(error))
            return None
        if self._kind is not None and self._kind.differs(kind):
            self._say("kind", f"it has {kind} intensities, where earlier rounds have {self._kind}")
            return None
        self._kind = self._kind or kind
        return answer

    def _say(self, what: str, why: str) -> None:
        """Say once of each kind of failure what is not known by the second signal."""
        if what not in self._said:
            self._said.add(what)
            logger.warning(
                "lowcarb: the second signal (also=) is not booked, the training goes on: %s; this "
                "is said once",
                why,
            )

    def _work(self, provider: Provider) -> None:
        asked = WithLastGood(provider)
        while (decision := self._questions.get()) is not None:
            self._answers.put(_answer(asked, provider, decision))


def _answer(asked: WithLastGood, provider: Provider, decision: Decision) -> _Answer:
    drawn = decision.drawn
    assert drawn is not None  # noqa: S101 - others are not asked about
    regions = [name for name in drawn.fleet.regions if name != UNKNOWN]
    end = decision.start + timedelta(seconds=float(drawn.fleet.duration_s.max()))
    good: dict[str, Series] = {}
    missing: dict[str, ProviderError] = {}
    try:
        found, failed = asked.forecasts(regions, start=decision.start, end=end)
        for name in regions:
            fault = series_fault(found[name]) if name in found else None
            if name in found and fault is None:
                good[name] = found[name]
            else:
                said = failed.get(name) or BadResponseError("the provider says nothing of it")
                missing[name] = said if fault is None else BadResponseError(fault)
    except LowcarbError as error:
        return decision, error, {}
    except Exception as error:
        # A provider may be the user's own code; its fault must not end a training.
        return decision, BadResponseError(f"the provider failed: {error!r:.200}"), {}
    if not good:
        return decision, None, missing
    return (
        decision,
        saying(Forecast(series=good, source=_name(provider)), _said_by(provider)),
        missing,
    )


def second_round(decision: Decision, forecast: Forecast, booked: BookedRound) -> SecondRound:
    """Make of a second signal's forecast what is booked of a round.

    Parameters
    ----------
    decision
        Whom the round asked, and among whom a random cohort would have been drawn.
    forecast
        By the second signal; it may lack regions and times.
    booked
        The round.
    """
    drawn = decision.drawn
    assert drawn is not None  # noqa: S101 - others are not asked about
    start = np.array([decision.start.timestamp()])
    paid = known_intensities(drawn.fleet, forecast, start)
    grams = (drawn.fleet.energy_kwh * paid.intensity[paid.intensity_of, 0])[drawn.present]
    # The window of a longest workload ends where it does in the plan.
    longest_s = float(drawn.fleet.duration_s.max())
    planned_s = {one.client.member.name: min(one.planned_s, longest_s) for one in decision.asked}
    turns = []
    for turn in booked.turns:
        series = forecast.series.get(turn.region or UNKNOWN)
        length = timedelta(seconds=planned_s[turn.client])
        mean = None if series is None else series.mean(decision.start, length)
        turns.append(SecondTurn(client=turn.client, intensity=mean))
    provenances = {
        name: one.provenance for name, one in forecast.series.items() if one.provenance is not None
    }
    known = len(grams) > 0 and not np.isnan(grams).any()
    return SecondRound(
        turns=turns,
        provenances=provenances,
        random_g=drawn.seats * float(grams.mean()) if known else None,
    )


class SecondSignal:
    """What a session does about a second signal; nothing where there is none.

    Parameters
    ----------
    provider
        Of the second signal; None if there is none.
    account
        What is booked already.
    """

    def __init__(self, provider: Provider | None, account: Account) -> None:
        before = account.by_second
        kinds = () if before is None else before.kinds
        self._forecasts = SecondForecasts(provider, kinds[0] if kinds else None)
        self._actuals = ActualsFetcher(provider) if isinstance(provider, Actuals) else None
        self._booked: dict[int, BookedRound] = {}
        self._late: dict[int, SecondRound] = {}

    def ask(self, decision: Decision) -> None:
        """Let a round that is about to begin be asked about; return at once."""
        self._forecasts.ask(decision)

    def of(self, decision: Decision, booked: BookedRound) -> SecondRound | None:
        """Return what is known by now of a round that is about to be booked; None if nothing is."""
        self._booked[booked.number] = booked
        found = self._taken(0.0)
        self._late = {number: one for number, one in found.items() if number != decision.number}
        return found.get(decision.number)

    def _taken(self, wait_s: float) -> dict[int, SecondRound]:
        return {
            decision.number: second_round(decision, forecast, self._booked[decision.number])
            for decision, forecast in self._forecasts.take(wait_s)
            if decision.number in self._booked
        }

    def settle(self, booking: Booking, wait_s: float) -> None:
        """Book what became known since, of rounds that are booked already."""
        late = self._late | self._taken(wait_s)
        self._late = {}
        booking.add_second(late)
        actual = None if self._actuals is None else self._actuals.take(wait_s)
        if actual is not None:
            booking.settle_second(actual)

    def close(self) -> None:
        """Ask nothing more."""
        self._forecasts.close()

    def ask_what_came_true(self, account: Account, now: datetime) -> None:
        """Begin to fetch what is missing in the last rounds; return at once."""
        if self._actuals is None or not account.second or not self._actuals.may_ask(now):
            return
        rounds = [
            account.second[booked.number].of(booked)
            for booked in recent_rounds(account.rounds, now)
            if booked.number in account.second
        ]
        self._actuals.ask(rounds, now)
