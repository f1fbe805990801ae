"""The ids that a study declares, read from the raw file: half-written or at fault, it still tells what it names.

Each id comes with its label in the source language, so that an editor can show `listened` as “Écoute”.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symmetry.spec.nouns import AUDIENCE_OF, AUDIENCES
from symmetry.spec.reading import Document

__all__ = ["Names", "names_of"]

Names = Mapping[str, Mapping[str, str]]


def names_of(document: Document) -> Names:
    """Every id of a study, by what it names, with its label.

    Parameters
    ----------
    document : a study as `read_yaml` gives it; whatever is missing or of the wrong type names nothing.

    Returns
    -------
    For each of audiences, faces, languages, promise, moments, scales, owners, hot (waves), alerts, channels, asked,
    observations, outcomes, drivers, frames, numbers (frame items of type number) and categorised (frame items with values):
    id → label, in the order of the file.

    Examples
    --------
    >>> from pathlib import Path
    >>> raw = {"languages": ["en"], "items": {"nps": {"role": "outcome", "label": "Recommendation"}, "half": None}}
    >>> names_of(Document(Path("study.yaml"), raw))["outcomes"]
    {'nps': 'Recommendation'}
    """
    data = document.data if isinstance(document.data, dict) else {}
    listed = data.get("languages")
    languages = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    source = languages[0] if languages else ""
    items = _mappings(data, "items")
    declared = {key: each for key, each in _labels(data.get("audiences"), source).items() if key in AUDIENCES}
    faces = {face: "" for face, audience in AUDIENCE_OF.items() if audience in declared}
    asked = {key: item for key, item in items.items() if item.get("role") != "frame"}
    return {
        "languages": dict.fromkeys(languages, ""),
        "audiences": declared,
        "faces": faces,
        "promise": _labels(data.get("promise"), source),
        "moments": _moments(data, source),
        "scales": dict.fromkeys(_mapping(data.get("scales")), ""),
        "owners": _named(_mappings(data, "owners"), "name", source),
        "hot": {key: "" for key, wave in _mappings(data, "waves").items() if wave.get("kind") != "cold"},
        "alerts": dict.fromkeys(_mapping(_mapping(data.get("plan")).get("alerts")), ""),
        "channels": _channels(data, items, source),
        "asked": _named(asked, "label", source),
        **{name: _of_role(items, role, source) for name, role in _ROLES.items()},
        "numbers": _named({k: i for k, i in items.items() if i.get("type") == "number"}, "label", source),
        "categorised": _named({k: i for k, i in items.items() if _mapping(i.get("values"))}, "label", source),
    }


_ROLES = {"outcomes": "outcome", "drivers": "driver", "observations": "observation", "frames": "frame"}


def _of_role(items: Mapping[str, dict[str, Any]], role: str, source: str) -> dict[str, str]:
    return _named({key: item for key, item in items.items() if item.get("role") == role}, "label", source)


def _moments(data: Mapping[str, Any], source: str) -> dict[str, str]:
    """The moments of truth of all journeys, as "journey.moment"."""
    return {
        f"{journey}.{moment}": name
        for journey, held in _mappings(data, "journeys").items()
        for moment, name in _named(_mappings(held, "moments"), "name", source).items()
    }


def _channels(data: Mapping[str, Any], items: Mapping[str, dict[str, Any]], source: str) -> dict[str, str]:
    """Where people are met: the channels of the moments of truth, and the values of a frame item `channel`."""
    held = [
        moment.get("channel")
        for journey in _mappings(data, "journeys").values()
        for moment in _mappings(journey, "moments").values()
    ]
    known = items.get("channel", {})
    values = _labels(known.get("values"), source) if known.get("role") == "frame" else {}
    return {each: "" for each in held if isinstance(each, str)} | values


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(data: Mapping[str, Any], section: str) -> dict[str, dict[str, Any]]:
    """The entries of a section, each as a mapping, empty where it is none."""
    return {key: _mapping(entry) for key, entry in _mapping(data.get(section)).items()}


def _named(entries: Mapping[str, Mapping[str, Any]], name: str, source: str) -> dict[str, str]:
    return {key: _words(entry.get(name), source) for key, entry in entries.items()}


def _labels(section: Any, source: str) -> dict[str, str]:
    return {key: _words(value, source) for key, value in _mapping(section).items()}


def _words(value: Any, source: str) -> str:
    """A text in the source language, or nothing."""
    found = value.get(source) if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""
