"""The hospitals of these tests, and a forecast for where they are."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

POWER_W = 250.0
INTENSITY = {"SE": 20.0, "FR": 60.0, "GB": 200.0, "DE": 350.0, "PL": 700.0}
"""Of each region, gCO2eq/kWh, at any time."""
REGIONS = {f"hospital-{i}": region for i, region in enumerate(INTENSITY)}
"""Of each hospital; the first is the cleanest, the last the dirtiest."""
NODES = {name: f'region="{region}" power-w={POWER_W:g}' for name, region in REGIONS.items()}
"""Of each hospital, its SuperNode's configuration."""


def write_forecast(path: Path) -> Path:
    """Write a forecast from an hour ago on, for longer than any test takes."""
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    rows = [",".join(["time_utc", *INTENSITY])]
    for hour in range(24):
        time = (start + timedelta(hours=hour)).isoformat()
        rows.append(",".join([time, *map(str, INTENSITY.values())]))
    path.write_text("\n".join(rows) + "\n")
    return path
