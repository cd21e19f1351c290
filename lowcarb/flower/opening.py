"""Beginning a training in this process, or going on with the one that was begun before."""

import logging
from contextlib import ExitStack
from dataclasses import dataclass

from flwr.app import ArrayRecord
from flwr.serverapp import Grid

from lowcarb.errors import LedgerError, StrategyError
from lowcarb.flower.early_grid import Stragglers
from lowcarb.flower.inner import Inner
from lowcarb.flower.log import in_flowers_log
from lowcarb.flower.model import ArrayFiles, shape_of
from lowcarb.flower.nodes import Reception, app_of
from lowcarb.flower.resume import saved_model
from lowcarb.flower.training_run import RoundRules, TrainingRun
from lowcarb.ledger import Book
from lowcarb.ledger.account import Account
from lowcarb.ledger.model_files import ModelFiles
from lowcarb.providers.protocol import Checked
from lowcarb.training.identity import Identity
from lowcarb.training.second_signal import require_two_signals
from lowcarb.training.session import Session
from lowcarb.training.settings import Settings
from lowcarb.training.terms import require_rounds

logger = logging.getLogger("flwr.lowcarb")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a loop asks for.

    Parameters
    ----------
    grid
        Flower's message bus; None where it is not known before the first round.
    arrays
        The model to begin with; None where it is not known.
    rounds
        How many; None for all that are left.
    own_numbers
        Whether the strategy sees the loop's own numbers of rounds, whatever was done before.
    """

    grid: Grid | None
    arrays: ArrayRecord | None
    rounds: int | None
    own_numbers: bool = False


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A training that has begun or goes on.

    Parameters
    ----------
    run
        It.
    arrays
        The model to go on with; None where the loop makes it.
    rounds
        How many are to be trained now.
    """

    run: TrainingRun
    arrays: ArrayRecord | None
    rounds: int


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Begins trainings of one strategy.

    Parameters
    ----------
    settings
        What the user asked for.
    inner
        The strategy.
    reception
        Waits for nodes.
    rules
        How rounds are asked and closed.
    rounds
        Of the whole training; None if each loop says it.
    """

    settings: Settings
    inner: Inner
    reception: Reception
    rules: RoundRules
    rounds: int | None

    def begin(self, asked: Asked, earlier: TrainingRun | None, resources: ExitStack) -> Begun:
        """Begin a training, or go on with one.

        Parameters
        ----------
        asked
            What the loop asks for.
        earlier
            The run that the same object made before; None if there was none.
        resources
            Closed when the run is over.

        Raises
        ------
        ProviderError
            If a forecast file is missing or cannot be read.
        LedgerError
            If the ledger cannot be written, someone else is writing it, it holds the training of
            another app, or its model is missing.
        StrategyError
            If nobody says how many rounds there are.
        """
        resources.enter_context(in_flowers_log())
        # What cannot be read or written is better found now than after a round.
        settings = self.settings
        for one in (settings.provider, settings.also, settings.actuals) if earlier is None else ():
            if isinstance(one, Checked):
                one.check()
        if earlier is None and settings.also is not None:
            require_two_signals(settings.provider, settings.also)
        ledger = self.settings.ledger
        book = None if ledger is None else resources.enter_context(ledger.writing())
        identity = Identity(
            strategy=self.inner.name,
            app=app_of(asked.grid),
            model_shape=None if asked.arrays is None else shape_of(asked.arrays),
        )
        before = self._before(book, earlier)
        done = 0 if before is None else before.rounds_over
        again = earlier is not None and earlier.complete
        if book is not None and before is not None and earlier is None:
            self._require_same(book, before, identity)
        ledger_name = "" if book is None else f"{book.name}: "
        whole, now = self._length(asked.rounds, done, ledger_name, again=again)
        if not now and before is not None:
            logger.warning(
                "lowcarb: training %d%s is over: all %d rounds are %s already; resume=False begins "
                "a new training, more rounds (num_rounds, or CarbonAware(rounds=...)) make this "
                "training longer",
                before.number,
                "" if book is None else f" of {book.name}",
                done,
                "trained" if book is None else "in the ledger",
            )
        saved = None
        if before is not None and not again:
            if book is not None:
                saved = self._saved(book, before, asked, fresh=earlier is None)
            elif earlier is not None:
                saved = earlier.newest
        session = Session(
            self.settings,
            book=book,
            models=None if book is None else ArrayFiles(ModelFiles(book.path)),
            rounds=whole,
            cohort_size=self._first_size(asked.grid) + self.rules.over_selection,
            identity=identity,
            exact=self.inner.accounts_privacy,
            before=before,
            known=None if earlier is None else earlier.session,
        )
        resources.callback(session.close)
        resources.enter_context(session.next_round.listening())
        if done and not again:
            for lost in self.inner.lost_on_restart:
                logger.warning("lowcarb: %s is not in the ledger and begins anew", lost)
        run = TrainingRun(
            session=session,
            inner=self.inner,
            reception=self.reception,
            rules=self.rules,
            shown=0 if again or asked.own_numbers else done,
            saved=saved,
            stragglers=Stragglers() if earlier is None else earlier.stragglers,
        )
        return Begun(run=run, arrays=asked.arrays if saved is None else saved, rounds=now)

    def _before(self, book: Book | None, earlier: TrainingRun | None) -> Account | None:
        """Find the training that is gone on with."""
        if book is not None and (self.settings.resume or earlier is not None):
            return book.account()
        return None if earlier is None else earlier.session.account

    def _length(self, asked: int | None, done: int, ledger: str, *, again: bool) -> tuple[int, int]:
        """Rounds of the whole training, and rounds to train now."""
        if asked is not None:
            require_rounds(asked)
        if self.rounds is not None:
            left = max(0, self.rounds - done)
            return self.rounds, left if asked is None else min(asked, left)
        if asked is None:
            raise StrategyError(
                f"the training loop of {self.inner.name} does not say its number of rounds in "
                "num_rounds: say CarbonAware(rounds=...)"
            )
        if not again:
            if asked < done:
                raise LedgerError(
                    f"{ledger}expected at least {done} rounds, which are booked already, got "
                    f"{asked}: give a larger num_rounds; or for a loop that calls start again and "
                    "again, CarbonAware(rounds=...); or begin a new training (resume=False)"
                )
            return asked, asked - done
        logger.info(
            "lowcarb: the training goes on and is %d rounds long now; CarbonAware(rounds=...) "
            "plans all rounds from the first one on",
            done + asked,
        )
        return done + asked, asked

    def _require_same(self, book: Book, before: Account, identity: Identity) -> None:
        if self.settings.resume != "turns":
            identity.require_same(before, book.name)

    def _saved(
        self, book: Book, before: Account, asked: Asked, *, fresh: bool
    ) -> ArrayRecord | None:
        """Find the model to go on with, in the ledger of the same training."""
        return saved_model(
            before,
            ModelFiles(book.path, book.name),
            resume=self.settings.resume if fresh else True,
            initial=asked.arrays,
        )

    def _first_size(self, grid: Grid | None) -> int:
        """Clients in the first round, as far as is known before it."""
        given = self.rules.cohort_size
        for overruled in [] if given is None else self.inner.overruled_by(given):
            logger.warning(
                "lowcarb: cohort_size=%d comes before %s of the strategy", given, overruled
            )
        size = given or self.inner.private_cohort
        if size is not None or grid is None:
            return size or 1
        return self.inner.cohort_size(len(self.reception.wait(grid, self.inner.min_available)))
