"""What the study says, set for the page: escaped, each language marked, earlier answers as chips, signs kept with their word.

Not a letter is changed: a French question mark keeps its plain space, and a tag around the last word keeps both on one line.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from symmetry.spec.nouns import Study
from symmetry.spec.piping import BraceError, placeholders
from symmetry.spec.showing.speaking import Speaker
from symmetry.spec.texts import Text

__all__ = ["Setter", "coded"]

_KEPT = re.compile(r"(?<!\S)(?:(?:[«“] )?\S{1,20}(?: [?!:;»%]+)+|[«“] \S{1,20})(?!\S)")
_PARTS = re.compile(r"\{\{|\}\}|\{[^{}]+\}")
_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur", "yi", "ps", "dv", "ckb")


class Setter:
    """Sets the texts of one study, in all its languages or in one."""

    def __init__(self, study: Study, speaker: Speaker) -> None:
        self.study, self.speaker = study, speaker
        self.order = {language: place for place, language in enumerate(study.languages)}

    def lines(self, text: Text) -> Markup:
        """A text in each language, a line each."""
        return Markup("").join(
            Markup("<p {}>{}</p>").format(*self._tagged(language, words)) for language, words in text.items()
        )

    def inline(self, text: Text) -> Markup:
        """A short text in each language, that of the page first; words that are the same in all are said once."""
        if len(set(text.values())) == 1 and len(text) == len(self.order) > 1:
            return Markup("<span class=w><span lang={}>{}</span></span>").format(*next(iter(text.items())))
        ordered = sorted(text.items(), key=lambda said: said[0] != self.speaker.language)
        each = [Markup("<span {}>{}</span>").format(*self._tagged(language, words)) for language, words in ordered]
        return Markup("<span class=w>{}</span>").format(Markup(" ").join(each))

    def attributes(self, language: str) -> Markup:
        """How an element says its language, for the reader, for a screen reader and for the choice of languages."""
        side = Markup(" dir=rtl") if re.split("[-_]", language)[0] in _RIGHT_TO_LEFT else Markup("")
        return Markup('class="t l{}" lang="{}"{}').format(self.order.get(language, 0), language, side)

    def one(self, text: Text) -> Markup:
        """A text in the language of the page alone, marked where it is another."""
        language = self.speaker.language if text.get(self.speaker.language) else next(iter(text), "")
        return Markup('<span lang="{}">{}</span>').format(language, self.words(text.get(language, ""), language))

    def words(self, text: str, language: str) -> Markup:
        """The words of one language, earlier answers as chips."""
        try:
            piped = placeholders(text)
        except BraceError:
            return _kept(text, language)
        if not piped and "{" not in text and "}" not in text:
            return _kept(text, language)
        parts: list[Markup] = []
        start = 0
        for found in _PARTS.finditer(text):
            parts.append(_kept(text[start : found.start()], language))
            name = found[0][1:-1]
            parts.append(escape(found[0][0]) if len(found[0]) == 2 else self._chip(name, language))
            start = found.end()
        return Markup("").join([*parts, _kept(text[start:], language)])

    def _chip(self, name: str, language: str) -> Markup:
        """An earlier answer, by the name of its item in the language of the text."""
        item = self.study.items.get(name.partition(".")[0])
        label = item.label.get(language) or next(iter(item.label.values()), name) if item else name
        return Markup("<span class=pipe>{}</span>").format(label)

    def _tagged(self, language: str, words: str) -> tuple[Markup, Markup]:
        """The attributes and the words of one language."""
        return self.attributes(language), self.words(words, language)


def _kept(text: str, language: str) -> Markup:
    """Words escaped; in French, a sign after a space stays on the line of its word."""
    if not language.startswith("fr"):
        return escape(text)
    parts: list[Markup] = []
    start = 0
    for found in _KEPT.finditer(text):
        parts += [escape(text[start : found.start()]), Markup("<span class=n>{}</span>").format(found[0])]
        start = found.end()
    return Markup("").join([*parts, escape(text[start:])])


def coded(text: str) -> Markup:
    """A message of the checker, what it quotes from the study in `…` set as code.

    Examples
    --------
    >>> str(coded("there is no `<item>` here"))
    'there is no <code>&lt;item&gt;</code> here'
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )
