"""The sheet `_symmetry`: what a study says of its questions and an XLSForm has no place for, so that it comes back.

Tools ignore a sheet whose name begins with an underscore.  Each row says one thing (`part, key, field, value`, and a text in
each language), so that a row that someone deletes loses that one thing.  Codes, words, routes and constraints are not
repeated here: of these the form itself is the only witness.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from symmetry.spec.exchange.drafting_scales import key_from
from symmetry.spec.exchange.leaving import Leaving
from symmetry.spec.exchange.questionnaire import Known, Question
from symmetry.spec.exchange.xlsform_sheets import Row
from symmetry.spec.nouns import AUDIENCE_OF, FACES, Item, Scale, Study
from symmetry.spec.texts import Text

__all__ = ["Memory", "kept_texts", "memory_of", "needs_customer", "outcome_beside", "read_memory"]

_Line = tuple[str, str, str, str, Text]


class Memory:
    """What the sheet says, looked up by part, key and field."""

    def __init__(self, lines: Iterable[_Line]) -> None:
        self.values: dict[tuple[str, str, str], str] = {}
        self.texts: dict[tuple[str, str, str], Text] = {}
        for part, key, field, value, text in lines:
            self.values[part, key, field] = value
            self.texts[part, key, field] = text

    def __bool__(self) -> bool:
        return bool(self.values)

    def keys(self, part: str) -> tuple[str, ...]:
        """The keys of one part, in the order of the sheet."""
        return tuple(dict.fromkeys(key for each, key, _ in self.values if each == part))

    def value(self, part: str, key: str, field: str) -> str:
        """One value, empty where the sheet does not say."""
        return self.values.get((part, key, field), "")

    def text(self, part: str, key: str, field: str) -> Text:
        """One text."""
        return self.texts.get((part, key, field), {})

    def said(self, part: str, key: str, field: str, languages: tuple[str, ...]) -> Text:
        """One text in all of some languages; nothing where it lacks one."""
        text = self.text(part, key, field)
        whole = all(text.get(language, "").strip() for language in languages)
        return {language: text[language] for language in languages} if whole else {}

    def key(self, part: str, key: str, field: str) -> str:
        """One value that can be a key; empty where it cannot."""
        value = self.value(part, key, field)
        return value if value and key_from(value) == value else ""

    def pairs(self, part: str, key: str, field: str) -> dict[str, str]:
        """A value written as `a=b c=d`."""
        return dict(each.split("=", 1) for each in self.value(part, key, field).split() if "=" in each)


def memory_of(
    study: Study,
    wave: str,
    audience: str,
    questions: Sequence[Question],
    known: Sequence[Known],
    names: Mapping[str, str],
    kept: Sequence[Scale],
) -> list[dict[str, str]]:
    """The rows of the sheet for one questionnaire."""
    items = {question.item.key: question.item for question in questions}
    lines: list[_Line] = [
        ("study", study.key, "title", "", study.title),
        ("study", study.key, "languages", " ".join(study.languages), {}),
        ("study", study.key, "audience", audience, {}),
    ]
    asked = study.waves[wave]
    lines.append(("wave", wave, "kind", asked.kind, {}))
    lines += [("wave", wave, "window", "..".join(asked.window), {})] if asked.window else []
    lines += [("wave", wave, "after", asked.after, {})] if asked.after else []
    lines += [("wave", wave, "delay", f"{asked.delay:g}h", {})] if asked.delay is not None else []
    outcome = outcome_beside(study, questions)
    beside = {"customers"} if any(needs_customer(item) for item in items.values()) else set()
    beside |= {AUDIENCE_OF[_first_face(outcome)]} if outcome else set()
    said = [key for key in study.audiences if key == audience or key in beside]
    lines += [("audience", key, "name", "", study.audiences[key].name) for key in said]
    lines += _referred(study, items.values())
    for each in known:
        kind = "category" if each.codes else "number" if each.numeric else "text"
        lines.append(("known", names[each.name], "item", each.name, {}))
        lines.append(("known", names[each.name], "kind", kind, {}))
    for scale in kept:
        lines += _of_scale(scale)
    for question in questions:
        name = names[question.name]
        lines.append(("question", name, "item", question.item.key, {}))
        lines += [("question", name, "face", question.face, {})] if question.face else []
        lines.append(("question", name, "scale", question.scale.key, {}))
    for item in items.values():
        lines += _of_item(item)
    if outcome:
        face = _first_face(outcome)
        lines += [*_of_item(outcome), ("item", outcome.key, face, "", outcome.faces[face])]
    if study.rotation:
        lines.append(("rotation", "", "seed", str(study.rotation.seed), {}))
        for block, members in study.rotation.blocks.items():
            lines.append(("rotation", block, "items", " ".join(key for key in members if key in items), {}))
    return [
        {"part": part, "key": key, "field": field, "value": value}
        | {f"text::{language}": words for language, words in text.items()}
        for part, key, field, value, text in lines
    ]


def kept_texts(study: Study, questions: Sequence[Question]) -> Iterator[Leaving]:
    """The texts that stand in the sheet `_symmetry` alone."""
    yield from (Leaving(f"the promise `{key}`", words) for key, words in study.promise.items())
    yield from (Leaving(f"the name of the journey `{key}`", words) for key, words in study.journeys.items())
    yield from (Leaving(f"the name of the moment `{key}`", each.name) for key, each in study.moments.items())
    yield from (Leaving(f"the name of the audience `{each.key}`", each.name) for each in study.audiences.values())
    outcome = outcome_beside(study, questions)
    for item in (*(question.item for question in questions), *([outcome] if outcome else [])):
        yield Leaving(f"the label of `{item.key}`", item.label, item.place)
        for face, words in item.faces.items():
            yield Leaving(f"the face `{face}` of `{item.key}`", words, item.place)


def read_memory(rows: Iterable[Row]) -> Memory:
    """What the sheet of a form says; nothing where the form has none."""
    return Memory(
        (
            row.get("part"),
            row.get("key"),
            row.get("field"),
            row.get("value"),
            {name.removeprefix("text::"): words for name, words in row.cells.items() if name.startswith("text::")},
        )
        for row in rows
    )


def needs_customer(item: Item) -> bool:
    """Whether the faces of an item that employees see say something about its customer face, and so want it beside them."""
    return "customer" in item.faces and any(face != "customer" for face in item.mirrors)


def outcome_beside(study: Study, questions: Sequence[Question]) -> Item | None:
    """The outcome of the study, where a form asks none: a draft of that form could not be loaded without one."""
    if any(question.item.role == "outcome" for question in questions):
        return None
    outcome = study.items.get(study.registered.outcome)
    return outcome if outcome and outcome.faces else None


def _first_face(item: Item) -> str:
    return next(face for face in FACES if face in item.faces)


def _referred(study: Study, items: Iterable[Item]) -> list[_Line]:
    """The promises, moments and journeys that items hang on."""
    used = list(items)
    promises = dict.fromkeys(item.promise for item in used if item.promise)
    moments = dict.fromkeys(item.moment for item in used if item.moment)
    lines: list[_Line] = [("promise", key, "name", "", study.promise[key]) for key in promises]
    journeys = dict.fromkeys(key.partition(".")[0] for key in moments)
    lines += [("journey", journey, "name", "", study.journeys[journey]) for journey in journeys]
    for key in moments:
        lines.append(("moment", key, "name", "", study.moments[key].name))
        lines.append(("moment", key, "channel", study.moments[key].channel, {}))
    return lines


def _of_scale(scale: Scale) -> list[_Line]:
    """What the choices of a scale do not tell."""
    lines: list[_Line] = [("scale", scale.key, "type", scale.kind, {})]
    if scale.kind in ("likert", "csat", "ces"):
        lines.append(("scale", scale.key, "boxes", str(scale.boxes), {}))
        lines += [("scale", scale.key, "reversed", "yes", {})] if scale.reversed else []
    if scale.missing:
        codes = " ".join(f"{reason}={code}" for reason, code in scale.missing.items())
        lines.append(("scale", scale.key, "missing", codes, {}))
    return lines + ([("scale", scale.key, "unit", "", scale.unit)] if scale.unit else [])


def _of_item(item: Item) -> list[_Line]:
    """What is said of an item, and its customer face where an employees' form wants it beside its own."""
    values = {
        "role": item.role,
        "scale": item.scale.key if item.scale else "",
        "promise": item.promise or "",
        "at": item.moment or "",
        "sense": item.sense or "",
        "negative": " ".join(item.negative),
        "mirror": " ".join(f"{face}={mirror}" for face, mirror in item.mirrors.items() if face != "guess"),
    }
    lines: list[_Line] = [("item", item.key, "label", "", item.label)]
    lines += [("item", item.key, field, value, {}) for field, value in values.items() if value]
    return lines + ([("item", item.key, "customer", "", item.faces["customer"])] if needs_customer(item) else [])
