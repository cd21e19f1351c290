"""What an account comes to, in sentences: what a report begins with."""

from lowcarb._util.text import count, grams, kilograms, percent, rounded, saving, share_of
from lowcarb._util.times import show
from lowcarb.carbon.provenance import Quality
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import Outcome
from lowcarb.ledger.planned_interval import planned_interval
from lowcarb.ledger.realised_interval import realised_interval
from lowcarb.planning.wording import compared, who_is_short
from lowcarb.report.account.summary import AccountSummary, Sums
from lowcarb.report.account.waiting import METHOD
from lowcarb.report.inputs import MEANINGS_OF_SIGNALS, kind_in_words
from lowcarb.report.two_signals import answers, kinds_text

_NOT_SETTLED = "no actual intensity is known yet"


def heading(summary: AccountSummary) -> list[str]:
    """Say what was asked for."""
    account, training = summary.account, summary.account.training
    sizes = training.cohort_size if summary.cohorts is None else summary.cohorts.text
    clock = "simulated time" if training.simulated_time else f"{training.clock} clock"
    return [
        f"Training {account.number}: {training.strategy}, cohorts of {sizes}, "
        f"since {show(training.started_at)} UTC ({clock})",
        f"{count(len(account.members), 'client')}; {training.fairness}",
    ]


def verdict(summary: AccountSummary) -> list[str]:
    """Say how far the training is, what was emitted and saved, how surely, and what is missing."""
    account = summary.account
    done = f"{len(account.rounds)} of {count(account.training.rounds, 'round')} done"
    idle = sum(not booked.turns for booked in account.rounds)
    if idle:
        done = f"{done}, {idle} of them without anyone"
    lines = [f"{done} (simulated time)" if account.training.simulated_time else done]
    if not account.rounds:
        return [*lines, "Nothing is booked yet.", *_waiting(summary)]
    interval = realised_interval(account).sentence
    return [
        *lines,
        _planned(summary),
        *_planned_interval(account),
        _realised(summary),
        *([interval] if interval else []),
        _energy(summary.total),
        _floors(summary),
        *([] if summary.cohorts is None else [summary.cohorts.sentence()]),
        *_waiting(summary),
    ]


def _waiting(summary: AccountSummary) -> list[str]:
    return [] if summary.waiting is None else summary.waiting.sentences()


def headline(summary: AccountSummary) -> str:
    """Say in one sentence what was emitted and saved."""
    total, account = summary.total, summary.account
    if not account.rounds:
        return "Nothing is booked yet."
    emitted = "unknown grams" if total.realised_g is None else f"{kilograms(total.realised_g)}"
    planned, random, known = account.against_random
    text = f"{count(len(account.rounds), 'round')} emitted {emitted} CO2eq{_which(summary)}"
    if account.saved_share is None:
        return f"{text}; what random cohorts would emit is unknown."
    some = f" in {known} of them" if known < len(account.rounds) else ""
    saved = (
        f"{text} and by the forecast saved {kilograms(random - planned)} "
        f"({100 * account.saved_share:.1f}%) against random cohorts{some}"
    )
    return f"{compared(saved, account.lost_turns)}."


def method(summary: AccountSummary) -> list[str]:
    """Say in a few sentences how the figures came about."""
    clock = " (simulated)" if summary.account.training.simulated_time else ""
    return [
        "Before each round the training chose its clients by a plan for all rounds left, on the "
        "forecast of that time, and booked what it expected them to emit: the planned figure.",
        "After the round it booked the energy that clients measured, or, where they measured none, "
        "the energy expected of them.",
        f"Realised emissions are that energy times the actual intensity of the client's region at "
        f"that time{clock}, or times the forecast until the actual one is known: such figures are "
        "marked as estimated, ~.",
        "The reference is the exact expectation of random cohorts of the same size among the "
        "clients that were online, by the same forecast, which is what Flower draws.",
        "One training is one sample: how much another would have saved is not known from it, so "
        "there is no interval; lowcarb compare gives one, over many starts.",
        *([] if summary.waiting is None else [METHOD]),
    ]


def signals(summary: AccountSummary) -> list[str]:
    """Say by which intensities the figures are."""
    kinds = {
        kind_in_words(provenance.signal, provenance.accounting)
        for booked in summary.account.rounds
        for provenance in booked.provenances.values()
    }
    return [f"{'; '.join(sorted(kinds)) or 'No forecast is booked'}.", *MEANINGS_OF_SIGNALS]


def by_two_signals(summary: AccountSummary, second: AccountSummary) -> list[str]:
    """Say what figures by the two signals answer, what they leave out, and what compares."""
    lines = answers([*summary.account.kinds, *second.account.kinds])
    if len(second.account.kinds) > 1:
        lines.append("MIXED KINDS in the second signal: its grams do not add up.")
    total = second.total
    if total.unknown:
        share = percent(total.known_kwh / total.energy_kwh) if total.energy_kwh else "none"
        lines.append(
            f"By the second signal {count(total.unknown, 'turn')} of {total.works} have no "
            f"intensity: its figures are of {share} of the energy."
        )
    if lost := summary.account.lost_turns:
        lines.append(f"By either signal NOT COMPARABLE with random: {who_is_short(lost)}.")
    return lines


def against_random(summary: AccountSummary) -> str:
    """Write by how much the plan differs from random cohorts by a signal, and in which rounds."""
    share, (_, _, known) = summary.account.saved_share, summary.account.against_random
    if share is None:
        return "?"
    rounds = len(summary.account.rounds)
    some = f" ({known} of {rounds} rounds)" if known < rounds else ""
    return f"{-share + 0.0:+.1%}{some}"


