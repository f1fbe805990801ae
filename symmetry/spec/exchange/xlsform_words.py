"""What the tools that read an XLSForm do to words, and how words stay words there.

`${` begins the name of a question in every cell that is shown, so that a space stands after a `$` that means a dollar.
Spaces at the ends and doubled ones, curly quotes and no-break spaces do not reach the people asked: the reader of the form
takes them away.  All of this is told as a loss.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from symmetry.spec.exchange.questionnaire import Option, Question
from symmetry.spec.exchange.xlsform_routes import quoted
from symmetry.spec.nouns import Study

__all__ = ["SAID", "form_losses", "guarded", "said_by", "said_cell", "said_of", "shown_losses"]

SAID = "__said"
_STRAIGHT = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
_STRAIGHTENED = re.compile("[\u2018\u2019\u201c\u201d\xa0]")
_IDLE = re.compile(r"^\s|\s$|[ \xa0]{2}")
_SAYS = re.compile(r"(?:concat\()?if\(\$\{([^{}]+)\} = .*", re.DOTALL)


def guarded(words: str) -> str:
    """Words in which nothing names a question.

    Examples
    --------
    >>> guarded("From ${10} to $20")
    'From $ {10} to $20'
    """
    return words.replace("${", "$ {")


def said_cell(cell: str, language: str) -> str:
    """The cell that says in one language what a category known beforehand is called.

    Examples
    --------
    >>> said_cell("channel", "fr")
    'channel__said_fr'
    """
    return f"{cell}{SAID}_{language}"


def said_of(cell: str, options: Sequence[Option], language: str) -> str:
    """The calculation of that cell: of every category its words, and nothing where the category is none of them.

    A form has no list that a hidden cell is chosen from, so that `jr:choice-name` finds no words for it.  The words are
    written as the reader of a form will leave them, lest a quote that it straightens ends them early.

    Examples
    --------
    >>> print(said_of("channel", [Option("app", {"en": "the app"})], "en"))
    if(${channel} = 'app', 'the app', '')
    >>> print(said_of("channel", [Option("app", {"en": "it’s"}), Option("desk", {"en": "desk"})], "en"))
    concat(if(${channel} = 'app', "it's", ''), if(${channel} = 'desk', 'desk', ''))
    """
    parts = [
        f"if(${{{cell}}} = {quoted(str(option.code))}, {quoted(_plain(option.label[language]))}, '')"
        for option in options
    ]
    return parts[0] if len(parts) == 1 else f"concat({', '.join(parts)})"


def said_by(name: str, calculation: str, languages: Iterable[str]) -> str:
    """The cell whose category a calculated cell says in words; empty where it is another kind of calculation.

    Examples
    --------
    >>> said_by("channel__said_fr", "if(${channel} = 'app', 'l', '')", ["fr"]), said_by("total", "1 + 1", ["fr"])
    ('channel', '')
    """
    found = _SAYS.fullmatch(calculation.strip())
    return found[1] if found and name in [said_cell(found[1], language) for language in languages] else ""


def shown_losses(
    survey: Iterable[Mapping[str, str]], choices: Iterable[Mapping[str, str]], title: str
) -> tuple[str, ...]:
    """What a reader of the form takes away from the words that are shown, with the name of what they belong to.

    Examples
    --------
    >>> shown_losses([{"name": "why", "label::English (en)": " Why? "}], [], "A form")
    ('Spaces at the ends, and all but one of several in a row, are taken away by tools that read it: in `why`.',)
    """
    named = [("the title", {"::": title}), *((f"`{row['name']}`", row) for row in survey)]
    named += [(f"`{row['list_name']}: {row['name']}`", row) for row in choices]
    shown = [(name, words) for name, row in named for column, words in row.items() if "::" in column]
    idle = ", ".join(dict.fromkeys(name for name, words in shown if _IDLE.search(words)))
    lost = []
    if idle:
        spaces = "Spaces at the ends, and all but one of several in a row, are taken away by tools that read it"
        lost.append(f"{spaces}: in {idle}.")
    if any(_STRAIGHTENED.search(words) for _, words in shown):
        lost.append("pyxform, which tools read it by, writes curly quotes straight and no-break spaces plain.")
    return tuple(lost)


def form_losses(study: Study, questions: Sequence[Question]) -> list[str]:
    """What an XLSForm has no place for, whatever the questions."""
    blocks: dict[str, list[str]] = {}
    for question in questions:
        if question.block and question.item.key not in blocks.setdefault(question.block, []):
            blocks[question.block].append(question.item.key)
    lost = [
        f"The order of questions cannot be drawn: the block `{block}` ({', '.join(keys)}) stands as it is written."
        for block, keys in blocks.items()
        if len(keys) > 1
    ]
    if len(study.languages) > 1:
        lost.append(f"The title is shown in `{study.languages[0]}` alone.")
    return [
        *lost,
        "Samples, quotas, reminders, contact rules, owners, thresholds, weighting and the plan have no place there.",
    ]


def _plain(words: str) -> str:
    """Words as the reader of a form leaves them within a calculation: quotes straight, on one line, no idle spaces."""
    for curly, straight in _STRAIGHT.items():
        words = words.replace(curly, straight)
    return " ".join(guarded(words).split())
