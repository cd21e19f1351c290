"""What a client says of itself, and its name across restarts."""

import hashlib
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lowcarb.energy import workload_kwh
from lowcarb.fleet import LONGEST_MIN, SHORTEST_S
from lowcarb.flower.wire import ENERGY_KWH
from lowcarb.units import MOST_ENERGY_KWH, SECONDS_PER_MINUTE

logger = logging.getLogger("flwr.lowcarb")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A client as it describes itself.

    Parameters
    ----------
    name
        Its identity: the client-id of its node config, else the name under which the operator
        registered it, else its partition-id, else its public key, else its node id.
    region
        None if it does not say.
    energy_kwh, duration_s
        Of one round; None if it does not say.
    """

    name: str
    region: str | None = None
    energy_kwh: float | None = None
    duration_s: float | None = None


def read_facts(
    said: Mapping[str, object], node_id: int, *, registered: str = "", public_key: bytes = b""
) -> Facts:
    """Read an answer; what makes no sense is logged and taken as not said.

    Parameters
    ----------
    said
        Entries of the client's node config; empty if it did not answer.
    node_id
        Flower's number of the node.
    registered, public_key
        What the SuperLink knows of it.
    """
    name = _identity(said, node_id, registered, public_key)

    def number(key: str, low: float, high: float) -> float | None:
        value = said.get(key)
        if value is None:
            return None
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if good and math.isfinite(float(value)) and low <= float(value) <= high:  # type: ignore[arg-type]
            return float(value)  # type: ignore[arg-type]
        logger.warning(
            "lowcarb: %s of client %r: expected a number from %g to %g, got %r; it is not used",
            key,
            name,
            low,
            high,
            value,
        )
        return None

    minutes = number("duration-min", SHORTEST_S / SECONDS_PER_MINUTE, LONGEST_MIN)
    duration = None if minutes is None else minutes * SECONDS_PER_MINUTE
    energy = number(ENERGY_KWH, 0, MOST_ENERGY_KWH)
    power = number("power-w", 0, MOST_ENERGY_KWH)
    if energy is None and power is not None and duration is not None:
        parts = {
            "power_w": power,
            "duration_s": duration,
            "pue": number("pue", 1, 10) or 1.0,
            "upload_mb": number("upload-mb", 0, MOST_ENERGY_KWH) or 0.0,
            "download_mb": number("download-mb", 0, MOST_ENERGY_KWH) or 0.0,
        }
        energy = float(workload_kwh(**{key: np.array([v]) for key, v in parts.items()})[0])
    region = str(said.get("region", "")).strip() or None
    return Facts(name=name, region=region, energy_kwh=energy, duration_s=duration)


def _identity(said: Mapping[str, object], node_id: int, registered: str, public_key: bytes) -> str:
    given = str(said.get("client-id", "")).strip() or registered.strip()
    if given:
        return given
    if said.get("partition-id") is not None:
        return f"partition-{said['partition-id']}"
    if public_key:
        return f"key-{hashlib.sha256(public_key).hexdigest()[:16]}"
    return f"node-{node_id}"
