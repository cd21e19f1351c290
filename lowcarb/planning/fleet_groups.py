"""Groups of clients by a column of names: region, group or attr:NAME."""

import numpy as np

from lowcarb._util.arrays import BoolArray
from lowcarb.fleet.fleet import Fleet

REGION = "region"


def columns_of_names(fleet: Fleet) -> list[str]:
    """Columns by which a fleet's clients can be grouped."""
    return [REGION, *(c for c, v in fleet.attributes.items() if not isinstance(v, np.ndarray))]


def groups_of(fleet: Fleet, column: str) -> dict[str, BoolArray]:
    """Whose each name of a column of names is (n,); clients without a name belong to no group."""
    if column == REGION:
        return {name: fleet.region == number for number, name in enumerate(fleet.regions)}
    array = np.asarray(fleet.attributes[column])
    return {str(name): array == name for name in np.unique(array) if str(name)}
