"""Is what was installed whole? Every public name is loaded, and a plan was proven optimal."""

import json
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("lowcarb", "lowcarb.ledger", "lowcarb.providers", "lowcarb_solvers")


def main() -> None:
    """Load the names; read the plan, whose file is the argument."""
    names = 0
    for package in map(import_module, PACKAGES):
        assert "site-packages" in package.__file__, package.__file__
        for name in package.__all__:
            getattr(package, name)
            names += 1
    lowcarb = import_module("lowcarb")
    assert lowcarb.__version__ == version("lowcarb"), version("lowcarb")
    plan = json.loads(Path(sys.argv[1]).read_text())
    assert (plan["status"], plan["solver"]) == ("optimal", "cbc"), plan
    print(f"{names} public names; the plan is optimal, {plan['objective_g']:.1f} g")


if __name__ == "__main__":
    main()
