"""The alphabet that every telephone has (GSM 03.38, 7 bits): 160 of its characters make one text message."""

from __future__ import annotations

import unicodedata

__all__ = ["fitted", "gsm_length", "in_gsm"]

_PLAIN = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("^{}\\[~]|€")  # take the room of two
_INSTEAD = {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "œ": "oe", "Œ": "OE",
            "\u00a0": " ", "\u202f": " ", "\u2011": "-"}  # fmt: skip


def in_gsm(text: str) -> str | None:
    """A text in that alphabet, letters without the accents that it lacks; None where something has no place in it.

    Examples
    --------
    >>> in_gsm("Être là, ça va…"), in_gsm("日本")
    ('Etre là, ca va...', None)
    """
    made = [_one(character) for character in unicodedata.normalize("NFC", text)]
    return None if None in made else "".join(filter(None, made))


def gsm_length(text: str) -> int:
    """The room that a text of that alphabet takes."""
    return len(text) + sum(character in _DOUBLE for character in text)


def fitted(name: str, room: int) -> str:
    """As much of a name as there is room for, whole words if possible; empty where there is not even room for a short one.

    Examples
    --------
    >>> fitted("Banque du Quotidien", 12), fitted("Banque du Quotidien", 3)
    ('Banque du', '')
    """
    if gsm_length(name) <= room:
        return name
    if room < 6:
        return ""
    while gsm_length(name) > room:
        name = name.rpartition(" ")[0] or name[:-1]
    return name


def _one(character: str) -> str | None:
    if character in _PLAIN or character in _DOUBLE:
        return character
    if character in _INSTEAD:
        return _INSTEAD[character]
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base in _PLAIN else None
