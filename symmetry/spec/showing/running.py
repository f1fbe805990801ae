"""How people are asked and what will be compared, as the page shows it: waves, rules, owners, weighting and the plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symmetry.spec.nouns import Study
from symmetry.spec.running import Margin, Quota, Sampling, Wave
from symmetry.spec.showing.setting import Setter
from symmetry.spec.showing.speaking import Speaker
from symmetry.spec.showing.telling import tell
from symmetry.spec.showing.timing import faces_asked, seconds_of

__all__ = ["owners_of", "plan_of", "rules_of", "waves_of", "weights_of"]


def waves_of(study: Study, speaker: Speaker) -> list[dict[str, Any]]:
    """Each wave and audience: when, how many questions, how long, and who is invited."""
    return [
        {
            "key": wave.key,
            "kind": speaker.say(f"waves.{wave.kind}"),
            "who": speaker.audience(audience),
            "when": _when(wave, speaker),
            "length": _length(study, wave, audience, speaker),
            "time": _time(seconds_of(faces_asked(study, wave.key, audience), study.languages[0]), speaker),
            "sample": _sample(wave.sampling.get(audience), speaker),
        }
        for wave in study.waves.values()
        for audience in wave.audiences
    ]


def _when(wave: Wave, speaker: Speaker) -> list[str]:
    """When a wave asks, how long it stays open, and when it reminds."""
    parts: list[str] = []
    if wave.window:
        parts.append(speaker.window(*wave.window))
    if wave.after and wave.delay is not None:
        parts.append(speaker.say("waves.after", delay=speaker.time(wave.delay), event=wave.after))
    for wait, share in wave.arms:
        parts.append(speaker.say("waves.arm", delay=speaker.time(wait), share=percent(share, speaker)))
    if wave.open_for is not None:
        parts.append(speaker.say("waves.open", time=speaker.time(wave.open_for)))
    if wave.reminders:
        parts.append(
            speaker.say("waves.reminders", times=speaker.listed([speaker.time(wait) for wait in wave.reminders]))
        )
    return parts


def _length(study: Study, wave: Wave, audience: str, speaker: Speaker) -> list[str]:
    """How many questions one person is asked at most, and how many of them are open."""
    faces = faces_asked(study, wave.key, audience)
    scales = [item.scale_of(face) for item, face in faces]
    written = sum(scale is None or scale.kind == "text" for scale in scales)
    count = speaker.say("waves.question") if len(faces) == 1 else speaker.say("waves.questions", count=len(faces))
    if not written:
        return [count]
    return [count, speaker.say("waves.open_question" if written == 1 else "waves.open_questions", count=written)]


def _time(seconds: int, speaker: Speaker) -> str:
    """A time that one can plan by: seconds up to a minute and a half, in tens, then minutes."""
    if seconds < 90:
        return speaker.say("waves.seconds", count=max(10, round(seconds, -1)))
    minutes = round(seconds / 60)
    return speaker.say("waves.minutes", count=minutes)


def _sample(sampling: Sampling | None, speaker: Speaker) -> list[str]:
    """Who is invited."""
    if sampling is None:
        return []
    parts: list[str] = []
    if sampling.size == "census":
        parts.append(speaker.say("waves.census"))
    elif sampling.size is not None:
        parts.append(speaker.say("waves.size", count=speaker.number(sampling.size)))
    if sampling.rate is not None:
        parts.append(speaker.say("waves.rate", rate=percent(sampling.rate, speaker)))
    if sampling.by:
        parts.append(speaker.say("waves.by", by=_labels(sampling.by, speaker)))
    parts += _drawn(sampling, speaker)
    return [*parts, *(_quota(quota, speaker) for quota in sampling.quotas)]


def _drawn(sampling: Sampling, speaker: Speaker) -> list[str]:
    """How people, and before them units, are drawn, where it is not simply at random."""
    parts: list[str] = []
    units = sampling.units
    if units is not None:
        how = "measure" if units.measure else units.method
        facts = {"count": speaker.number(units.size), "unit": _labels((units.of,), speaker)}
        parts.append(speaker.say(f"waves.units.{how}", **facts, measure=_labels((units.measure or "",), speaker)))
    if isinstance(sampling.allocation, str):
        parts += [speaker.say("waves.equal")] if sampling.allocation == "equal" else []
    else:
        each = [f"{stratum} {speaker.number(count)}" for stratum, count in _strata(sampling, speaker)]
        parts.append(speaker.listed(each))
    if sampling.method == "pps":
        parts.append(speaker.say("waves.pps", measure=_labels((sampling.measure or "",), speaker)))
    elif sampling.method == "systematic":
        parts.append(speaker.say("waves.systematic"))
    if sampling.order:
        parts.append(speaker.say("waves.order", order=_labels(sampling.order, speaker)))
    return parts


def _strata(sampling: Sampling, speaker: Speaker) -> list[tuple[str, int]]:
    """Each stratum of an allocation by hand, in the words of its categories, and its people."""
    shared = sampling.allocation if not isinstance(sampling.allocation, str) else {}
    return [
        (" × ".join(map(speaker.category, sampling.by, stratum.split(" × "))), count)
        for stratum, count in shared.items()
    ]


def _labels(keys: Sequence[str], speaker: Speaker) -> str:
    """The short names of items, inside a sentence."""
    return speaker.listed([speaker.inside(speaker.label(key)) for key in keys])


def percent(share: float, speaker: Speaker) -> str:
    """A share in per cent.

    Examples
    --------
    >>> percent(0.3, Speaker(None, "en")), percent(0.125, Speaker(None, "fr")) == "12,5\N{NO-BREAK SPACE}%"
    ('30%', True)
    """
    return speaker.say("percent", value=speaker.number(round(share * 100, 6)))


def _quota(quota: Quota, speaker: Speaker) -> str:
    per = [*(speaker.inside(speaker.label(key)) for key in quota.by), speaker.say(f"per.{quota.period}")]
    return speaker.say("waves.quota", count=speaker.number(quota.count), per=speaker.listed(per))


def rules_of(study: Study, speaker: Speaker) -> dict[str, list[str]]:
    """The rules of contact, and what is promised to those who answer."""
    rules: list[str] = []
    contact = study.contact
    if contact is not None:
        if contact.quarantine is not None:
            rules.append(speaker.say("contact.quarantine", time=speaker.time(contact.quarantine)))
        if contact.max_per_year is not None:
            rules.append(speaker.say("contact.max", count=contact.max_per_year))
        if {"hot", "cold"} <= {wave.kind for wave in study.waves.values()}:
            rules.append(speaker.say("contact.cold", time=speaker.time(contact.cold_first)))
        if contact.hours is not None:
            first, last = contact.hours
            rules.append(speaker.say("contact.hours", first=first, last=last, tz=contact.tz))
        if contact.channels:
            channels = [speaker.say(f"channel.{channel}") for channel in contact.channels]
            rules.append(speaker.say("contact.channels", channels=speaker.listed(channels)))
    privacy = study.privacy
    kept = (
        [
            speaker.say(
                f"privacy.{privacy.employees}",
                employees=speaker.crowd("employees"),
                Employees=speaker.audience("employees"),
            )
        ]
        if "employees" in study.audiences
        else []
    )
    kept.append(speaker.say("privacy.cell", count=privacy.min_cell))
    if privacy.keep_verbatim is not None:
        kept.append(speaker.say("privacy.verbatim", time=speaker.time(privacy.keep_verbatim)))
    if privacy.keep_identity is not None:
        kept.append(speaker.say("privacy.identity", time=speaker.time(privacy.keep_identity)))
    return {"contact": rules, "privacy": kept}


def owners_of(study: Study, setter: Setter) -> list[dict[str, Any]]:
    """Who answers for results, and what they may see of whom."""
    speaker = setter.speaker
    return [
        {
            "name": setter.inline(owner.name),
            "sees": speaker.listed([speaker.say(f"sees.{what}") for what in owner.sees]),
            "of": speaker.listed([speaker.crowd(audience) for audience in owner.of]) or speaker.say("owners.all"),
            "within": speaker.say("owners.within", unit=speaker.inside(speaker.label(owner.within)))
            if owner.within
            else "",
            "hours": speaker.say("owners.hours", hours=speaker.number(owner.hours)) if owner.hours else "",
        }
        for owner in study.owners.values()
    ]


def weights_of(study: Study, speaker: Speaker) -> list[dict[str, Any]]:
    """To what the answers of each audience are brought."""
    return [
        {
            "rake": speaker.say(
                "weights.rake",
                audience=speaker.audience(audience),
                variables=speaker.listed([speaker.inside(speaker.label(target.variable)) for target in targets]),
            ),
            "trim": speaker.say("weights.trim", trim=speaker.number(study.trims[audience]))
            if audience in study.trims
            else "",
            "sources": [
                speaker.say(
                    "weights.source",
                    variable=speaker.label(target.variable),
                    source=target.source,
                    date=speaker.day(target.date),
                )
                for target in targets
            ],
        }
        for audience, targets in study.targets.items()
        if targets
    ]


def plan_of(study: Study, setter: Setter) -> dict[str, Any]:
    """What was fixed beforehand: outcome, drivers, segments, smallest gaps and alerts."""
    speaker, plan = setter.speaker, study.registered
    alerts = []
    for alert in plan.alerts.values():
        owner = study.owners.get(alert.owner)
        told = speaker.say(
            "plan.alert",
            when=tell(alert.when, speaker),
            owner=speaker.of(owner.name) if owner else alert.owner,
            call_back=speaker.time(alert.call_back, days_from=96),
            close=speaker.time(alert.close, days_from=96),
        )
        late = study.owners.get(alert.escalate or "")
        if late is not None:
            told = f"{told} {speaker.say('plan.alert.late', owner=speaker.of(late.name))}"
        alerts.append({"told": told, "expression": alert.when})
    return {
        "outcome": _link(plan.outcome, study, setter),
        "drivers": [link for key in plan.drivers if (link := _link(key, study, setter))],
        "segments": speaker.listed([speaker.inside(speaker.label(key)) for key in plan.segments]),
        "gaps": [
            {
                "pair": speaker.listed([speaker.face(each.a), speaker.inside(speaker.face(each.b))]),
                "smallest": [_margin(margin, speaker) for margin in each.smallest],
            }
            for each in plan.comparisons
        ],
        "alerts": alerts,
    }


def _link(key: str, study: Study, setter: Setter) -> dict[str, Any] | None:
    item = study.items.get(key)
    return {"id": f"item-{key}", "label": setter.one(item.label)} if item else None


def _margin(margin: Margin, speaker: Speaker) -> str:
    one = margin.value < 2 if speaker.language == "fr" else margin.value == 1
    return speaker.say(f"plan.{margin.unit}{'.one' if one else ''}", value=speaker.number(margin.value))
