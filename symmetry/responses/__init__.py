"""The room where answers rest: frozen once, verified on every reading, scored for the statistics."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symmetry.responses.blanks import reasons
    from symmetry.responses.codebook import codebook_of
    from symmetry.responses.exporting.exporting import export
    from symmetry.responses.freezing import freeze
    from symmetry.responses.hashing import content_hash
    from symmetry.responses.nouns import Responses
    from symmetry.responses.reading import read
    from symmetry.responses.scoring import score

__all__ = ["Responses", "codebook_of", "content_hash", "export", "freeze", "read", "reasons", "score"]

_HOME = {
    "Responses": "nouns",
    "codebook_of": "codebook",
    "content_hash": "hashing",
    "export": "exporting.exporting",
    "freeze": "freezing",
    "read": "reading",
    "reasons": "blanks",
    "score": "scoring",
}


def __getattr__(name: str) -> object:
    """Fetch a public name from its file the first time it is used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, fetched or not."""
    return sorted(__all__)
