"""One questionnaire as an XLSForm: what ODK Collect, KoboToolbox or Enketo ask, with our codes, words, routes and bounds.

Three sheets as the standard has them (`survey`, `choices`, `settings`), and a fourth, `_symmetry`, that tools ignore and
`from_xlsform` reads back.  A name cannot hold a dot there: `listened.guess` is `listened__guess`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from symmetry.errors import Place
from symmetry.spec.exchange.drafting_forms import flat
from symmetry.spec.exchange.leaving import check_leaving, leaving_texts, units
from symmetry.spec.exchange.losses import spoken_losses
from symmetry.spec.exchange.nouns import Exported
from symmetry.spec.exchange.questionnaire import Known, Option, Question, frame_of, options_of, questionnaire_of
from symmetry.spec.exchange.routes import ALWAYS, NEVER, routes_of, variables_of
from symmetry.spec.exchange.xlsform_constraints import constraint_of
from symmetry.spec.exchange.xlsform_memory import kept_texts, memory_of, needs_customer, outcome_beside
from symmetry.spec.exchange.xlsform_routes import xpath_of
from symmetry.spec.exchange.xlsform_sheets import CELL, write_workbook
from symmetry.spec.exchange.xlsform_words import SAID, form_losses, said_cell, said_of, shown_losses
from symmetry.spec.nouns import Item, Scale, Study
from symmetry.spec.texts import Text

__all__ = ["LANGUAGES", "cell_names", "to_xlsform"]

LANGUAGES: Mapping[str, str] = {
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "it": "Italiano",
    "nl": "Nederlands",
    "pt": "Português",
}
_RESERVED = ("meta", "data", "instanceid", "instancename")
_PIPE = re.compile(r"\{\{|\}\}|\{([a-z][a-z0-9_]*(?:\.[a-z]+)?)\}")
_SAYING = re.compile(rf".*{SAID}(_[A-Za-z-]+)?")
_TYPES = {"date": "date", "text": "text", "percent": "decimal", "score": "decimal"}


def to_xlsform(study: Study, wave: str, audience: str) -> Exported:
    """Write what one wave asks one audience as an XLSForm workbook.

    Parameters
    ----------
    study : the study.
    wave : key of one of its waves.
    audience : "customers", "employees" or "observers"; one that this wave asks.

    Returns
    -------
    The workbook, the same bytes for the same study, and what the form cannot carry.

    Raises
    ------
    SpecError : no such wave (EXP01), an audience it does not ask (EXP02), a character that no workbook can hold (EXP03),
        a text that is longer than a cell (EXP05), or the package xlsxwriter is not installed (XCH09).

    Examples
    --------
    >>> from symmetry.spec import load
    >>> form = to_xlsform(load("survey_specs/everyday_bank"), "hot", "customers")
    >>> form.name, form.content[:2]
    ('everyday_bank-hot-customers.xlsx', b'PK')
    """
    questions = questionnaire_of(study, wave, audience)
    known = frame_of(study, audience)
    check_leaving(study, (*leaving_texts(study, questions, known), *kept_texts(study, questions)), CELL)
    form = _Form(study, audience, questions, known)
    survey = [row for each in known for row in form.hidden(each)] + [
        row for each in questions for row in form.asked(each)
    ]
    scales = _scales(questions, outcome_beside(study, questions))
    choices = [row for scale in scales for row in form.choices(scale.key, sum(options_of(scale, study.languages), ()))]
    choices += [row for each in known if each.codes for row in form.choices(f"{each.name}__values", each.codes)]
    languages = [_language(language) for language in study.languages]
    settings = {
        "form_title": form.guarded(study.title[study.languages[0]], "the title"),
        "form_id": f"{study.key}-{wave}-{audience}",
        "version": study.digest[:12],
        "default_language": languages[0],
    }
    spoken = [f"{name}::{language}" for name in ("label", "hint") for language in languages]
    sheets = {
        "survey": survey,
        "choices": choices,
        "settings": [settings],
        "_symmetry": memory_of(study, wave, audience, questions, known, form.names, scales),
    }
    columns = {
        "survey": ["type", "name", *spoken, "appearance", "relevant", "constraint", "calculation"],
        "choices": ["list_name", "name", *spoken],
        "settings": list(settings),
        "_symmetry": ["part", "key", "field", "value", *(f"text::{language}" for language in study.languages)],
    }
    losses = (*form.losses, *form_losses(study, questions), *spoken_losses(study, questions))
    losses = (*losses, *shown_losses(survey, choices, settings["form_title"]))
    content = write_workbook(sheets, columns, Place(study.path))
    return Exported(f"{settings['form_id']}.xlsx", content, tuple(dict.fromkeys(losses)))


def cell_names(columns: Sequence[str]) -> dict[str, str]:
    """The name of each column in the form: a dot becomes two underscores, a name that is taken gets a number.

    Examples
    --------
    >>> cell_names(["listened", "listened.guess", "data"])
    {'listened': 'listened', 'listened.guess': 'listened__guess', 'data': 'data_2'}
    """
    names: dict[str, str] = {}
    for column in columns:
        name = plain = column.replace(".", "__")
        number = 2
        while name in names.values() or name in _RESERVED or _SAYING.fullmatch(name):
            name, number = f"{plain}_{number}", number + 1
        names[column] = name
    return names


class _Form:
    """The rows of one form, made one question at a time, and what was lost on the way."""

    def __init__(self, study: Study, audience: str, questions: Sequence[Question], known: Sequence[Known]) -> None:
        self.languages = study.languages
        self.names = cell_names([*(each.name for each in known), *(each.name for each in questions)])
        self.variables = variables_of(study, audience)
        self.routes, folded = routes_of(study, questions, known)
        self.losses = list(folded)
        self.by_name: dict[str, Question | Known] = {each.name: each for each in known}
        self.by_name |= {each.name: each for each in questions}
        self.unsaid: set[str] = set()
        self.piped = {name for each in questions for name in each.pipes}

    def hidden(self, known: Known) -> list[dict[str, str]]:
        """A frame item: a cell that is filled in beforehand and never shown, and its words where a text wants them."""
        name = self.names[known.name]
        row = {"type": "hidden", "name": name} | self.spoken("label", known.label, known.name)
        if known.name not in self.piped or not known.codes:
            return [row]
        said = {said_cell(name, language): said_of(name, known.codes, language) for language in self.languages}
        if any(units(calculation) > CELL for calculation in said.values()):
            self.unsaid.add(known.name)
            return [row]
        if any("\n" in words for option in known.codes for words in option.label.values()):
            self.losses.append(f"The words of `{known.name}` that a text repeats stand on one line.")
        rows = [{"type": "calculate", "name": cell, "calculation": said[cell]} for cell in said]
        return [row, *rows]

    def asked(self, question: Question) -> list[dict[str, str]]:
        """A question, and after it the cell that repeats its answer in words where a later text wants them."""
        scale, name = question.scale, self.names[question.name]
        typed = _TYPES.get(scale.kind) or ("decimal" if scale.decimals else "integer")
        select = {"multiple": "select_multiple"}.get(scale.kind, "select_one")
        row = {"type": f"{select} {scale.key}" if question.codes else typed, "name": name}
        row |= self.asking(question)
        hint = _hint(question)
        row |= self.spoken("hint", hint, question.name) if hint else {}
        row["appearance"] = "likert" if scale.rated and question.codes else "multiline" if scale.kind == "text" else ""
        row["relevant"] = self.relevant(question)
        row["constraint"] = constraint_of(scale)
        if scale.missing and scale.kind in ("date", "text"):
            reasons = " and ".join(f"`{reason}`" for reason in scale.missing)
            self.losses.append(
                f"`{question.name}` is typed in, so that {reasons} cannot be answered: left empty instead."
            )
        words = question.name in self.piped and (scale.kind == "single" or bool(scale.labels))
        calculation = f"jr:choice-name(${{{name}}}, '${{{name}}}')"
        return [row, {"type": "calculate", "name": name + SAID, "calculation": calculation}] if words else [row]

    def choices(self, name: str, options: Sequence[Option]) -> list[dict[str, str]]:
        """The rows of one list of choices."""
        return [
            {"list_name": name, "name": str(each.code)} | self.spoken("label", each.label, f"{name}: {each.code}")
            for each in options
        ]

    def relevant(self, question: Question) -> str:
        """The route of a question as XPath."""
        form = self.routes.get(question.name, ALWAYS)
        if form in (ALWAYS, NEVER):
            return "" if form == ALWAYS else "false()"
        return xpath_of(flat(form), self.names, self.variables)

    def spoken(self, column: str, text: Text, name: str) -> dict[str, str]:
        """A text in its languages, in which nothing names a question."""
        return {
            f"{column}::{_language(language)}": self.guarded(words, f"`{name}`") for language, words in text.items()
        }

    def guarded(self, words: str, what: str, brace: str = "{") -> str:
        """Words in which nothing names a question, a plain brace being written as it is, or doubled; what they lost is told."""
        plain = words.replace(f"${brace}", f"$ {brace}")
        if plain != words:
            self.losses.append(f"{what}: `${{` would name a question there, so that a space stands after the `$`.")
        return plain

    def asking(self, question: Question) -> dict[str, str]:
        """The words of a question in its languages, which repeat earlier answers."""
        said = {language: self.worded(words, question.name, language) for language, words in question.text.items()}
        return {f"label::{_language(language)}": words for language, words in said.items()}

    def worded(self, words: str, name: str, language: str) -> str:
        """The words of a question with `{item}` as `${item}`, and doubled braces as plain ones."""

        def cell(found: re.Match[str]) -> str:
            return found[0][0] if found[1] is None else self.repeated(found[1], name, language)

        return _PIPE.sub(cell, self.guarded(words, f"`{name}`", "{{"))

    def repeated(self, name: str, asked: str, language: str) -> str:
        """The cell to repeat for an earlier answer: in words where the form can say them."""
        source = self.by_name.get(name)
        if source is None:
            self.losses.append(f"`{asked}` repeats `{name}`, which this form does not hold: `…` stands for it.")
            return "…"
        if isinstance(source, Known):
            if source.codes and name not in self.unsaid:
                return f"${{{said_cell(self.names[name], language)}}}"
            if source.codes:
                self.losses.append(f"`{asked}` repeats `{name}` by its key ({source.codes[0].code}…), not in words.")
        elif source.scale.kind == "single" or source.scale.labels:
            return f"${{{self.names[name]}{SAID}}}"
        elif source.scale.kind == "multiple":
            self.losses.append(f"`{asked}` repeats the choices of `{name}` by their keys, not in words.")
        return f"${{{self.names[name]}}}"


def _scales(questions: Sequence[Question], outcome: Item | None) -> list[Scale]:
    """The scales that a form needs, each once, with those of what is kept beside its questions."""
    found: dict[str, Scale] = {}
    for question in questions:
        item = question.item
        asked = item.scales.get(question.face, item.scale) if question.face else None
        found.setdefault(question.scale.key, asked or question.scale)
        if item.scale and needs_customer(item):
            found.setdefault(item.scale.key, item.scale)
    if outcome and outcome.scale:
        found.setdefault(outcome.scale.key, outcome.scale)
    return list(found.values())


def _hint(question: Question) -> Text:
    """The unit of a number, and the codes to type in where there is no answer."""
    if question.codes or not (question.scale.kind == "number" or question.scale.published):
        return {}
    hints: dict[str, str] = {}
    for language in question.text:
        unit = question.scale.unit.get(language, "%" if question.scale.kind == "percent" else "")
        codes = [f"{option.code} = {option.label[language]}" for option in question.missing]
        hints[language] = "; ".join(part for part in (unit, *codes) if part)
    return hints if any(hints.values()) else {}


def _language(code: str) -> str:
    """A language as XLSForm names it: its own name, and its code."""
    return f"{LANGUAGES.get(code, code)} ({code})"
