"""The words before the first question: how long it takes, and what becomes of the answers, as it is."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from symmetry.fieldwork.asking.nouns import Asked
from symmetry.fieldwork.columns import Column
from symmetry.fieldwork.web.sheets import Sheet, drawn
from symmetry.fieldwork.web.speaking import Speaker

__all__ = ["promises_of", "welcome_of"]

_SECONDS = 8


def welcome_of(asked: Asked, sheet: Sheet, pages: Sequence[Sequence[Column]]) -> str:
    """The opening of page 1; how many questions there are does not depend on the person, so it is drawn once."""
    count = sum(map(len, pages))
    if count not in sheet.kept:
        speaker = sheet.speaker
        sheet.kept[count] = drawn(
            "welcome", speaker, length=_length(count, speaker), promises=promises_of(asked, speaker)
        )
    return sheet.kept[count]


def _length(count: int, speaker: Speaker) -> str:
    """How many questions, and about how many minutes."""
    if count == 1:
        return speaker.say("welcome.one")
    minutes = ceil(count * _SECONDS / 60)
    key = "welcome.minute" if minutes == 1 else "welcome.time"
    return speaker.say(key, questions=count, minutes=minutes)


def promises_of(asked: Asked, speaker: Speaker) -> list[str]:
    """What becomes of the answers of this audience, a sentence each."""
    study = asked.study
    cell = speaker.say("used.cell", count=study.privacy.min_cell)
    if not asked.sealed:
        alerts = asked.audience == "customers" and bool(study.registered.alerts)
        return [speaker.say(f"used.{asked.audience}"), cell, *([speaker.say("used.alert")] if alerts else [])]
    kept = [
        speaker.of(item.label)
        for item in study.items.values()
        if item.role == "frame" and asked.audience in item.audiences
    ]
    return [
        speaker.say("sealed.draft"),
        speaker.say("sealed.sent"),
        speaker.say("sealed.final"),
        speaker.say("sealed.keeps", items=speaker.listed(kept)) if kept else speaker.say("sealed.nothing"),
        speaker.say(f"sealed.{study.privacy.employees}"),
        cell,
    ]
