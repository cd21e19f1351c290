"""The commands that the pages of this repository give for starting Flower's processes."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.data import ROOT

OPERATING = ROOT / "docs" / "operating.md"
README = ROOT / "README.md"
PAGES = (README, *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").rglob("*.md"))
PROGRAMS = ("flower-superlink", "flwr supernode register", "flower-supernode", "flwr run")
"""In the order in which a federation is started."""

_HEADING = (
    r"^Flower (?P<first>\d+\.\d+) (?:to (?P<last>\d+\.\d+)|and newer)(?P<where>[^`]*?):\n\n"
    r"```text\n(?P<body>.*?)```"
)

Version = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Block:
    """The commands for a range of Flower's versions.

    Parameters
    ----------
    first, last
        The range, both ends included; no last one where it is open.
    ports
        Ports that must be free besides those that the commands name.
    commands
        One a program, continued lines joined.
    """

    first: Version
    last: Version | None
    ports: tuple[int, ...]
    commands: tuple[str, ...]

    def holds(self, version: Version) -> bool:
        return self.first <= version and (self.last is None or version <= self.last)


def blocks() -> list[Block]:
    """All blocks of the page, oldest versions first."""
    found = re.finditer(_HEADING, OPERATING.read_text(), re.MULTILINE | re.DOTALL)
    made = [
        Block(
            first=version(match["first"]),
            last=version(match["last"]) if match["last"] else None,
            ports=tuple(map(int, re.findall(r"\b\d{4}\b", match["where"]))),
            commands=tuple(joined(match["body"])),
        )
        for match in found
    ]
    return sorted(made, key=lambda block: block.first)


def connection() -> str:
    """The page's example of a connection, for ``config.toml``."""
    (toml,) = re.findall(r"```toml\n(.*?)```", OPERATING.read_text(), re.DOTALL)
    return str(toml)


def starting(page: Path) -> list[str]:
    """Every command of a page's blocks that starts one of Flower's processes."""
    bodies = re.findall(r"^ *```(?:\w+)\n(.*?)```", page.read_text(), re.MULTILINE | re.DOTALL)
    return [
        line
        for body in bodies
        for line in joined(body)
        if re.match(rf"(\$ )?([A-Z_]+=\S+ )*({'|'.join(PROGRAMS)})\b", line)
    ]


def joined(body: str) -> list[str]:
    return re.sub(r"\\\n\s*", "", body).strip().splitlines()


def version(text: str) -> Version:
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


def filled(command: str, values: dict[str, str]) -> str:
    """Put values in the place of placeholders, which are whole words in capitals."""
    return re.sub(
        r"(?<![\w-])[A-Z]+(?:_[A-Z]+)*(?![\w-])", lambda m: values.get(m[0], m[0]), command
    )
