"""What a translator sees above a text: what it is in the questionnaire, and how other languages say it."""

from __future__ import annotations

from typing import Any

from symmetry.spec.reading import Document
from symmetry.spec.translating.guessing import GUESS
from symmetry.spec.translating.nouns import Slot

__all__ = ["notes_of"]

_FACES = {
    "customer": "put to customers",
    "employee": "put to employees, about themselves",
    "guess": "put to employees: what would customers answer?",
    "management": "put to employees, about their manager",
    "cooperation": "put to employees, about other teams",
    "observer": "noted by an observer on the spot",
}
_PARTS = {
    "grids": "the title of an observation grid",
    "title": "the title of the study",
    "source": "where the data come from",
    "audiences": "what an audience is called",
    "promise": "what is promised, in a word or two",
    "attitudes": "an attitude, in a few words",
    "journeys": "the name of a journey",
    "owners": "who answers for results",
    "emotion": "the emotion aimed at in a moment of truth",
    "rituals": "a ritual: what is done each time",
    "cues": "a cue: what is there to be seen",
    "label": "the short name of an item, for charts",
    "values": "a category",
    "choices": "a choice",
    "unit": "a unit of measure",
}
_POINTS = {"nps": (0, 10), "percent": (0, 100)}


def notes_of(document: Document, slot: Slot, language: str) -> tuple[str, ...]:
    """What a text is, then its wording in the other languages of the study, then what must be kept.

    Examples
    --------
    >>> from pathlib import Path
    >>> item = {"role": "driver", "scale": "agree5", "label": {"fr": "Écoute"}, "customer": {"fr": "…", "en": "I am heard."}}
    >>> scale = {"type": "likert", "points": 5}
    >>> data = {"languages": ["fr", "en"], "items": {"listened": item}, "scales": {"agree5": scale}}
    >>> study = Document(Path("study.yaml"), data)
    >>> notes_of(study, Slot("items.listened.customer", ("items", "listened", "customer"), None, item["customer"]), "de")
    ('Écoute: driver, put to customers, answered on a likert scale from 1 to 5', 'en: I am heard.')
    """
    source, *_ = document.data["languages"]
    others = [f"{each}: {words}" for each, words in slot.texts.items() if each not in (source, language)]
    kept = ("keep {words}: the question put to customers stands there",) if slot.context == GUESS else ()
    return (_what(document, slot), *others, *kept)


def _what(document: Document, slot: Slot) -> str:
    """What a text is, in a few words."""
    route = slot.route
    if slot.context == GUESS:
        return "what employees read around a customer question that they guess the answer to"
    if route[0] == "items" and route[-1] in _FACES:
        return _face(document, str(route[1]), str(route[-1]), str(document.data["languages"][0]))
    if route[0] == "scales" and slot.index is not None:
        return _step(document.at(route[:2]), str(route[1]), str(route[-1]), slot.index)
    if route[-1] == "promise" and len(route) == 2 and route[0] != "promise":
        return f"the promise ({route[0]}), in a sentence"
    if route[-1] == "name" and "moments" in route:
        return "the name of a moment of truth"
    parts = [str(part) for part in reversed(route) if part in _PARTS]
    return _PARTS[parts[0]] if parts else str(route[0])


def _face(document: Document, key: str, face: str, source: str) -> str:
    """One face of an item: whose it is, and how it is answered."""
    item = document.at(("items", key))
    label = item.get("label")
    name = label.get(source, key) if isinstance(label, dict) else label or key
    own = item.get("scales")
    scale = own.get(face) if isinstance(own, dict) else None
    how = _answered(document.at(("scales", scale or item.get("scale", ""))))
    return f"{name}: {item.get('role', 'item')}, {_FACES[face]}{how}"


def _answered(scale: Any) -> str:
    """How a face is answered."""
    if not isinstance(scale, dict) or "type" not in scale:
        return ""
    kind = scale["type"]
    low, high = _ends(scale)
    return f", answered on a {kind} scale from {low} to {high}" if high else f", answered with a {kind}"


def _ends(scale: dict[str, Any]) -> tuple[Any, Any]:
    """The lowest and the highest answer that a scale declares; no highest where it has no codes."""
    if scale.get("type") == "score":
        return scale.get("min", 0), scale.get("max", 10)
    return _POINTS.get(str(scale.get("type")), (1, scale.get("points")))


def _step(scale: Any, key: str, part: str, index: int) -> str:
    """A word of a scale: which code it names."""
    low, high = _ends(scale) if isinstance(scale, dict) else (1, None)
    if part == "ends":
        return f"scale {key}: the word at its {'highest' if index else 'lowest'} end ({high if index else low})"
    return f"scale {key}: the word for code {low + index}"
