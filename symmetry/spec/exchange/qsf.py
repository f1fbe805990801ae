"""A first draft of a study out of a Qualtrics survey (.qsf): its questions in the order of its flow, and all that it loses.

Qualtrics publishes no schema of this format; what is read is what the files in the world have in common.  A question
becomes an item, a matrix one item for each row, a field known beforehand a frame item; display, branch and skip logic
become routes where our conditions can say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from symmetry.errors import Place, SpecError
from symmetry.spec.exchange.drafting import Drafted, Sketch, write_draft
from symmetry.spec.exchange.drafting_routes import Untranslatable, route_of, variable_of
from symmetry.spec.exchange.drafting_scales import Scales, free, key_from
from symmetry.spec.exchange.drafting_texts import in_languages, piped, role_of, short_label
from symmetry.spec.exchange.nouns import Draft
from symmetry.spec.exchange.qsf_flow import Step, steps_of
from symmetry.spec.exchange.qsf_logic import Answered, described, logic_of, skipped
from symmetry.spec.exchange.qsf_questions import Part, leftovers_of, parts_of
from symmetry.spec.exchange.qsf_reading import Survey, mapping, read_survey, text_of
from symmetry.spec.exchange.qsf_texts import CELL, codes_of, plain
from symmetry.spec.exchange.xlsform_import import check_audience, house_names, plain_wave
from symmetry.spec.nouns import Scale
from symmetry.spec.routing.meaning import And, Form, Not

__all__ = ["from_qsf"]

_OWN = {"customers": "customer", "employees": "employee", "observers": "observer"}


def from_qsf(path: Path | str, audience: str = "customers") -> Draft:
    """Read a Qualtrics survey as the first draft of a study.

    Parameters
    ----------
    path : a .qsf, as Qualtrics exports it.
    audience : who answers it: "customers", "employees" or "observers".

    Returns
    -------
    The text of a study.yaml and every gap: what the survey says and the draft does not, and what was guessed.

    Raises
    ------
    SpecError : no such file (XCH01), too large (XCH04), not JSON (XCH06), JSON of something else (XCH07), no question
        (XCH08), an unknown audience (XCH10).
    """
    check_audience(audience)
    survey = read_survey(Path(path))
    codes = codes_of(survey)
    languages = tuple(dict.fromkeys(codes.values()))
    title = plain(survey.title) or Path(path).stem
    sketch = Sketch(
        key_from(title, prefix="study_"),
        dict.fromkeys(languages, title),
        languages,
        {audience: house_names(audience, languages)},
        Path(path).name,
    )
    reading = _Reading(survey, sketch, audience, codes)
    for step in steps_of(survey, sketch.gap):
        reading.step(step)
    if not any(item.role != "frame" for item in sketch.items.values()):
        what = "no question of this survey can be drafted"
        raise SpecError(what, where=Place(path), mend="check that its blocks stand in its flow", code="XCH08")
    sketch.scales = reading.scales.kept
    reading.rotation()
    sketch.waves = plain_wave(audience)
    sketch.gap(sketch.origin, "when people are asked, and how many, is not said: complete the wave `draft`")
    return write_draft(sketch)


class _Reading:
    """One reading of a survey in the order of its flow."""

    def __init__(self, survey: Survey, sketch: Sketch, audience: str, codes: Mapping[str, str]) -> None:
        self.survey, self.sketch, self.audience, self.codes = survey, sketch, audience, codes
        self.scales = Scales()
        self.asked: dict[str, Answered] = {}
        self.columns: dict[str, str] = {}
        self.blocks: dict[str, list[str]] = {}

    def step(self, step: Step) -> None:
        """One step of the flow: a field, or a question under its conditions."""
        if step.field:
            self.known(step.field)
            return
        payload = self.survey.questions.get(step.question)
        if payload is None:
            self.sketch.gap(step.question, "a block asks this question, and the survey does not hold it")
            return
        parts = parts_of(step.question, payload, self.codes, self.sketch.languages)
        if isinstance(parts, str):
            words = plain(text_of(payload.get("QuestionText")))
            self.sketch.gap(step.question, f"“{words[:300]}” is left out: {parts}")
            return
        keys = [self.part(step, part, payload) for part in parts]
        if step.drawn:
            self.blocks.setdefault(step.drawn, []).extend(keys)
        elif len(keys) > 1 and text_of(mapping(payload.get("Randomization")).get("Type")) == "All":
            self.blocks.setdefault(key_from(step.question), []).extend(keys)

    def known(self, field: str) -> None:
        """A field of the contact list or of the link: known beforehand."""
        key = free(key_from(field), self.sketch.items)
        label = dict.fromkeys(self.sketch.languages, field)
        of = "both" if self.audience == "observers" else self.audience
        self.sketch.items[key] = Drafted(key, "frame", label, more={"type": "text", "of": of})
        self.sketch.gap("flow", f"the field `{field}` is taken as known beforehand, as text", key)
        self.columns[f"e:{field}"] = key
        self.asked[f"e:{field}"] = Answered(variable_of(key, Scale(key, "text")), {})

    def part(self, step: Step, part: Part, payload: Mapping[str, Any]) -> str:
        """One question of ours; gives its key."""
        key, where = free(key_from(part.tag), self.sketch.items), f"{step.question}{f'/{part.row}' * bool(part.row)}"
        words, lost = piped(part.words, CELL, self.columns)
        text, lacking = in_languages(words, self.sketch.languages)
        route = self.route(step, payload, where, key)
        scale = part.answers.scale
        scale_key = self.scales.add(Scale(**{**vars(scale), "key": key_from(scale.key)}), share=True)
        short = piped(part.short or part.words, CELL, self.columns)[0]
        label = short_label(in_languages(short, self.sketch.languages)[0])
        item = Drafted(key, role_of(scale, self.audience), label, scale_key, {_OWN[self.audience]: text}, route)
        self.sketch.items[key] = item
        say = [f"the name `{part.tag}` has become `{key}`"] if key != part.tag else []
        say += [f"`{name}` in its words is no earlier answer of this draft: `[{name}]` stands for it" for name in lost]
        say += (
            [f"no text in {', '.join(f'`{code}`' for code in lacking)}: another language stands in"] if lacking else []
        )
        say += [f"the role `{item.role}` is a guess", *part.answers.notes]
        rest = [*part.lost, *leftovers_of(payload, rows=bool(part.row))]
        say += [f"not carried over: {', '.join(dict.fromkeys(rest))}"] if rest else []
        for what in say:
            self.sketch.gap(where, what, key)
        answered = Answered(variable_of(key, self.scales.kept[scale_key]), part.answers.codes)
        names = [where] if part.row else [step.question, f"{step.question}/1"]
        self.asked |= dict.fromkeys(names, answered)
        self.columns |= dict.fromkeys(names, key)
        return key

    def route(self, step: Step, payload: Mapping[str, Any], where: str, key: str) -> str | None:
        """When a question is asked: the branches around it, the leaps over it, and its own display logic."""
        forms: list[Form] = []
        try:
            forms = [logic_of(logic, self.asked) for logic in step.branches]
            forms += [Not(skipped(rule, self.asked)) for rule in step.leaps]
            forms += [logic_of(payload["DisplayLogic"], self.asked)] if payload.get("DisplayLogic") else []
            variables = {each.variable.name: each.variable for each in self.asked.values()}
            routes = {each: item.ask_if for each, item in self.sketch.items.items() if item.ask_if}
            return route_of(And(tuple(forms)), variables, routes) if forms else None
        except Untranslatable as error:
            logics = [*step.branches, *step.leaps, payload.get("DisplayLogic")]
            said = "; ".join(described({"0": logic}) for logic in logics if logic)
            self.sketch.gap(
                where, f"asked under a condition that is not carried over: {error}. In Qualtrics: {said}", key
            )
            return None

    def rotation(self) -> None:
        """The blocks whose order is drawn, as far as no item of a block needs another of it."""
        blocks: dict[str, list[str]] = {}
        for name, keys in self.blocks.items():
            items = [self.sketch.items[key] for key in keys]
            words = [
                *(item.ask_if or "" for item in items),
                *(text for item in items for each in item.faces.values() for text in each.values()),
            ]
            if len(keys) < 2 or any(key in said for key in keys for said in words):
                self.sketch.gap(
                    name, f"the order of {', '.join(f'`{key}`' for key in keys)} is drawn there: here it is fixed"
                )
            else:
                blocks[free(key_from(name), blocks)] = keys
        if blocks:
            self.sketch.sections["rotation"] = {"seed": 1, "blocks": blocks}
            self.sketch.gap("flow", "the order of some questions is drawn: the seed 1 of the rotation is ours")
