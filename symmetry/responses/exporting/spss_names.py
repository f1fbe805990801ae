"""Names and labels as SPSS takes them: at most 64 bytes and no dot, told apart without regard to case; labels cut whole."""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["cut", "spss_name"]

_LONGEST = 64
_RESERVED = frozenset(["ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"])


def spss_name(origin: str, taken: Collection[str]) -> str:
    """A name for a variable, as near to its own as SPSS allows and not taken yet.

    Examples
    --------
    >>> spss_name("listened.guess", []), spss_name("by", []), spss_name("a.b", ["A_B"])
    ('listened_guess', 'v_by', 'a_b_2')
    """
    plain = re.sub(r"\W", "_", origin).strip("_") or "v"
    plain = plain if plain[0].isalpha() and plain.upper() not in _RESERVED else f"v_{plain}"
    have = {name.upper() for name in taken}
    name, number = _shortened(plain, ""), 1
    while name.upper() in have:
        number += 1
        name = _shortened(plain, f"_{number}")
    return name


def cut(words: str, longest: int) -> str:
    """Words within a number of bytes of UTF-8, cut at a character and ended by `…` where they are longer.

    Examples
    --------
    >>> cut("déjà vu", 20), cut("déjà vu", 7)
    ('déjà vu', 'déj…')
    """
    content = words.encode()
    if len(content) <= longest:
        return words
    return content[: longest - len("…".encode())].decode(errors="ignore") + "…"


def _shortened(name: str, end: str) -> str:
    """A name and its end within the bytes of a name."""
    return name.encode()[: _LONGEST - len(end)].decode(errors="ignore") + end
