"""Options of commands that weigh the value of turns against their grams."""

from typing import TYPE_CHECKING, Annotated

import typer

from lowcarb.cli import options
from lowcarb.errors import InputError

if TYPE_CHECKING:
    from lowcarb.planning.value import Value

MaxExtraCarbon = Annotated[
    float | None,
    typer.Option(
        metavar="PERCENT",
        help="Prefer turns of clients with a high value, by the column value of the clients file, "
        "for at most so much more carbon than without. Default: values count for nothing.",
        rich_help_panel=options.TRAINING,
    ),
]
ValuePrice = Annotated[
    float | None,
    typer.Option(
        metavar="GRAMS",
        help="The same at a price: what a unit of value may cost, in gCO2eq.",
        rich_help_panel=options.TRAINING,
    ),
]


def value_of(max_extra_carbon: float | None, value_price: float | None) -> "Value | None":
    """Read what may be paid for the value of turns; None if they have none.

    Parameters
    ----------
    max_extra_carbon
        In percent; None where it was not given.
    value_price
        Of a unit of value, gCO2eq; None where it was not given.

    Raises
    ------
    InputError
        If both are given, or one is out of its range.
    """
    from lowcarb.planning.value import COLUMN, Value

    if max_extra_carbon is None and value_price is None:
        return None
    if max_extra_carbon is not None and value_price is not None:
        raise InputError(
            "expected --max-extra-carbon or --value-price, got both", field="max_extra_carbon"
        )
    # The whole plan counts: nobody plans again before each round.
    return Value(of=COLUMN, price_g=value_price, max_extra_carbon=max_extra_carbon)
