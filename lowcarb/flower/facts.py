"""What a client says of itself, and its name across restarts."""

import hashlib
import logging
from collections.abc import Mapping

import numpy as np

from lowcarb.fleet.energy import workload_kwh
from lowcarb.fleet.fleet_table import LONGEST_NAME
from lowcarb.flower.wire import (
    ENERGY_KWH,
    MOST_MEGABYTES,
    MOST_PUE,
    MOST_SAMPLES,
    MOST_WATTS,
    SAMPLES,
    printable,
    sensible,
)
from lowcarb.training.client_state import Facts
from lowcarb.training.names import own_name
from lowcarb.units import LONGEST_MIN, MOST_ENERGY_KWH, SECONDS_PER_MINUTE, SHORTEST_S

logger = logging.getLogger("flwr.lowcarb")

_NAMED = f"up to {LONGEST_NAME} characters"


def read_facts(
    answer: Mapping[str, object] | None,
    node_id: int,
    *,
    registered: str = "",
    public_key: bytes = b"",
    lasting: bool = True,
) -> Facts:
    """Read an answer; what makes no sense is logged and taken as not said.

    Parameters
    ----------
    answer
        Entries of the client's node config; None if it cannot answer.
    node_id
        Flower's number of the node.
    registered, public_key
        What the SuperLink knows of it.
    lasting
        Whether the node has that key after a restart too.
    """
    said = answer or {}
    fingerprint = hashlib.sha256(public_key).hexdigest() if public_key else None
    names = {
        "client-id": _text(said.get("client-id")),
        "registered name": _text(registered),
        "partition-id": _partition(said),
    }
    refused = {what: one for what, one in names.items() if len(one) > LONGEST_NAME}
    good = {what: one for what, one in names.items() if one and what not in refused}
    name = next(iter(good.values()), own_name(node_id, fingerprint if lasting else None))

    def number(key: str, low: float, high: float) -> float | None:
        value = said.get(key)
        found = sensible(value, low, high)
        if value is not None and found is None:
            warn(key, f"a number from {low:g} to {high:g}", value)
        return found

    def warn(key: str, expected: str, value: object) -> None:
        logger.warning(
            "lowcarb: %s of client %r: expected %s, got %.60r; it is not used",
            key,
            name,
            expected,
            value,
        )

    minutes = number("duration-min", SHORTEST_S / SECONDS_PER_MINUTE, LONGEST_MIN)
    duration = None if minutes is None else minutes * SECONDS_PER_MINUTE
    energy = number(ENERGY_KWH, 0, MOST_ENERGY_KWH)
    power = number("power-w", 0, MOST_WATTS)
    if energy is None and power is not None and duration is not None:
        parts = {
            "power_w": power,
            "duration_s": duration,
            "pue": number("pue", 1, MOST_PUE) or 1.0,
            "upload_mb": number("upload-mb", 0, MOST_MEGABYTES) or 0.0,
            "download_mb": number("download-mb", 0, MOST_MEGABYTES) or 0.0,
        }
        energy = float(workload_kwh(**{key: np.array([v]) for key, v in parts.items()})[0])
        if energy > MOST_ENERGY_KWH:
            warn("the energy", f"up to {MOST_ENERGY_KWH:g} kWh", energy)
            energy = None
    samples = number(SAMPLES, 0, MOST_SAMPLES)
    region = _text(said.get("region")) or None
    if region is not None and len(region) > LONGEST_NAME:
        warn("region", _NAMED, region)
        region = None
    for key, given in refused.items():
        warn(key, _NAMED, given)
    return Facts(
        name=name,
        region=region,
        energy_kwh=energy,
        duration_s=duration,
        samples=samples,
        told=answer is not None,
        registered=good.get("registered name", ""),
        key=fingerprint,
        lasting=lasting,
    )


def _partition(said: Mapping[str, object]) -> str:
    partition = _text(said.get("partition-id"))
    return partition and f"partition-{partition}"


def _text(value: object) -> str:
    """Read a name, which may be a number; anything else is no name."""
    good = isinstance(value, str | int | float) and not isinstance(value, bool)
    return printable(str(value)) if good else ""
