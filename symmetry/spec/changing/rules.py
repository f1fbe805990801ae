"""What a change does to a trend: one rule for every field of every noun of a study.

A pattern names a field ("Scale.kind"); `.*` stands for a member of a mapping, of a list that is read as a set, or for a text
in one language ("Item.faces.*.*").  In doubt a change is breaking: a machine cannot tell a mended typo from another
question.  A field without a rule is a fault of ours, and the tests hold that there is none.
"""

from __future__ import annotations

from collections.abc import Mapping

from symmetry.spec.changing.judging import (
    FILED,
    GONE,
    INSIDE,
    NEW,
    SERVICE,
    SHOWN,
    Rule,
    breaking,
    comparable,
    cosmetic,
    free,
    inside,
    section,
)
from symmetry.spec.changing.rules_asked import ASKED
from symmetry.spec.changing.rules_run import RUN

__all__ = ["DERIVED", "RULES"]

DERIVED = frozenset(
    (
        "Study.path",
        "Study.digest",
        "Audience.key",
        "Scale.key",
        "Item.key",
        "Item.place",
        "Wave.key",
        "Wave.sample",
        "Comparison.a",
        "Comparison.b",
        "Margin.unit",
        "Target.variable",
        "Alert.key",
        "Grid.key",
        "Owner.key",
        "Registered.expected",
    )
)
"""Fields that repeat what another says (keys of mappings, places, digests), and what the planner alone reads."""

_STUDY: Mapping[str, Rule] = {
    "Study.key": Rule("the key of the study", comparable(FILED)),
    "Study.title.*": inside("the title"),
    "Study.languages.*": Rule("the language", None, comparable(NEW), breaking(GONE)),
    "Study.audiences.*": Rule("the audience", None, comparable(NEW), breaking(GONE)),
    "Audience.name.*": inside("the name of the audience"),
    "Study.promise.*": section("the promise", NEW),
    "Study.promise.*.*": inside("the words of the promise"),
    "Study.source.*": inside("the source"),
    "Study.journeys.*": section("the journey", NEW),
    "Study.journeys.*.*": inside("the name of the journey"),
    "Study.moments.*": section("the moment", NEW),
    "Moment.name.*": inside("the name of the moment"),
    "Moment.channel": free("the channel of the moment", SERVICE),
    "Moment.emotion.*": Rule("the emotion", *3 * (comparable(SERVICE),), read="text", language=True),
    "Moment.rituals": free("the rituals", SERVICE, read="text"),
    "Moment.cues": free("the cues", SERVICE, read="text"),
    "Study.service": free("the service referential", SERVICE),
    "Study.management": free("the management referential", SERVICE),
    "Study.cooperation": free("the cooperation referential", SERVICE),
    "Referential.promise.*": Rule("the promise", *3 * (comparable(SERVICE),), read="text", language=True),
    "Referential.attitudes.*": section("the attitude", SERVICE),
    "Referential.attitudes.*.*": inside("the words of the attitude"),
    "Referential.respect": free("the attitude that is respect", SERVICE, read="promise"),
    "Referential.moments.*": section("the moment", SERVICE),
    "Study.owners.*": section("the owner", SHOWN),
    "Owner.name.*": inside("the name of the owner"),
    "Owner.sees.*": free("what the owner sees", SHOWN),
    "Owner.of.*": free("whose answers the owner sees", SHOWN),
    "Owner.within": free("the unit within which the owner sees", SHOWN, read="items"),
    "Owner.hours": Rule("the owner's hours a day for calling back", cosmetic(INSIDE)),
    "Study.waived.*": Rule("the waiver", *3 * (cosmetic(INSIDE),), read="text"),
}

RULES: Mapping[str, Rule] = {**_STUDY, **ASKED, **RUN}
