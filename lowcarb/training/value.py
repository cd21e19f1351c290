"""What rounds so far leave for the value of turns in the next one."""

from collections.abc import Sequence
from dataclasses import replace

from lowcarb.ledger.entries import BookedRound
from lowcarb.planning.policies import Planned, Policy


def with_savings(policy: Policy, rounds: Sequence[BookedRound], near_g: float | None) -> Policy:
    """Let a policy that pays for value pay what earlier rounds might have cost more.

    A round pays before it is known what its plan's later rounds will be like. What the others may
    pay does not change by that, so the bound is that of the training, by its forecasts.

    Parameters
    ----------
    policy
        As the training was asked for it.
    rounds
        That are booked.
    near_g
        The last price that was found, gCO2eq; None if none was.
    """
    if not isinstance(policy, Planned) or policy.value is None:
        return policy
    saved_up_g = policy.value.saved_up(
        (booked.planned_g, booked.paid_g)
        for booked in rounds
        if booked.planned_g is not None and booked.paid_g is not None
    )
    return replace(policy, value=replace(policy.value, saved_up_g=saved_up_g, near_g=near_g))
