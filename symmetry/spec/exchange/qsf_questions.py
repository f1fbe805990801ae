"""The questions of a Qualtrics survey: each as one question of ours, one for each row of a matrix, or a reason why not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from symmetry.spec.exchange.drafting_scales import Choice, Listed, listed
from symmetry.spec.exchange.drafting_texts import in_languages
from symmetry.spec.exchange.qsf_reading import entries, mapping, text_of
from symmetry.spec.exchange.qsf_texts import translated
from symmetry.spec.nouns import Scale

__all__ = ["Part", "leftovers_of", "parts_of"]

_ONE = ("SAVR", "SAHR", "SACOL", "DL", "SB", "NPS")
_SEVERAL = ("MAVR", "MAHR", "MACOL", "MSB")
_WHY: Mapping[str, str] = {
    "DB": "a text to read asks nothing",
    "RO": "an order of preference is no scale of ours",
    "PGR": "sorting into groups is no scale of ours",
    "CS": "a constant sum is no scale of ours",
    "SBS": "side-by-side tables are no scale of ours",
    "DD": "a drill-down of lists is no scale of ours",
    "Meta": "the browser fills it in: nobody is asked",
    "Timing": "a clock fills it in: nobody is asked",
    "Captcha": "a captcha asks nothing",
    "FileUpload": "a file is no scale of ours",
    "HeatMap": "a click on a picture is no scale of ours",
    "HotSpot": "a click on a picture is no scale of ours",
    "Draw": "a signature is no scale of ours",
}


@dataclass(frozen=True)
class Part:
    """One question of ours: `row` is that of its matrix, "" for a whole question, `short` the words of the row alone."""

    row: str
    tag: str
    words: Mapping[str, str]
    answers: Listed
    lost: tuple[str, ...] = field(default=())
    short: Mapping[str, str] = field(default_factory=dict)


def parts_of(
    identity: str, payload: Mapping[str, Any], codes: Mapping[str, str], languages: tuple[str, ...]
) -> tuple[Part, ...] | str:
    """The questions of ours that one of Qualtrics becomes.

    Parameters
    ----------
    identity : its id, `QID1`.
    payload : as the file holds it.
    codes : Qualtrics' code of each language → ours.
    languages : of the draft.

    Returns
    -------
    The parts in order, or in words why there are none.
    """
    return _Asked(identity, payload, codes, languages).parts()


def leftovers_of(payload: Mapping[str, Any], *, rows: bool) -> list[str]:
    """What a question says that a draft does not hold, in few words each; the drawn order of rows is kept elsewhere."""
    settings = mapping(mapping(payload.get("Validation")).get("Settings"))
    lost: list[str] = []
    if text_of(settings.get("ForceResponse")) in ("ON", "RequestResponse"):
        lost.append("that an answer is wanted (ForceResponse)")
    if text_of(settings.get("Type")) not in ("", "None", "ContentType", "MaxChars") or "CustomValidation" in settings:
        lost.append(f"its validation ({text_of(settings.get('Type')) or 'custom'})")
    drawn = text_of(mapping(payload.get("Randomization")).get("Type"))
    if drawn not in ("", "None") and not (rows and drawn == "All"):
        lost.append("the order of its choices or rows, drawn at random")
    names = {"QuestionJS": "its script", "DynamicChoices": "choices carried over from an earlier question"}
    lost += [what for name, what in names.items() if payload.get(name)]
    given = payload.get("DefaultChoices")
    return [*lost, "the answer given beforehand"] if isinstance(given, (Mapping, list)) and given else lost


class _Asked:
    """One question being read."""

    def __init__(
        self, identity: str, payload: Mapping[str, Any], codes: Mapping[str, str], languages: tuple[str, ...]
    ) -> None:
        self.identity, self.payload, self.codes, self.languages = identity, payload, codes, languages
        self.kind, self.selector = text_of(payload.get("QuestionType")), text_of(payload.get("Selector"))
        self.tag = text_of(payload.get("DataExportTag")) or identity
        self.stem = translated(payload, codes, "QuestionText")
        self.lost: list[str] = []

    def parts(self) -> tuple[Part, ...] | str:
        """What the question becomes, by its type and its selector."""
        if self.kind == "MC":
            if self.selector not in (*_ONE, *_SEVERAL):
                return f"`{self.selector}` is no multiple choice that we know"
            return self.whole(self.chosen("Choices", "ChoiceOrder", several=self.selector in _SEVERAL))
        if self.kind == "TE":
            return self.by_row(self.typed()) if self.selector == "FORM" else self.whole(self.typed())
        if self.kind == "Slider":
            rows = self.order("Choices", "ChoiceOrder")
            return self.by_row(self.slid()) if len(rows) > 1 else self.whole(self.slid())
        if self.kind == "Matrix" and self.selector in ("Likert", "Bipolar", "TE"):
            if self.selector == "TE":
                return self.by_row(Listed(Scale(self.tag, "text", longest=2000), {}))
            several = text_of(self.payload.get("SubSelector")).startswith("Multiple")
            return self.by_row(self.chosen("Answers", "AnswerOrder", several=several))
        kind = f"{self.kind} {self.selector}".strip()
        return _WHY.get(self.kind, f"the type `{kind}` is no scale of ours")

    def whole(self, answers: Listed | str) -> tuple[Part, ...] | str:
        """One question for one."""
        if isinstance(answers, str):
            return answers
        return (Part("", self.tag, self.stem, answers, tuple(self.lost)),)

    def by_row(self, answers: Listed | str) -> tuple[Part, ...] | str:
        """One question for each row, in the words of the whole and of the row."""
        if isinstance(answers, str):
            return answers
        tags = mapping(self.payload.get("ChoiceDataExportTags"))
        parts: list[Part] = []
        for row in self.order("Choices", "ChoiceOrder"):
            choice = self.at("Choices", row)
            short = translated(self.payload, self.codes, "Choices", row, "Display")
            lost = [*self.lost, *self.of_choice(row, choice)]
            tag = text_of(tags.get(row)) or f"{self.tag}_{row}"
            once = answers if not parts else replace(answers, notes=())
            parts.append(Part(row, tag, self.joined(short), once, tuple(lost), short))
        return tuple(parts) or "it has no rows"

    def joined(self, row: Mapping[str, str]) -> dict[str, str]:
        """The words of the whole question and of one row."""
        said: dict[str, str] = {}
        for language in self.languages:
            parts = [words for words in (self.stem.get(language, ""), row.get(language, "")) if words]
            if parts and (language in row or not row):
                said[language] = " — ".join(parts)
        return said

    def chosen(self, choices: str, order: str, *, several: bool) -> Listed | str:
        """A choice between things, with the codes that answers have in the data."""
        recoded = mapping(self.payload.get("RecodeValues"))
        excluded = mapping(self.payload.get("AnalyzeChoices"))
        made: list[Choice] = []
        alone: list[str] = []
        silent: list[str] = []
        numbers: dict[str, str] = {}
        for key in self.order(choices, order):
            code = text_of(recoded.get(key)) or key
            if code in numbers.values():
                self.lost.append(f"the code {code} that two choices share: `{key}` keeps its own number")
                code = key if key not in numbers.values() else f"{code}_{key}"
            said, lacking = in_languages(translated(self.payload, self.codes, choices, key, "Display"), self.languages)
            silent += [code] if lacking and not re.fullmatch(r"-?[0-9]+", next(iter(said.values()))) else []
            numbers[key] = code
            made.append(Choice(code, said))
            alone += [code] if self.at(choices, key).get("ExclusiveAnswer") is True and several else []
            if choices == "Choices":
                self.lost += self.of_choice(code, self.at(choices, key))
        if len(made) < 2:
            return "it has fewer than two choices of its own"
        if silent:
            self.lost.append(f"the choices {', '.join(silent)} in every language: another language stands in")
        if self.selector == "NPS" and [choice.code for choice in made] == [str(n) for n in range(11)]:
            made = self.ended(made)
        found = listed(self.tag, made, several=several, alone=alone)
        missing = {*map(float, found.scale.missing.values()), *map(str, found.scale.missing.values())}
        unread = [numbers[key] for key, said in excluded.items() if key in numbers and text_of(said).lower() == "no"]
        out = [code for code in unread if found.codes[code] not in missing]
        self.lost += [f"that {', '.join(out)} is left out of analysis"] if out else []
        return replace(found, codes={key: found.codes[code] for key, code in numbers.items()})

    def ended(self, choices: list[Choice]) -> list[Choice]:
        """A score with the words that stand at its ends."""
        first = translated(self.payload, self.codes, "ColumnLabels", "0", "Display")
        count = len(list(entries(self.payload.get("ColumnLabels"))))
        last = translated(self.payload, self.codes, "ColumnLabels", str(count - 1), "Display")
        if not first or not last or count < 2:
            return choices
        ends = [in_languages(words, self.languages)[0] for words in (first, last)]
        return [replace(choices[0], label=ends[0]), *choices[1:-1], replace(choices[-1], label=ends[1])]

    def of_choice(self, code: str, choice: Mapping[str, Any]) -> list[str]:
        """What one choice, or one row, says that a draft does not hold."""
        lost = (
            [f"the words of one's own beside {code}"]
            if text_of(choice.get("TextEntry")).lower() in ("true", "1", "on")
            else []
        )
        lost = ["the words of one's own beside " + code] if choice.get("TextEntry") is True else lost
        return [*lost, f"the condition under which {code} is shown"] if choice.get("DisplayLogic") else lost

    def typed(self) -> Listed:
        """A text, a number or a day, typed in."""
        settings = mapping(mapping(self.payload.get("Validation")).get("Settings"))
        content = text_of(settings.get("ContentType")) if text_of(settings.get("Type")) == "ContentType" else ""
        if content == "ValidNumber":
            bounds = mapping(settings.get("ValidNumber"))
            places = _number(bounds.get("NumDecimals"))
            low, high = _number(bounds.get("Min")), _number(bounds.get("Max"))
            digits = 2 if places is None else max(0, min(6, int(places)))
            return Listed(
                Scale(self.tag, "number", -inf if low is None else low, inf if high is None else high, decimals=digits),
                {},
            )
        if content == "ValidDate":
            return Listed(Scale(self.tag, "date"), {})
        if content:
            self.lost.append(f"what its answers must look like ({content})")
        longest = _number(settings.get("MaxChars"))
        return Listed(Scale("words", "text", longest=int(longest) if longest and longest >= 1 else 2000), {})

    def slid(self) -> Listed:
        """A slider: a number between two bounds."""
        configuration = mapping(self.payload.get("Configuration"))
        low, high = _number(configuration.get("CSSliderMin")), _number(configuration.get("CSSliderMax"))
        places = _number(configuration.get("NumDecimals")) or 0
        if configuration.get("NotApplicable") is True:
            self.lost.append("its box for “not applicable”")
        bounds = (0.0 if low is None else low, 100.0 if high is None else high)
        note = f"it is a slider from {bounds[0]:g} to {bounds[1]:g}: here a number is typed in"
        return Listed(Scale(self.tag, "number", min(bounds), max(bounds), decimals=int(min(6, places))), {}, (note,))

    def order(self, choices: str, order: str) -> list[str]:
        """The numbers of the choices in the order in which they are shown."""
        there = [key for key, _ in entries(self.payload.get(choices))]
        shown = [text_of(key) for _, key in entries(self.payload.get(order))]
        return [*dict.fromkeys(key for key in shown if key in there), *(key for key in there if key not in shown)]

    def at(self, choices: str, key: str) -> Mapping[str, Any]:
        """One choice."""
        return mapping(dict(entries(self.payload.get(choices))).get(key))


def _number(value: Any) -> float | None:
    text = text_of(value).strip()
    return float(text) if re.fullmatch(r"-?\d{1,15}(\.\d+)?", text) else None
