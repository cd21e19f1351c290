"""The model that a training in a ledger goes on with."""

import logging
from typing import Literal

from flwr.app import ArrayRecord

from lowcarb.flower.model import difference, load_model
from lowcarb.ledger.account import Account
from lowcarb.ledger.model_files import ModelFiles
from lowcarb.training.identity import another_training

logger = logging.getLogger("flwr.lowcarb")


def saved_model(
    before: Account,
    files: ModelFiles,
    *,
    resume: Literal["turns"] | bool,
    initial: ArrayRecord | None,
) -> ArrayRecord | None:
    """Return the model that a training goes on with; None for the initial one.

    Parameters
    ----------
    before
        The training in the ledger.
    files
        Models beside the ledger.
    resume
        As in `CarbonAware`.
    initial
        The model that it would begin with; None where that is not known.

    Raises
    ------
    LedgerError
        If the model of the last aggregated round is missing, another one, or damaged, or if it is
        not like the initial one.
    """
    if not before.rounds:
        return None
    if resume == "turns":
        logger.warning("lowcarb: resume='turns': the initial model takes the place of the saved")
        return None
    path = files.find(before)
    if path is None:
        if initial is not None:
            logger.warning("lowcarb: no model was saved yet; the initial one is taken")
        return None
    saved = load_model(str(path))
    # Ledgers of earlier releases do not say which model it is.
    if initial is not None and (how := difference(saved, initial)) is not None:
        raise another_training(files.called, before.number, [f"of the model's arrays, {how}"])
    return saved
