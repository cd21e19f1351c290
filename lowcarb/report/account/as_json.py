"""An account as JSON."""

from collections.abc import Mapping
from typing import Any

from lowcarb._util.times import to_iso
from lowcarb.ledger.account import Account, BookedRound, Turn, Work
from lowcarb.report.account.summary import ClientLine, Summary, Sums


def account_to_dict(account: Account) -> dict[str, Any]:
    """Return all of an account for JSON; keys are stable, unknown figures are null.

    Grams are gCO2eq. Of the keys below, SUMS stands for `works`, `without_intensity` (those are in
    no grams), `energy_kwh`, `measured_kwh`, `actual_intensity_kwh` (energy of which the intensity
    that came true is known), `planned_g`, `realised_g`, `certain_g` (realised, nothing estimated)
    and `estimated` (whether anything is). ::

        training    number, started_at, rounds, cohort_size, fairness, strategy, clock,
                    simulated_time, lowcarb_version
        complete    whether all rounds are booked and every turn has an intensity
        gaps        why it is not complete, for people
        rounds_over, rounds_left, missing_rounds
        totals      SUMS of training, random_g (expected of random cohorts, by the forecast),
                    planned_against_random_g and compared_rounds (the rounds of which both are
                    known), saved_share (of that comparison)
        floors      met, owed_turns, owed_clients, lost_turns (more than the rounds left can give)
        outcomes    how often: trained, dropped, failed, silent
        forecast_quality  regions x rounds: fresh, cached, last good, typical, missing
        forecast_sources  a list of provider, signal, region_rounds
        regions     a list of region and SUMS
        clients     a list of client, region, energy_kwh_a_round, duration_s, min_rounds,
                    max_rounds, joined, turns, owed, outcomes, work (SUMS)
        rounds      a list of round, start, solver, status, planning_s, aggregated, planned_g,
                    realised_g, random_g, owed_before, notes, origins (by region: provider, zone,
                    signal, accounting, issued_at, fetched_at, quality), turns (a list of WORK,
                    outcome, counts, planned_kwh, planned_g, reason)
        evaluation  work (SUMS, in no other figure), rounds (by number: a list of WORK)

    WORK stands for client, region, energy_kwh, measured, seconds, intensity_g_per_kwh,
    actual_g_per_kwh, realised_g, estimated.
    """
    summary = Summary(account=account)
    training = account.training
    planned, random, compared = summary.against_random
    return {
        "training": {
            "number": account.number,
            "started_at": to_iso(training.started_at),
            "rounds": training.rounds,
            "cohort_size": training.cohort_size,
            "fairness": training.fairness,
            "strategy": training.strategy,
            "clock": training.clock,
            "simulated_time": training.clock == "simulated",
            "lowcarb_version": training.version,
        },
        "complete": account.complete,
        "gaps": summary.gaps,
        "rounds_over": account.rounds_over,
        "rounds_left": account.rounds_left,
        "missing_rounds": account.missing_rounds,
        "totals": {
            **_sums(summary.total),
            "random_g": random if compared else None,
            "planned_against_random_g": planned if compared else None,
            "compared_rounds": compared,
            "saved_share": summary.saved_share,
        },
        "floors": {
            "met": not account.owed,
            "owed_turns": sum(account.owed.values()),
            "owed_clients": len(account.owed),
            "lost_turns": summary.lost,
        },
        "outcomes": _counts(summary.outcomes),
        "forecast_quality": _counts(summary.qualities),
        "forecast_sources": [
            {"provider": provider, "signal": signal, "region_rounds": often}
            for (provider, signal), often in summary.sources.most_common()
        ],
        "regions": [{"region": name, **_sums(sums)} for name, sums in summary.regions.items()],
        "clients": [_client(line) for line in summary.clients],
        "rounds": [_round(booked) for booked in account.rounds],
        "evaluation": {
            "work": _sums(summary.evaluation),
            "rounds": {
                str(number): [_work(work) for work in works]
                for number, works in sorted(account.evaluations.items())
            },
        },
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
    member = line.member
    return {
        "client": member.name,
        "region": member.region,
        "energy_kwh_a_round": member.energy_kwh,
        "duration_s": member.duration_s,
        "min_rounds": member.min_rounds,
        "max_rounds": member.max_rounds,
        "joined": member.joined,
        "turns": line.turns,
        "owed": line.owed,
        "outcomes": _counts(line.outcomes),
        "work": _sums(line.sums),
    }


def _round(booked: BookedRound) -> dict[str, Any]:
    return {
        "round": booked.number,
        "start": to_iso(booked.start),
        "solver": booked.solver,
        "status": booked.status,
        "planning_s": booked.seconds,
        "aggregated": booked.aggregated,
        "planned_g": booked.planned_g,
        "realised_g": booked.realised_g,
        "random_g": booked.random_g,
        "owed_before": booked.owed,
        "notes": list(booked.notes),
        "origins": {
            region: provenance.to_dict() for region, provenance in booked.provenances.items()
        },
        "turns": [_turn(turn) for turn in booked.turns],
    }


def _turn(turn: Turn) -> dict[str, Any]:
    return _work(turn) | {
        "outcome": str(turn.outcome),
        "counts": turn.counts,
        "planned_kwh": turn.planned_kwh,
        "planned_g": turn.planned_g,
        "reason": turn.reason,
    }


def _work(work: Work) -> dict[str, Any]:
    return {
        "client": work.client,
        "region": work.region,
        "energy_kwh": work.energy_kwh,
        "measured": work.measured,
        "seconds": work.seconds,
        "intensity_g_per_kwh": work.intensity,
        "actual_g_per_kwh": work.actual,
        "realised_g": work.realised_g,
        "estimated": work.estimated,
    }
