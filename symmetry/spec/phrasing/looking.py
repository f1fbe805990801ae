"""One look at one wording, and one at all of them together: everything that a reader of questionnaires would remark."""

from __future__ import annotations

import re
from functools import cache

from symmetry.spec.phrasing.denials import HINTS
from symmetry.spec.phrasing.doubling import find_double
from symmetry.spec.phrasing.finding import Finding
from symmetry.spec.phrasing.leading import find_lures, find_second_question
from symmetry.spec.phrasing.measuring import find_hard, find_long
from symmetry.spec.phrasing.negating import find_negations
from symmetry.spec.phrasing.sentences import READ, base_language, plain
from symmetry.spec.phrasing.texting import find_costly

__all__ = ["LANGUAGES", "look"]

LANGUAGES = ("en", "fr")
"""Languages whose words are known; in others only marks, lengths and SMS characters are looked at."""


def look(text: str, language: str, *, sms: bool = False) -> list[Finding]:
    """What is remarkable about the wording of one question, in the order of the text.

    Parameters
    ----------
    text : the question as people read it; `{placeholders}` count as words.
    language : its code ("fr", "en-GB"…).
    sms : whether it is sent as a text message.

    Returns
    -------
    Findings, all of them warnings: WRD01 two things at once, WRD02 a negation, WRD03 a double negation, WRD04 long, WRD05
    hard to read, WRD06 leading, WRD07 a second question, SMS01 a character that doubles the price of a message.

    Examples
    --------
    >>> [(each.code, each.offset) for each in look("Le personnel est rapide et aimable.", "fr")]
    [('WRD01', 24)]
    >>> look("Mon conseiller m'a écouté.", "fr")
    []
    """
    base = base_language(language)
    small = plain(text[:READ])
    asks = "?" in small
    found = find_second_question(small, base) if asks and len(small.rstrip("?. ")) > small.index("?") else []
    if base in LANGUAGES:
        told = set(_WORD.findall(small))
        joints, lures = _hints(base)
        if not told.isdisjoint(joints) or "&" in small:
            found += find_double(small, base, text)
        if not told.isdisjoint(lures) or (asks and ", " in small):
            found += find_lures(small, base)
        if not told.isdisjoint(HINTS[base]):
            found += find_negations(small, base)
        found += find_hard(small, base)
    found += find_long(text)
    if sms:
        found += find_costly(text)
    return sorted(found, key=lambda finding: (finding.offset or 0, finding.code))


@cache
def _hints(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Words without which a closer look finds nothing, by what is looked for: most questions hold none of them."""
    joints, lures = _HINTS[language]
    return frozenset(joints.split()), frozenset(lures.split())


_WORD = re.compile(r"\w+")
_HINTS = {
    "en": (
        "and or nor but as along",
        """t not clearly surely naturally certainly admittedly obviously undoubtedly needless doubt course know knows known aware
        agree agrees most many experts studies specialists doctors admit obvious award excellent outstanding world first
        unrivalled superb amazing wonderful fantastic brilliant exceptional remarkable splendid marvellous""",
    ),
    "fr": (
        "et ou mais ainsi aussi ni",
        """ne n évidemment manifestement assurément évidence soi dire évident sûr entendu naturellement sait savez savons monde
        chacun plupart experts spécialistes études conviendrez admettrez reconnaîtrez serez excellent excellente excellents
        excellentes remarquable remarquables formidable formidables exceptionnel exceptionnels exceptionnelle exceptionnelles
        merveilleux merveilleuse merveilleuses superbe superbes extraordinaire extraordinaires inégalé inégalée inégalés
        inégalées fantastique fantastiques magnifique magnifiques""",
    ),
}
