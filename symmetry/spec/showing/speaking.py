"""The page's own words, in French and in English, and the way it writes numbers, days, waits and lists.

One file a language in `words/`; what the study says is never touched here, only shown (`setting`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from math import isclose
from pathlib import Path

from symmetry.spec.nouns import Study
from symmetry.spec.texts import Text

__all__ = ["LANGUAGES", "Speaker", "catalogue"]

LANGUAGES = ("en", "fr")
_FRENCH = {"« ": "«\u00a0", " »": "\u00a0»", " :": "\u00a0:", " %": "\u00a0%"}
_FRENCH_NARROW = {" ;": "\u202f;", " !": "\u202f!", " ?": "\u202f?"}


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """The words of one language, by key."""
    import yaml

    text = (Path(__file__).parent / "words" / f"{language}.yaml").read_text(encoding="utf-8")
    words = yaml.safe_load(text)
    return {str(key): str(value) for key, value in words.items()}


class Speaker:
    """Says things about one study in one language.

    Examples
    --------
    >>> Speaker(None, "fr").say("problem.mend") == "Remède\N{NO-BREAK SPACE}:"
    True
    >>> Speaker(None, "en").listed(["a", "b", "c"]), Speaker(None, "en").time(96)
    ('a, b and c', '4 days')
    """

    def __init__(self, study: Study | None, language: str) -> None:
        self.study, self.language = study, language
        self.words = catalogue(language)

    def say(self, key: str, **values: object) -> str:
        """One sentence of the page, its gaps filled."""
        text = self.words[key].format(**values)
        for loose, tight in {**_FRENCH, **_FRENCH_NARROW}.items() if self.language == "fr" else ():
            text = text.replace(loose, tight)
        return text

    def of(self, text: Text) -> str:
        """What the study says, in the language of the page or else in its source."""
        return text.get(self.language) or next(iter(text.values()), "")

    def label(self, key: str) -> str:
        """The short name of an item."""
        item = self.study.items.get(key) if self.study else None
        return (self.of(item.label) if item else "") or key

    def category(self, key: str, value: str) -> str:
        """The words of one category of an item."""
        item = self.study.items.get(key) if self.study else None
        return (self.of((item.values or {}).get(value, {})) if item else "") or value

    def audience(self, key: str) -> str:
        """What the study calls an audience."""
        found = self.study.audiences.get(key) if self.study else None
        return (self.of(found.name) if found else "") or key

    def face(self, key: str) -> str:
        """The name of a face: that of the audience where it is an audience's own, else a word of the page."""
        audience = {"customer": "customers", "employee": "employees", "observer": "observers"}.get(key, "")
        known = self.study.audiences if self.study else {}
        return self.audience(audience) if audience in known else self.say(f"face.{key}")

    def inside(self, words: str) -> str:
        """A name inside a sentence: without its first capital, unless it goes on in capitals.

        Examples
        --------
        >>> Speaker(None, "en").inside("Home branch"), Speaker(None, "en").inside("NPS")
        ('home branch', 'NPS')
        """
        return words[:1].lower() + words[1:] if words[1:2].islower() else words

    def crowd(self, key: str) -> str:
        """The name of an audience inside a sentence."""
        return self.inside(self.audience(key))

    def listed(self, words: Sequence[str]) -> str:
        """Several things in a row."""
        if len(words) < 2:
            return "".join(words)
        return self.say("list.and", first=", ".join(words[:-1]), last=words[-1])

    def number(self, value: float) -> str:
        """A number as one writes it."""
        text = f"{value:,.10g}" if abs(value) < 1e9 else f"{value:g}"
        return text.replace(",", "\u202f").replace(".", ",") if self.language == "fr" else text

    def time(self, hours: float, *, days_from: float = 24) -> str:
        """A wait: whole days from `days_from` hours on, else hours, else minutes."""
        if hours < 1:
            return self.say("time.minutes", count=self.number(round(hours * 60)))
        if hours >= days_from and isclose(hours % 24, 0):
            return self.say("time.days", count=self.number(hours / 24)) if hours > 24 else self.say("time.day")
        return self.say("time.hours", count=self.number(hours))

    def day(self, iso: str) -> str:
        """A day: 2027-03-01 as 1 March 2027; the first of a French month is « 1er »."""
        found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", iso)
        if not found:
            return iso
        month = self.words["months"].split()[int(found[2]) - 1]
        day = "1er" if self.language == "fr" and int(found[3]) == 1 else str(int(found[3]))
        return self.say("day", day=day, month=month, year=found[1])

    def window(self, first: str, last: str) -> str:
        """Days from one to another."""
        return self.say("window", start=self.day(first), end=self.day(last))
