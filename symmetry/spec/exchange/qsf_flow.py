"""The flow of a Qualtrics survey as the questions are met: under which branches, over which leaps, in which drawn order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symmetry.spec.exchange.qsf_logic import described
from symmetry.spec.exchange.qsf_reading import Block, Survey, entries, mapping, text_of

__all__ = ["Step", "steps_of"]

Say = Callable[[str, str], None]
_SILENT = ("EmbeddedData", "Block", "Standard", "Branch", "Group", "BlockRandomizer", "Root")


@dataclass(frozen=True)
class Step:
    """A field that is known beforehand, or a question: the branches around it, the leaps over it, the block it is drawn in."""

    question: str = ""
    field: str = ""
    branches: tuple[Any, ...] = ()
    leaps: tuple[Mapping[str, Any], ...] = ()
    drawn: str = ""


def steps_of(survey: Survey, say: Say) -> list[Step]:
    """The steps of a survey in order; what the flow does besides is said.

    Parameters
    ----------
    survey : as `read_survey` gives it; without a flow, its blocks are asked in their order.
    say : takes a place and a sentence, for each thing that is lost.
    """
    flow: Sequence[Mapping[str, Any]] = survey.flow or [{"Type": "Block", "ID": key} for key in survey.blocks]
    if not survey.blocks:
        flow = []
    walk = _Walk(survey, say)
    steps = list(walk.flow(flow, (), 0))
    if not survey.blocks:
        steps = [Step(question=identity) for identity in survey.questions]
    for key, block in survey.blocks.items():
        asked = [text_of(each.get("QuestionID")) for each in block.elements if each.get("Type") == "Question"]
        if block.trash and asked:
            say(block.name, f"in the trash, and left out: {', '.join(asked)}")
        elif asked and key not in walk.seen:
            say(block.name, f"this block is not in the flow, and left out: {', '.join(asked)}")
    for element in survey.others:
        if mapping(element.get("Payload")).get("Quotas"):
            say("quotas", f"the quota group `{text_of(element.get('SecondaryAttribute'))}` is not carried over")
    return steps


class _Walk:
    """One walk through the flow."""

    def __init__(self, survey: Survey, say: Say) -> None:
        self.survey, self.say = survey, say
        self.seen: set[str] = set()

    def flow(self, flow: Sequence[Mapping[str, Any]], branches: tuple[Any, ...], depth: int) -> Iterator[Step]:
        """The steps of one level of the flow."""
        for element in flow if depth < 50 else ():
            kind, where = text_of(element.get("Type")), text_of(element.get("FlowID")) or "flow"
            inside = [mapping(each) for _, each in entries(element.get("Flow"))]
            if kind in ("Block", "Standard"):
                yield from self.block(text_of(element.get("ID")), branches, where)
            elif kind == "EmbeddedData":
                yield from self.fields(element, where)
            elif kind == "Branch":
                yield from self.branch(element, inside, branches, depth)
            elif kind in ("Group", "BlockRandomizer", "Root", "Authenticator", "TableOfContents"):
                if kind == "BlockRandomizer" and len(inside) > 1:
                    shown = text_of(element.get("SubSet")) or "all"
                    self.say(
                        where,
                        f"{shown} of {len(inside)} parts are shown, in an order that is drawn: here all, as they stand",
                    )
                yield from self.flow(inside, branches, depth + 1)
            elif kind == "EndSurvey":
                pass  # at the top level it ends what is over; inside a branch, the branch says so
            else:
                self.say(where, f"`{kind}` of the flow is not carried over")

    def branch(
        self, element: Mapping[str, Any], inside: Sequence[Mapping[str, Any]], branches: tuple[Any, ...], depth: int
    ) -> Iterator[Step]:
        """What is asked under a condition; a branch that ends the survey screens people out, which a study does in its sample."""
        logic, where = element.get("BranchLogic"), text_of(element.get("FlowID")) or "flow"
        if any(each.get("Type") == "EndSurvey" for each in inside):
            self.say(where, f"those are screened out of whom this is true: {described(logic)}")
        if any(each.get("Type") == "EmbeddedData" for each in inside):
            self.say(where, f"fields are set where this is true: {described(logic)}")
        kept = [each for each in inside if each.get("Type") not in ("EndSurvey", "EmbeddedData")]
        yield from self.flow(kept, (*branches, logic), depth + 1)

    def fields(self, element: Mapping[str, Any], where: str) -> Iterator[Step]:
        """Fields: those that come with the person are known beforehand, those that the flow computes are not."""
        for _, each in entries(element.get("EmbeddedData")):
            field = mapping(each)
            name = text_of(field.get("Field"))
            if text_of(field.get("Type")) == "Recipient" and name and f"e:{name}" not in self.seen:
                self.seen.add(f"e:{name}")
                yield Step(field=name)
            elif name and f"e:{name}" not in self.seen:
                self.say(where, f"the field `{name}` is set to `{text_of(field.get('Value'))}`: it is not carried over")

    def block(self, key: str, branches: tuple[Any, ...], where: str) -> Iterator[Step]:
        """The questions of one block."""
        block = self.survey.blocks.get(key)
        if block is None:
            self.say(where, f"the flow asks the block `{key}`, and the survey does not hold it")
        elif key in self.seen:
            self.say(block.name, "this block is asked more than once: here once")
        elif not block.trash:
            self.seen.add(key)
            yield from self.questions(block, branches)

    def questions(self, block: Block, branches: tuple[Any, ...]) -> Iterator[Step]:
        """The questions of a block, with the leaps that pass over each."""
        elements = [each for each in block.elements if text_of(each.get("QuestionID"))]
        names = [text_of(each.get("QuestionID")) for each in elements]
        leaps: list[list[Mapping[str, Any]]] = [[] for _ in elements]
        for place, element in enumerate(elements):
            for _, raw in entries(element.get("SkipLogic")):
                rule = mapping(raw)
                goal = text_of(rule.get("SkipToDestination"))
                if goal == "ENDOFBLOCK" or (goal in names and names.index(goal) > place):
                    end = names.index(goal) if goal in names else len(names)
                    for passed in leaps[place + 1 : end]:
                        passed.append(rule)
                else:
                    self.say(names[place], f"a leap to `{goal}` is not carried over: {described({'0': rule})}")
        drawn = text_of(block.options.get("RandomizeQuestions")).lower()
        name = block.name if drawn not in ("", "false", "no") and len(names) > 1 else ""
        if block.options.get("Looping") not in (None, "", "None", False):
            self.say(block.name, "this block is asked in a loop: here once")
        for place, question in enumerate(names):
            yield Step(question=question, branches=branches, leaps=tuple(leaps[place]), drawn=name)
