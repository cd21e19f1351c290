"""Which training this is, so that a ledger is not gone on with by another app."""

from dataclasses import dataclass

from lowcarb.errors import LedgerError
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import TrainingSpec

# What an identity is made of, in words.
_PARTS = {"app": "the app", "strategy": "the strategy", "model_shape": "the model"}


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What stays the same in a training, however often it is started again.

    Parameters
    ----------
    strategy
        Classes of the Flower strategy, from the outside in.
    app
        Flower's name of the app; None where it has none.
    model_shape
        Names and shapes of the model's arrays, in short; None where they are not known before the
        first round.
    """

    strategy: str
    app: str | None = None
    model_shape: str | None = None

    def differences(self, other: TrainingSpec) -> list[str]:
        """Say what another training has otherwise; what is unknown differs from nothing."""
        pairs = [(what, getattr(self, name), getattr(other, name)) for name, what in _PARTS.items()]
        return [
            f"{what} is {mine}, and was {theirs}"
            for what, mine, theirs in pairs
            if mine is not None and theirs is not None and mine != theirs
        ]

    def require_same(self, before: Account, ledger: str) -> None:
        """Refuse to go on with another app's training.

        Raises
        ------
        LedgerError
            Says what differs, and the ways out.
        """
        if before.rounds and (differences := self.differences(before.training)):
            raise another_training(ledger, before.number, differences)


def another_training(ledger: str, number: int, differences: list[str]) -> LedgerError:
    """Make the error that refuses another app's training."""
    return LedgerError(
        f"{ledger}: training {number} in it is another one: {'; '.join(differences)}. Give each "
        "app a ledger of its own, or begin a new training in this ledger (resume=False), or go on "
        "with the turns but this app's initial model (resume='turns')"
    )
