"""Texts in the languages of a study, and the keys that name its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from symmetry.spec.reading import Route
from symmetry.spec.texts import Text
from symmetry.spec.validating import Faults, nearest

__all__ = ["check_characters", "check_key", "entries", "entries_of", "label_of", "text", "texts"]

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_WAVE = re.compile(r"[a-z][a-z0-9_-]*")
_UNWRITTEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufeff\ufffe\uffff]")
_RESERVED = ("all", "audience", "face", "item", "respondent", "wave")


def entries(faults: Faults, section: str) -> dict[str, Any]:
    """The entries of a section, with a problem for each key that cannot name a column or a file."""
    raw = faults.document.at((section,))
    if not isinstance(raw, dict):
        return {}
    for key in raw:
        check_key(faults, (section, key), pattern=_WAVE if section == "waves" else _KEY)
    return raw


def check_key(faults: Faults, at: Route, pattern: re.Pattern[str] = _KEY, *, word: str | None = None) -> None:
    """A problem where a key, or the word that stands there as one, cannot name a column or a file."""
    key = str(at[-1]) if word is None else word
    if not pattern.fullmatch(key) or key in _RESERVED:
        why = "is a word of the house" if key in _RESERVED else "is not a plain key"
        mend = "use small letters without accents, digits and _, beginning with a letter"
        faults.add("SPEC07", at, f"`{key}` {why}", mend, key=word is None)


def text(faults: Faults, words: Mapping[str, str] | None, languages: Sequence[str], at: Route) -> Text:
    """A text in every language of the study, the source first; a problem for each that is foreign, empty or missing."""
    if words is None:
        return {}
    if "" in words:
        words = {languages[0]: words[""]} if len(languages) == 1 else words
        if "" in words and languages:
            both = ", ".join(f"{language}: …" for language in languages)
            faults.add("SPEC06", at, f"`{at[-1]}` does not say its language", f"write {{{both}}}")
            return {}
    for language in words:
        if languages and language not in languages:
            faults.add(
                "SPEC05",
                (*at, language),
                f"`{language}` is not a language of this study",
                nearest(language, languages),
                key=True,
            )
        elif not words[language].strip():
            faults.add("SPEC08", (*at, language), f"`{at[-1]}` is empty in `{language}`", "write the text")
        else:
            check_characters(faults, words[language], (*at, language))
    for language in languages:
        if language not in words and (*at, language) not in faults.told:
            faults.add("SPEC06", at, f"`{at[-1]}` has no text in `{language}`", f"add `{language}: …`", key=True)
    return {language: words[language] for language in languages if language in words}


def check_characters(faults: Faults, words: str, at: Route) -> None:
    """A problem where a text holds a character that is no part of writing: it would not survive a file of another tool."""
    found = _UNWRITTEN.search(words)
    if found:
        what = f"this text holds the character U+{ord(found[0]):04X}, which nobody can read"
        faults.add("SPEC11", at, what, "delete it, or type the text again", offset=found.start())


def texts(
    faults: Faults, several: Sequence[Mapping[str, str]], languages: Sequence[str], at: Route
) -> tuple[Text, ...]:
    """A list of texts, each in every language of the study."""
    return tuple(text(faults, words, languages, (*at, index)) for index, words in enumerate(several))


def label_of(faults: Faults, at: Route, languages: Sequence[str]) -> Text:
    """The text that stands at a route, in a section whose entries are texts."""
    raw = faults.document.at(at)
    if isinstance(raw, str):
        return text(faults, {"": raw}, languages, at)
    if isinstance(raw, dict) and raw and all(isinstance(words, str) for words in raw.values()):
        return text(faults, raw, languages, at)
    faults.add("SPEC03", at, f"`{'.'.join(map(str, at))}` must be a text, or {{language: text}}", "write the text")
    return {}


def entries_of(faults: Faults, *at: str) -> dict[str, Any]:
    """The mapping at a route, empty where there is none."""
    raw = faults.document.at(at)
    return raw if isinstance(raw, dict) else {}
