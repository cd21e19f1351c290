"""Figures that cannot well be: said by the client's name, once, and replaced.

A single client that errs, or lies, must spoil neither the plan of the others nor the account. What
the operator's fleet says is believed.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from lowcarb._util.text import rounded
from lowcarb.ledger.entries import Member
from lowcarb.training.candidates import DEFAULT_KWH, DEFAULT_S
from lowcarb.training.client_state import ClientState
from lowcarb.training.decision import Asked
from lowcarb.training.turns import Reply
from lowcarb.units import LEAST_ENERGY_KWH

logger = logging.getLogger(__name__)

FAR = 100.0
"""So many times off what is known, a figure is doubtful; honest figures vary by less."""
# Fewer figures do not say what is usual: of two that differ either may be wrong.
_ENOUGH = 3


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """A figure of a round, where it stands, and beyond what it is doubtful in any case."""

    name: str
    unit: str
    least: float
    most: float
    default: float
    given: Callable[[Member], float | None]
    regiven: Callable[[Member, float], Member]
    learnt: Callable[[ClientState], Sequence[float]]
    planned: Callable[[Asked], float]
    measured: Callable[[Reply], float | None]


_ENERGY = _Kind(
    name="energy",
    unit="kWh",
    least=LEAST_ENERGY_KWH,
    most=float("inf"),
    default=DEFAULT_KWH,
    given=lambda member: member.energy_kwh,
    regiven=lambda member, kwh: replace(member, energy_kwh=kwh),
    learnt=lambda client: client.energies,
    planned=lambda asked: asked.planned_kwh,
    measured=lambda reply: reply.energy_kwh,
)
_DURATION = _Kind(
    name="duration",
    unit="s",
    # A function that does nothing takes a millionth of a second.
    least=1e-6,
    most=86_400.0,
    default=DEFAULT_S,
    given=lambda member: member.duration_s,
    regiven=lambda member, seconds: replace(member, duration_s=seconds),
    learnt=lambda client: client.durations,
    planned=lambda asked: asked.planned_s,
    measured=lambda reply: reply.seconds,
)


@dataclass
class Doubts:
    """Judges what the clients of a training say and measure.

    Parameters
    ----------
    trusted
        Clients for which the operator spoke, by name.
    """

    trusted: Collection[str] = ()
    _said: set[tuple[str, str]] = field(default_factory=set, init=False)
    # What each client measured last, over what it gave. Where most measure other figures than they
    # gave, those given are wrong and not the meters.
    _ratios: dict[str, dict[str, float]] = field(default_factory=dict, init=False)

    def judge_given(self, clients: Collection[ClientState]) -> None:
        """Replace doubtful figures that clients gave by what is usual; `clients` are all known."""
        for kind in (_ENERGY, _DURATION):
            usual = _usual(kind.given(client.member) for client in clients)
            good: list[float] = []
            doubtful: list[tuple[ClientState, float, str]] = []
            for client in clients:
                value, learnt = kind.given(client.member), kind.learnt(client)
                if value is None:
                    continue
                known = [usual, median(learnt) if learnt else None]
                expected = _expected(kind, value, known)
                if expected is None or client.member.name in self.trusted:
                    good.append(value)
                else:
                    doubtful.append((client, value, expected))
            for client, value, expected in doubtful:
                used = median(good) if good else kind.default
                self._say(f"given {kind.name}", kind, client, value, expected, used)
                client.member = kind.regiven(client.member, used)

    def judge_training(
        self, asked: Sequence[Asked], replies: Mapping[int, Reply]
    ) -> dict[int, Reply]:
        """Replace doubtful measurements by what was planned.

        Parameters
        ----------
        asked
            The cohort of a round.
        replies
            What came back, by node.
        """
        judged = dict(replies)
        for one in self._doubtful(_ENERGY, asked, replies):
            node = one.client.node or 0
            judged[node] = replace(judged[node], energy_kwh=one.planned_kwh, measured=None)
        for one in self._doubtful(_DURATION, asked, replies):
            node = one.client.node or 0
            judged[node] = replace(judged[node], seconds=one.planned_s)
        return judged

    def _doubtful(
        self, kind: _Kind, asked: Sequence[Asked], replies: Mapping[int, Reply]
    ) -> list[Asked]:
        """Find who measured what cannot well be."""
        ratios = self._ratios.setdefault(kind.name, {})
        cohort: list[tuple[Asked, float]] = []
        for one in asked:
            reply = replies.get(one.client.node or 0)
            value = None if reply is None else kind.measured(reply)
            if value is None:
                continue
            cohort.append((one, value))
            given = kind.given(one.client.member)
            if given:
                ratios[one.client.member.name] = value / given
        ratio = _usual(ratios.values())
        if ratio is not None and not 1 / FAR <= ratio <= FAR:
            self._say_most_differ(kind, ratio)
        usual = _usual(value for _, value in cohort)
        doubtful = []
        for one, value in cohort:
            given, learnt = kind.given(one.client.member), kind.learnt(one.client)
            known = [usual, median(learnt) if learnt else None]
            if given:
                # What was learnt does not count, or a client could lie a little more each time.
                known = [given * (ratio or 1.0)]
            expected = _expected(kind, value, known)
            if expected is not None:
                used = kind.planned(one)
                self._say(f"measured {kind.name}", kind, one.client, value, expected, used)
                doubtful.append(one)
        return doubtful

    def _say_most_differ(self, kind: _Kind, ratio: float) -> None:
        if (kind.name, "") in self._said:
            return
        self._said.add((kind.name, ""))
        logger.warning(
            "lowcarb: most clients measure %.2g times the %s that is given for them, and what is "
            "measured counts; in a simulation that is this machine's: give a SimulatedClock",
            ratio,
            kind.name,
        )

    def judge_evaluation(
        self, replies: Sequence[tuple[ClientState, Reply]]
    ) -> list[tuple[ClientState, Reply]]:
        """Replace doubtful measurements of an evaluation by the others' median, or leave them out.

        Evaluating may take any part of what training takes, but not a hundred times as much.
        """
        judged = list(replies)
        for kind in (_ENERGY, _DURATION):
            values = [kind.measured(reply) for _, reply in replies]
            usual = _usual(value for value in values if value is not None) or 0.0
            good: list[float] = []
            doubtful: list[tuple[int, float, str]] = []
            for i, value in enumerate(values):
                if value is None:
                    continue
                client = replies[i][0]
                given = kind.given(client.member) or kind.default
                most = max(min(kind.most, FAR * max(usual, given)), given)
                if kind.least <= value <= most:
                    good.append(value)
                else:
                    doubtful.append(
                        (i, value, f"from {kind.least:g} to {rounded(most, 4)} {kind.unit}")
                    )
            used = median(good) if good else None
            for i, value, expected in doubtful:
                client, reply = judged[i]
                self._say(f"{kind.name} of evaluation", kind, client, value, expected, used)
                new = replace(reply, energy_kwh=used, measured=None)
                judged[i] = client, new if kind is _ENERGY else replace(reply, seconds=used)
        return judged

    def _say(
        self,
        what: str,
        kind: _Kind,
        client: ClientState,
        value: float,
        expected: str,
        used: float | None,
    ) -> None:
        name = client.member.name
        if (what, name) in self._said:
            return
        self._said.add((what, name))
        logger.warning(
            "lowcarb: %s of client %r: expected %s, got %.4g %s; %s is used instead, here and "
            "wherever it is doubtful again; if it is right, give a fleet that says so",
            what,
            name,
            expected,
            value,
            kind.unit,
            "nothing" if used is None else f"{rounded(used, 4)} {kind.unit}",
        )


def _usual(values: Iterable[float | None]) -> float | None:
    """Median of what is known; None where that is too little."""
    known = [value for value in values if value is not None]
    return median(known) if len(known) >= _ENOUGH else None


def _expected(kind: _Kind, value: float, known: Iterable[float | None]) -> str | None:
    """Say what was expected of a doubtful figure; None if it is none.

    It is doubtful beyond the bounds of its kind, unless what is known is beyond them too, and far
    from all that is known.
    """
    about = [figure for figure in known if figure]
    most = max([kind.most, *[figure * FAR for figure in about if figure > kind.most]])
    if not kind.least <= value <= most:
        end = f" to {most:g}" if most < float("inf") else " on"
        return f"a figure from {kind.least:g}{end} {kind.unit}"
    if not about or any(figure / FAR <= value <= figure * FAR for figure in about):
        return None
    low, high = min(about) / FAR, max(about) * FAR
    return f"a figure from {rounded(low, 4)} to {rounded(high, 4)} {kind.unit}"
