"""The clients: where they are, what a round costs them, how long it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb._util.frame_table import FRAME, table_of_frame
from lowcarb._util.lazy import lazy
from lowcarb._util.text import count, origin, spread
from lowcarb.errors import InputError
from lowcarb.fleet.fleet_table import UNSET, number_names, read_columns
from lowcarb.units import (
    LEAST_ENERGY_KWH,
    LONGEST_MIN,
    MOST_ENERGY_KWH,
    SECONDS_PER_MINUTE,
    SHORTEST_S,
)

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Client:
    """One row of a fleet.

    Parameters
    ----------
    name
        Unlike all others.
    region
        Where its power comes from, by the forecast's name.
    energy_kwh
        Energy of one round at the meter.
    duration
        Of one round.
    """

    name: str
    region: str
    energy_kwh: float
    duration: timedelta


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Fleet:
    """Clients as columns; a million of them take some hundred megabytes.

    Parameters
    ----------
    clients
        n names, each once.
    regions
        Names of the regions, each once.
    region
        Shape (n,): index into `regions`.
    energy_kwh
        Shape (n,): energy of one round at the meter, 0 or `LEAST_ENERGY_KWH` or more.
    duration_s
        Shape (n,): how long a round takes, in seconds, `SHORTEST_S` or more.
    min_rounds, max_rounds
        Shape (n,): a client's own bounds, `UNSET` where the general rule holds.
    attributes
        Further columns by name: samples and value (numbers, NaN where unknown), group and attr:NAME
        (text, empty where unknown).
    file, lines
        Where the clients come from, for messages; `lines` has shape (n,).

    Raises
    ------
    InputError
        If columns contradict each other; names the client.
    """

    clients: Sequence[str]
    regions: Sequence[str]
    region: IntArray
    energy_kwh: FloatArray
    duration_s: FloatArray
    min_rounds: IntArray
    max_rounds: IntArray
    attributes: Mapping[str, FloatArray | Sequence[str]] = field(default_factory=dict)
    file: str | None = None
    lines: IntArray | None = None

    def __post_init__(self) -> None:
        """Refuse columns that contradict each other."""
        n = len(self.clients)
        if not n:
            raise InputError("expected at least one client, got none")
        for name in ("region", "energy_kwh", "duration_s", "min_rounds", "max_rounds"):
            if getattr(self, name).shape != (n,):
                raise InputError(f"{name}: expected shape ({n},), got {getattr(self, name).shape}")
        if len(self.position) != n:
            raise InputError("expected each client once; a name appears twice")
        energy, duration = self.energy_kwh, self.duration_s
        longest = LONGEST_MIN * SECONDS_PER_MINUTE
        good_duration = (duration >= SHORTEST_S) & (duration <= longest)
        some = (energy >= LEAST_ENERGY_KWH) & (energy <= MOST_ENERGY_KWH)
        self._check("energy_kwh", some | (energy == 0), "from 1e-9 to 1e9, or 0")
        self._check("duration_s", good_duration, f"from {SHORTEST_S:g} to {longest:g}")
        crossed = (self.max_rounds != UNSET) & (self.min_rounds > self.max_rounds)
        if crossed.any():
            i = int(np.argmax(crossed))
            raise self.error(
                f"client {self.clients[i]!r}: min_rounds {self.min_rounds[i]} is above max_rounds "
                f"{self.max_rounds[i]}",
                i,
                "min_rounds",
            )

    def __repr__(self) -> str:
        minutes = self.duration_s / SECONDS_PER_MINUTE
        parts = [
            f"{count(len(self), 'client')} in {count(len(self.regions), 'region')}",
            f"{spread(self.energy_kwh.min(), self.energy_kwh.max(), 'kWh')} and "
            f"{spread(minutes.min(), minutes.max(), 'min')} a round",
        ]
        if self.file is not None:
            parts.append(origin(self.file))
        return f"Fleet({', '.join(parts)})"

    def _check(self, name: str, good: BoolArray, expected: str) -> None:
        if not good.all():
            i = int(np.argmin(good))
            raise self.error(
                f"{name} of client {self.clients[i]!r}: expected a finite number {expected}, got "
                f"{getattr(self, name)[i]}",
                i,
                name,
            )

    def error(self, message: str, i: int, field: str) -> InputError:
        """Build an error about client number i that names its file and line, if it has one."""
        line = None if self.lines is None else int(self.lines[i])
        return InputError(message, file=self.file, line=line, field=field)

    def __len__(self) -> int:
        return len(self.clients)

    def __getitem__(self, i: int) -> Client:
        """View client number i."""
        return Client(
            name=self.clients[i],
            region=self.regions[self.region[i]],
            energy_kwh=float(self.energy_kwh[i]),
            duration=timedelta(seconds=float(self.duration_s[i])),
        )

    @lazy
    def position(self) -> dict[str, int]:
        """Number of each client by its name."""
        return {name: i for i, name in enumerate(self.clients)}

    def attributes_of(self, names: Sequence[str]) -> dict[str, FloatArray | Sequence[str]]:
        """Give the further columns for clients by name; NaN or empty text where one is no member.

        Parameters
        ----------
        names
            n clients, in the order wanted.
        """
        places = [self.position.get(name) for name in names]
        found: dict[str, FloatArray | Sequence[str]] = {}
        for column, values in self.attributes.items():
            if isinstance(values, np.ndarray):
                found[column] = np.array([np.nan if p is None else values[p] for p in places])
            else:
                found[column] = ["" if p is None else values[p] for p in places]
        return found

    @classmethod
    def from_frame(cls, frame: "pd.DataFrame") -> "Fleet":
        """Build a fleet from a data frame, by the rules of a clients CSV.

        Parameters
        ----------
        frame
            Shape (n, columns): the columns that `read_fleet` names, with the same units. The index
            is left out, unless its name is client: then it holds the clients' names. A missing
            value is a blank cell.

        Raises
        ------
        InputError
            Names the row (counted from 0), the client and the column of what is wrong.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame(
        ...     {"region": ["DE", "FR"], "energy_kwh": [0.2, 0.3], "duration_min": [30, 45]},
        ...     index=pd.Index(["ulm", "lyon"], name="client"),
        ... )
        >>> Fleet.from_frame(frame)[1].duration
        datetime.timedelta(seconds=2700)
        """
        return cls(**read_columns(table_of_frame(frame, FRAME, index="client")))

    @classmethod
    def from_clients(cls, clients: Sequence[Client]) -> "Fleet":
        """Build a fleet from single clients."""
        regions, region = number_names([client.region for client in clients])
        unset = np.full(len(clients), UNSET, dtype=np.int64)
        return cls(
            clients=[client.name for client in clients],
            regions=regions,
            region=region,
            energy_kwh=np.array([client.energy_kwh for client in clients], dtype=np.float64),
            duration_s=np.array([c.duration.total_seconds() for c in clients], dtype=np.float64),
            min_rounds=unset,
            max_rounds=unset,
        )
