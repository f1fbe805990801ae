"""The pages' own words, in French and in English, and how they write numbers, days and lists.

One file a language in `words/`; the questions are the study's and stand as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar

__all__ = ["LANGUAGES", "Speaker", "speaker_of", "words_in"]

T = TypeVar("T")
LANGUAGES = ("en", "fr")
_WIDE = re.compile(r"(?<=«) | (?=[»:%])")
_NARROW = re.compile(r" (?=[;!?])")
_QUOTED_OR_APOSTROPHE = re.compile(r"(?<!\w)'[^']*'(?!\w)|(?<=\w)'")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


class Speaker:
    """Says things in one language; a language that the pages do not speak gets English around its questions.

    Examples
    --------
    >>> speaker_of("fr").say("progress", number=2, total=7), speaker_of("en").listed(["a", "b", "c"])
    ('Page 2 sur 7', 'a, b and c')
    >>> speaker_of("fr").say("refusal.title") == "Vous ne souhaitez pas participer\N{NARROW NO-BREAK SPACE}?"
    True
    """

    def __init__(self, language: str) -> None:
        base = language.partition("-")[0].lower()
        self.asked, self.language = language, base if base in LANGUAGES else "en"
        self.words = words_in(Path(__file__).parent / "words", self.language)

    def say(self, key: str, **facts: object) -> str:
        """One sentence, its gaps filled, its signs held to their words as French typography wants."""
        return self.words[key].format(**facts)

    def says(self, key: str) -> bool:
        """Whether there are words for a key."""
        return key in self.words

    def of(self, text: Mapping[str, T]) -> T:
        """What the study says, in the language of the page or else in the study's first."""
        return next((text[each] for each in (self.asked, self.language) if each in text), next(iter(text.values())))

    def read(self, text: Mapping[str, str]) -> str:
        """Words of the study set as the pages' own: apostrophes curved, French signs held to their words."""
        return self.set(self.of(text))

    def set(self, words: str) -> str:
        """Words set in the typography of the language."""
        curved = _QUOTED_OR_APOSTROPHE.sub(lambda found: found[0] if len(found[0]) > 1 else "’", words)
        return _tight(curved) if self.language == "fr" else curved

    def listed(self, words: Sequence[str]) -> str:
        """Several things in a row."""
        if len(words) < 2:
            return "".join(words)
        return self.say("list.and", first=", ".join(words[:-1]), last=words[-1])

    def number(self, value: float) -> str:
        """A number as one writes it.

        Examples
        --------
        >>> speaker_of("en").number(2000), speaker_of("fr").number(0.5)
        ('2,000', '0,5')
        """
        text = f"{value:,.10g}"
        return text.replace(",", "\u202f").replace(".", ",") if self.language == "fr" else text

    def day(self, iso: str) -> str:
        """A day: 2027-03-01 as 1 March 2027; the first of a French month is « 1er »."""
        found = _DAY.fullmatch(iso)
        if not found:
            return iso
        month = self.words["months"].split()[int(found[2]) - 1]
        day = "1er" if self.language == "fr" and int(found[3]) == 1 else str(int(found[3]))
        return self.say("day", day=day, month=month, year=found[1])


@lru_cache(maxsize=64)
def speaker_of(language: str) -> Speaker:
    """The speaker of one language."""
    return Speaker(language)


@cache
def words_in(folder: Path, language: str) -> Mapping[str, str]:
    """The words of one language, by key, from a folder with a file for each."""
    import yaml

    text = (folder / f"{language}.yaml").read_text(encoding="utf-8")
    words = {str(key): str(value).replace("'", "’") for key, value in yaml.safe_load(text).items()}
    if language == "fr":
        return {key: _tight(value) for key, value in words.items()}
    return words


def _tight(text: str) -> str:
    """French signs held to their words by spaces that no line breaks at."""
    return _NARROW.sub("\u202f", _WIDE.sub("\u00a0", text))
