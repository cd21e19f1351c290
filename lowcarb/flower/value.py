"""What CarbonAware is told of the value of turns, as the policy that pays for it."""

from dataclasses import replace
from typing import Literal

from lowcarb._util.arguments import called
from lowcarb.errors import InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.cohort_range import CohortRange
from lowcarb.planning.hours import Hours
from lowcarb.planning.policies import Planned, Policy
from lowcarb.planning.value import COLUMN, VALUE_COLUMN, Value, not_beside, require_values


def value_of(
    value: Literal["loss", "column"] | None,
    max_extra_carbon: float | None,
    value_price_g: float | None,
) -> Value | None:
    """Read what turns are worth; None if nothing.

    Parameters
    ----------
    value, max_extra_carbon, value_price_g
        As in `CarbonAware`.

    Raises
    ------
    InputError
        If one of them makes no sense, or says what may be paid where turns have no value.
    """
    if value is not None:
        with called(price_g="value_price_g"):
            # It is planned again before each round, which pays for its own turns.
            return Value(
                of=value, price_g=value_price_g, max_extra_carbon=max_extra_carbon, later=0.0
            )
    given = {"max_extra_carbon": max_extra_carbon, "value_price_g": value_price_g}
    for name, figure in given.items():
        if figure is not None:
            raise InputError(
                f"{name}: says what may be paid for the value of turns; say of what that is, too, "
                'as value="loss" or value="column"',
                field=name,
            )
    return None


def policy_of(
    policy: Policy | None,
    value: Value | None,
    fleet: Fleet | None,
    *,
    range_: CohortRange | None,
    hours: Hours | None,
) -> Policy:
    """Make the policy that chooses: by default a plan, which alone can pay for value.

    Parameters
    ----------
    policy
        The one that was given; None for the default.
    value
        What turns are worth; None for nothing.
    fleet
        That was given, if any.
    range_, hours
        Bounds of cohorts, and when rounds may be; None where cohorts are of one size, or rounds
        follow each other.

    Raises
    ------
    InputError
        If value is asked for where nobody can pay for it, or no column says what it is.
    """
    if value is None:
        return policy or Planned()
    if not isinstance(policy, Planned | None):
        raise InputError(
            f"value: expected no policy, or Planned(...), which plans; got {policy!r:.80}, which "
            "sees losses and columns itself",
            field="value",
        )
    not_beside(value, cohort_range=range_, deadline=hours)
    if value.of == COLUMN and (fleet is None or VALUE_COLUMN not in fleet.attributes):
        raise InputError(
            f'value: "column" is the column {VALUE_COLUMN} of a fleet, which is not given; give '
            f'fleet=read_fleet(...) of a file that has it, or say value="loss"',
            field="value",
        )
    if value.of == COLUMN and fleet is not None:
        require_values(fleet)
    return replace(policy or Planned(), value=value)
