"""Going on with the training in a ledger: what is there, and the model to go on with."""

import logging
from typing import Literal

from flwr.app import ArrayRecord

from lowcarb.flower.model import load_model
from lowcarb.ledger import Book
from lowcarb.ledger.model_files import ModelFiles

logger = logging.getLogger("flwr.lowcarb")


def saved_model(book: Book, resume: Literal["turns"] | bool, rounds: int) -> ArrayRecord | None:
    """Return the model that the training in a ledger goes on with; None for the initial one.

    Parameters
    ----------
    book
        The ledger.
    resume
        As in `CarbonAware`.
    rounds
        How many the whole training is to have.

    Raises
    ------
    LedgerError
        If the model of the last aggregated round is missing, or another one, or damaged.
    """
    before = book.account() if resume else None
    if before is None or not before.rounds:
        return None
    if before.rounds_over == rounds:
        logger.warning(
            "lowcarb: training %d of %s is over: all %d rounds are in the ledger already; "
            "resume=False begins a new training, a larger num_rounds makes this training longer",
            before.number,
            book.name,
            rounds,
        )
    if resume == "turns":
        logger.warning("lowcarb: resume='turns': the initial model takes the place of the saved")
        return None
    path = ModelFiles(book.path, book.name).find(before)
    if path is None:
        logger.warning("lowcarb: no model was saved yet; the initial one is taken")
        return None
    return load_model(str(path))
