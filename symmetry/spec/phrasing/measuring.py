"""How long a question is, and how hard its words are to read.

A question is long above 25 words (Payne's rule of thumb [1]_) and far too long above 40 (ours).  Reading is measured as those
who wrote the formulas measured it:

- English, the Flesch–Kincaid grade [2]_: 0.39 × words per sentence + 11.8 × syllables per word − 15.59, in years of American
  school; plain writing for the public stays at grade 8;
- French, Kandel and Moles's ease [3]_, Flesch's index fitted to French: 207 − 1.015 × words per sentence − 73.6 × syllables
  per word; 60 and more is "standard" on Flesch's scale.

Both were made for samples of a hundred words [4]_, and a question has ten.  So one question is called hard only from 12 words
on, and only where the index is beyond the threshold by more than chance would put it: the error of syllables per word is
their standard deviation over √words, and 1.96 of it (one side, 97.5 %) speaks for the author.  Words of a sentence beyond the
25th are left to the rule on length, lest one fault be told twice.  All questions of one audience together (`look_together`)
are held to the threshold itself, once they make a hundred words.

References
----------
.. [1] Payne (1951). The Art of Asking Questions. Princeton University Press.
.. [2] Kincaid, Fishburne, Rogers, Chissom (1975). Derivation of new readability formulas. Naval Technical Training Command.
.. [3] Kandel, Moles (1958). Application de l'indice de Flesch à la langue française. Cahiers Études de Radio-Télévision 19.
.. [4] Flesch (1948). A new readability yardstick. Journal of Applied Psychology 32, 221–233.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from symmetry.spec.phrasing.finding import Finding
from symmetry.spec.phrasing.sentences import READ, base_language, plain, sentences, words
from symmetry.spec.phrasing.syllables import syllables

__all__ = ["Reading", "find_hard", "find_long", "look_together", "measure"]

LONG = 25
TOO_LONG = 40
ENOUGH_WORDS = 12
ENOUGH_TEXTS = 100
ENOUGH_TOGETHER = 100
PLAIN_GRADE = 8.0
PLAIN_EASE = 60.0
ONE_SIDED = 1.96


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading level of some text: `index` is a grade in English (low is easy), an ease in French (high is easy).

    `excess` is how far the index lies beyond its threshold on the hard side, `error` the standard error of the index, and
    `longest` the words with the most syllables.
    """

    words: int
    sentences: int
    syllables: int
    index: float
    excess: float
    error: float
    longest: tuple[str, ...]


def find_long(text: str) -> list[Finding]:
    """WRD04 where a text has more than 25 words, in any language that parts its words by spaces.

    Examples
    --------
    >>> find_long("word " * 41)[0].what
    'this question has 41 words: nobody holds more than 40 in mind'
    """
    if len(text.split()) <= LONG:
        return []
    count = len(words(text))
    if count <= LONG:
        return []
    what = f"this question has {count} words: " + (
        f"nobody holds more than {TOO_LONG} in mind" if count > TOO_LONG else f"{LONG} are enough for most"
    )
    return [Finding("WRD04", what, "say it in fewer words; what must be explained goes into a note")]


def find_hard(text: str, language: str) -> list[Finding]:
    """WRD05 where a plain text is surely harder to read than the threshold.

    Examples
    --------
    >>> find_hard("is it easy to reach your adviser at the branch on a normal day of work?", "en")
    []
    """
    if len(text.split()) < ENOUGH_WORDS:
        return []
    reading = measure([text], language)
    if reading.words < ENOUGH_WORDS or reading.excess <= ONE_SIDED * reading.error:
        return []
    return [_hard(reading, language, "this question")]


def look_together(texts: Sequence[str], language: str) -> list[Finding]:
    """WRD05 where all questions put to one audience are together harder to read than the threshold.

    Parameters
    ----------
    texts : the wordings that one audience reads, in one language; of very many, some hundred evenly spread are judged, and
        fewer than 100 words in all are not.
    language : "en" or "fr"; nothing is found in another language.

    Examples
    --------
    >>> look_together(["Mon conseiller est là."] * 60, "fr")
    []
    """
    base = base_language(language)
    if base not in ("en", "fr"):
        return []
    spread = texts[:: max(1, len(texts) // ENOUGH_TEXTS)]
    reading = measure([plain(text[:READ]) for text in spread], base)
    if reading.words < ENOUGH_TOGETHER or reading.excess <= 0:
        return []
    return [_hard(reading, base, "the questionnaire as a whole")]


def measure(texts: Sequence[str], language: str) -> Reading:
    """The reading level of plain texts taken together.

    Examples
    --------
    >>> reading = measure(["the bank listens to me."], "en")
    >>> reading.words, reading.sentences, reading.syllables, round(reading.index, 2)
    (5, 1, 6, 0.52)
    """
    counts: list[int] = []
    hardest: dict[str, int] = {}
    parts = short = 0
    for text in texts:
        for _, sentence in sentences(text):
            found = words(sentence.replace("/", " "))
            parts += 1
            short += min(len(found), LONG)
            for word in found:
                number = syllables(word, language)
                counts.append(number)
                hardest[word] = number
    if not counts:
        return Reading(0, 0, 0, 0.0, -math.inf, 0.0, ())
    mean = sum(counts) / len(counts)
    spread = math.sqrt(sum((each - mean) ** 2 for each in counts) / max(1, len(counts) - 1) / len(counts))
    if language == "fr":
        index = 207 - 1.015 * short / parts - 73.6 * mean
        excess, error = PLAIN_EASE - index, 73.6 * spread
    else:
        index = 0.39 * short / parts + 11.8 * mean - 15.59
        excess, error = index - PLAIN_GRADE, 11.8 * spread
    longest = sorted(hardest, key=lambda word: (-hardest[word], word))[:3]
    return Reading(
        len(counts), parts, sum(counts), index, excess, error, tuple(word.strip(".,;:!?»«“”\"'()") for word in longest)
    )


def _hard(reading: Reading, language: str, subject: str) -> Finding:
    level = f"reading ease {max(reading.index, 0):.0f}, below {PLAIN_EASE:.0f}"
    if language == "en":
        level = f"school grade {reading.index:.0f}, above {PLAIN_GRADE:.0f}"
    what = f"{subject} is hard to read ({level})"
    return Finding("WRD05", what, f"take shorter words than {', '.join(f'`{word}`' for word in reading.longest)}")
