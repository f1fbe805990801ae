"""The questions as the page shows them: each item with its faces side by side, its answers, its route and its remarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symmetry.errors import Problem
from symmetry.spec.nouns import AUDIENCE_OF, FACES, Item, Study
from symmetry.spec.showing.drawing import answers_of
from symmetry.spec.showing.setting import Setter
from symmetry.spec.showing.telling import tell

__all__ = ["grids_of", "known_of", "legend_of", "questions_of"]

_MIRRORS = ("literal", "parallel", "projection", "loose")


def questions_of(study: Study, setter: Setter, remarks: Mapping[str, Sequence[Problem]]) -> list[dict[str, Any]]:
    """Every item that is asked, in the order of the study."""
    asked = [item for item in study.items.values() if item.faces]
    return [
        _question(number, item, study, setter, remarks.get(item.key, ())) for number, item in enumerate(asked, start=1)
    ]


def legend_of(study: Study, setter: Setter) -> dict[str, Any]:
    """What the faces and the kinds of mirror that this study has mean."""
    speaker = setter.speaker
    names = {audience: speaker.crowd(audience) for audience in dict.fromkeys(AUDIENCE_OF.values())}
    faces = {face for item in study.items.values() for face in item.faces}
    mirrors = {mirror for item in study.items.values() for mirror in item.mirrors.values()}
    return {
        "faces": [
            {"key": face, "name": speaker.face(face), "means": speaker.say(f"face.{face}.means", **names)}
            for face in FACES
            if face in faces
        ],
        "mirrors": [
            {
                "key": mirror,
                "name": speaker.say(f"mirror.{mirror}"),
                "means": speaker.say(f"mirror.{mirror}.means", **names),
            }
            for mirror in _MIRRORS
            if mirror in mirrors
        ],
    }


def _question(number: int, item: Item, study: Study, setter: Setter, remarks: Sequence[Problem]) -> dict[str, Any]:
    """One item."""
    speaker = setter.speaker
    moment = study.moments.get(item.moment or "")
    facts: list[tuple[str, Any]] = []
    if item.promise in study.promise:
        facts.append((speaker.say("item.promise"), setter.one(study.promise[item.promise or ""])))
    if moment is not None:
        facts.append((speaker.say("item.at"), setter.one(moment.name)))
    if item.sense:
        facts.append((speaker.say("item.sense"), speaker.say(f"sense.{item.sense}")))
    if item.owner:
        owner = study.owners.get(item.owner)
        facts.append((speaker.say("item.owner"), setter.one(owner.name) if owner else item.owner))
    waves = [wave.key for wave in study.waves.values() if item.key in wave.items]
    facts.append((speaker.say("item.waves"), ", ".join(waves) or speaker.say("item.waves.none")))
    blocks = [key for key, members in (study.rotation.blocks if study.rotation else {}).items() if item.key in members]
    if blocks:
        facts.append((speaker.say("item.rotates"), ", ".join(blocks)))
    return {
        "id": f"item-{item.key}",
        "number": number,
        "key": item.key,
        "label": setter.inline(item.label),
        "role": item.role,
        "role_words": speaker.say(f"role.{item.role}"),
        "facts": facts,
        "route": tell(item.ask_if, speaker) if item.ask_if else "",
        "expression": item.ask_if or "",
        "faces": [_face(item, face, setter) for face in FACES if face in item.faces],
        "alone": study.mirrored and item.rated and not item.mirrors and "observer" not in item.faces,
        "answers": answers_of(study, item, setter),
        "waived": [{"code": code, "reason": reason} for code, reason in item.waived.items()],
        "remarks": remarks,
    }


def _face(item: Item, face: str, setter: Setter) -> dict[str, Any]:
    """One face of an item."""
    speaker = setter.speaker
    mirror = item.mirrors.get(face, "")
    return {
        "key": face,
        "name": speaker.face(face),
        "mirror": mirror,
        "mirror_name": speaker.say(f"mirror.{mirror}") if mirror else "",
        "mirror_short": speaker.say(f"mirror.{mirror}.short") if mirror else "",
        "negative": face in item.negative,
        "texts": setter.lines(item.faces[face]),
    }


def known_of(study: Study, setter: Setter) -> list[dict[str, Any]]:
    """What is known beforehand and never asked."""
    speaker = setter.speaker
    return [
        {
            "id": f"item-{item.key}",
            "key": item.key,
            "label": setter.inline(item.label),
            "values": [setter.inline(words) for words in (item.values or {}).values()],
            "kind": speaker.say("known.number" if item.numeric else "known.text") if not item.values else "",
            "of": speaker.listed([speaker.crowd(audience) for audience in item.audiences]),
        }
        for item in study.items.values()
        if not item.faces
    ]


def grids_of(study: Study, setter: Setter) -> list[dict[str, Any]]:
    """The observation grids, with the items they hold."""
    speaker = setter.speaker
    return [
        {
            "title": setter.inline(grid.title),
            "kind": speaker.say(f"grids.{grid.kind}"),
            "unit": speaker.say("grids.unit", unit=speaker.inside(speaker.label(grid.unit))) if grid.unit else "",
            "items": [(f"item-{key}", setter.one(study.items[key].label)) for key in grid.items if key in study.items],
        }
        for grid in study.grids.values()
    ]
