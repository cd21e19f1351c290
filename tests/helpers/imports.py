"""Modules that a statement loads."""

import json
import subprocess
import sys

from tests.helpers.data import ENVIRONMENT


def loaded_by(statement: str) -> set[str]:
    """Top-level names of the modules that a statement loads in a new interpreter."""
    return {name.split(".")[0] for name in all_loaded_by(statement)}


def all_loaded_by(statement: str) -> set[str]:
    """Names of the modules that a statement loads in a new interpreter."""
    script = f"import sys, json\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))
