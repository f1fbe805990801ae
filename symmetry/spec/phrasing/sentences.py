"""A wording made ready to be looked at: small letters, plain apostrophes, sentences; every character keeps its place.

Offsets found in the plain form are offsets in the author's own text, so that a finding can give its column.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["READ", "base_language", "clauses", "plain", "sentences", "unquoted", "words"]

READ = 1000
"""So many characters of a text are looked at word by word: a question that is longer is too long, which is said."""
_LOOK_ALIKES = str.maketrans(
    {"\u2019": "'", "\u02bc": "'", "\u00a0": " ", "\u202f": " ", "\u2011": "-", "\uff1f": "?", "\u061f": "?"}
)


def base_language(code: str) -> str:
    """The language of a code without its country.

    Examples
    --------
    >>> base_language("fr-CA"), base_language("EN"), base_language("gsw")
    ('fr', 'en', 'gsw')
    """
    return code.replace("_", "-").split("-")[0].lower()


def plain(text: str) -> str:
    """Small letters, plain apostrophes, spaces and question marks, and a neutral word for each `{placeholder}`.

    Examples
    --------
    >>> plain("L’accueil de {branch} ?")
    "l'accueil de xxxxxxxx ?"
    """
    small = text.lower()
    if len(small) != len(text):  # a few capitals have two small letters
        small = text
    if not small.isascii() and _patterns()[4].search(small):
        small = small.translate(_LOOK_ALIKES)
    return _patterns()[0].sub(_hidden, small) if "{" in small else small


def sentences(text: str) -> list[tuple[int, str]]:
    """The sentences of a plain text: where each begins, and its words with the mark that ends it.

    Examples
    --------
    >>> sentences("are you happy? tell us, e.g. by phone, at 9.30.")
    [(0, 'are you happy?'), (15, 'tell us, e.g. by phone, at 9.30.')]
    """
    found, start = [], 0
    for end in _patterns()[1].finditer(text):
        found.append((start, text[start : end.end()]))
        start = end.end()
    found.append((start, text[start:]))
    return [
        (begin + len(part) - len(part.lstrip()), part.strip())
        for begin, part in found
        if any(letter.isalnum() for letter in part)
    ]


def clauses(text: str) -> list[tuple[int, str]]:
    """Sentences, parted again at each colon and semicolon.

    Examples
    --------
    >>> clauses("quick; and friendly")
    [(0, 'quick;'), (7, 'and friendly')]
    """
    return [
        (start + inner.start(), inner[0])
        for start, sentence in (sentences(text) if any(mark in text for mark in ".!?…") else [(0, text)])
        for inner in _patterns()[2].finditer(sentence)
    ]


def unquoted(text: str, *, at_most: int = 10_000) -> str:
    """The text with what stands in brackets blanked, and what stands in quotes where it has not more characters than that.

    Examples
    --------
    >>> unquoted("from “never” to “always” (one answer)", at_most=8)
    'from         to                      '
    """
    if not any(mark in text for mark in '«“"('):
        return text
    return _patterns()[3].sub(
        lambda found: _blank(found) if found[0][0] == "(" or len(found[0]) <= at_most + 2 else found[0], text
    )


def words(text: str) -> list[str]:
    """The words of a text as people count them: parted by spaces, each with a letter or a digit.

    Examples
    --------
    >>> words("L'accueil, est-il bon ?")
    ["L'accueil,", 'est-il', 'bon']
    """
    return [word for word in text.split() if word.isalnum() or any(letter.isalnum() for letter in word)]


def _hidden(found: re.Match[str]) -> str:
    return "x" * len(found[0])


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Placeholder; end of a sentence (not of "e.g.", "no." or "9.30"); part of a sentence; quotes and brackets."""
    return (
        re.compile(r"\{[^{}\n]*\}"),
        re.compile(
            r"(?:[?!…\n]|(?<!\be\.g)(?<!\bi\.e)(?<!\bno)(?<!\betc)(?<!\bmrs)(?<!\bmr)(?<!\bdr)(?<!\bex)\.(?!\w))[?!.…]*[»”\"')]*"
        ),
        re.compile(r"[^\s;:][^;:]*[;:]?"),
        re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"|\((?:[^()]|\([^()]*\))*\)"),
        re.compile("[" + "".join(map(chr, _LOOK_ALIKES)) + "]"),
    )
