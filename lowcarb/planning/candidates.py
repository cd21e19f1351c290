"""What a policy may know of the clients among whom it chooses, beside the program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray
from lowcarb.fleet.fleet import Fleet


@dataclass(frozen=True, kw_only=True, eq=False)
class CandidateView:
    """The clients of a program, in its order.

    Parameters
    ----------
    names, regions
        n names of clients, and the region of each.
    duration_s
        Shape (n,): how long a round is expected to take, in seconds.
    samples
        Shape (n,): training samples; NaN where unknown.
    last_loss
        Shape (n,): the training loss that each client returned last; NaN where unknown.
    waited
        Shape (n,): rounds since each was asked last, this one included: 1 for those of the last
        round. Of who was never asked all rounds since it joined, this one included.
    asked_before
        Shape (n,): who was asked in an earlier round.
    attributes
        The fleet's further columns by name: samples and value (numbers, NaN where unknown), group
        and attr:NAME (text, empty where unknown).
    """

    names: Sequence[str]
    regions: Sequence[str]
    duration_s: FloatArray
    samples: FloatArray
    last_loss: FloatArray
    waited: FloatArray
    asked_before: BoolArray
    attributes: Mapping[str, FloatArray | Sequence[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        known = int((~np.isnan(self.last_loss)).sum())
        return f"CandidateView({len(self)} clients, losses of {known} known)"

    @classmethod
    def of_fleet(
        cls,
        fleet: Fleet,
        *,
        samples: FloatArray | None = None,
        last_loss: FloatArray | None = None,
        waited: FloatArray | None = None,
        asked_before: BoolArray | None = None,
    ) -> "CandidateView":
        """View a fleet.

        Parameters
        ----------
        fleet
            n clients; its column `samples` counts where `samples` does not say.
        samples, last_loss
            Shape (n,), NaN where unknown; None where nothing is known.
        waited, asked_before
            Shape (n,); None where nobody was asked yet.
        """
        unknown = np.full(len(fleet), np.nan)
        if "samples" in fleet.attributes:
            given = np.asarray(fleet.attributes["samples"], dtype=np.float64)
            samples = given if samples is None else np.where(np.isnan(samples), given, samples)
        return cls(
            names=fleet.clients,
            regions=[fleet.regions[region] for region in fleet.region],
            duration_s=fleet.duration_s,
            samples=unknown if samples is None else samples,
            last_loss=unknown if last_loss is None else last_loss,
            waited=np.ones(len(fleet)) if waited is None else waited,
            asked_before=np.zeros(len(fleet), dtype=np.bool_)
            if asked_before is None
            else asked_before,
            attributes=fleet.attributes,
        )
