"""An account as JSON."""

from collections.abc import Mapping
from typing import Any

from lowcarb.carbon.kinds import Kind
from lowcarb.ledger.account import Account
from lowcarb.ledger.planned_interval import planned_interval
from lowcarb.ledger.realised_interval import realised_interval
from lowcarb.report.account.summary import AccountSummary, ClientLine, Sums


def account_to_dict(account: Account) -> dict[str, Any]:
    """Return all of an account for JSON; keys are stable, unknown figures are null.

    Grams are gCO2eq. Of the keys below, SUMS stands for `works`, `without_intensity` (those are in
    no grams), `energy_kwh`, `measured_kwh`, `actual_intensity_kwh` (energy of which the intensity
    that came true is known), `planned_g`, `realised_g`, `certain_g` (realised, nothing estimated)
    and `estimated` (whether anything is). ::

        training    number, started_at, rounds, cohort_size, fairness, strategy, clock,
                    simulated_time, lowcarb_version, app, model_shape (of whose training it is),
                    cohort_least, cohort_most, deadline, hours (as asked for)
        complete    whether all rounds are booked and every turn has an intensity
        gaps        why it is not complete, for people
        rounds_over, rounds_left, missing_rounds
        totals      SUMS of training, realised_interval90_g (least and most; null where unknown),
                    planned_intervals90_sum_g (of the intervals of all rounds, null unless each has
                    one),
                    random_g (expected of random cohorts, by the forecast),
                    planned_against_random_g and compared_rounds (the rounds of which both are
                    known), saved_share (of that comparison), comparable (false
                    where owed turns are lost: then saved_share is no saving)
        floors      met, owed_turns, owed_clients, lost_turns (more than the rounds left can give)
        cohorts     null where all rounds have cohort_size; else range, fewest, most and mean (of
                    the rounds so far), asked_turns, total_turns (of the whole training)
        waiting     null where rounds follow each other; else deadline, deadline_met (null where
                    unknown, or not yet), last_end (of the last round), rounds_waited, waited_s,
                    compared_rounds (how many at_once_g, planned_g, saved_g and saved_share are of,
                    by the forecasts), told (a list of round and by: what told
                    it to go on), now (null where it does not wait; round, since, until, saved_g)
        names       bound_to_key, unproven: of how many clients
        outcomes    how often: trained, dropped, failed, silent, late
        forecast_quality  regions x rounds: fresh, cached, last good, typical, missing
        forecast_sources  a list of provider, signal, region_rounds
        regions     a list of region and SUMS
        clients     a list of client, region, energy_kwh_a_round, duration_s, min_rounds,
                    max_rounds, joined, key (to which its name belongs), turns, owed, outcomes,
                    work (SUMS)
        rounds      a list of round, start, solver, status, planning_s, aggregated, planned_g,
                    realised_g, random_g, owed_before, notes, origins (by region: provider, zone,
                    signal, accounting, issued_at, fetched_at, quality), turns (a list of WORK,
                    outcome, counts, planned_kwh, planned_g, reason, loss, samples), model (its
                    file), model_sha256, planned_least_g, planned_most_g (90 % interval), ready_at,
                    at_once_g (of it and all rounds after it), told_by, paid_for_value_g (beyond
                    what carbon alone would emit)
        findings    what was found of forecasts: a list of region, fault (none, wrong, stuck,
                    random, strange), believed, since, until (null while it holds), error_issued,
                    error_corrected, error_yesterday (shares), factor, sentence
        evaluation  work (SUMS, in no other figure), rounds (by number: a list of WORK)
        also        only where there is a second signal, in no other figure and never added: signal
                    and accounting (null where there are several), answers (which question), totals
                    (as above, but for comparable), regions, and rounds, a list of round, planned_g,
                    realised_g, random_g, origins and turns (client, intensity_g_per_kwh,
                    actual_g_per_kwh)

    WORK stands for client, region, energy_kwh, measured, seconds, intensity_g_per_kwh,
    actual_g_per_kwh, realised_g, estimated.
    """
    summary = AccountSummary(account=account)
    payload = account.to_dict()
    bounds, planned = realised_interval(account).bounds, planned_interval(account).bounds
    return {
        "training": payload["training"],
        "complete": payload["complete"],
        "gaps": summary.gaps,
        "rounds_over": payload["rounds_over"],
        "rounds_left": payload["rounds_left"],
        "missing_rounds": payload["missing_rounds"],
        "totals": {
            **_sums(summary.total),
            "realised_interval90_g": None if bounds is None else list(bounds),
            "planned_intervals90_sum_g": None if planned is None else list(planned),
            **_against_random(account),
            "comparable": not summary.account.lost_turns,
        },
        "floors": {
            "met": not account.owed,
            "owed_turns": sum(account.owed.values()),
            "owed_clients": len(account.owed),
            "lost_turns": summary.account.lost,
        },
        "cohorts": None if summary.cohorts is None else summary.cohorts.to_dict(),
        "waiting": None if summary.waiting is None else summary.waiting.to_dict(),
        "names": {
            "bound_to_key": len(account.members) - len(account.unproven),
            "unproven": len(account.unproven),
        },
        "outcomes": _counts(summary.outcomes),
        "forecast_quality": _counts(summary.qualities),
        "forecast_sources": [
            {"provider": provider, "signal": signal, "region_rounds": often}
            for (provider, signal), often in summary.sources.most_common()
        ],
        "regions": [{"region": name, **_sums(sums)} for name, sums in summary.regions.items()],
        "clients": [_client(line) for line in summary.clients],
        "rounds": payload["rounds"],
        "findings": payload["findings"],
        "evaluation": {
            "work": _sums(summary.evaluation),
            "rounds": payload["evaluations"],
        },
        **({} if summary.second is None else {"also": _second(summary.second, payload["also"])}),
    }


def _second(summary: AccountSummary, rounds: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = summary.account.kinds
    kind = kinds[0] if len(kinds) == 1 else Kind()
    return {
        "signal": kind.signal,
        "accounting": kind.accounting,
        "answers": kind.answers,
        "totals": {**_sums(summary.total), **_against_random(summary.account)},
        "regions": [{"region": name, **_sums(sums)} for name, sums in summary.regions.items()],
        "rounds": rounds,
    }


def _against_random(account: Account) -> dict[str, Any]:
    planned, random, compared = account.against_random
    return {
        "random_g": random if compared else None,
        "planned_against_random_g": planned if compared else None,
        "compared_rounds": compared,
        "saved_share": account.saved_share,
    }


def _sums(sums: Sums) -> dict[str, Any]:
    return {
        "works": sums.works,
        "without_intensity": sums.unknown,
        "energy_kwh": sums.energy_kwh,
        "measured_kwh": sums.measured_kwh,
        "actual_intensity_kwh": sums.settled_kwh,
        "planned_g": sums.planned_g,
        "realised_g": sums.realised_g,
        "certain_g": sums.certain_g,
        "estimated": sums.estimated,
    }


def _counts(found: Mapping[Any, int]) -> dict[str, int]:
    return {str(kind): often for kind, often in found.items()}


def _client(line: ClientLine) -> dict[str, Any]:
    return line.member.to_dict() | {
        "turns": line.turns,
        "owed": line.owed,
        "outcomes": _counts(line.outcomes),
        "work": _sums(line.sums),
    }
