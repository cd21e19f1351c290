"""Clients whom no limit of a family reaches, since nobody said where they belong."""

import numpy as np

from lowcarb._util.text import count, listed
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.fleet_groups import REGION, columns_of_names, groups_of

_NAMED = 3


def unreached(asked: AskedLimits | None, fleet: Fleet) -> dict[str, str]:
    """Say which clients and sites no limit counts, though limits speak of their kind.

    Parameters
    ----------
    asked
        The limits; None for none.
    fleet
        The clients.

    Returns
    -------
    dict
        A sentence by what it is about: a column of names, or caps of sites.
    """
    if asked is None:
        return {}
    found = {}
    for column in sorted(asked.columns & set(columns_of_names(fleet)) - {REGION}):
        cells = fleet.attributes[column]
        blank = [name for name, cell in zip(fleet.clients, cells, strict=True) if not cell]
        if blank:
            found[column] = (
                f"{column} of {count(len(blank), 'client')} is blank, so no limit on a {column} "
                f"reaches them: {listed(blank, _NAMED)}"
            )
    sites = asked.sites
    if sites is not None and sites.caps is not None and sites.column in columns_of_names(fleet):
        groups = groups_of(fleet, sites.column)
        free = {name: who for name, who in groups.items() if name not in sites.caps.kw}
        if free:
            clients = int(np.sum([who.sum() for who in free.values()]))
            found["caps"] = (
                f"{count(len(free), 'site')} without rows in {sites.caps.file}, with "
                f"{count(clients, 'client')}, may use as much as they like: "
                f"{listed(list(free), _NAMED)}"
            )
    return found
