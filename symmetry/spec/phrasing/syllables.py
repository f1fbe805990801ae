"""How many syllables a word has when it is said, in English and in French, by rules of spelling.

Reading levels count spoken syllables.  No dictionary is carried for that: a hyphenation dictionary (Pyphen) knows where a
line may be broken, not where a syllable ends ("idea" is never broken, and has three), and a pronouncing dictionary weighs
megabytes.  The rules here are held in the tests against counts drawn from the CMU Pronouncing Dictionary and Lexique 3.83.

A row of vowel letters makes one syllable, except where two of them are said apart ("sci-ence", "ré-a-gir"); a silent
ending makes none ("services", "ils parlaient").
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from types import MappingProxyType

__all__ = ["syllables"]

_ODD_ENGLISH = MappingProxyType(
    {
        "business": 2, "carriage": 2, "centre": 2, "eye": 1, "eyes": 1, "friend": 1, "friendly": 2, "friends": 1,
        "hundred": 2, "marriage": 2, "people": 2, "quiet": 2, "reason": 2, "reasonable": 3, "reasons": 2, "recipe": 3,
        "theatre": 3,
    }
)  # fmt: skip
_ODD_FRENCH = MappingProxyType({"pays": 2, "paysage": 3, "paysages": 3, "août": 1, "oeil": 1, "œil": 1})
_SAID = """
    absent accent accident adhérent adolescent affluent agent apparent argent argument avent cent client cohérent compétent
    concurrent confident conscient content continent contents convent couvent déficient dent différent dissident efficient
    élément éminent équivalent évident excellent exigent fréquent incident inconvénient indifférent influent ingrédient innocent
    insolent intelligent lent moment négligent occident orient parent patient permanent pertinent polyvalent précédent
    présent président prudent quotient récent récurrent résident serpent silent souvent talent torrent transparent urgent vent
    violent"""


@cache
def _said() -> frozenset[str]:
    """French words whose final "ent" is said, unlike that of verbs in the plural."""
    return frozenset(_SAID.split())


@cache
def _english() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Rows of vowels; places where a row is said as two; letters that are written and not said."""
    apart = re.compile(
        r"(?<=[bdfghkmprvw])i[ao](?!ns?$) | (?<=[ln])ia | [ln]io(?!n) | [dr]ian$ | (?<=[^aeioutcsgx])iou"  # va-riable
        r"| (?<=[bdfhklmnprsv])ie(?:[tn]|r(?![aeiou])) | scie | quie | iu"  # cli-ent, sci-ence
        r"| (?<![qg])u[ao] | guou | (?<![qg])ue[ln] | uit(?=[yi]) | uin"  # situ-ation, flu-ent
        r"| eos?$ | geo | theo | [eo]ing | ^re(?=act|ass|us|ality|ent) | creat | idea | area"  # be-ing, re-act
        r"| (?<=[aeiou])y(?=[aeiou](?!d$)) | y(?=ing)"  # pay-ing, loy-al
        r"| [st]ms?$ | thm | poe[tm] | coop | coor | naiv | tiati | linear",
        re.VERBOSE,
    )
    silent = re.compile(
        r"(?<=[^aeiouyl])e$ | (?<=[aeioul]l)e$ | (?<=yl)e$ | (?<=[gq]u)es?$"  # safe, style, queue
        r"| (?<=[^aeiouytdl])ed$ | (?<=[aeiourl]l)ed$ | (?<=[aeou]y)e(?=d$)"  # asked, called, played
        r"| (?<=[^aeiouysxzcgl])(?<!sh)(?<!ch)es$ | (?<=[aeiou]l)es$"  # makes, rules
        r"| (?<=[^aeiouyl])e(?=(?:ful|ment|ly|less|ness|thing|where|how|work|body|one|time|line|ty|hand|base|book|out|house)"
        r"(?:s|ly)?$) | (?<=ic)a(?=lly$)",  # safely, typically
        re.VERBOSE,
    )
    return re.compile("[aeiouy]+"), apart, silent


@cache
def _french() -> tuple[re.Pattern[str], ...]:
    """Mute u and e; yods; a consonant and l or r, which part a glide from its vowel; nuclei; mute e; plurals of verbs."""
    mute = re.compile(r"(?<=q)u(?=[aeiouyéèêàâîôû])|(?<=g)u(?=[aeiéèêyîï])|(?<=g)e(?=[aoâôu])")
    yod = re.compile(r"(?<=[aeouœ])ill?(?=s?$|[aeéèiuo])|(?<=[aeouéèê])y(?=[aeiouéèê])")
    apart = re.compile(r"(?<=[bcdfgptv][lr])(ou|[iuy])(?=[aeéèêoâô])")
    nucleus = re.compile(
        r"(?:ou|[iuyï](?=[aeéèêëoâôiœ]))?"
        r"(?:eau|eoi|œu|oeu|oî|oi|oy|ai|aî|ay|au|ei|ey|eu|eû|oû|où|ou|uy|œ|[aàâeéèêëiîïoôuùûüyæ])"
    )
    ending = re.compile(r"(?<=.)es?$")
    plural = re.compile(r"(?:^ai|[ae]ss[iu]|sti|pri|for|fir|rar|nom|som|fer|dor|ani)m+ent$")
    return mute, yod, apart, nucleus, ending, plural


@lru_cache(maxsize=8192)
def syllables(word: str, language: str) -> int:
    """Syllables of one word as it is said, at least 1.

    Parameters
    ----------
    word : small letters; hyphens and apostrophes part it.
    language : "en" or "fr".

    Examples
    --------
    >>> [syllables(word, "en") for word in ("service", "services", "reliable", "asked", "science")]
    [2, 3, 4, 1, 2]
    >>> [syllables(word, "fr") for word in ("service", "conseiller", "réagir", "parlaient", "l'accueil")]
    [2, 3, 3, 2, 2]
    """
    parts = [part for part in re.split(r"[\W\d_]+", word) if part]
    if language == "fr":
        return max(1, sum(_count_french(part) for part in parts))
    if len(parts) == 2 and parts[1] == "s":
        parts = parts[:1]
    return max(1, sum(_count_english(part) for part in parts))


def _count_english(word: str) -> int:
    if word in _ODD_ENGLISH:
        return _ODD_ENGLISH[word]
    rows, apart, silent = _english()
    return max(1, len(rows.findall(word)) + len(apart.findall(word)) - len(silent.findall(word)))


def _count_french(word: str) -> int:
    if word in _ODD_FRENCH:
        return _ODD_FRENCH[word]
    mute, yod, apart, nucleus, ending, _ = _french()
    bare = mute.sub("", word)
    if _verb_in_ent(word):
        bare = bare[:-3] + "e"
    bare = yod.sub("j", bare)
    shorter = ending.sub("", bare)
    if nucleus.search(shorter):
        bare = shorter
    return len(nucleus.findall(apart.sub(r"\1·", bare)))


def _verb_in_ent(word: str) -> bool:
    """Whether the final "ent" is the mute mark of a verb ("ils parlent") and not a sound ("un client")."""
    if not word.endswith("ent") or word in _said():
        return False
    if word.endswith("ment"):
        return bool(_french()[5].search(word)) and word != "aisément"
    if word.endswith("ient"):
        return word[-5:-4] in "aoué" or word.endswith(("udient", "fient", "cient"))
    return True
