"""Regions of clouds by the zones of Electricity Maps; reviewed by hand, and not complete.

Where a region stands is what the cloud itself says (the city behind each row). Its zone is the one
of that city in Electricity Maps' list of zones, as it was served in March 2024. Rows were added in
November 2026. What is not certain is left out, for example Oregon, where several zones meet, and
Azure's centralus: give your own with ``zones={"us-west-2": ...}``.

Public tables have errors that the table below was checked for: Azure's westus is California, its
northeurope is Ireland, Google's europe-west2 is London.
"""

import re

# Source of the cities: "AWS Regions and Availability Zones", AWS documentation.
_AWS = {
    "af-south-1": "ZA",  # Cape Town
    "ap-east-1": "HK",  # Hong Kong
    "ap-northeast-1": "JP-TK",  # Tokyo
    "ap-northeast-2": "KR",  # Seoul
    "ap-northeast-3": "JP-KN",  # Osaka
    "ap-south-1": "IN-WE",  # Mumbai
    "ap-south-2": "IN-SO",  # Hyderabad
    "ap-southeast-1": "SG",  # Singapore
    "ap-southeast-2": "AU-NSW",  # Sydney
    "ap-southeast-4": "AU-VIC",  # Melbourne
    "ca-central-1": "CA-QC",  # Montreal
    "ca-west-1": "CA-AB",  # Calgary
    "eu-central-1": "DE",  # Frankfurt
    "eu-central-2": "CH",  # Zurich
    "eu-north-1": "SE-SE3",  # Stockholm
    "eu-south-1": "IT-NO",  # Milan
    "eu-south-2": "ES",  # Aragon
    "eu-west-1": "IE",  # Ireland
    "eu-west-2": "GB",  # London
    "eu-west-3": "FR",  # Paris
    "il-central-1": "IL",  # Tel Aviv
    "me-central-1": "AE",  # United Arab Emirates
    "me-south-1": "BH",  # Bahrain
    "sa-east-1": "BR-CS",  # Sao Paulo
    "us-east-1": "US-MIDA-PJM",  # Northern Virginia
    "us-east-2": "US-MIDA-PJM",  # Columbus, Ohio
    "us-west-1": "US-CAL-CISO",  # Northern California
}
# Source of the cities: "List of Azure regions", Microsoft documentation.
_AZURE = {
    "australiaeast": "AU-NSW",  # New South Wales
    "australiasoutheast": "AU-VIC",  # Victoria
    "brazilsouth": "BR-CS",  # Sao Paulo
    "canadacentral": "CA-ON",  # Toronto
    "canadaeast": "CA-QC",  # Quebec
    "centralindia": "IN-WE",  # Pune
    "eastasia": "HK",  # Hong Kong
    "eastus": "US-MIDA-PJM",  # Virginia
    "eastus2": "US-MIDA-PJM",  # Virginia
    "francecentral": "FR",  # Paris
    "germanywestcentral": "DE",  # Frankfurt
    "israelcentral": "IL",  # Israel
    "italynorth": "IT-NO",  # Milan
    "japaneast": "JP-TK",  # Tokyo, Saitama
    "japanwest": "JP-KN",  # Osaka
    "koreacentral": "KR",  # Seoul
    "northcentralus": "US-MIDA-PJM",  # Illinois, near Chicago
    "northeurope": "IE",  # Ireland
    "norwayeast": "NO-NO1",  # Oslo
    "norwaywest": "NO-NO2",  # Stavanger
    "polandcentral": "PL",  # Warsaw
    "qatarcentral": "QA",  # Doha
    "southafricanorth": "ZA",  # Johannesburg
    "southcentralus": "US-TEX-ERCO",  # San Antonio, Texas
    "southeastasia": "SG",  # Singapore
    "southindia": "IN-SO",  # Chennai
    "spaincentral": "ES",  # Madrid
    "swedencentral": "SE-SE3",  # Gavle
    "switzerlandnorth": "CH",  # Zurich
    "switzerlandwest": "CH",  # Geneva
    "uaenorth": "AE",  # Dubai
    "uksouth": "GB",  # London
    "ukwest": "GB",  # Cardiff
    "westeurope": "NL",  # Netherlands
    "westindia": "IN-WE",  # Mumbai
    "westus": "US-CAL-CISO",  # California
}
# Source of the cities: "Regions and zones", Google Cloud documentation.
_GOOGLE = {
    "africa-south1": "ZA",  # Johannesburg
    "asia-east1": "TW",  # Changhua County
    "asia-east2": "HK",  # Hong Kong
    "asia-northeast1": "JP-TK",  # Tokyo
    "asia-northeast2": "JP-KN",  # Osaka
    "asia-northeast3": "KR",  # Seoul
    "asia-south1": "IN-WE",  # Mumbai
    "asia-south2": "IN-NO",  # Delhi
    "asia-southeast1": "SG",  # Singapore
    "australia-southeast1": "AU-NSW",  # Sydney
    "australia-southeast2": "AU-VIC",  # Melbourne
    "europe-central2": "PL",  # Warsaw
    "europe-north1": "FI",  # Hamina
    "europe-southwest1": "ES",  # Madrid
    "europe-west1": "BE",  # St. Ghislain
    "europe-west10": "DE",  # Berlin
    "europe-west12": "IT-NO",  # Turin
    "europe-west2": "GB",  # London
    "europe-west3": "DE",  # Frankfurt
    "europe-west4": "NL",  # Eemshaven
    "europe-west6": "CH",  # Zurich
    "europe-west8": "IT-NO",  # Milan
    "europe-west9": "FR",  # Paris
    "me-central1": "QA",  # Doha
    "me-west1": "IL",  # Tel Aviv
    "northamerica-northeast1": "CA-QC",  # Montreal
    "northamerica-northeast2": "CA-ON",  # Toronto
    "southamerica-east1": "BR-CS",  # Osasco, Sao Paulo
    "southamerica-west1": "CL-SEN",  # Santiago
    "us-central1": "US-MIDW-MISO",  # Council Bluffs, Iowa
    "us-east4": "US-MIDA-PJM",  # Ashburn, Virginia
    "us-east5": "US-MIDA-PJM",  # Columbus, Ohio
    "us-south1": "US-TEX-ERCO",  # Dallas, Texas
    "us-west3": "US-NW-PACE",  # Salt Lake City
    "us-west4": "US-NW-NEVP",  # Las Vegas
}
CLOUD_ZONES = _AWS | _AZURE | _GOOGLE

_MOST_NAME = 100
_POINT = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*")


def is_name(text: str) -> bool:
    """Whether a text may name a zone, in messages, in the cache and in the account."""
    return text.isprintable() and 0 < len(text) <= _MOST_NAME


def cloud_zone(name: str) -> str | None:
    """Zone of a region of AWS, Azure or Google Cloud; None for any other name."""
    return CLOUD_ZONES.get(name.strip().lower())


def point(name: str) -> tuple[str, str] | None:
    """Read a place written as latitude,longitude in degrees; None for any other name."""
    found = _POINT.fullmatch(name)
    if found is None or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        return None
    return found[1], found[2]
