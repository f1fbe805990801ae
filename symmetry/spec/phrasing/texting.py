"""What a text message costs: one character outside the GSM alphabet, and each part holds 70 characters, not 160.

A phone sends seven bits a character as long as all of them stand in the default alphabet of GSM 03.38 (3GPP TS 23.038,
section 6.2.1); those of its extension table count for two.  Any other character turns the whole message into UCS-2, two bytes
each (four for an emoji).  A message of several parts loses a header in each: 153 and 67 remain.
"""

from __future__ import annotations

from types import MappingProxyType

from symmetry.spec.phrasing.finding import Finding

__all__ = ["find_costly", "sms_parts"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_PLAIN = MappingProxyType(
    {
        "\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u00ab": '"', "\u00bb": '"', "\u2026": "...", "\u2013": "-",
        "\u2014": "-", "\u00a0": "a plain space", "\u202f": "a plain space", "œ": "oe", "Œ": "OE", "ç": "c",
        "â": "a", "ê": "e", "ë": "e", "î": "i", "ï": "i", "ô": "o", "û": "u", "ÿ": "y", "á": "a", "í": "i", "ó": "o", "ú": "u",
        "À": "A", "Â": "A", "È": "E", "Ê": "E", "Ë": "E", "Î": "I", "Ï": "I", "Ô": "O", "Ù": "U", "Û": "U",
    }
)  # fmt: skip


def sms_parts(text: str) -> tuple[str, int, int, tuple[str, int] | None]:
    """Encoding, characters, parts of a text message, and the first character that the GSM alphabet lacks.

    Parameters
    ----------
    text : the whole message as it is sent.

    Returns
    -------
    "GSM-7" or "UCS-2"; the length in the unit of that encoding (an escaped character counts for two, an emoji too); the
    number of parts; and (character, offset) of the first offender, None in GSM-7.

    Examples
    --------
    >>> sms_parts("Votre avis compte.")
    ('GSM-7', 18, 1, None)
    >>> sms_parts("Un conseiller vous a-t-il reçu ?")
    ('UCS-2', 32, 1, ('ç', 28))
    >>> sms_parts("10 € " * 40)[:3]
    ('GSM-7', 240, 2)
    """
    culprit = next(
        ((letter, at) for at, letter in enumerate(text) if letter not in _BASIC and letter not in _EXTENDED), None
    )
    if culprit is None:
        sizes = [1 if letter in _BASIC else 2 for letter in text]
        return "GSM-7", sum(sizes), _parts(sizes, 160, 153), None
    sizes = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    return "UCS-2", sum(sizes), _parts(sizes, 70, 67), culprit


def find_costly(text: str) -> list[Finding]:
    """SMS01 where a character is outside the GSM alphabet.

    Examples
    --------
    >>> print(find_costly("Êtes-vous satisfait ?")[0].what)
    `Ê` is not in the GSM alphabet: a part of the SMS holds 70 characters instead of 160 (here 21, 1 part)
    """
    _, length, parts, culprit = sms_parts(text)
    if culprit is None:
        return []
    letter, offset = culprit
    odd = dict.fromkeys(each for each in text if each not in _BASIC and each not in _EXTENDED)
    name = f"`{letter}`" if letter.isprintable() and not letter.isspace() else f"U+{ord(letter):04X} (a special space)"
    plural = "s" if parts > 1 else ""
    what = (
        f"{name} is not in the GSM alphabet: a part of the SMS holds 70 characters instead of 160 (here {length}, "
        f"{parts} part{plural})"
    )
    swaps = [
        f"{each} → {_PLAIN[each]}" if each.isprintable() and not each.isspace() else _PLAIN[each]
        for each in odd
        if each in _PLAIN
    ]
    mend = f"for the SMS, write {', '.join(swaps)}" if swaps else "leave it out of the SMS"
    return [Finding("SMS01", what, mend, offset)]


def _parts(sizes: list[int], alone: int, of_several: int) -> int:
    """How many parts hold characters of these sizes, none of them cut in two."""
    if sum(sizes) <= alone:
        return 1
    parts, room = 1, of_several
    for size in sizes:
        if size > room:
            parts, room = parts + 1, of_several
        room -= size
    return parts
