"""What a wheel and an sdist hold: the packages, and the repository's files, and nothing else."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path


def tracked(*folders: str) -> set[str]:
    """The repository's files, with those about to be added; what git ignores is none of them."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return {name for name in found.splitlines() if Path(name).exists()}


def in_wheel(path: str) -> set[str]:
    """The files of a wheel's packages, with its license; the other metadata is left out."""
    names = zipfile.ZipFile(path).namelist()
    return {name for name in names if ".dist-info/" not in name} | {
        "LICENSE" for name in names if name.endswith(".dist-info/licenses/LICENSE")
    }


def in_sdist(path: str) -> set[str]:
    """The files of an sdist, without the metadata that is made for it."""
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()} - {"PKG-INFO"}


def main() -> None:
    """Compare both with the repository."""
    packages = {name.removeprefix("solvers/") for name in tracked("lowcarb", "solvers")}
    wheel, sdist = sys.argv[1:]
    for path, found, expected in (
        (wheel, in_wheel(wheel), packages | {"LICENSE"}),
        (sdist, in_sdist(sdist), tracked()),
    ):
        if found != expected:
            sys.exit(
                f"{Path(path).name}: lacks {sorted(expected - found)}, "
                f"should not hold {sorted(found - expected)}"
            )
        print(f"{Path(path).name} holds {len(found)} files")


if __name__ == "__main__":
    main()
