"""In which terms a column is filled: codes of the study, codes of its export, labels in one language, labels of the file.

A column speaks one convention from its first row to its last; one that mixes codes and labels has been edited by hand, or
pasted together, and nobody can know what its numbers mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from symmetry.fieldwork.columns import Column
from symmetry.fieldwork.vendors.heading import plain
from symmetry.fieldwork.vendors.nouns import FileColumn
from symmetry.spec import Answered

__all__ = ["BLANKS", "Convention", "conventions", "reason_of", "whole"]

BLANKS = frozenset(
    (
        *(
            "no answer",
            "not answered",
            "sans réponse",
            "pas de réponse",
            "non répondu",
            "keine antwort",
            "sin respuesta",
        ),
        *("nessuna risposta", "geen antwoord", "sem resposta"),
    )
)
_WHOLE = re.compile(r"([+-]?\d+)[.,]0*")


@dataclass(frozen=True)
class Convention:
    """Terms in which cells are written: `stored` gives for each (as `key` writes it) the study's own cell, as text."""

    name: str
    stored: Mapping[str, str]
    labels: bool = False

    def of(self, text: str) -> str | None:
        """What a text stands for, None where it is no term of this convention."""
        return self.stored.get(plain(text) if self.labels else whole(text))


def conventions(column: Column, answered: Answered, file: FileColumn) -> Iterator[Convention]:
    """The conventions in which a column of answers from a list can be written, the plainest first."""
    reasons = _reasons(column)
    codes = {code: code for code in answered.answers if code not in answered.reasons}
    yield Convention("codes", codes | reasons)
    if answered.codes:
        kept = {ours: ours for ours in answered.answers if ours not in answered.codes.values()}
        yield Convention("codes of our export", {**kept, **answered.codes, **reasons})
    drafted = {code.removeprefix("c"): code for code in codes if re.fullmatch(r"c\d+", code)}
    if drafted:
        yield Convention("codes of the survey it was drafted from", {**drafted, **reasons})
    spoken = dict.fromkeys(language for label in answered.answers.values() for language in label)
    named = {language: _said(answered, [language]) for language in spoken}
    words = {plain(reason): stored for reason, stored in reasons.items() if not _is_number(reason)}
    for language, said in named.items():
        yield Convention(f"labels in `{language}`", said | words, labels=True)
    every = _said(answered, spoken)
    if len(named) > 1:
        yield Convention(f"labels in {', '.join(f'`{language}`' for language in spoken)}", every | words, labels=True)
    if file.labels:
        told = {text: stored for text, label in file.labels.items() if (stored := every.get(plain(label)))}
        yield Convention(
            "labels of the file's values", {whole(text): stored for text, stored in told.items()} | reasons
        )


def reason_of(column: Column, answered: Answered, text: str, label: str) -> str | None:
    """The reason for not answering that a cell gives, as the study's cell says it: by its label, by its code without one.

    Parameters
    ----------
    column, answered : the study's column, and how it returns.
    text : of the cell.
    label : of that text in the file; "" or the text itself where it has none.
    """
    said = {plain(words): code for code in answered.reasons for words in answered.answers[code].values()}
    known = _reasons(column)
    named = said.get(plain(label or text)) or known.get((label or text).casefold())
    return named if label not in ("", text) else known.get(whole(text)) or named


def whole(text: str) -> str:
    """A whole number without its empty decimals; any other text as it is.

    Examples
    --------
    >>> whole("5.0"), whole("5,0"), whole("5.5"), whole("A1")
    ('5', '5', '5.5', 'A1')
    """
    match = _WHOLE.fullmatch(text)
    return match[1] if match else text


def _reasons(column: Column) -> dict[str, str]:
    """The reasons for not answering, by name and by number → as the study's cell says them."""
    if column.scale is None:
        return {}
    found = {name: str(column.missing[name]) for name in column.scale.missing}
    return {str(code): found[name] for name, code in column.scale.missing.items()} | found


def _said(answered: Answered, languages: Iterable[str]) -> dict[str, str]:
    """Labels → codes in some languages, those that stand for two codes left out."""
    found: dict[str, set[str]] = {}
    for language in languages:
        for code, label in answered.answers.items():
            if language in label:
                found.setdefault(plain(label[language]), set()).add(code)
    return {label: min(codes) for label, codes in found.items() if len(codes) == 1}


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[+-]?\d+", text))
