"""The words leaders read, one file a language and topic: `en.yaml` and `en.units.yaml` make one catalogue of English.

A third language is a few more files, and a test holds them complete.
Words are looked up by key and filled with `str.format`; the French spaces that a line may not break at are set here, so
that the catalogues stay easy to type and to review.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

__all__ = ["LANGUAGES", "WORDS", "typeset"]


def _catalogues(folder: Path) -> dict[str, dict[str, str]]:
    """Language → its words, from every file whose name begins with it; a key said twice would hide one of its sentences."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        words = found.setdefault(path.name.partition(".")[0], {})
        for key, text in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if key in words:
                raise ValueError(f"{path.name}: {key} is said twice")
            words[str(key)] = str(text)
    return found


WORDS: Mapping[str, Mapping[str, str]] = _catalogues(Path(__file__).parent)
LANGUAGES = tuple(WORDS)

_FRENCH = {
    "« ": "«\u00a0",
    " »": "\u00a0»",
    " :": "\u00a0:",
    " %": "\u00a0%",
    " ;": "\u202f;",
    " !": "\u202f!",
    " ?": "\u202f?",
}


def typeset(text: str, language: str) -> str:
    """Set the apostrophes and the unbreakable spaces of a language.

    Examples
    --------
    >>> typeset("L'écart : 3 %", "fr") == "L’écart\u00a0: 3\u00a0%"
    True
    """
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    for loose, tight in _FRENCH.items() if language == "fr" else ():
        text = text.replace(loose, tight)
    return text
