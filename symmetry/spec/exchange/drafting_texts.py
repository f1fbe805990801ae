"""Words and roles of a drafted item: earlier answers piped, a short label cut from a question, a role guessed from a scale."""

from __future__ import annotations

import re
from collections.abc import Mapping

from symmetry.spec.nouns import Scale
from symmetry.spec.texts import Text

__all__ = ["in_languages", "piped", "role_of", "short_label", "unpiped"]

LONGEST = 48


def in_languages(texts: Mapping[str, str], languages: tuple[str, ...]) -> tuple[Text, tuple[str, ...]]:
    """A text in every language, the first one that there is standing in where one lacks, and the languages that lacked.

    Examples
    --------
    >>> in_languages({"en": "Yes"}, ("fr", "en"))
    ({'fr': 'Yes', 'en': 'Yes'}, ('fr',))
    """
    said = {language: texts[language] for language in languages if texts.get(language, "").strip()}
    lacking = tuple(language for language in languages if language not in said)
    spare = next(iter(said.values()), "…")
    return {language: said.get(language, spare) for language in languages}, lacking


def piped(
    words: Mapping[str, str], cell: re.Pattern[str], columns: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    r"""Words with the earlier answers that they repeat written our way, and the names that could not be.

    Parameters
    ----------
    words : by language.
    cell : what names an answer there; its first group is the name.
    columns : name there → column of ours, of what is asked before.

    Returns
    -------
    The words, plain braces doubled, and each name that is no earlier answer or whose column does not stand in every
    language: `[name]` stands for it.

    Examples
    --------
    >>> piped({"en": "${a} or {b} or ${c}"}, re.compile(r"\$\{(\w+)\}"), {"a": "age"})
    ({'en': '{age} or {{b}} or [c]'}, ('c',))
    """
    named = [{found[1] for found in cell.finditer(each)} for each in words.values()]
    shared = set.intersection(*({columns.get(name) for name in names} for names in named)) if named else set()
    good = {name for names in named for name in names if columns.get(name) and columns[name] in shared}
    lost = dict.fromkeys(found[1] for each in words.values() for found in cell.finditer(each) if found[1] not in good)

    def said(text: str) -> str:
        parts: list[str] = []
        at = 0
        for found in cell.finditer(text):
            parts.append(_doubled(text[at : found.start()]))
            parts.append(f"{{{columns[found[1]]}}}" if found[1] in good else f"[{_doubled(found[1])}]")
            at = found.end()
        return "".join((*parts, _doubled(text[at:])))

    return {language: said(text) for language, text in words.items()}, tuple(lost)


def unpiped(text: Text) -> Text:
    """Words of ours that stand where what they repeat may not be asked: `[item]` for `{item}`.

    Examples
    --------
    >>> unpiped({"en": "You gave {recommend} of {{10}}."})
    {'en': 'You gave [recommend] of {{10}}.'}
    """
    plain = {language: re.sub(r"\{\{|\}\}|\{([\w.]+)\}", _bracketed, words) for language, words in text.items()}
    return {language: re.sub(r"(?<!\{)\{(?!\{)|(?<!\})\}(?!\})", "", words) for language, words in plain.items()}


def _bracketed(found: re.Match[str]) -> str:
    return f"[{found[1]}]" if found[1] else found[0]


def role_of(scale: Scale, audience: str) -> str:
    """The role that a question on a scale most likely has.

    Examples
    --------
    >>> role_of(Scale("words", "text"), "customers"), role_of(Scale("q", "likert", 1, 5), "observers")
    ('verbatim', 'observation')
    """
    if audience == "observers" and scale.kind not in ("date", "percent", "score", "text"):
        return "observation"
    if scale.kind == "text":
        return "verbatim"
    return "outcome" if scale.kind == "nps" else "driver" if scale.rated else "demographic"


def short_label(text: Text) -> Text:
    """The first words of a question, to call it by.

    Examples
    --------
    >>> short_label({"en": "How likely are you to recommend our bank to someone close to you?"})
    {'en': 'How likely are you to recommend our bank to…'}
    """
    return {language: _cut(re.sub(r"\{(\w[\w.]*)\}", r"[\1]", words)) for language, words in text.items()}


def _cut(words: str) -> str:
    plain = " ".join(words.replace("{{", "{").replace("}}", "}").split())
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST].rpartition(' ')[0] or plain[:LONGEST]}…"


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