def completeness(summary: AccountSummary) -> str:
    """Say whether the account is complete."""
    if summary.gaps:
        return f"The account is NOT COMPLETE: {'; '.join(summary.gaps)}."
    return "The account is complete: every round is booked, every turn has an intensity."


def _planned(summary: AccountSummary) -> str:
    planned = summary.total.planned_g
    if planned is None:
        return "Planned: unknown, there was no forecast"
    text = f"Planned: {grams(planned)} CO2eq by the forecast{_which(summary)}"
    share, (_, _, known) = summary.account.saved_share, summary.account.against_random
    if share is None:
        return f"{text}; what random cohorts would emit is unknown"
    rounds = len(summary.account.rounds)
    some = f" (in {known} of {count(rounds, 'round')})" if known < rounds else ""
    return compared(f"{text}, {saving(share, 'random cohorts')}{some}", summary.account.lost_turns)


def _planned_interval(account: Account) -> list[str]:
    """Say within which bounds the planned grams lie; nothing where no round has any."""
    found = planned_interval(account)
    return [f"Interval of what is planned: {found.text}"] if found.known else []


def _which(summary: AccountSummary) -> str:
    """Name the signal of a figure, where there is another one that it could be taken for."""
    return "" if summary.second is None else f" ({kinds_text(summary.account.kinds)})"


def _realised(summary: AccountSummary) -> str:
    total = summary.total
    if total.realised_g is None:
        return "Realised: unknown, no intensity is known"
    return (
        f"Realised so far: {grams(total.realised_g)} CO2eq{_which(summary)}"
        + ("" if total.certain_share is None else f", {_basis(total.certain_share)}")
        + (f"; without {count(total.unknown, 'turn')} of no intensity" if total.unknown else "")
    )


def _basis(certain: float) -> str:
    basis = "by measured energy and actual intensity"
    if not certain:
        return "all estimated"
    if certain == 1:
        return f"all {basis}"
    return f"{percent(certain)} {basis}, the rest estimated"


def _energy(total: Sums) -> str:
    if not total.energy_kwh:
        return "Energy: none"
    measured, settled = (
        part / total.energy_kwh for part in (total.measured_kwh, total.settled_kwh)
    )
    return f"Energy: {rounded(total.energy_kwh)} kWh, {share_of(measured)} measured; " + (
        f"the actual intensity is known of {share_of(settled)}" if settled else _NOT_SETTLED
    )


def _floors(summary: AccountSummary) -> str:
    owed, left = summary.account.owed, summary.account.rounds_left
    if not any(member.min_rounds for member in summary.account.members):
        return "No floors were set."
    if not owed:
        return "All floors are met."
    who = f"{count(sum(owed.values()), 'turn')} still owed to {count(len(owed), 'client')}"
    if summary.account.lost:
        lost = f"{summary.account.lost} of them cannot be had" if left else "no round is left"
        return f"Floors NOT MET: {who}, {lost}"
    return f"Floors: {who}, {count(left, 'round')} left"


def names(summary: AccountSummary) -> str:
    """Say whether clients' names are more than what nodes say of themselves."""
    clients, unproven = len(summary.account.members), len(summary.account.unproven)
    if not unproven:
        return "Names: each belongs to the key that used it first"
    return (
        f"Names of {unproven} of {count(clients, 'client')} are not bound to a key: any node could "
        "have claimed them"
    )


def asked(summary: AccountSummary) -> str:
    """Say what became of those who were asked to train."""
    # Only rounds that go on early have any that are late.
    parts = ", ".join(
        f"{often} {outcome}"
        for outcome, often in summary.outcomes.items()
        if often or outcome is not Outcome.LATE
    )
    wasted = [booked.number for booked in summary.account.rounds if not booked.aggregated]
    text = f"{count(summary.total.works, 'turn')} asked for: {parts}"
    return f"{text}; {count(len(wasted), 'round')} not aggregated" if wasted else text


def forecasts(summary: AccountSummary) -> str:
    """Say how good forecasts were and who gave them."""
    if not summary.sources:
        return "Forecasts: none are booked"
    counts = ", ".join(
        f"{often} {quality}"
        for quality, often in summary.qualities.items()
        if often or quality is not Quality.CACHED
    )
    who = ", ".join(
        f"{provider} ({'signal unknown' if signal is None else signal})"
        for provider, signal in summary.sources
    )
    signals = {signal for _, signal in summary.sources if signal is not None}
    mixed = "; MIXED SIGNALS: these grams do not add up" if len(signals) > 1 else ""
    return f"Forecasts (regions x rounds): {counts}; from {who}{mixed}"


def findings(summary: AccountSummary) -> list[str]:
    """Say whose forecasts were not believed, from when to when, and why; the newest first."""
    return [
        f"{'Found' if one.verdict.believed else 'Not believed'} {one.sentence}"
        for one in reversed(summary.account.findings)
    ]


def evaluated(summary: AccountSummary) -> str:
    """Say what evaluation burnt."""
    sums = summary.evaluation
    if not sums.works:
        return "Evaluation: none is booked"
    emitted = "unknown grams" if sums.realised_g is None else f"{grams(sums.realised_g)} CO2eq"
    some = f", {sums.unknown} of unknown intensity" if sums.unknown else ""
    return (
        f"Evaluation, in no figure above: {emitted} and {rounded(sums.energy_kwh)} kWh in "
        f"{count(sums.works, 'workload')}{some}" + (", partly estimated" if sums.estimated else "")
    )
