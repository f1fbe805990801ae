"""Questions that lead to their answer, and wordings that ask more than one question.

Leading: a tag or an opening that expects a yes ("Don't you think…", "…, n'est-ce pas ?"), an appeal to what everybody is said
to know, praise slipped into the question ("our excellent service").  Absolute words (always, never) are left alone: in a
statement to agree with they are what is being asked.
"""

from __future__ import annotations

import re
from functools import cache

from symmetry.spec.phrasing.finding import Finding
from symmetry.spec.phrasing.sentences import sentences, unquoted

__all__ = ["find_lures", "find_second_question", "without_lures"]


def find_lures(text: str, language: str) -> list[Finding]:
    """WRD06 where a plain text leads to its answer.

    Examples
    --------
    >>> find_lures("the staff were kind, weren't they?", "en")[0].offset
    21
    """
    lure = _lures(language).search(unquoted(text))
    if lure is None:
        return []
    what = f"`{lure[0].strip(' ,')}` tells people what to answer"
    offset = lure.start() + len(lure[0]) - len(lure[0].lstrip(" ,"))
    return [Finding("WRD06", what, "ask plainly, so that each answer is as easy to give as another", offset)]


def without_lures(text: str, language: str) -> str:
    """The text with what leads to an answer blanked."""
    return _lures(language).sub(lambda found: " " * len(found[0]), text)


def find_second_question(text: str, language: str = "") -> list[Finding]:
    """WRD07 where a plain text asks twice: two question marks, or a question and "please explain".

    Questions quoted inside another one, and remarks in brackets, do not count.

    Examples
    --------
    >>> find_second_question("are you happy? why?")[0].offset
    15
    >>> find_second_question("what would they answer? “are you happy?”")
    []
    """
    asked = False
    for start, sentence in sentences(unquoted(text)):
        asks = sentence.rstrip("»”\"') ").endswith(("?", "?!", "?…", "?.."))
        if asked and (asks or _follow_ups(language).match(sentence)):
            what = f"this asks a second question: `{sentence}`"
            return [Finding("WRD07", what, "make it a question of its own: one answer cannot serve two", start)]
        asked = asked or asks
    return []


@cache
def _follow_ups(language: str) -> re.Pattern[str]:
    """Openings of a sentence that asks without a question mark."""
    if language == "en":
        source = (
            r"(?:please )?(?:explain|describe|specify|comment\b|say why|tell us|give (?:us )?(?:your |the |a )?reasons?"
            r"|let us know)"
        )
    elif language == "fr":
        source = (
            r"(?:merci (?:de |d')|veuillez |pouvez-vous )?(?:expliquez|expliquer|précisez|préciser|décrivez|décrire"
            r"|dites-nous|nous dire|justifiez|justifier|donnez-nous|pourquoi)\b"
        )
    else:
        source = r"(?!)"
    return re.compile(source)


@cache
def _lures(language: str) -> re.Pattern[str]:
    return re.compile({"en": _ENGLISH, "fr": _FRENCH}.get(language, r"(?!)"), re.VERBOSE)


_DOUBTED = r"(?:is|are|was|were|do|does|did|have|has|had|will|would|can|could|should)"
_ENGLISH = rf"""
    ,\ {_DOUBTED}(?:n't)?\ (?:it|they|you|he|she|we|there|i)\ ?\?                       # …, isn't it?
    | (?:(?<=[.?!]\ )|^){_DOUBTED}n't\ [\w']+(?=[^.?!]*\?)                                   # Don't you think …?
    | (?:(?<=[.?!]\ )|^)(?:won't|can't)\ [\w']+(?=[^.?!]*\?)
    | \b(?:do|would)\ you\ not\ (?:agree|think|find|feel|say)\b
    | (?:(?<=[.?!]\ )|^)(?:clearly|surely|naturally|certainly|admittedly),?\ (?=\w)
    | \b(?:obviously|undoubtedly|needless\ to\ say|without\ a\ doubt)\b
    | (?:^|,\ )of\ course\b | \bof\ course,
    | \bas\ you\ (?:know|may\ know|are\ aware)\b | \bas\ (?:everyone|everybody|we\ all)\ knows?\b
    | \b(?:everyone|everybody)\ (?:knows|agrees)\b | \bwe\ all\ (?:know|agree)\b
    | \b(?:most|many)\ (?:people|customers|employees|colleagues)\ (?:agree|think|believe|know|say)\b
    | \b(?:experts|studies|specialists|doctors)\ (?:agree|say|show)\b
    | \byou\ (?:will|must|would|'ll)\ (?:surely\ )?(?:agree|admit)\b | \bit\ is\ (?:obvious|well\ known)\ that\b
    | \bour\ (?:[\w-]+\ )?(?:award-winning|excellent|outstanding|world-class|first-class|unrivalled|superb|amazing
        |wonderful|fantastic|brilliant|exceptional|remarkable|splendid|marvellous)\b
"""
_FRENCH = r"""
    ,?\ ?\bn'est-ce\ pas\b
    | (?:(?<=[.?!]\ )|^)(?:ne\ |n')(?:[mtsl]'|vous\ |nous\ |lui\ |leur\ |les?\ |la\ |en\ |y\ )?
        \w+-(?:t-)?(?:vous|il|elle|ce|tu|nous|ils|elles|on)\b(?=[^.?!]*?\bpas\b[^.?!]*\?)
    | \b(?:évidemment|manifestement|assurément|de\ toute\ évidence|à\ l'évidence|il\ va\ (?:de\ soi|sans\ dire)
        |il\ est\ évident)\b
    | (?:^|,\ )(?:bien\ sûr|bien\ entendu|naturellement)\b | \b(?:bien\ sûr|bien\ entendu),
    | \bcomme\ (?:vous\ le\ savez|chacun\ (?:le\ )?sait|tout\ le\ monde\ (?:le\ )?sait|nous\ le\ savons)\b
    | \btout\ le\ monde\ (?:sait|s'accorde|reconnaît)\b | \bchacun\ sait\b
    | \bla\ plupart\ des\ (?:gens|clients|salariés|collègues)\ (?:pensent|trouvent|s'accordent|disent|savent)\b
    | \bles\ (?:experts|spécialistes|études)\ (?:s'accordent|disent|montrent)\b
    | \bvous\ (?:conviendrez|admettrez|reconnaîtrez|serez\ d'accord)\b
    | \bno(?:tre|s)\ (?:\w+\ ){0,2}?(?:excellente?s?|remarquables?|formidables?|exceptionnel(?:le)?s?|merveilleu(?:x|se)s?
        |superbes?|extraordinaires?|inégalée?s?|fantastiques?|magnifiques?)\b
"""
