"""How a training ends: what it planned, emitted and saved, how fairly, and where the account is."""

import textwrap

from lowcarb._util.text import count, grams, grams_if_known, percent, rounded, saving, share_of
from lowcarb.ledger.account import Account, known_total
from lowcarb.ledger.planned_interval import planned_interval
from lowcarb.ledger.realised_interval import realised_interval
from lowcarb.planning.wording import compared, who_is_short

_RANDOM = (
    "random cohorts: the exact mean over all cohorts of that size, by the same forecasts. No "
    "interval: one training is one sample of the weather; lowcarb compare plays many"
)

# Columns of a line, and before its text.
_WIDTH, _INDENT = 80, 14


def closing_block(account: Account, ledger: str | None) -> str:
    """Write all that a training comes to, 80 columns wide; only a command may be longer.

    Parameters
    ----------
    account
        What it booked.
    ledger
        Name of its ledger; None if the account is in memory only.
    """
    lines = {
        "planned": _planned(account),
        "realised": _realised(account),
        "floors": _floors(account),
        "evaluation": evaluation_of(account),
    }
    if account.by_second is not None:
        lines["beside"] = _beside(account, account.by_second)
    if account.saved_share is not None:
        lines["compared"] = _RANDOM
    head = f"the training is over, after {count(account.rounds_over, 'round')}"
    told = [_wrapped(what, text) for what, text in lines.items()]
    if ledger is None:
        told.append(_wrapped("account", 'not kept; CarbonAware(ledger="run.db") keeps it'))
    else:
        # What can be copied stands on one line.
        told += [
            _line("account", f"lowcarb report {ledger}"),
            _line("page", f"lowcarb report {ledger} --report report.html"),
        ]
    return "\n".join([head, *told])


def _line(what: str, text: str) -> str:
    return f"  {what:<10}  {text}"


def _wrapped(what: str, text: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=_line(what, ""),
        subsequent_indent=" " * _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _planned(account: Account) -> str:
    text = f"{grams_if_known(account.planned_g)} CO2eq by the forecasts"
    interval = "" if account.planned_g is None else planned_interval(account).text
    behind = f"; {interval}" if interval else ""
    share = account.saved_share
    if share is None:
        return f"{text}; what random cohorts would emit is unknown{behind}"
    _, _, known = account.against_random
    some = "" if known == len(account.rounds) else f" (of {count(known, 'round')})"
    saved = compared(f"{text}, {saving(share, 'random cohorts')}{some}", account.lost_turns)
    return f"{saved}{behind}"


def _realised(account: Account) -> str:
    measured, actual = account.measured_share, account.actual_share
    if measured is None or actual is None or account.realised_g is None:
        return "unknown: nothing is known of intensities, or nothing was burnt"
    unknown = sum(turn.realised_g is None for turn in account.work)
    interval = realised_interval(account).beside
    return (
        f"{grams(account.realised_g)} CO2eq of {rounded(account.energy_kwh)} kWh, "
        f"{share_of(measured)} "
        f"measured; {_settled(actual)}"
        + (f"; without {count(unknown, 'turn')} of no known intensity" if unknown else "")
        + (f"; {interval}" if interval else "")
    )


def _beside(account: Account, second: Account) -> str:
    first, other = (", or ".join(map(str, one.kinds)) for one in (account, second))
    unknown = sum(turn.realised_g is None for turn in second.work)
    return (
        f"by {other} intensities {grams_if_known(second.planned_g)} planned and "
        f"{grams_if_known(second.realised_g)} realised"
        + (f", without {count(unknown, 'turn')} of no known intensity" if unknown else "")
        + f"; never added to the above, which is by {first} ones"
    )


def _settled(share: float) -> str:
    if not share:
        return "what came true is not known yet, so the forecasts stand in"
    return f"the intensity that came true is known of {share_of(share)}"


def _floors(account: Account) -> str:
    if not any(member.min_rounds for member in account.members):
        return "none were set"
    return f"NOT MET: {who_is_short(account.owed)}" if account.owed else "all are met"


def evaluation_of(account: Account) -> str:
    """Say what evaluation burnt beside training."""
    works = account.evaluation
    if not works:
        if account.training.simulated_time:
            return "not known: in simulated time nothing is measured; it is in none of the figures"
        return "none was measured"
    energy, trained = sum(work.energy_kwh for work in works), account.energy_kwh
    emitted = known_total(work.realised_g for work in works)
    beside = f", {percent(energy / trained)} of training's energy" if trained else ""
    return (
        f"{rounded(energy)} kWh and {grams_if_known(emitted)} CO2eq more{beside}; it is in none of "
        "the figures above"
    )
