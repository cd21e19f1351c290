"""Limits of a training as a user asks for them, and what they come to for the rounds left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from lowcarb._util.arguments import is_whole, wrong
from lowcarb._util.arrays import FloatArray
from lowcarb.errors import InputError
from lowcarb.fleet.fleet import Client, Fleet
from lowcarb.planning.history import History, Spent
from lowcarb.planning.limit_text import LimitText, read_limit
from lowcarb.planning.limits import COSTS, NOTHING, REST, Past, after, limits_of
from lowcarb.planning.sites import Sites
from lowcarb_solvers import LimitedProblem, Limits, Problem, ProblemError, Rule

DECLARED = "samples"
"""What clients say of themselves, so that no clients file has to."""
_NOT_OF_A_FILE = ("region", "kwh", "g", "kg", REST, DECLARED)


@dataclass(frozen=True, kw_only=True, eq=False)
class BoundLimits:
    """Limits on the rounds left of a training.

    Parameters
    ----------
    limited
        What is to be solved.
    asked
        The rules as they were asked for, before what is over was taken from them.
    past
        What is over.
    """

    limited: LimitedProblem
    asked: tuple[Rule, ...]
    past: Past


@dataclass(frozen=True, kw_only=True, eq=False)
class AskedLimits:
    """Side constraints of a training.

    Parameters
    ----------
    limits
        One for each text.
    order
        Stages in which shortfalls are avoided, as a file says; the usual order for others.
    sites
        Caps and excess energy of sites; None if there are none.
    files
        Files that they were read from.
    """

    limits: tuple[LimitText, ...] = ()
    order: tuple[str, ...] = ()
    sites: Sites | None = None
    files: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        texts: Iterable[str] = (),
        *,
        budget_kg: float | None = None,
        rest: int | None = None,
        file: "AskedLimits | None" = None,
    ) -> "AskedLimits | None":
        """Put together what was asked for; None if nothing was.

        Parameters
        ----------
        texts
            Limits such as "region <= 4".
        budget_kg
            The same as "kg <= NUMBER in all".
        rest
            The same as "rest >= NUMBER".
        file
            What a file asks for besides.

        Raises
        ------
        InputError
            If a text is none, or a number makes no sense.
        """
        limits = [read_limit(text) for text in texts]
        if budget_kg is not None:
            number = isinstance(budget_kg, int | float | np.number) and budget_kg is not True
            if not number or not 0 < budget_kg < float("inf"):
                raise wrong("budget_kg", "kilograms of CO2eq above zero, such as 12", budget_kg)
            budget = read_limit(f"kg <= {float(budget_kg):.15g} in all")
            limits.append(replace(budget, argument="budget_kg", given=f"budget_kg={budget_kg}"))
        if rest is not None:
            if not is_whole(rest) or rest < 0:
                raise wrong("rest", "whole rounds after each turn, zero or more, such as 2", rest)
            of_rest = read_limit(f"rest >= {rest}")
            limits.append(replace(of_rest, argument="rest", given=f"rest={rest}"))
        if file is None:
            return cls(limits=tuple(limits)) if limits else None
        return cls(
            limits=(*file.limits, *limits), order=file.order, sites=file.sites, files=file.files
        )

    def sized(self, cohort_size: int, rounds: int) -> "AskedLimits":
        """Say shares as so many clients of a cohort, or turns of a whole training.

        Raises
        ------
        InputError
            As `LimitText.sized`.
        """
        return replace(self, limits=tuple(one.sized(cohort_size, rounds) for one in self.limits))

    def __repr__(self) -> str:
        return f"AskedLimits({', '.join(self.texts) or 'none'})"

    @property
    def texts(self) -> list[str]:
        """All limits in words, those of sites as well."""
        sites = self.sites
        words = [limit.text for limit in self.limits]
        if sites is not None and sites.caps is not None:
            words.append(f"caps of sites by {sites.column}")
        if sites is not None and sites.excess is not None:
            words.append(f"excess energy of sites by {sites.column}")
        return words

    @property
    def arguments(self) -> list[str]:
        """Arguments of which the limits came, one or more."""
        found = dict.fromkeys(limit.argument for limit in self.limits)
        return list(found) or ["limits"]

    @property
    def columns(self) -> set[str]:
        """Columns of the clients that are needed."""
        found = {limit.column for limit in self.limits}
        found |= {limit.group[0] for limit in self.limits if limit.group is not None}
        return found if self.sites is None else found | {self.sites.column}

    def require_declared(self) -> None:
        """Refuse columns that only a clients file can have, where there is none.

        Raises
        ------
        InputError
            Names the limit and the column.
        """
        for limit in self.limits:
            for column in [limit.column, *([] if limit.group is None else [limit.group[0]])]:
                if column not in _NOT_OF_A_FILE:
                    raise limit.error(
                        f"no client says its {column}; give a fleet with that column, such as "
                        "fleet=lowcarb.read_fleet('clients.csv'), or use one of "
                        f"{', '.join(_NOT_OF_A_FILE)}"
                    )
        if self.sites is not None and self.sites.column not in _NOT_OF_A_FILE:
            raise InputError(
                f"sites: no client says its {self.sites.column}; give a fleet with that column",
                file=self.sites.file,
                field="sites",
            )

    def check_known(self, fleet: Fleet | None) -> None:
        """Refuse limits before a training whose clients are not known yet.

        Parameters
        ----------
        fleet
            What is given of clients; None if they say all of themselves.

        Raises
        ------
        InputError
            As `check` and `require_declared`.
        """
        # How many clients a share is is not known either.
        asked = replace(self, limits=tuple(one.of_any_size for one in self.limits))
        if fleet is not None:
            # Samples may be said by the clients, too.
            asked.check(_with_samples(fleet), 1)
            return
        self.require_declared()
        someone = Client(name="a", region="a", energy_kwh=1.0, duration=timedelta(minutes=1))
        asked.rules(_with_samples(Fleet.from_clients([someone])), 1, known=False)

    def check(self, fleet: Fleet, rounds: int) -> None:
        """Refuse limits that do not fit a fleet, before anything is planned.

        Raises
        ------
        InputError
            As `rules`, and of sites that nobody is at.
        """
        self.rules(fleet, rounds)
        if self.sites is not None:
            self.sites.groups(fleet)

    def rules(self, fleet: Fleet, rounds: int, *, known: bool = True) -> Limits:
        """What the limits are for a fleet, without those of sites.

        Raises
        ------
        InputError
            If they do not fit the fleet, or contradict each other.
        """
        return limits_of(self.limits, fleet, rounds=rounds, order=self.order, known=known)

    def past(self, fleet: Fleet, history: History, *, known: bool = True) -> Past:
        """What of the limits is over.

        Parameters
        ----------
        fleet
            Everyone who took part so far.
        history
            What they did.
        known
            As of `limits_of`.

        Raises
        ------
        InputError
            If a budget or rest needs what the history does not say.
        """
        if not history.rounds:
            return NOTHING
        limits = self.rules(fleet, 1, known=known)
        done = {rule.name: _done(rule, history) for rule in limits.rules if rule.whole}
        rested = None
        if limits.rest is not None:
            last = _spent(history, "rest").last
            rested = np.where(last > 0, history.rounds - last, history.rounds + limits.rest)
        return Past(done=done, rested=rested)

    def bind(
        self,
        problem: Problem,
        fleet: Fleet,
        starts: FloatArray,
        length_s: float,
        past: Past = NOTHING,
        *,
        known: bool = True,
    ) -> BoundLimits:
        """Put the limits next to the program of the rounds left.

        Parameters
        ----------
        problem
            The program, in grams.
        fleet
            Its n clients.
        starts
            Shape (t,): of its rounds, seconds since 1970.
        length_s
            From one start to the next.
        past
            What is over.
        known
            As of `limits_of`, and of `Sites.rules`.

        Raises
        ------
        InputError
            If they do not fit.
        """
        asked = self.rules(fleet, problem.rounds, known=known)
        rules, excess = asked.rules, asked.excess
        if self.sites is not None:
            rules += self.sites.rules(fleet, starts, length_s, known=known)
            excess = self.sites.energies(problem, fleet, starts, length_s, known=known)
        asked = Limits(rules=rules, excess=excess, rest=asked.rest, stages=asked.stages)
        try:
            limited = LimitedProblem(problem=problem, limits=after(asked, past))
        except ProblemError as error:
            raise InputError(f"limits: {error}", field="limit") from None
        return BoundLimits(limited=limited, asked=rules, past=past)

    def price_steps(self, rules: Sequence[Rule]) -> dict[str, float]:
        """By how much each rule is loosened for its price: by one of the unit it was written in."""
        return {
            rule.name: COSTS[what]
            for rule in rules
            if rule.costs and (what := rule.name.partition(" ")[0]) in COSTS
        }


def _with_samples(fleet: Fleet) -> Fleet:
    """Let those count none for now of whom no samples are known."""
    given = fleet.attributes.get(DECLARED, np.zeros(len(fleet)))
    samples = np.nan_to_num(given) if isinstance(given, np.ndarray) else given
    return replace(fleet, attributes={**fleet.attributes, DECLARED: samples})


def _done(rule: Rule, history: History) -> float:
    """What the turns that are over count for a rule: of what is used up lost ones do, too."""
    counted = np.ones(len(history.turns)) if rule.clients is None else rule.clients
    if rule.costs:
        return float(_spent(history, rule.name).grams @ counted)
    if rule.unit == "kWh":
        return float(_spent(history, rule.name).kwh @ counted)
    amount = np.ones(len(history.turns)) if rule.amount is None else rule.amount
    return float((history.turns * amount) @ counted)


def _spent(history: History, name: str) -> Spent:
    if history.spent is None:
        raise InputError(
            f"history: {name}: expected what was spent in the rounds that are over, got None; give "
            "History(spent=...)",
            field="history",
        )
    return history.spent
