"""Answers drawn as respondents will see them: codes in one row, the words of the ends under them, missing answers apart."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from symmetry.spec.exchange.questionnaire import MISSING_WORDS
from symmetry.spec.nouns import FACES, Item, Scale, Study
from symmetry.spec.showing.setting import Setter
from symmetry.spec.showing.speaking import Speaker

__all__ = ["answers_of", "favourable"]


def answers_of(study: Study, item: Item, setter: Setter) -> list[dict[str, Any]]:
    """Each scale on which the faces of an item are answered, with the faces that stand on it."""
    speaker = setter.speaker
    drawn: dict[str, list[str]] = {}
    for face in (each for each in FACES if each in item.faces):
        scale = item.scales.get(face, item.scale)
        if scale is not None:
            drawn.setdefault(scale.key, []).append(face)
    scales = {scale.key: scale for scale in (item.scale, *item.scales.values()) if scale is not None}
    return [
        {
            "faces": speaker.listed([speaker.face(face) for face in faces]) if len(drawn) > 1 else "",
            **_drawn(scales[key], study, setter),
        }
        for key, faces in drawn.items()
    ]


def favourable(scale: Scale) -> tuple[int, int]:
    """The lowest and highest favourable code of a scale of whole codes.

    Examples
    --------
    >>> favourable(Scale("agree5", "likert", 1, 5)), favourable(Scale("late", "likert", 1, 5, reversed=True))
    ((4, 5), (1, 2))
    """
    low, high = int(scale.low), int(scale.high)
    return (low, low + scale.boxes - 1) if scale.reversed else (high - scale.boxes + 1, high)


def _drawn(scale: Scale, study: Study, setter: Setter) -> dict[str, Any]:
    """One scale: what kind of drawing, its parts, and what it means for who reads the results."""
    speaker = setter.speaker
    view: dict[str, Any] = {
        "key": scale.key,
        "kind": _kind(scale),
        "note": _note(scale, speaker),
        "codes": [],
        "ends": [],
        "choices": [],
        "unit": setter.inline(scale.unit) if scale.unit else "",
        "missing": [
            {"code": code if scale.rated or scale.kind == "number" else reason, "words": setter.inline(words)}
            for reason, code in scale.missing.items()
            for words in [_missing(reason, study)]
        ],
    }
    if view["kind"] == "codes":
        view["codes"] = [
            {"code": code, "words": setter.inline(_labels(scale, place)) if scale.labels else ""}
            for place, code in enumerate(range(int(scale.low), int(scale.high) + 1))
        ]
        view["ends"] = [
            (setter.attributes(language), setter.words(low, language), setter.words(high, language))
            for language, (low, high) in scale.ends.items()
        ]
    view["choices"] = [
        {"words": setter.inline(words), "alone": speaker.say("scale.exclusive") if key in scale.exclusive else ""}
        for key, words in scale.choices.items()
    ]
    return view


def _kind(scale: Scale) -> str:
    return "codes" if scale.rated and not scale.published else scale.kind


def _labels(scale: Scale, place: int) -> dict[str, str]:
    return {language: words[place] for language, words in scale.labels.items()}


def _missing(reason: str, study: Study) -> Mapping[str, str]:
    """The words for a reason of not answering, in the languages of the study that the house speaks."""
    words = MISSING_WORDS[reason]
    return {each: words[each] for each in study.languages if each in words} or {"en": words["en"]}


def _note(scale: Scale, speaker: Speaker) -> str:
    """What the answers are, for who approves and for who reads the results."""
    if scale.kind in ("nps", "percent", "single", "multiple"):
        return speaker.say(f"scale.{scale.kind}")
    if scale.kind == "text":
        return speaker.say("scale.text", count=speaker.number(scale.longest or 2000))
    if scale.kind == "date":
        bounds = {
            "low": scale.earliest and speaker.day(scale.earliest),
            "high": scale.latest and speaker.day(scale.latest),
        }
        return _between("scale.date", bounds, speaker)
    if scale.kind == "number":
        ends = {"low": scale.low, "high": scale.high} if scale.low < scale.high else {}
        bounds = {key: speaker.number(value) if isfinite(value) else None for key, value in ends.items()}
        decimals = {0: "", 1: speaker.say("scale.decimal")}.get(
            scale.decimals, speaker.say("scale.decimals", count=scale.decimals)
        )
        return ", ".join(part for part in (_between("scale.number", bounds, speaker), decimals) if part)
    if scale.kind == "score":
        return speaker.say("scale.score", low=speaker.number(scale.low), high=speaker.number(scale.high))
    first, last = favourable(scale)
    shown = str(last) if first == last else f"{first}–{last}"
    return speaker.say("scale.points", low=int(scale.low), high=int(scale.high), favourable=shown)


def _between(key: str, bounds: Mapping[str, str | None], speaker: Speaker) -> str:
    """A sentence with both bounds, one, or none."""
    low, high = bounds.get("low"), bounds.get("high")
    which = ".between" if low and high else ".from" if low else ".to" if high else ""
    return speaker.say(f"{key}{which}", low=low, high=high)
