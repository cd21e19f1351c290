"""Files of intensities as other programs write them."""

import re

ELECTRICITY_MAPS = (
    "Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (direct),"
    "Carbon intensity gCO₂eq/kWh (Life cycle),Carbon-free energy percentage (CFE%),"
    "Renewable energy percentage (RE%),Data source,Data estimated,Data estimation method\n"
    "2024-02-28 22:00:00,Finland,Finland,FI,41.5,70.2,92.1,44.0,example.org,false,\n"
    "2024-02-28 23:00:00,Finland,Finland,FI,43.5,72.2,91.7,43.1,example.org,false,\n"
    "2024-02-29 00:00:00,Finland,Finland,FI,44.5,73.2,91.5,42.8,example.org,true,TIME_SLICER\n"
)
OLD_ELECTRICITY_MAPS = ELECTRICITY_MAPS.replace(
    "Zone name,Zone id,Carbon intensity gCO₂eq/kWh (direct),"
    "Carbon intensity gCO₂eq/kWh (Life cycle)",
    "Zone Name,Zone Id,Carbon Intensity gCO₂eq/kWh (direct),Carbon Intensity gCO₂eq/kWh (LCA)",
)
WATTTIME = "point_time,value\n2026-01-10 00:00:00+00:00,812.4\n2026-01-10 00:05:00+00:00,815.1\n"
NESO = (
    "from,to,forecast,actual,index\n"
    "2026-01-10T00:00Z,2026-01-10T00:30Z,142,139,moderate\n"
    "2026-01-10T00:30Z,2026-01-10T01:00Z,138,,moderate\n"
)
NESO_PAGE = (
    "Datetime (UTC),Actual Carbon Intensity (gCO2/kWh),Forecast Carbon Intensity (gCO2/kWh),Index\n"
    "2026-01-10T00:00Z,139,142,moderate\n2026-01-10T00:30Z,137,138,moderate\n"
)
ENERGINET = (
    "Minutes5UTC;Minutes5DK;PriceArea;CO2Emission\n"
    "2026-01-10 00:10;2026-01-10 01:10;DK1;102,5\n2026-01-10 00:10;2026-01-10 01:10;DK2;112,5\n"
    "2026-01-10 00:05;2026-01-10 01:05;DK1;100,5\n2026-01-10 00:05;2026-01-10 01:05;DK2;110,5\n"
)
ENERGY_CHARTS = "unix_seconds,co2eq,co2eq_forecast\n1768003200,300.5,310\n1768004100,301.5,311\n"
CARBON_CAST = (
    "UTC time,creation_time (UTC),version,region_code,forecasted_avg_carbon_intensity_lifecycle,"
    "forecasted_avg_carbon_intensity_direct,carbon_intensity_unit\n"
    "2023-08-19T00:00:00.000000000,2023-08-20 14:50:47,3.0,CISO,305.7,285.3,gCO2eg/kWh\n"
    "2023-08-19T01:00:00.000000000,2023-08-20 14:50:47,3.0,CISO,306.7,286.3,gCO2eg/kWh\n"
)


def saved_in_central_europe(text: str, *, dates: str = r"\3.\2.\1", semicolons: bool = True) -> str:
    """Write a file as a spreadsheet there does: dates, commas, and signs that are lost."""
    lost = text.replace("₂", "?")
    if semicolons:
        lost = re.sub(r"(\d)\.(\d)", r"\1,\2", lost.replace(",", ";"))
    return re.sub(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d:\d\d)(?::\d\d)?(Z?)", rf"{dates} \4\5", lost)
