"""Figures by two signals, side by side: what each answers, and what is not known."""

from collections.abc import Sequence

from lowcarb._util.text import listed
from lowcarb.carbon.kinds import Kind
from lowcarb.planning.second_signal import Emitted
from lowcarb.replay import SecondComparison
from lowcarb.replay.names import RANDOM

# Parts whose shares are told one by one.
_EACH = 2

TITLE = "By two signals"
NEVER_ADDED = (
    "The two answer different questions: they are never added, and never ranked against each other."
)


def answers(kinds: Sequence[Kind]) -> list[str]:
    """Say what emissions by each kind of intensities answer, and that they do not add up."""
    return [*(f"By {kind}: {kind.answers}." for kind in kinds), NEVER_ADDED]


def kinds_text(kinds: Sequence[Kind]) -> str:
    """Name the kinds of one signal."""
    return "; ".join(map(str, kinds))


def _share(emitted: Emitted) -> str:
    """Write of how much of the energy the intensity is known, so that only all is 100%."""
    return "100%" if emitted.whole else f"{min(emitted.share, 0.999):.1%}"


def what_is_missing(source: str, missing: Sequence[str], parts: dict[str, Emitted]) -> list[str]:
    """Say of how much of the energy figures by a second signal are; nothing if they are whole.

    Parameters
    ----------
    source
        Where its intensities come from.
    missing
        Regions of which it says nothing.
    parts
        Figures by what they are of, such as "the plan".
    """
    if all(one.whole for one in parts.values()):
        return []
    why = f"nothing of {listed(list(missing))}" if missing else "not all of these times"
    some = [f"{_share(one)} of the energy of {what}" for what, one in parts.items()]
    if len(some) > _EACH:
        low, *_, high = sorted(parts.values(), key=lambda one: one.share)
        some = [f"{_share(low)} to {_share(high)} of the energy, by who chooses"]
    return [
        f"{source} says {why}: figures by it are of {' and '.join(some)}, and what is saved by it "
        "is unknown."
    ]


def shares_text(*parts: Emitted) -> str:
    """Write those shares of several figures, once if they are alike."""
    return ", ".join(dict.fromkeys(map(_share, parts)))


def beside_ranks(second: SecondComparison) -> list[str]:
    """Say what policies' figures by a second signal answer, leave out, and do not change."""
    parts = {name: one.realised for name, one in second.policies.items() if name != RANDOM}
    return [
        *answers([*second.first, second.kind]),
        f"Clients were chosen, and policies are listed, by {kinds_text(second.first)} intensities.",
        *what_is_missing(second.source, second.missing, parts | {"random cohorts": second.random}),
    ]
