"""The table of clients: where they are, what they burn, and what they do, in plans and replays."""

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.text import rounded, three_figures
from lowcarb.fleet.fleet import Fleet
from lowcarb.report.page import Figure, Table
from lowcarb.report.words import meanings


def clients_table(
    fleet: Fleet,
    *,
    about: str,
    bounds: tuple[IntArray, IntArray],
    turns: FloatArray,
    grams: FloatArray,
    emitted: str,
) -> Table:
    """Say where clients are, what they burn, and what they do.

    Parameters
    ----------
    fleet
        The clients.
    about
        Whose turns they are, to stand before how much energy they take.
    bounds
        Floors and caps of each client's turns (n,).
    turns, grams
        Of each client (n,); may be means.
    emitted
        Name of the column of grams, in kilograms.
    """
    energy = turns * fleet.energy_kwh
    floor, cap = bounds
    return Table(
        title="Clients",
        caption=f"{about}: {rounded(float(energy.sum()))} kWh in all.",
        names=["Client", "Region"],
        figures=["kWh a round", "Minutes", "Floor", "Cap", "Turns", "Energy (kWh)", emitted],
        rows=[
            (
                client,
                fleet.regions[fleet.region[i]],
                _figure(fleet.energy_kwh[i]),
                Figure(float(fleet.duration_s[i]) / 60, f"{fleet.duration_s[i] / 60:g}"),
                int(floor[i]),
                int(cap[i]),
                _figure(turns[i]),
                _figure(energy[i]),
                Figure(float(grams[i]) / 1000, three_figures(grams[i] / 1000)),
            )
            for i, client in enumerate(fleet.clients)
        ],
        words=meanings(["Floor", "Cap"]),
    )


def _figure(value: float) -> Figure:
    return Figure(float(value), rounded(float(value)))
