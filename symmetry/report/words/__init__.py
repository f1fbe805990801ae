"""The words leaders read, one file a language: a third language is one more file, and a test holds them complete.

Words are looked up by key and filled with `str.format`; the French spaces that a line may not break at are set here, so
that the catalogues stay easy to type and to review.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

__all__ = ["LANGUAGES", "WORDS", "typeset"]


def _catalogue(path: Path) -> Mapping[str, str]:
    return {str(key): str(text) for key, text in yaml.safe_load(path.read_text(encoding="utf-8")).items()}


WORDS: Mapping[str, Mapping[str, str]] = {
    path.stem: _catalogue(path) for path in sorted(Path(__file__).parent.glob("*.yaml"))
}
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
