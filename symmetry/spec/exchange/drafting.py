"""The writer of a first draft: what an importer understood becomes the text of a study.yaml, gaps and all.

An importer fills a `Sketch` with the room's own nouns and says each thing that it left out as a `Gap`; `write_draft` turns
both into YAML that our own reader takes, every gap as a comment above the item it belongs to.  What a sketch lacks and a
study must have (an outcome, say) is said as a gap too, so that a draft that does not load tells why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from symmetry.spec.exchange.drafting_settling import settle
from symmetry.spec.exchange.drafting_yaml import emit
from symmetry.spec.exchange.nouns import Draft, Gap
from symmetry.spec.nouns import RATED, Scale
from symmetry.spec.texts import Text

__all__ = ["Drafted", "Sketch", "scale_entry", "write_draft"]

_ORDER = ("promise", "at", "scale", "scales", "negative", "sense", "ask_if", "label")


@dataclass
class Drafted:
    """One item as far as it is understood: `more` holds the further keys of the grammar (promise, at, mirror…)."""

    key: str
    role: str
    label: Text
    scale: str | None = None
    faces: dict[str, Text] = field(default_factory=dict)
    ask_if: str | None = None
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class Sketch:
    """A study as far as it is understood.  `sections` holds whole sections of the grammar (promise, journeys, rotation…)."""

    key: str
    title: Text
    languages: tuple[str, ...]
    audiences: dict[str, Text]
    origin: str
    scales: dict[str, Scale] = field(default_factory=dict)
    items: dict[str, Drafted] = field(default_factory=dict)
    waves: dict[str, Any] = field(default_factory=dict)
    sections: dict[str, Any] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)

    def gap(self, where: str, what: str, item: str | None = None) -> None:
        """Note one thing that is not carried over, once."""
        if Gap(where, what, item) not in self.gaps:
            self.gaps.append(Gap(where, what, item))


def write_draft(sketch: Sketch) -> Draft:
    """Write a sketch down as the text of a study.yaml.

    Parameters
    ----------
    sketch : what an importer understood; an outcome that it lacks is chosen among its rated items, and said.

    Returns
    -------
    The draft; every gap stands in its text too, as a comment.

    Examples
    --------
    >>> sketch = Sketch("tiny", {"en": "Tiny"}, ("en",), {"customers": {"en": "Customers"}}, "tiny.xlsx")
    >>> print(write_draft(sketch).gaps[0])
    tiny.xlsx: no question has a rated scale: a study needs an outcome to explain
    """
    settle(sketch)
    plan = _plan(sketch)
    settle(sketch)  # once more, for the item that stands in as the outcome
    data: dict[str, Any] = {
        "symmetry": 1,
        "study": sketch.key,
        "title": sketch.title,
        "languages": list(sketch.languages),
        "audiences": sketch.audiences,
    }
    for name in ("promise", "journeys"):
        if sketch.sections.get(name):
            data[name] = sketch.sections[name]
    data["scales"] = {key: scale_entry(scale) for key, scale in sketch.scales.items()}
    data["items"] = {key: _entry(item) for key, item in sketch.items.items()}
    if sketch.sections.get("rotation"):
        data["rotation"] = sketch.sections["rotation"]
    data["waves"] = sketch.waves
    data["plan"] = plan
    general = [str(gap) for gap in sketch.gaps if gap.item not in sketch.items]
    comments: dict[tuple[str, ...], list[str]] = {
        ("items", key): [f"gap: {gap}" for gap in sketch.gaps if gap.item == key]
        for key in sketch.items
        if any(gap.item == key for gap in sketch.gaps)
    }
    count = len(sketch.gaps)
    head = [
        f"A first draft, read from {sketch.origin}: {count} gap{'s' * (count != 1)}, each marked `gap:`. Mend, then check."
    ]
    text = emit(data, head=[*head, *(f"gap: {gap}" for gap in general)], comments=comments)
    return Draft(text, tuple(sketch.gaps))


def scale_entry(scale: Scale) -> dict[str, Any]:
    """A scale as the grammar writes it.

    Examples
    --------
    >>> scale_entry(Scale("agree", "likert", 1, 5, missing={"na": 0}, ends={"en": ("No", "Yes")}))
    {'type': 'likert', 'points': 5, 'missing': {'na': 0}, 'ends': {'en': ['No', 'Yes']}}
    """
    entry: dict[str, Any] = {"type": scale.kind}
    if scale.kind in ("likert", "csat", "ces"):
        entry |= {"points": scale.points}
        entry |= {"boxes": scale.boxes} if scale.boxes != 2 else {}
        entry |= {"reversed": True} if scale.reversed else {}
        if scale.points <= scale.boxes:
            entry["boxes"] = scale.points - 1
    elif scale.kind in ("number", "score"):
        bounds = {"min": scale.low, "max": scale.high}
        entry |= {name: _number(bound) for name, bound in bounds.items() if abs(bound) != float("inf")}
        entry |= {"decimals": scale.decimals} if scale.decimals else {}
        entry |= {"unit": dict(scale.unit)} if scale.unit else {}
    elif scale.kind == "date":
        entry |= {name: day for name, day in (("min", scale.earliest), ("max", scale.latest)) if day}
    elif scale.kind == "text" and scale.longest is not None:
        entry |= {"max": scale.longest}
    entry |= {"choices": {key: dict(text) for key, text in scale.choices.items()}} if scale.choices else {}
    entry |= {"exclusive": list(scale.exclusive)} if scale.exclusive else {}
    entry |= {"missing": dict(scale.missing)} if scale.missing else {}
    for name, words in (("ends", scale.ends), ("labels", scale.labels)):
        entry |= {name: {language: list(each) for language, each in words.items()}} if words else {}
    return entry


def _number(bound: float) -> int | float:
    return int(bound) if float(bound).is_integer() else bound


def _entry(item: Drafted) -> dict[str, Any]:
    """An item as the grammar writes it, its keys in the order people read them."""
    known = {"scale": item.scale, "ask_if": item.ask_if, "label": dict(item.label)} | item.more
    entry: dict[str, Any] = {"role": item.role}
    entry |= {name: known[name] for name in _ORDER if known.get(name)}
    entry |= {face: dict(text) for face, text in item.faces.items()}
    return entry | {name: value for name, value in known.items() if name not in (*_ORDER, *entry) and value}


def _plan(sketch: Sketch) -> dict[str, Any]:
    """The least plan that loads: the outcome to explain, and every driver."""
    rated = [item for item in sketch.items.values() if item.scale and sketch.scales[item.scale].kind in RATED]
    outcomes = [item for item in rated if item.role == "outcome"]
    if not rated:
        sketch.gap(sketch.origin, "no question has a rated scale: a study needs an outcome to explain")
        return {"drivers": "all"}
    if not outcomes:
        rated[0].role = "outcome"
        sketch.gap(sketch.origin, f"no question looks like an outcome: `{rated[0].key}` stands in for it", rated[0].key)
    return {"outcome": (outcomes or rated)[0].key, "drivers": "all"}
