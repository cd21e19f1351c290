"""CarbonAware: makes any Flower strategy carbon-aware by wrapping it."""

import logging
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Result, Strategy

from lowcarb._util.arguments import check_number, check_parts
from lowcarb._util.times import as_duration
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.errors import StrategyError
from lowcarb.fleet.fleet import Fleet
from lowcarb.flower.arguments import RULES
from lowcarb.flower.cohort_grid import WaitsInVain
from lowcarb.flower.debias import reweigh
from lowcarb.flower.evaluation import Evaluation
from lowcarb.flower.inner import Inner
from lowcarb.flower.log import in_flowers_log
from lowcarb.flower.loop import EvaluateFn, later, own_loop, renumbered
from lowcarb.flower.model import ArrayFiles, difference
from lowcarb.flower.nodes import Reception
from lowcarb.flower.replies import Sent
from lowcarb.flower.resume import saved_model
from lowcarb.ledger import Book, Ledger
from lowcarb.ledger.account import Account
from lowcarb.ledger.model_files import ModelFiles
from lowcarb.planning.fairness import Fairness
from lowcarb.planning.policies import Planned, Policy
from lowcarb.planning.policy_checks import check_policy
from lowcarb.providers import Provider
from lowcarb.training.clock import Clock, WallClock
from lowcarb.training.decision import Decision
from lowcarb.training.session import Session, Settings

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
    fairness
        Floors and caps of each client's turns over the whole training.
    round_every
        Time between round starts, for example "1h"; with the wall clock each round waits for it.
        None: rounds follow at once, and the planner expects the usual length of the last ones. No
        client stretches it: a slower one is asked in every k-th round.
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
        So many clients more in each round, against stragglers; all of them are booked.
    wait
        How long to wait for nodes; then the round goes on with those that are online.
    resume
        True: go on with the training in the ledger, and with its model, which must be there.
        "turns": go on with the training, but with `initial_arrays`, for when its model is lost.
        False: begin a new training.

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
        fairness: Fairness | None = None,
        round_every: str | timedelta | None = None,
        ledger: Ledger | str | Path | None = None,
        fleet: Fleet | None = None,
        typical: TypicalDay | None = None,
        clock: Clock | None = None,
        policy: Policy | None = None,
        seed: int = 0,
        evaluate: Literal["all", "cohort"] = "all",
        debias: bool = False,
        over_selection: int = 0,
        wait: str | timedelta = "10min",
        resume: Literal["turns"] | bool = True,
    ) -> None:
        if isinstance(strategy, CarbonAware):
            raise StrategyError("the strategy is carbon-aware already")
        if cohort_size is not None:
            check_number("cohort_size", cohort_size, 1)
        check_number("over_selection", over_selection, 0)
        check_number("seed", seed, 0)
        optional = {
            "fairness": fairness,
            "ledger": ledger,
            "fleet": fleet,
            "typical": typical,
            "clock": clock,
        }
        given = {name: value for name, value in optional.items() if value is not None}
        check_parts(
            RULES, provider=provider, evaluate=evaluate, debias=debias, resume=resume, **given
        )
        if policy is not None:
            check_policy(policy)
        self.strategy = strategy
        self._inner = Inner(strategy)
        self._check_privacy(cohort_size, over_selection)
        self._weight_key = self._inner.weight_key if debias else None
        self._given_size = cohort_size
        self._over_selection = over_selection
        self._evaluate = evaluate
        self._reception = Reception(
            as_duration(wait, "wait").total_seconds(), (clock or WallClock()).sleep
        )
        self._settings = Settings(
            provider=provider,
            fairness=fairness or Fairness(),
            every=None if round_every is None else as_duration(round_every, "round_every"),
            ledger=ledger if ledger is None or isinstance(ledger, Ledger) else Ledger(ledger),
            fleet=fleet,
            typical=typical,
            clock=clock or WallClock(),
            policy=policy or Planned(),
            seed=seed,
            resume=resume,
        )
        self._session: Session | None = None
        self._offset = 0
        self._decision: Decision | None = None
        self._train = Sent([])
        self._evaluation: Evaluation | None = None

    def __repr__(self) -> str:
        size = "" if self._given_size is None else f", {self._given_size} clients a round"
        ledger = self._settings.ledger
        kept = "no ledger" if ledger is None else f"ledger {ledger.name[-60:]}"
        return f"CarbonAware({self._inner.name}{size}, {self._settings.fairness}, {kept})"

    def __getattr__(self, name: str) -> Any:
        """Reach the attributes of the strategy inside."""
        if name in ("strategy", "_inner"):
            raise AttributeError(name)
        return getattr(self.strategy, name)

    def _check_privacy(self, cohort_size: int | None, over_selection: int) -> None:
        private = self._inner.private_cohort
        if private is not None and (over_selection or cohort_size not in (None, private)):
            raise StrategyError(
                f"differential privacy reckons with num_sampled_clients={private}, but "
                f"cohort_size={cohort_size} and over_selection={over_selection}; they must agree"
            )

    @property
    def account(self) -> Account:
        """What happened so far: turns, energy and emissions.

        Raises
        ------
        LowcarbError
            If no training has begun.
        """
        return self._running.account

    @property
    def _running(self) -> Session:
        if self._session is None:
            raise StrategyError("no training has begun: call start")
        return self._session

    # --- the training loop

    def start(
        self,
        grid: Grid,
        initial_arrays: ArrayRecord,
        num_rounds: int = 3,
        timeout: float = 3600,
        train_config: ConfigRecord | None = None,
        evaluate_config: ConfigRecord | None = None,
        evaluate_fn: EvaluateFn | None = None,
        **more: Any,
    ) -> Result:
        """Train; with a ledger that holds a training, train the rounds that it lacks.

        Parameters
        ----------
        grid, initial_arrays, num_rounds, timeout, train_config, evaluate_config, evaluate_fn, more
            As in Flower. `num_rounds` counts the rounds of the whole training, those in the ledger
            included. In a training that goes on, the model of the ledger replaces `initial_arrays`.

        Returns
        -------
        Result
            As in Flower; of a training that goes on, metrics of the rounds that were trained now.

        Raises
        ------
        LedgerError
            If the ledger cannot be written, or someone else is writing it.
        """
        with (
            ExitStack() as resources,
            in_flowers_log(),
            own_loop(self.strategy, self, super().start) as loop,
        ):
            # A ledger that cannot be written is better found now than after a round.
            ledger = self._settings.ledger
            book = None if ledger is None else resources.enter_context(ledger.writing())
            resume = self._settings.resume
            saved = None if book is None else saved_model(book, resume, num_rounds)
            session = self._begin(grid, num_rounds, book, resources)
            done = min(session.done, num_rounds)
            arrays = self._arrays_to_go_on_with(session, saved, initial_arrays)
            result = loop(
                grid=grid,
                initial_arrays=arrays,
                num_rounds=num_rounds - done,
                timeout=timeout,
                train_config=train_config,
                evaluate_config=evaluate_config,
                evaluate_fn=None if evaluate_fn is None else later(evaluate_fn, done),
                **more,
            )
            if done and not result.arrays:
                # No round made a new model, so the one from before is the result.
                result.arrays = arrays
            return renumbered(result, done)

    def _begin(self, grid: Grid, rounds: int, book: Book | None, resources: ExitStack) -> Session:
        """Find out how large a cohort is, and go on with the training or begin one."""
        size = self._given_size or self._inner.private_cohort
        if size is None:
            online = self._reception.wait(grid, self._inner.min_available)
            size = self._inner.cohort_size(len(online))
            if size == len(online):
                logger.warning(
                    "lowcarb: every round takes all %d clients, so there is nothing to choose: "
                    "set cohort_size",
                    size,
                )
        session = Session(
            self._settings,
            book=book,
            models=None if book is None else ArrayFiles(ModelFiles(book.path)),
            rounds=rounds,
            cohort_size=size + self._over_selection,
            strategy=self._inner.name,
            exact=self._inner.accounts_privacy,
        )
        resources.callback(session.close)
        self._session = session
        self._offset = session.done
        return session

    def _arrays_to_go_on_with(
        self, session: Session, saved: ArrayRecord | None, initial: ArrayRecord
    ) -> ArrayRecord:
        if not session.done:
            return initial
        for lost in self._inner.lost_on_restart:
            logger.warning("lowcarb: %s is not in the ledger and begins anew", lost)
        if saved is None:
            return initial
        if (how := difference(saved, initial)) is not None:
            logger.warning(
                "lowcarb: the model in the ledger is not like the initial one: %s; is the ledger "
                "that of another app? resume=False begins a new training",
                how,
            )
        return saved

    # --- one round

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Choose the cohort and let the strategy inside write to it."""
        self._decision, self._train = None, Sent([])
        if not self._inner.trains:
            return []
        session = self._running
        number = server_round + self._offset
        start = session.wait()
        online = self._meet(session, grid, number)
        decision = session.decide(number, start)
        nodes = [] if decision is None else decision.nodes
        private = self._inner.private_cohort
        if self._inner.accounts_privacy and len(nodes) != private:
            why = f"privacy accounting needs exactly {private} clients, {len(nodes)} can be had"
            session.leave_out(number, start, why)
            return []
        if decision is None or not nodes:
            session.leave_out(number, start, _why_nobody(online, decision))
            return []
        try:
            messages = self._inner.messages_to(nodes, number, arrays, config, grid)
        except WaitsInVain as error:
            if number == self._offset + 1:
                raise
            session.leave_out(number, start, str(error))
            return []
        self._decision = decision.only([message.metadata.dst_node_id for message in messages])
        self._train = Sent([message.metadata for message in messages])
        return messages

    def _meet(self, session: Session, grid: Grid, number: int) -> list[int]:
        """Wait for nodes, ask those that are new who they are, and return those online."""
        exact = self._inner.accounts_privacy
        wanted = max(1, self._inner.min_available)
        if exact or number == self._offset + 1:
            wanted = max(wanted, session.cohort_size)
        online = self._reception.wait(grid, wanted, needed=exact)
        session.meet(online, self._reception.ask(grid, session.strangers(online)), number)
        return online

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Let the strategy inside aggregate, and book the round."""
        if self._decision is None:
            return None, None
        replies = self._train.sort(replies)
        found = self._train.read(replies)
        if self._weight_key is not None:
            ratios = self._running.turn_ratios(self._decision)
            reweigh(self._train.match(replies), ratios, self._weight_key)
        arrays = None
        try:
            arrays, metrics = self._inner.aggregate_train(server_round + self._offset, replies)
        finally:
            # Also if it raises: what was burnt was burnt.
            self._running.close_round(self._decision, found, arrays)
        return arrays, metrics

    def configure_evaluate(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Let the strategy inside evaluate, on its own nodes or on the cohort."""
        cohort = [] if self._decision is None else self._decision.nodes
        shown = cohort if self._evaluate == "cohort" else None
        self._evaluation = Evaluation(
            inner=self._inner, session=self._running, number=server_round + self._offset
        )
        return self._evaluation.messages(arrays, config, grid, shown)

    def aggregate_evaluate(
        self, server_round: int, replies: Iterable[Message]
    ) -> MetricRecord | None:
        """Let the strategy inside aggregate, and book what evaluation burnt."""
        if self._evaluation is None:
            return self._inner.aggregate_evaluate(server_round + self._offset, replies)
        return self._evaluation.close(replies)

    def summary(self) -> None:
        """Log what Lowcarb does, and then what the strategy inside does."""
        session = self._running
        logger.info(
            "\t├──> Lowcarb: %d clients a round, %s, around %s",
            session.cohort_size,
            self._settings.fairness,
            self._inner.name,
        )
        self.strategy.summary()


def _why_nobody(online: list[int], decision: Decision | None) -> str:
    """Say why a round has no cohort."""
    if not online:
        return "nobody is online"
    if decision is None or not decision.online:
        return "none of the nodes that are online said who it is"
    return "none of those online was chosen; the caps may leave no turn for it"
