"""The words before the first question: how long it takes, and what becomes of the answers, as it is."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from symmetry.fieldwork.asking.nouns import Asked
from symmetry.fieldwork.columns import Column
from symmetry.fieldwork.web.sheets import Sheet, drawn
from symmetry.fieldwork.web.speaking import Speaker

__all__ = ["length_of", "promises_of", "welcome_of"]

_SECONDS = 8
_WRITING = 30


def welcome_of(asked: Asked, sheet: Sheet, pages: Sequence[Sequence[Column]]) -> str:
    """The opening of page 1; how many questions there are does not depend on the person, so it is drawn once."""
    questions = [column for page in pages for column in page]
    if len(questions) not in sheet.kept:
        speaker = sheet.speaker
        sheet.kept[len(questions)] = drawn(
            "welcome", speaker, length=length_of(questions, speaker), promises=promises_of(asked, speaker)
        )
    return sheet.kept[len(questions)]


def length_of(questions: Sequence[Column], speaker: Speaker) -> str:
    """How many questions, and about how many minutes; one to be answered in one's own words takes longer."""
    count = len(questions)
    if count == 1:
        return speaker.say("welcome.one")
    minutes = ceil(sum(_WRITING if column.kind == "text" else _SECONDS for column in questions) / 60)
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
        speaker.say("list.quoted", words=speaker.read(item.label))
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
