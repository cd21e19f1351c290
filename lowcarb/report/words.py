"""Words that need explaining, where they stand."""

from collections.abc import Iterable

_MEANINGS = {
    "ilp": "Lowcarb's plan, by an integer linear program: of all plans that keep floors and caps, "
    "the one that emits least by the forecast.",
    "regret": "greedy that looks ahead: each round takes the clients that would lose most by "
    "waiting for a later round.",
    "greedy": "each round takes the cheapest clients with which all floors can still be kept.",
    "cheapest": "the clients that emit least now, without any floor: the unfair extreme.",
    "random": "cohorts drawn with equal chances, as Flower does.",
    "round-robin": "the clients with fewest turns so far.",
    "least-turns": "the clients that are owed most turns.",
    "lowcarb-2022": "the rule by which Lowcarb's first version chose.",
    "at-once": "each round begins as soon as it may; who takes part is planned.",
    "cheapest-slots": "greedy: the slots whose cheapest cohorts emit least by the forecast, "
    "whoever is owed turns.",
    "threshold": "a round begins while the cheapest cohort is clean enough among the slots that "
    "are left, or when it must.",
    "oracle": "a plan with perfect foresight of all intensities: the most that can be saved with "
    "these floors and caps.",
    "of limit": "the share of the oracle's saving.",
    "Jain": "Jain's index of how evenly turns are spread: 1 if all clients have equally many, 1/n "
    "if one of n has them all.",
    "Gini": "Gini coefficient of the turns: 0 if all clients have equally many, near 1 if few have "
    "them all.",
    "Floor": "the turns that a client is owed over the whole training.",
    "Cap": "the turns that a client may have at most.",
    "Floors met": "the share of clients that got the turns they are owed.",
    "Fallbacks": "rounds in which a greedy plan stood in for that of the solver.",
    "Empty seats": "places in cohorts that nobody took.",
    "MAPE": "mean absolute percentage error: how far forecasts were off, on average.",
}


def meanings(*words: Iterable[str]) -> dict[str, str]:
    """Explain those of some words that need it, in their order; a unit behind a word is no part.

    Parameters
    ----------
    words
        Several lists of words.
    """
    plain = [word.partition(" (")[0] for some in words for word in some]
    return {word: _MEANINGS[word] for word in plain if word in _MEANINGS}
