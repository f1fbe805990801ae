"""The flat view of one questionnaire: what one audience is asked in one wave, question by question, every code with its words.

Every export, and whoever puts the questions on paper or screen, starts from this list, so that a code has the same words
wherever it goes.  A scale that names only its ends gets its numbers as the words in between; the reasons for not
answering get the words of the house below, in the languages we know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite

from symmetry.errors import Place, SpecError
from symmetry.spec.nouns import AUDIENCE_OF, FACES, Item, Scale, Study, column_of
from symmetry.spec.piping import placeholders
from symmetry.spec.texts import Text
from symmetry.spec.validating import nearest

__all__ = [
    "MISSING_WORDS",
    "Known",
    "Option",
    "Question",
    "check_asked",
    "frame_of",
    "in_data_order",
    "options_of",
    "questionnaire_of",
    "unbraced",
]

MISSING_WORDS: Mapping[str, Text] = {
    "na": {
        "en": "Not applicable",
        "fr": "Sans objet",
        "de": "Trifft nicht zu",
        "es": "No procede",
        "it": "Non pertinente",
        "nl": "Niet van toepassing",
        "pt": "Não se aplica",
    },
    "dk": {
        "en": "Don't know",
        "fr": "Je ne sais pas",
        "de": "Weiß nicht",
        "es": "No lo sé",
        "it": "Non so",
        "nl": "Weet ik niet",
        "pt": "Não sei",
    },
    "refused": {
        "en": "I prefer not to answer",
        "fr": "Je préfère ne pas répondre",
        "de": "Möchte ich nicht sagen",
        "es": "Prefiero no contestar",
        "it": "Preferisco non rispondere",
        "nl": "Wil ik niet zeggen",
        "pt": "Prefiro não responder",
    },
}
_VERBATIM = Scale("words", "text", longest=2000)


@dataclass(frozen=True)
class Option:
    """One possible answer: its code, its words by language, and the reason where it is no answer.

    `stored` is how a cell of the data says it: the code, save that a reason is its own word (`refused`) wherever cells are
    not numbers.
    """

    code: int | str
    label: Text
    reason: str = ""
    cell: str = ""

    @property
    def stored(self) -> int | str:
        """How a cell of the data says it.

        Examples
        --------
        >>> Option(-1, {}, "dk").stored, Option(-1, {}, "dk", "dk").stored
        (-1, 'dk')
        """
        return self.cell or self.code


@dataclass(frozen=True)
class Known:
    """A frame item: known of everyone beforehand, never asked, yet routes and texts may lean on it.

    `codes` are its categories; where it has none it is a number (`numeric`) or a free text.
    """

    name: str
    item: Item
    label: Text
    codes: tuple[Option, ...] = ()
    numeric: bool = False


@dataclass(frozen=True)
class Question:
    """One question as it is put to one audience.

    `name` is its column in the data; `face` None for a demographic item that is written once, as its label.  `codes` are
    the answers in order and `missing` the reasons for not answering, apart; both empty where the answer is typed in (a
    number, a day, a text: see `scale`), save that such a question may still have reasons.  `route` is the expression
    under which it is asked, `pipes` the names that its words repeat, and `block` the block it rotates in.
    """

    name: str
    item: Item
    face: str | None
    text: Text
    label: Text
    scale: Scale
    codes: tuple[Option, ...] = ()
    missing: tuple[Option, ...] = ()
    route: str | None = None
    pipes: tuple[str, ...] = ()
    block: str | None = None

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The least and the greatest answer of a number or a share, each None where there is no bound."""
        if not (self.scale.kind == "number" or self.scale.published) or self.scale.low >= self.scale.high:
            return None, None
        low, high = self.scale.low, self.scale.high
        return (low if isfinite(low) else None), (high if isfinite(high) else None)


def questionnaire_of(study: Study, wave: str, audience: str) -> tuple[Question, ...]:
    """List the questions that one wave puts to one audience, in the order of the wave.

    Parameters
    ----------
    study : the study.
    wave : key of one of its waves.
    audience : "customers", "employees" or "observers"; one that this wave asks.

    Returns
    -------
    One question for each face of each item that is put to this audience; frame items are in `frame_of`.

    Raises
    ------
    SpecError : the study has no such wave (EXP01), or the wave does not ask this audience (EXP02).

    Examples
    --------
    >>> from symmetry.spec import load
    >>> bank = load("survey_specs/everyday_bank")
    >>> first = questionnaire_of(bank, "cold-2027", "employees")[0]
    >>> first.name, first.face, first.codes[0].code, first.codes[0].label["en"]
    ('recommend', 'employee', 0, 'Not at all likely')
    """
    check_asked(study, wave, audience)
    blocks = study.rotation.blocks if study.rotation else {}
    block_of = {key: name for name, keys in blocks.items() for key in keys}
    questions: list[Question] = []
    for key in study.waves[wave].items:
        item = study.items[key]
        if item.role == "frame":
            continue
        if not item.faces and (audience in item.audiences or not item.audiences):
            questions.append(_question(study, item, None, block_of.get(key)))
        faces = (face for face in FACES if face in item.faces and AUDIENCE_OF[face] == audience)
        questions += [_question(study, item, face, block_of.get(key)) for face in faces]
    return tuple(questions)


