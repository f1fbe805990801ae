"""Conditions in words: `recommend <= 6 and channel != "app"` as a sentence that an approver can read.

The tree is that of `routing`; labels of items and words of choices are the study's own, in the language of the page.
"""

from __future__ import annotations

from symmetry.spec.exchange.questionnaire import MISSING_WORDS
from symmetry.spec.forms import is_day
from symmetry.spec.nouns import AUDIENCE_OF, FACES, Item
from symmetry.spec.routing.nouns import (
    Answered,
    Chosen,
    Compared,
    Constant,
    Either,
    Every,
    Listed,
    Name,
    Node,
    Opposite,
    Order,
)
from symmetry.spec.routing.reading import read_condition
from symmetry.spec.showing.speaking import Speaker

__all__ = ["tell"]

_TURNED: dict[Order, Order] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def tell(text: str, speaker: Speaker) -> str:
    """A condition in words, without a full stop.

    Parameters
    ----------
    text : the expression, as the study has it.
    speaker : of the study whose items it names.

    Returns
    -------
    Its words; what cannot be read stays as it is written.

    Examples
    --------
    >>> tell('recommend <= 6 and not channel in ["app", "web"]', Speaker(None, "en"))
    '“recommend” is at most 6 and it is not so that “channel” is one of “app” and “web”'
    """
    condition = read_condition(text)
    return _Teller(speaker, condition.text).node(condition.tree)


class _Teller:
    """Says one condition."""

    def __init__(self, speaker: Speaker, text: str) -> None:
        self.speaker, self.text = speaker, text

    def node(self, node: Node, inside: bool = False) -> str:
        """One part; parts joined stand in brackets inside others."""
        if isinstance(node, (Every, Either)):
            key = "route.and" if isinstance(node, Every) else "route.or"
            words = [self.node(part, inside=True) for part in node.parts]
            said = words[0]
            for each in words[1:]:
                said = self.speaker.say(key, first=said, last=each)
            return self.speaker.say("route.nested", part=said) if inside else said
        if isinstance(node, Opposite):
            return self.speaker.say("route.not", part=self.node(node.part, inside=True))
        if isinstance(node, Compared):
            return self.compared(node)
        if isinstance(node, Listed):
            among = self.speaker.listed([self.value(node.name, each) for each in node.constants])
            return self.speaker.say(
                "route.in" if node.inside else "route.not_in", name=self.name(node.name), value=among
            )
        if isinstance(node, Chosen):
            key = "route.chosen" if node.inside else "route.not_chosen"
            return self.speaker.say(key, name=self.name(node.name), value=self.value(node.name, node.constant))
        if isinstance(node, Answered):
            key = "route.answered" if node.given else "route.not_answered"
            return self.speaker.say(key, name=self.name(node.name))
        return self.text[node.start : node.stop]

    def compared(self, node: Compared) -> str:
        """A comparison, its name first."""
        left, order, right = node.left, node.order, node.right
        if isinstance(left, Constant) and isinstance(right, Name):
            left, order, right = right, _TURNED[order], left
        if isinstance(left, Constant):
            return self.text[node.start : node.stop]
        if isinstance(right, Name):
            return self.speaker.say(f"route.{order}", name=self.name(left), value=self.name(right))
        kind = "date." if self.is_day(left, right) else "word." if isinstance(right.value, str) else ""
        return self.speaker.say(f"route.{kind}{order}", name=self.name(left), value=self.value(left, right))

    def is_day(self, name: Name, constant: Constant) -> bool:
        """Whether a comparison is with a day of a date."""
        item = self.item(name)
        return item is not None and item.scale is not None and item.scale.kind == "date" and is_day(str(constant.value))

    def item(self, name: Name) -> Item | None:
        """The item that a name belongs to."""
        return self.speaker.study.items.get(name.column.partition(".")[0]) if self.speaker.study else None

    def name(self, name: Name) -> str:
        """An item by its label, with the face where it is not the reader's own."""
        key, _, face = name.column.partition(".")
        label = self.speaker.label(key)
        if face in AUDIENCE_OF:
            return self.speaker.say("route.face", label=label, face=self.speaker.inside(self.speaker.face(face)))
        return self.speaker.say("route.label", label=label)

    def value(self, name: Name, constant: Constant) -> str:
        """A number, or the words of a choice, a category or a missing answer."""
        if not isinstance(constant.value, str):
            return self.speaker.number(constant.value)
        item = self.item(name)
        known = _choices(item, name.column.partition(".")[2]) if item else {}
        words = known.get(constant.value) or MISSING_WORDS.get(constant.value, {})
        if not words and self.is_day(name, constant):
            return self.speaker.day(constant.value)
        return self.speaker.say("route.label", label=self.speaker.of(words) or constant.value)


def _choices(item: Item, face: str) -> dict[str, dict[str, str]]:
    """What there is to choose from in an item, by key."""
    faces = [face] if face else [str(each) for each in FACES if each in item.faces] or [""]
    scales = [scale for each in faces if (scale := item.scale_of(each)) is not None]
    found = {key: dict(words) for scale in scales for key, words in scale.choices.items()}
    return {**{key: dict(words) for key, words in (item.values or {}).items()}, **found}
