"""What a training's log says when it begins, goes on and ends."""

from collections.abc import Collection, Sequence

from lowcarb._util.text import count, grams_if_known, listed, saving
from lowcarb.fleet.fleet import Fleet
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import Member
from lowcarb.ledger.planned_interval import planned_interval
from lowcarb.planning.wording import compared
from lowcarb.training.terms import Terms


def opening_line(members: Collection[Member], terms: Terms, fleet: Fleet | None) -> str:
    """Say who takes part, and what floors there are; `fleet` may have bounds of its own."""
    regions = {member.region for member in members} - {None}
    share = terms.share(terms.rounds, len(members))
    return (
        f"{count(len(members), 'client')} in "
        f"{count(len(regions), 'region') if regions else 'no known region'}, {terms.sizes} "
        f"in each of {count(terms.rounds, 'round')}; "
        f"{terms.fairness.describe(share, terms.rounds, fleet)}"
    )


def roster_line(known: int, here: int, new: Sequence[str]) -> str:
    """Say that a ledger is gone on with by others than those in it, of whom some are here."""
    return (
        f"of the {count(known, 'client')} in the ledger {here} are online; {len(new)} that are not "
        f"in it join: {listed(new)}"
    )


def closing_line(account: Account, ledger: str | None) -> str:
    """Say in one line how far a training is, what it emitted and saved, and where all of it is.

    Parameters
    ----------
    account
        What it booked.
    ledger
        Name of its ledger; None if the account is in memory only.
    """
    share = account.saved_share
    text = "" if share is None else f", {saving(share, 'random cohorts')}"
    saved = compared(text, account.lost_turns)
    interval = "" if account.planned_g is None else planned_interval(account).text
    owed = sum(account.owed.values())
    parts = [
        f"{account.rounds_over} of {count(account.training.rounds, 'round')} are over",
        f"{grams_if_known(account.planned_g)} planned{saved}",
        *([interval] if interval else []),
        f"{count(owed, 'turn')} still owed" if owed else "no turns owed",
        "the account is not kept" if ledger is None else f"all of it: lowcarb report {ledger}",
    ]
    return "; ".join(parts)
