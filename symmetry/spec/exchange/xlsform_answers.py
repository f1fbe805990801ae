"""How the questions of an XLSForm are answered: lists of choices, numbers, days and texts as scales of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import inf

from symmetry.spec.exchange.drafting_routes import Untranslatable
from symmetry.spec.exchange.drafting_scales import Choice, Listed, Scales, Told, key_from, listed
from symmetry.spec.exchange.drafting_texts import in_languages
from symmetry.spec.exchange.xlsform_constraints import Limits, limits_of
from symmetry.spec.exchange.xlsform_memory import Memory
from symmetry.spec.exchange.xlsform_rows import Kind, stripped
from symmetry.spec.exchange.xlsform_sheets import Row
from symmetry.spec.nouns import RATED, Scale, ScaleKind
from symmetry.spec.texts import Text

__all__ = ["Answers", "Say"]

Say = Callable[[str], None]
_KINDS: Mapping[str, ScaleKind] = {
    "likert": "likert",
    "csat": "csat",
    "ces": "ces",
    "nps": "nps",
    "percent": "percent",
    "score": "score",
    "single": "single",
    "multiple": "multiple",
}


class Answers:
    """The scales of a form, made as its questions want them."""

    def __init__(
        self, lists: Mapping[str, Sequence[tuple[Row, Choice]]], memory: Memory, languages: tuple[str, ...]
    ) -> None:
        self.lists, self.memory, self.languages = lists, memory, languages
        self.scales = Scales()
        self.made: dict[tuple[str, bool, bool, tuple[str, ...]], tuple[Listed, str]] = {}

    def of(self, row: Row, kind: Kind, name: str, key: str, say: Say) -> tuple[Listed, str] | None:
        """How one question is answered and the key of its scale; None where nobody could answer it here."""
        limits, whole = self.limits(row, kind, say)
        remembered = self.memory.key("question", name, "scale")
        if kind.name == "select":
            return self.chosen(kind, limits, remembered, say)
        if kind.name == "range":
            limits, whole = _ranged(row, limits, say)
        scale = self.typed(kind, limits, remembered or key, whole=whole)
        numeric = scale.kind == "number" or scale.published
        codes = {str(code): float(code) if numeric else str(code) for code in scale.missing.values()}
        return Listed(scale, codes), self.scales.add(scale, share=not remembered)

    def limits(self, row: Row, kind: Kind, say: Say) -> tuple[Limits, bool]:
        """What the constraint of a question says, as far as a scale can say it."""
        whole, constraint = kind.name == "integer", row.get("constraint")
        if constraint:
            try:
                limits = limits_of(constraint, whole=whole)
            except Untranslatable as error:
                say(f"the constraint {constraint} is not carried over: {error}")
                return Limits(), whole
            for reason in limits.lost:
                say(f"of the constraint {constraint} a part is not carried over: {reason}")
            return limits, whole
        return Limits(), whole

    def chosen(self, kind: Kind, limits: Limits, remembered: str, say: Say) -> tuple[Listed, str] | None:
        """A choice from a list, with what its constraint says of choices that stand alone."""
        at = (kind.list, kind.several, kind.other, limits.exclusive)
        if at not in self.made:
            choices = [
                replace(choice, label=self.worded(choice, row, say)) for row, choice in self.lists.get(kind.list, ())
            ]
            if kind.other and "other" not in [choice.code for choice in choices]:
                choices.append(Choice("other", dict.fromkeys(self.languages, "Other")))
            if len(choices) < 2:
                say(
                    f"the list `{kind.list}` has {'one choice' if choices else 'no choices here'}: the question is left out"
                )
                return None
            known = self.known(remembered) if remembered else None
            key = remembered or key_from(kind.list, prefix="list_")
            made = listed(key, choices, several=kind.several, alone=limits.exclusive, told=known)
            if len(made.scale.choices) == 1:
                say(f"the list `{kind.list}` has one choice beside its reasons: the question is left out")
                return None
            self.made[at] = replace(made, notes=()), self.scales.add(made.scale)
            return made, self.made[at][1]
        return self.made[at]

    def worded(self, choice: Choice, row: Row, say: Say) -> Text:
        """The words of a choice in every language."""
        words = choice.label if self.memory else stripped(choice.label)
        said, lacking = in_languages(words, self.languages)
        if lacking:
            languages = ", ".join(f"`{code}`" for code in lacking)
            say(
                f"the choice `{choice.code}` (choices:{row.number}) has no text in {languages}: another language stands in"
            )
        return said

    def typed(self, kind: Kind, limits: Limits, key: str, *, whole: bool) -> Scale:
        """A number, a day or a text, typed in."""
        missing = self.memory.pairs("scale", key, "missing") if self.memory else {}
        reasons = {reason: int(code) for reason, code in missing.items() if re.fullmatch(r"-?\d+", code)}
        if kind.name == "date":
            return Scale(key, "date", earliest=limits.earliest, latest=limits.latest, missing=reasons)
        if kind.name == "text":
            longest = limits.longest or 2000
            own = "words" if longest == 2000 else f"words_{longest}"
            own = key if self.memory.value("scale", key, "type") else own
            return Scale(own, "text", longest=longest, missing=reasons)
        if self.memory.value("scale", key, "type") == "percent":
            return Scale(key, "percent", 0, 100, missing=reasons)
        if self.memory.value("scale", key, "type") == "score":
            return self.score(limits, key, reasons)
        low = -inf if limits.low is None else limits.low
        high = inf if limits.high is None else limits.high
        places = limits.decimals or (0 if whole else 2)
        unit = self.memory.said("scale", key, "unit", self.languages)
        return Scale(key, "number", low, high, decimals=places, unit=unit, missing=reasons)

    def score(self, limits: Limits, key: str, reasons: Mapping[str, int]) -> Scale:
        """A score that somebody published, within its bounds."""
        low = 0 if limits.low is None else limits.low
        high = 10 if limits.high is None else limits.high
        unit = self.memory.said("scale", key, "unit", self.languages)
        return Scale(key, "score", low, high, decimals=limits.decimals or 0, unit=unit, missing=reasons)

    def known(self, key: str) -> Told | None:
        """What the sheet `_symmetry` says of a scale."""
        kind = _KINDS.get(self.memory.value("scale", key, "type"))
        if kind is None:
            return None
        missing = {reason: int(code) for reason, code in self.memory.pairs("scale", key, "missing").items()}
        boxes = self.memory.value("scale", key, "boxes")
        turned = self.memory.value("scale", key, "reversed") == "yes"
        return Told(kind, int(boxes) if boxes.isdigit() else 2, turned, missing)

    def kept(self, key: str) -> bool:
        """Whether a scale is in the draft, or can be: a rated one that the form keeps beside its questions is added."""
        known = self.known(key) if key and key_from(key) == key else None
        if key in self.scales.kept or known is None or known.kind not in RATED:
            return key in self.scales.kept
        choices = [
            replace(each, label=in_languages(each.label, self.languages)[0]) for _, each in self.lists.get(key, ())
        ]
        if choices:
            self.scales.add(listed(key, choices, several=False, told=known).scale)
        elif known.kind == "percent":
            self.scales.add(Scale(key, "percent", 0, 100))
        return key in self.scales.kept


def _ranged(row: Row, limits: Limits, say: Say) -> tuple[Limits, bool]:
    """A slider: a number between `start` and `end`, in steps."""
    found = dict(re.findall(r"(start|end|step)\s*=\s*(-?[0-9.]+)", row.get("parameters").lower()))
    numbers = {name: float(text) for name, text in found.items() if re.fullmatch(r"-?\d+(\.\d+)?", text)}
    start, end, step = numbers.get("start", 1.0), numbers.get("end", 10.0), numbers.get("step", 1.0)
    say(f"it is a slider from {start:g} to {end:g} in steps of {step:g}: here a number is typed in")
    whole = all(number.is_integer() for number in (start, step))
    places = 0 if whole else max(len(f"{number:g}".partition(".")[2]) for number in (start, step))
    return replace(limits, low=min(start, end), high=max(start, end), decimals=places or None), whole
