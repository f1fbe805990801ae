"""Mirrored customer and employee surveys, compared with honest intervals.

The shop window: the nouns, and the verbs `load`, `run` and `rehearse`, each fetched from its room on first use, so that
`import symmetry` costs nothing.  Whoever wants to see how an analysis goes reads `symmetry/analyse/flow.py`.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

__all__ = [
    "Audience",
    "Design",
    "Estimate",
    "Gap",
    "Item",
    "Responses",
    "Study",
    "Wave",
    "load",
    "rehearse",
    "run",
]

_ROOMS = {
    "Audience": "spec",
    "Design": "design",
    "Estimate": "estimate",
    "Gap": "dissonance",
    "Item": "spec",
    "Responses": "responses",
    "Study": "spec",
    "Wave": "spec",
    "load": "spec",
    "rehearse": "analyse",
    "run": "analyse",
}


def __getattr__(name: str) -> object:
    """Fetch a noun or a verb from its room, once."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'symmetry' has no attribute {name!r}")
    found: object = getattr(import_module(f"symmetry.{_ROOMS[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Every name of the shop window, fetched or not."""
    return sorted({*globals(), *__all__})
