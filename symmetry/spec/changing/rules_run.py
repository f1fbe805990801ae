"""The rules of how a study is run and read: waves, contact, the plan fixed beforehand, privacy, weights."""

from __future__ import annotations

from collections.abc import Mapping

from symmetry.spec.changing.judging import (
    FILED,
    GONE,
    INSIDE,
    METHOD,
    NEW,
    PLAN,
    PROMISED,
    REACH,
    SHARES,
    SHOWN,
    Rule,
    breaking,
    comparable,
    cosmetic,
    fixed,
    free,
    kept,
)

__all__ = ["RUN"]

_INVITE = {"subject": "the subject of the invitation", "text": "the invitation", "sms": "the invitation by SMS"}


def _invited(name: str) -> Rule:
    """Words that bring people to the questions, in one language: they may move who answers, not what is asked."""
    return Rule(name, *3 * (comparable(REACH),), read="text", language=True)


RUN: Mapping[str, Rule] = {
    "Study.waves.*": Rule("the wave", None, comparable(NEW), breaking(GONE), renamed=breaking(FILED)),
    "Wave.kind": Rule("the kind of wave", breaking("memories of before the wait and after it are not the same")),
    "Wave.audiences.*": Rule("the audience of the wave", None, comparable(NEW), breaking(GONE)),
    "Wave.items.*": Rule("the item of the wave", None, comparable(NEW), breaking(GONE), read="items"),
    "Wave.after": Rule("the event", breaking("people who lived something else answer")),
    "Wave.delay": Rule(
        "the wait after the event", breaking("memory cools: a later answer is another answer"), hours=True
    ),
    "Wave.arms": Rule(
        "the waits drawn at random",
        breaking("answers after another wait are other answers, and are counted with them"),
        hours=True,
    ),
    "Wave.invite": free("the invitation", REACH),
    **{f"Invite.{part}.*": _invited(name) for part, name in _INVITE.items()},
    "Wave.window": free("the window", REACH),
    "Wave.sampling.*": free("the sample", REACH),
    "Sampling.size": free("the sample size", REACH),
    "Sampling.rate": free("the share invited", REACH),
    "Sampling.by.*": free("the stratum", REACH, read="items"),
    "Sampling.quotas.*": free("the quota", REACH),
    "Sampling.method": free("the method of the draw", REACH),
    "Sampling.measure": free("what chances are in proportion to", REACH, read="items"),
    "Sampling.order.*": Rule(
        "the item that people are sorted by", *3 * (comparable(REACH),), ordered=comparable(REACH), read="items"
    ),
    "Sampling.allocation": free("how the sample is shared over the strata", REACH),
    "Sampling.units": free("the draw of units", REACH),
    "SampledUnits.of": free("the units that are drawn", REACH, read="items"),
    "SampledUnits.size": free("the number of units", REACH),
    "SampledUnits.method": free("the method by which units are drawn", REACH),
    "SampledUnits.measure": free("what the chances of units are in proportion to", REACH, read="items"),
    "Wave.open_for": free("how long it is open", REACH, hours=True),
    "Wave.reminders": free("the reminders", REACH, hours=True),
    "Contact.quarantine": free("the rest between two surveys", REACH, hours=True),
    "Contact.max_per_year": free("the most a year", REACH),
    "Contact.hours": free("the hours", REACH),
    "Contact.tz": free("the time zone", REACH),
    "Contact.channels.*": free("the channel of invitation", REACH),
    "Contact.cold_first": free("the time in which a cold wave goes before", REACH, hours=True),
    "Registered.outcome": Rule("the outcome", breaking(PLAN), read="items"),
    "Registered.drivers.*": fixed("the driver", SHARES, read="items"),
    "Registered.segments.*": Rule("the segment", None, comparable(NEW), breaking(GONE), read="items"),
    "Registered.comparisons.*": Rule("the comparison", None, comparable(NEW), breaking(GONE)),
    "Comparison.smallest.*": fixed("the smallest gap of interest in", "the same gap may get another verdict"),
    "Margin.value": Rule("the smallest gap of interest", breaking("the same gap may get another verdict")),
    "Registered.alerts.*": Rule("the alert", None, comparable(NEW), breaking(GONE), renamed=comparable(FILED)),
    "Alert.when": Rule("the alert's condition", breaking("other answers are counted as alerts"), read="expression"),
    "Alert.owner": free("the owner of the alert", SHOWN, read="owners"),
    "Alert.call_back": free("the time to call back", "the same answers are alerts", hours=True),
    "Alert.close": free("the time to close", "the same answers are alerts", hours=True),
    "Alert.minutes": Rule("the minutes that a case takes", cosmetic(INSIDE)),
    "Alert.escalate": free("who is told of a late case", "the same answers are alerts", read="owners"),
    "Privacy.min_cell": Rule(
        "the smallest cell shown", raised=comparable("fewer cells are shown, none changes"), lowered=breaking(PROMISED)
    ),
    "Privacy.employees": Rule("what employees are promised", breaking(PROMISED)),
    "Privacy.keep_verbatim": kept("how long verbatims are kept"),
    "Privacy.keep_identity": kept("how long identities are kept"),
    "Study.targets.*": fixed("the weighting", METHOD),
    "Study.targets.*.*": fixed("the weighting variable", METHOD, read="items"),
    "Target.shares": free("the population shares", "the same weighting, to a newer population"),
    "Target.source": Rule("the source of the shares", cosmetic(INSIDE)),
    "Target.date": Rule("the date of the shares", cosmetic(INSIDE)),
    "Study.trims.*": fixed("the trimming", METHOD),
}
