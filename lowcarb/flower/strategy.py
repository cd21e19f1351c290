"""CarbonAware: makes any Flower strategy carbon-aware by wrapping it."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Result, Strategy

from lowcarb._util.arguments import check_number, check_parts
from lowcarb._util.times import as_duration
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.errors import NotBegunError, StrategyError
from lowcarb.fleet.fleet import Fleet
from lowcarb.flower.arguments import RULES, check_cohort, hours_of, limits_of
from lowcarb.flower.cohort import Cohort
from lowcarb.flower.evaluation import Evaluation
from lowcarb.flower.inner import Inner
from lowcarb.flower.loop_grid import LoopGrid
from lowcarb.flower.needs import range_of_rounds
from lowcarb.flower.nodes import Reception
from lowcarb.flower.opening import Opening
from lowcarb.flower.runs import Runs
from lowcarb.flower.start import StartCall
from lowcarb.flower.training_run import RoundRules
from lowcarb.flower.value import policy_of, value_of
from lowcarb.ledger import Ledger
from lowcarb.ledger.account import Account
from lowcarb.planning.cohort_range import CohortRange
from lowcarb.planning.fairness import MOST_ROUNDS, Fairness
from lowcarb.planning.policies import Policy
from lowcarb.planning.policy_checks import check_policy
from lowcarb.providers import Actuals, CsvProvider, Provider
from lowcarb.providers.csv_actuals import CsvActuals
from lowcarb.training.clock import Clock, WallClock
from lowcarb.training.settings import Settings

logger = logging.getLogger("flwr.lowcarb")


class CarbonAware(Strategy):
    """A strategy whose cohorts are chosen by carbon, under a floor for every client.

    It wraps the strategy that you have, outermost, around differential privacy too. Before each
    round all rounds that are left are planned on the newest forecast, and the first of them is
    carried out. Selection is deterministic: no privacy amplification by sampling may be claimed.

    Parameters
    ----------
    strategy
        Any strategy of Flower's Message API that samples through the grid.
    provider
        Where forecasts of carbon intensity come from.
    cohort_size
        Clients in a round. Default: what the strategy would have taken.
    cohort_range
        The fewest and the most clients in a round, such as (5, 20) or "5..20": rounds are larger
        where it is clean and smaller where it is not, and in all as many turns are asked for as
        with `cohort_size` in each. None: each round has `cohort_size`.
    fairness
        Floors and caps of each client's turns over the whole training.
    round_every
        Time between round starts, for example "1h"; with the wall clock each round waits for it.
        None: rounds follow at once, and the planner expects the usual length of the last ones. No
        client stretches it: a slower one is asked in every k-th round. With a deadline: the time
        from one hour that may be chosen to the next, by default "1h".
    deadline
        When the last round is over, a time with a zone or its text: before each round the cheapest
        hours before it are chosen, and the training waits for them. None: it does not wait.
    earliest
        With a deadline: when the first round begins at the earliest.
    open_hours
        With a deadline: when rounds may be, such as "Mon-Fri 07:00-19:00 Europe/Berlin".
    longest_pause
        With a deadline: time between the end of a round and the start of the next one, at most.
    limits
        Side constraints of the cohorts, a list of texts such as ["region <= 4", "samples >= 20000"]
        or the name of a TOML file of them. Without a fleet they may be of what clients say of
        themselves: region, energy and samples. One that cannot be kept is missed by as little as
        can be, and the log says so once.
    budget_kg
        CO2eq of the whole training, at most, as the limit "kg <= NUMBER in all".
    rest
        Rounds that each client rests after a turn, as the limit "rest >= NUMBER".
    ledger
        File of the durable account, or the address of a store where the disk does not last, such as
        "s3://bucket/run.db". With it a training that was cut off goes on, with its turns, its
        energies and its model. None: the account is in memory.
    fleet
        Regions, energies and bounds by client name; they come before what clients say.
    typical
        Typical days for rounds beyond the forecast; None to take the forecast's own hours.
    clock
        Real or simulated time. In simulated time measurements are not used.
    policy
        Who chooses; by default the plan proven optimal within 10 s, else the best one found.
    seed
        Decides between interchangeable clients.
    evaluate
        "all": evaluation is the strategy's own. "cohort": only the round's cohort evaluates.
    debias
        Whether replies are weighed by expected over realised turns as well, so that the model does
        not lean towards clients that are called often; where the strategy weighs them at all.
    over_selection
        So many clients more in each round, against stragglers; all of them are booked. A round
        still waits for all of them, unless `enough` is given.
    enough
        A round goes on once so many replies are valid. The turn of a straggler is lost and owed
        again, and the straggler rests while it is still at work. None: a round waits for all.
    wait
        How long to wait for nodes; then the round goes on with those that are online.
    rounds
        Length of the whole training, for a loop of one's own that calls `start`, the methods of
        a strategy, or `cohort` round after round. None: each `start` says it, and a further
        `start` of the same object makes the training longer.
    resume
        True: go on with the training in the ledger, and with its model, which must be there.
        "turns": go on with the training, but with `initial_arrays`, for when its model is lost.
        False: begin a new training.
    strict
        Refuse to start where something stands in: no region, no energy, no duration, no forecast.
    also
        Forecasts of a second signal, such as marginal beside average: a provider, or the name of a
        CSV that says its signal. Each round is accounted for by it too, in figures of their own; it
        chooses nobody, and no round waits for it or fails by it.
    actuals
        Where to learn what came true, to correct forecasts by it: a CSV file, or an object with the
        method actuals. None: the provider, if it has that method.
    correct
        Whether forecasts are corrected by what came true of those before: those that this process
        fetched, and those of a forecast file that names when each was issued.
    value
        What a client's turn is worth to the model, which the plan then weighs against its grams.
        "loss": the loss among its last reply's metrics, times the rounds since it was asked last.
        "column": the column value of `fleet`. None: carbon alone chooses. Floors hold in any case.
    max_extra_carbon
        In percent: the training is planned to emit at most so much more than by carbon alone, and
        what that buys goes by value. Default with a value: 10.
    value_price_g
        In its place a price: grams that a unit of value may cost.

    Raises
    ------
    StrategyError
        If the strategy cannot be made carbon-aware.
    InputError
        If an argument is out of its range.
    """

    def __init__(
        self,
        strategy: Strategy,
        *,
        provider: Provider,
        cohort_size: int | None = None,
        cohort_range: CohortRange | str | None = None,
        fairness: Fairness | None = None,
        round_every: str | timedelta | None = None,
        deadline: datetime | str | None = None,
        earliest: datetime | str | None = None,
        open_hours: str | None = None,
        longest_pause: str | timedelta | None = None,
        limits: Iterable[str] | str | Path | None = None,
        budget_kg: float | None = None,
        rest: int | None = None,
        ledger: Ledger | str | Path | None = None,
        fleet: Fleet | None = None,
        typical: TypicalDay | None = None,
        clock: Clock | None = None,
        policy: Policy | None = None,
        seed: int = 0,
        evaluate: Literal["all", "cohort"] = "all",
        debias: bool = False,
        over_selection: int = 0,
        enough: int | None = None,
        wait: str | timedelta = "10min",
        rounds: int | None = None,
        resume: Literal["turns"] | bool = True,
        strict: bool = False,
        also: Provider | str | Path | None = None,
        actuals: Actuals | str | Path | None = None,
        correct: bool = True,
        value: Literal["loss", "column"] | None = None,
        max_extra_carbon: float | None = None,
        value_price_g: float | None = None,
    ) -> None:
        if isinstance(strategy, CarbonAware):
            raise StrategyError("the strategy is carbon-aware already")
        if rounds is not None:
            check_number("rounds", rounds, 1, MOST_ROUNDS)
        check_number("seed", seed, 0)
        optional = {
            "fairness": fairness,
            "ledger": ledger,
            "fleet": fleet,
            "typical": typical,
            "clock": clock,
            "also": also,
            "actuals": actuals,
        }
        given = {name: value for name, value in optional.items() if value is not None}
        check_parts(
            RULES,
            provider=provider,
            evaluate=evaluate,
            debias=debias,
            resume=resume,
            strict=strict,
            correct=correct,
            **given,
        )
        if policy is not None:
            check_policy(policy)
        self.strategy = strategy
        self._inner = Inner(strategy)
        private = self._inner.private_cohort
        check_cohort(cohort_size, over_selection, enough, private)
        hours = hours_of(deadline, earliest, open_hours, longest_pause)
        range_ = range_of_rounds(
            cohort_range,
            cohort_size=cohort_size,
            over_selection=over_selection,
            enough=enough,
            inner=self._inner,
        )
        policy = policy_of(
            policy,
            value_of(value, max_extra_carbon, value_price_g),
            fleet,
            range_=range_,
            hours=hours,
        )
        self._given_size = cohort_size
        self._settings = Settings(
            provider=provider,
            fairness=fairness or Fairness(),
            every=None if round_every is None else as_duration(round_every, "round_every"),
            ledger=ledger if ledger is None or isinstance(ledger, Ledger) else Ledger(ledger),
            fleet=fleet,
            typical=typical,
            clock=clock or WallClock(),
            policy=policy,
            seed=seed,
            resume=resume,
            strict=strict,
            also=CsvProvider(also) if isinstance(also, str | Path) else also,
            actuals=CsvActuals(actuals) if isinstance(actuals, str | Path) else actuals,
            correct=correct,
            cohort_range=range_,
            hours=hours,
            limits=limits_of(
                limits,
                budget_kg,
                rest,
                fleet=fleet,
                policy=policy,
                hours=hours,
                cohort_range=range_,
            ),
        )
        opening = Opening(
            settings=self._settings,
            inner=self._inner,
            reception=Reception(
                as_duration(wait, "wait").total_seconds(), self._settings.clock.sleep
            ),
            rules=RoundRules(
                cohort_size=cohort_size,
                over_selection=over_selection,
                enough=enough,
                evaluate=evaluate,
                weight_key=self._inner.weight_key if debias else None,
            ),
            rounds=rounds,
        )
        self._runs = Runs(opening)
        self._evaluation: Evaluation | None = None

    def __repr__(self) -> str:
        size = "" if self._given_size is None else f", {self._given_size} clients a round"
        ledger = self._settings.ledger
        kept = "no ledger" if ledger is None else f"ledger {ledger.name[-60:]}"
        return f"CarbonAware({self._inner.name}{size}, {self._settings.fairness}, {kept})"

    def __getattr__(self, name: str) -> Any:
        """Reach the attributes of the strategy inside."""
        if name.startswith("_") or name == "strategy":
            raise AttributeError(name)
        if hasattr(type(self), name):
            raise NotBegunError("no training has begun: call start")
        try:
            return getattr(self.strategy, name)
        except AttributeError:
            raise AttributeError(
                f"CarbonAware has no attribute {name!r}, nor has {type(self.strategy).__name__} "
                "inside: Lowcarb works with Flower's Message API (flwr.serverapp), not with "
                "ServerAppComponents, workflows or strategies of flwr.server"
            ) from None

    def __setattr__(self, name: str, value: Any) -> None:
        """Set attributes of the strategy inside there, as its schedule would."""
        inside = vars(self).get("strategy")
        if inside is not None and not name.startswith("_") and name != "strategy":
            setattr(inside, name, value)
        else:
            super().__setattr__(name, value)

    @property
    def account(self) -> Account:
        """What happened so far: turns, energy and emissions.

        Raises
        ------
        LowcarbError
            If no training has begun.
        """
        if self._runs.newest is None:
            raise NotBegunError("no training has begun: call start")
        return self._runs.newest.session.account

    # --- the training loop

    def start(self, *args: Any, **kwargs: Any) -> Result:
        """Train; with a ledger that holds this training, train the rounds that it lacks.

        Parameters
        ----------
        args, kwargs
            As without Lowcarb: those of the strategy's own `start`, which for Flower's are grid,
            initial_arrays, num_rounds, timeout, train_config, evaluate_config and evaluate_fn.
            `num_rounds` counts the rounds of the whole training, those in the ledger included, and
            the model of the ledger replaces the initial one. Where this object has trained before,
            or `rounds` is given, it counts further rounds.

        Returns
        -------
        Result
            As in Flower; of a training that goes on, metrics of the rounds that were trained now.
            Among a round's train metrics are Lowcarb's figures; their names begin with "lowcarb-".

        Raises
        ------
        ProviderError
            If a forecast file is missing or cannot be read.
        LedgerError
            If the ledger cannot be written, someone else is writing it, it holds the training of
            another app, or its model is missing.
        """
        call = StartCall(inside=self.strategy, hooks=self, flowers=super().start, runs=self._runs)
        return call.run(args, kwargs)

    # --- loops of one's own

    def __enter__(self) -> Self:
        """Use it in a loop of one's own: the ledger is closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the ledger."""
        self.close()

    def close(self) -> None:
        """End a training that a loop of one's own runs; one that `start` runs ends with it."""
        self._runs.close()

    def cohort(self, server_round: int, grid: Grid) -> Cohort:  # noqa: ARG002 - as all hooks
        """Choose a round's cohort, for messages that are not those of the strategy inside.

        For queries, analytics and secure aggregation: whoever is in the cohort is asked by you, and
        the round is booked when the cohort is closed. `CarbonAware` needs `rounds` for this. ::

            with strategy.cohort(number, grid) as cohort:
                messages = [Message(content, node, "query") for node in cohort.nodes]
                cohort.replies = list(grid.send_and_receive(messages))

        Parameters
        ----------
        server_round
            The loop's own number of the round; it is the next one of the training in any case.
        grid
            Flower's message bus.

        Returns
        -------
        Cohort
            Its nodes; none where nobody can be asked, which is booked.
        """
        return Cohort.choose(self._runs.current(grid), grid, self._runs)

    def grid(self, grid: Grid) -> Grid:
        """Return the grid by which a loop of one's own sends, so that `enough` holds.

        Parameters
        ----------
        grid
            Flower's message bus.
        """
        return LoopGrid(grid, self._runs.current(grid))

    # --- one round

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Choose the cohort and let the strategy inside write to it."""
        run = self._runs.current(grid, arrays)
        return run.configure_train(server_round, arrays, config, grid)

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Let the strategy inside aggregate, and book the round."""
        run = self._runs.newest
        return (None, None) if run is None else run.aggregate_train(server_round, replies)

    def configure_evaluate(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Let the strategy inside evaluate, on its own nodes or on the cohort."""
        run = self._runs.current(grid)
        self._evaluation = run.evaluation(server_round, grid)
        return self._evaluation.messages(arrays, config, grid)

    def aggregate_evaluate(
        self, server_round: int, replies: Iterable[Message]
    ) -> MetricRecord | None:
        """Let the strategy inside aggregate, and book what evaluation burnt."""
        if self._evaluation is None:
            return self._inner.aggregate_evaluate(server_round, replies)
        return self._evaluation.close(replies)

    def summary(self) -> None:
        """Log what Lowcarb does, and then what the strategy inside does."""
        run = self._runs.newest
        size = self._given_size if run is None else run.session.cohort_size
        logger.info(
            "\t├──> Lowcarb: %s clients a round, %s, around %s",
            size or "the strategy's",
            self._settings.fairness,
            self._inner.name,
        )
        self.strategy.summary()