def frame_of(study: Study, audience: str) -> tuple[Known, ...]:
    """List the frame items that are known of one audience, in the order of the study."""
    return tuple(
        Known(
            item.key,
            item,
            item.label,
            tuple(Option(code, label) for code, label in (item.values or {}).items()),
            item.numeric,
        )
        for item in study.items.values()
        if item.role == "frame" and (audience in item.audiences or not item.audiences)
    )


def options_of(scale: Scale, languages: Iterable[str]) -> tuple[tuple[Option, ...], tuple[Option, ...]]:
    """The codes of a scale with their words in every language, and apart from them its reasons for not answering.

    Examples
    --------
    >>> codes, missing = options_of(Scale("a", "likert", 1, 3, missing={"na": 0}, ends={"en": ("No", "Yes")}), ["en"])
    >>> [(option.code, option.label["en"]) for option in (*codes, *missing)]
    [(1, 'No'), (2, '2'), (3, 'Yes'), (0, 'Not applicable')]
    """
    spoken = tuple(languages)
    numbers = scale.rated or scale.kind == "number"
    missing = tuple(
        Option(code, {x: _missing_word(reason, x) for x in spoken}, reason, "" if numbers else reason)
        for reason, code in scale.missing.items()
    )
    if scale.choices:
        return tuple(Option(code, label) for code, label in scale.choices.items()), missing
    if not scale.rated or scale.published:
        return (), missing
    low, high = int(scale.low), int(scale.high)
    codes = range(low, high + 1)
    words = {language: _words(scale, language, low, high) for language in spoken}
    return tuple(Option(code, {x: words[x][code - low] for x in spoken}) for code in codes), missing


def in_data_order(study: Study, questions: Iterable[Question]) -> tuple[Question, ...]:
    """The questions in the order of their columns in the data: those without a face first, then the items of the study."""
    place = {key: number for number, key in enumerate(study.items)}
    faces = {face: number for number, face in enumerate(("", *FACES))}
    return tuple(sorted(questions, key=lambda each: (bool(each.face), place[each.item.key], faces[each.face or ""])))


def unbraced(text: Text) -> Text:
    """A text whose doubled braces are single, for a tool that does not double them; placeholders stay as they are."""
    return {language: words.replace("{{", "{").replace("}}", "}") for language, words in text.items()}


def check_asked(study: Study, wave: str, audience: str) -> None:
    """Refuse a wave that the study does not have, or an audience that the wave does not ask."""
    if wave not in study.waves:
        what, mend, code = f"study `{study.key}` has no wave `{wave}`", nearest(wave, study.waves), "EXP01"
    elif audience not in study.waves[wave].audiences:
        asked = study.waves[wave].audiences
        what, code = f"wave `{wave}` of study `{study.key}` asks {' and '.join(asked)}, not {audience}", "EXP02"
        mend = nearest(audience, asked)
    else:
        return
    raise SpecError(what, where=Place(study.path), mend=mend, code=code)


def _question(study: Study, item: Item, face: str | None, block: str | None) -> Question:
    """One face of an item as a question."""
    text = item.faces[face] if face else item.label
    scale = item.scale_of(face) or _scale_without(item)
    codes, missing = options_of(scale, study.languages)
    pipes = dict.fromkeys(name for words in text.values() for name, _ in placeholders(words))
    return Question(
        column_of(item.key, face or "customer"),
        item,
        face,
        text,
        item.label,
        scale,
        codes,
        missing,
        item.ask_if,
        tuple(pipes),
        block,
    )


def _scale_without(item: Item) -> Scale:
    """How an item is answered that names no scale: its values, a number, or the words of a verbatim."""
    if item.values:
        return Scale(item.key, "single", choices=item.values)
    return Scale(item.key, "number") if item.numeric else _VERBATIM


def _words(scale: Scale, language: str, low: int, high: int) -> tuple[str, ...]:
    """One word for each code of a rated scale: its labels, or its ends with numbers between them, or numbers."""
    if language in scale.labels:
        return scale.labels[language]
    numbers = [str(code) for code in range(low, high + 1)]
    if language in scale.ends:
        numbers[0], numbers[-1] = scale.ends[language]
    return tuple(numbers)


def _missing_word(reason: str, language: str) -> str:
    """The words for a reason of not answering, in English where the house does not speak the language."""
    words = MISSING_WORDS.get(reason, {"en": reason})
    return words.get(language, words["en"])
