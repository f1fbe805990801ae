"""What was promised, as the page shows it: the referential in its three relations, moments of truth, and the matrix."""

from __future__ import annotations

from typing import Any

from symmetry.spec.covering import Row, matrix
from symmetry.spec.nouns import Study
from symmetry.spec.referential import Moment, Referential
from symmetry.spec.showing.setting import Setter

__all__ = ["matrix_of", "referential_of"]

_MARKS = ("asked", "literal", "parallel", "projection", "loose", "waived")
_RELATIONS = ("service", "management", "cooperation")


def referential_of(study: Study, setter: Setter) -> dict[str, Any]:
    """The promise and its attitudes in each relation that the study writes, then the moments of each."""
    speaker = setter.speaker
    written = {name: found for name in _RELATIONS if (found := getattr(study, name)) is not None}
    attitudes = dict.fromkeys(key for found in written.values() for key in found.attitudes)
    columns = [
        {"name": speaker.say(f"referential.{name}"), "who": speaker.say(f"referential.{name}.who")} for name in written
    ]
    rows = [
        {
            "name": speaker.say("referential.promise"),
            "cells": [setter.lines(found.promise) for found in written.values()],
        },
        *(
            {
                "name": speaker.say("referential.respect" if _is_respect(key, written) else "referential.attitude"),
                "cells": [setter.lines(found.attitudes.get(key, {})) for found in written.values()],
            }
            for key in attitudes
        ),
    ]
    return {
        "columns": columns,
        "rows": rows if written else [],
        "apart": [setter.inline(words) for key, words in study.promise.items() if key not in attitudes],
        "moments": _moments(study, written, setter),
    }


def _is_respect(key: str, written: dict[str, Referential]) -> bool:
    return any(found.respect == key for found in written.values())


def _moments(study: Study, written: dict[str, Referential], setter: Setter) -> list[dict[str, Any]]:
    """The moments of truth of customers by channel, then those of each mirror."""
    speaker = setter.speaker
    channels = list(dict.fromkeys(moment.channel for moment in study.moments.values()))
    names = _channels(study, channels, setter)
    groups = [
        {
            "relation": speaker.say("referential.service"),
            "channel": names.get(channel, channel),
            "moments": [
                _moment(key, moment, study, setter)
                for key, moment in study.moments.items()
                if moment.channel == channel
            ],
        }
        for channel in channels
    ]
    groups += [
        {
            "relation": speaker.say(f"referential.{name}"),
            "channel": "",
            "moments": [_moment("", moment, study, setter) for moment in found.moments.values()],
        }
        for name, found in written.items()
        if name != "service" and found.moments
    ]
    return groups


def _channels(study: Study, channels: list[str], setter: Setter) -> dict[str, Any]:
    """The words for channels, where a frame item has all of them among its categories."""
    for item in study.items.values():
        values = item.values or {}
        if not item.faces and set(channels) <= set(values):
            return {channel: setter.one(values[channel]) for channel in channels}
    return {}


def _moment(key: str, moment: Moment, study: Study, setter: Setter) -> dict[str, Any]:
    """One moment of truth."""
    journey = study.journeys.get(key.partition(".")[0], {})
    return {
        "journey": setter.one(journey) if journey else "",
        "name": setter.lines(moment.name),
        "channel": "" if key else moment.channel,
        "emotion": setter.lines(moment.emotion) if moment.emotion else "",
        "rituals": [setter.lines(words) for words in moment.rituals],
        "cues": [setter.lines(words) for words in moment.cues],
    }


def matrix_of(study: Study, setter: Setter) -> dict[str, Any]:
    """Which items ask about which promise, and about which moment, in which face."""
    found = matrix(study)
    faces = [face for face in found.faces if any(row.cells.get(face) for row in found.rows)]
    promises = [_row(row, faces, study, setter) for row in found.rows if row.kind != "moment" and study.promise]
    used = {mark for row in promises for item in row["items"] for mark in item["marks"]}
    return {
        "faces": [{"key": face, "name": setter.speaker.face(face)} for face in faces],
        "marks": [mark for mark in _MARKS if mark in used],
        "promises": promises,
        "moments": [_row(row, faces, study, setter) for row in found.rows if row.kind == "moment"],
    }


def _row(row: Row, faces: list[str], study: Study, setter: Setter) -> dict[str, Any]:
    """One promise or moment: how many items ask about it in each face, and how each item does."""
    return {
        "name": setter.one(row.name) if row.name else setter.speaker.say("matrix.apart"),
        "cells": [
            {
                "face": face,
                "count": len(row.cells.get(face, ())),
                "waived": face in row.waived,
                "hole": face != "observer",
            }
            for face in faces
        ],
        "items": [
            {
                "id": f"item-{key}",
                "label": setter.one(study.items[key].label),
                "marks": [_mark(row, face, key) for face in faces],
            }
            for key in row.items
        ],
    }


def _mark(row: Row, face: str, item: str) -> str:
    """How an item asks in one face: its mirror type, "asked", "waived", or nothing."""
    found = next((cover.mirror for cover in row.cells.get(face, ()) if cover.item == item), "")
    return found or ("waived" if f"{item}.{face}" in row.waived else "")
