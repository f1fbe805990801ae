"""The study part of a DDI codebook: title, universe, dates of collection, sampling, weighting."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence

from symmetry.spec.exchange.xml_writing import LANG, each_language, leaf
from symmetry.spec.nouns import Study
from symmetry.spec.running import Sampling, Wave

__all__ = ["describe_study"]


def describe_study(root: ET.Element, study: Study, waves: Sequence[str], audiences: Sequence[str]) -> None:
    """Write the description of the document and of the study, its parts in the order of the schema."""
    document = ET.SubElement(ET.SubElement(root, "docDscr"), "citation")
    _titles(document, study)
    leaf(ET.SubElement(document, "prodStmt"), "software", "symmetry")
    about = ET.SubElement(root, "stdyDscr")
    _titles(ET.SubElement(about, "citation"), study)
    information = ET.SubElement(about, "stdyInfo")
    if study.promise:
        subject = ET.SubElement(information, "subject")
        for promised in study.promise.values():
            each_language(subject, "keyword", promised, {"vocab": "promise"})
    if study.source:
        each_language(information, "abstract", study.source)
    summary = ET.SubElement(information, "sumDscr")
    for wave in waves:
        for event, day in zip(("start", "end"), study.waves[wave].window or (), strict=False):
            leaf(summary, "collDate", day, {"date": day, "event": event, "cycle": wave})
    for audience in audiences:
        each_language(summary, "universe", study.audiences[audience].name, {"level": audience, "clusion": "I"})
    collection = ET.SubElement(ET.SubElement(about, "method"), "dataColl")
    for wave in waves:
        leaf(collection, "timeMeth", _timing(study.waves[wave]), {LANG: "en"})
    for wave in waves:
        for audience in study.waves[wave].audiences:
            leaf(collection, "sampProc", _sampling(study.waves[wave], audience), {LANG: "en"})
    if study.contact:
        for channel in study.contact.channels:
            leaf(collection, "collMode", channel, {LANG: "en"})
    for wave in waves:
        if study.waves[wave].reminders:
            waits = ", ".join(f"{hours:g} h" for hours in study.waves[wave].reminders)
            leaf(collection, "actMin", f"{wave}: reminders after {waits}", {LANG: "en"})
    for words in _weighting(study, audiences):
        leaf(collection, "weight", words, {LANG: "en"})


def _titles(citation: ET.Element, study: Study) -> None:
    """The title, the same in the other languages, and the study's key."""
    titles = ET.SubElement(citation, "titlStmt")
    first, *others = study.languages
    leaf(titles, "titl", study.title[first], {LANG: first})
    for language in others:
        leaf(titles, "parTitl", study.title[language], {LANG: language})
    leaf(titles, "IDNo", study.key)


def _timing(wave: Wave) -> str:
    """When people are asked."""
    if wave.kind == "cold":
        days = [f"from {wave.window[0]} to {wave.window[1]}"] if wave.window else []
        return "; ".join([f"{wave.key}: a cold wave", *days])
    delay = [f"{wave.delay:g} h after {wave.after}"] if wave.delay is not None else [f"after {wave.after}"]
    arms = [f"{share:g} of them, at random, after {wait:g} h" for wait, share in wave.arms]
    stays = [f"open for {wave.open_for:g} h"] if wave.open_for is not None else []
    return "; ".join([f"{wave.key}: a hot wave", *delay, *arms, *stays])


def _sampling(wave: Wave, audience: str) -> str:
    """Whom a wave invites."""
    sampling = wave.sampling.get(audience) or Sampling()
    size = wave.sample.get(audience, sampling.size)
    parts = [] if size is None else ["everybody" if size == "census" else f"{size} people"]
    if sampling.rate is not None:
        parts.append(f"{sampling.rate:g} of the events")
    if sampling.by:
        parts.append(f"strata {' × '.join(sampling.by)}")
    parts += _drawn(sampling)
    parts += [f"at most {quota}" for quota in sampling.quotas]
    return f"{wave.key}, {audience}: {'; '.join(parts) or 'not said'}"


def _drawn(sampling: Sampling) -> Iterator[str]:
    """How people, and before them units, are drawn, where it is not simply at random."""
    if units := sampling.units:
        size = f" in proportion to {units.measure or 'their people'}" if units.method == "pps" else " at random"
        yield f"in {units.size} units of {units.of} drawn{size}"
    if isinstance(sampling.allocation, str):
        yield from ["as many in each"] if sampling.allocation == "equal" else []
    else:
        yield ", ".join(f"{count} in {stratum}" for stratum, count in sampling.allocation.items())
    if sampling.method == "pps":
        yield f"probability proportional to {sampling.measure}"
    elif sampling.method == "systematic":
        yield "systematic, from a random start"
    if sampling.order:
        yield f"sorted by {', '.join(sampling.order)}"


def _weighting(study: Study, audiences: Sequence[str]) -> Iterator[str]:
    """To what the answers are weighted, and where weights are cut."""
    for audience in audiences:
        for target in study.targets.get(audience, ()):
            yield f"{audience}: raked to {target.variable} ({target.source}, {target.date})"
        if audience in study.trims:
            yield f"{audience}: weights trimmed at {study.trims[audience]:g}"
