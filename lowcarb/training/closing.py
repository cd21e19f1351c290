"""What a training's log says at its end."""

from lowcarb._util.text import count, grams_if_known, saving
from lowcarb.ledger.account import Account


def closing_line(account: Account, ledger: str | None) -> str:
    """Say in one line how far a training is, what it emitted and saved, and where all of it is.

    Parameters
    ----------
    account
        What it booked.
    ledger
        Name of its ledger; None if the account is in memory only.
    """
    compared = [
        (booked.planned_g, booked.random_g)
        for booked in account.rounds
        if booked.turns and booked.planned_g is not None and booked.random_g
    ]
    planned, random = sum(p for p, _ in compared), sum(r or 0.0 for _, r in compared)
    saved = f", {saving(1 - planned / random, 'random cohorts')}" if random else ""
    owed = sum(account.owed.values())
    parts = [
        f"{account.rounds_over} of {count(account.training.rounds, 'round')} are over",
        f"{grams_if_known(account.planned_g)} planned{saved}",
        f"{count(owed, 'turn')} still owed" if owed else "no turns owed",
        "the account is not kept" if ledger is None else f"all of it: lowcarb report {ledger}",
    ]
    return "; ".join(parts)
