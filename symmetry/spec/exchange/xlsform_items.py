"""The questions of an XLSForm, row by row as they are asked: each becomes an item, or a gap that says why not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import inf

from symmetry.spec.exchange.drafting import Drafted, Sketch
from symmetry.spec.exchange.drafting_routes import Untranslatable, route_of, variable_of
from symmetry.spec.exchange.drafting_scales import Choice, free, key_from
from symmetry.spec.exchange.drafting_texts import in_languages, piped, role_of, short_label
from symmetry.spec.exchange.xlsform_answers import Answers
from symmetry.spec.exchange.xlsform_memory import Memory
from symmetry.spec.exchange.xlsform_routes import Asked, meaning_of
from symmetry.spec.exchange.xlsform_rows import Kind, Languages, kind_of, leftovers, stripped
from symmetry.spec.exchange.xlsform_sheets import Row
from symmetry.spec.exchange.xlsform_words import said_by
from symmetry.spec.nouns import AUDIENCE_OF, Scale, column_of
from symmetry.spec.referential import SENSES
from symmetry.spec.routing.meaning import And, Form
from symmetry.spec.texts import Text

__all__ = ["Importer"]

_OWN = {"customers": "customer", "employees": "employee", "observers": "observer"}
_INWARD = ("guess", "management", "cooperation")
_SAID = re.compile(r"\s*jr:choice-name\(\s*\$\{(\w+)\}\s*,\s*'\$\{\1\}'\s*\)\s*")
_CELL = re.compile(r"\$\{\s*([^{}$]+?)\s*\}")
_WHY = {
    "rank": "an order of preference is no scale of ours",
    "file": "its choices stand in another file",
    "note": "a note asks nothing",
    "calculate": "a calculation asks nothing",
    "device": "the device fills it in: nobody is asked",
}


class Importer:
    """One reading of the sheet `survey`."""

    def __init__(
        self,
        sketch: Sketch,
        audience: str,
        memory: Memory,
        languages: Languages,
        lists: Mapping[str, Sequence[tuple[Row, Choice]]],
    ) -> None:
        self.sketch, self.audience, self.memory, self.languages, self.lists = sketch, audience, memory, languages, lists
        self.answers = Answers(lists, memory, sketch.languages)
        self.asked: dict[str, Asked] = {}
        self.columns: dict[str, str] = {}
        self.folds: list[str] = []
        self.routed: dict[str, Drafted] = {}

    def row(self, row: Row) -> None:
        """One row of the sheet."""
        kind = kind_of(row.get("type", "command"))
        said = _SAID.fullmatch(row.get("calculation", "calculate"))
        if row.get("disabled").lower() in ("yes", "true", "true()"):
            self.gap(row, "this row is disabled")
        elif kind.name.startswith(("begin", "end")):
            self.fold(row, kind)
        elif kind.name == "hidden":
            self.known(row)
        elif kind.name == "calculate" and said and said[1] in self.columns:
            self.columns[_name(row)] = self.columns[said[1]]
        elif kind.name == "calculate" and (cell := self.worded(row)):
            self.columns[_name(row)] = self.columns[cell]
        elif kind.name in _WHY or kind.name == "other":
            self.left_out(row, kind)
        else:
            self.question(row, kind)

    def gap(self, row: Row, what: str, item: str | None = None) -> None:
        """Note what a row loses."""
        self.sketch.gap(f"survey:{row.number}", what, item)

    def fold(self, row: Row, kind: Kind) -> None:
        """A group or a repeat begins or ends; its condition holds for all that is inside."""
        if kind.name.startswith("end"):
            self.folds[-1:] = []
            return
        self.folds.append(row.get("relevant", "relevance"))
        title = " / ".join(self.languages.labels(row).values())
        titled, rest = f", “{title}”" if title else "", leftovers(row)
        if kind.name == "begin repeat":
            self.gap(row, f"the repeat `{_name(row)}`{titled} asks its questions several times: they are drafted once")
        elif titled or rest:
            self.gap(row, f"the group `{_name(row)}`{titled} is not carried over{f': {rest}' if rest else ''}")

    def left_out(self, row: Row, kind: Kind) -> None:
        """A row that becomes nothing."""
        why = _WHY.get(kind.name, f"the type `{kind.written or '(empty)'}` is no scale of ours")
        said = " / ".join(self.languages.labels(row).values()) or row.get("calculation", "calculate")
        self.gap(row, f"`{_name(row)}`{f' (“{said}”)' if said else ''} is left out: {why}")

    def worded(self, row: Row) -> str:
        """The hidden cell whose category this row says in words; empty where it is another calculation."""
        cell = said_by(_name(row), row.get("calculation", "calculate"), self.sketch.languages)
        return cell if cell in self.columns else ""

    def known(self, row: Row) -> None:
        """A hidden cell: something known beforehand."""
        name, everyone = _name(row), self.audience == "observers"
        if not name:
            self.gap(row, "this hidden cell has no name: it is left out")
            return
        key = self.memory.key("known", name, "item") or key_from(name)
        key = free(key, self.sketch.items)
        words = self.languages.labels(row)
        item = Drafted(
            key, "frame", self.words(row, key, words) if words else dict.fromkeys(self.sketch.languages, name)
        )
        kind, scale = self.memory.value("known", name, "kind"), Scale(key, "text")
        choices = [choice for _, choice in self.lists.get(f"{name}__values", ())]
        if kind == "category" and choices:
            texts = {choice.code: in_languages(choice.label, self.sketch.languages)[0] for choice in choices}
            item.more["values"], scale = texts, Scale(key, "single", choices=texts)
        else:
            item.more["type"] = "number" if kind == "number" else "text"
            scale = Scale(key, "number", -inf, inf, decimals=6) if kind == "number" else scale
        item.more["of"] = "both" if everyone else self.audience
        if not kind:
            rest = leftovers(row)
            self.gap(
                row, f"the hidden cell `{name}` is taken as known beforehand{f'; left: {rest}' if rest else ''}", key
            )
        self.sketch.items[key] = item
        self.columns[name] = key
        self.asked[name] = Asked(variable_of(key, scale), {code: code for code in scale.choices})

    def question(self, row: Row, kind: Kind) -> None:
        """A row that someone answers."""
        name = _name(row)
        if not name:
            self.gap(row, "this row has no name: it is left out")
            return
        key, face = self.place(row, name)
        found = self.answers.of(row, kind, name, key, lambda what: self.gap(row, what, key))
        if found is None:
            return
        made, scale_key = found
        words = self.words(row, key, self.languages.labels(row))
        item = self.sketch.items.get(key) or self.item(row, key, words, made.scale, scale_key)
        self.sketch.items[key] = item
        item.faces[face] = words
        if scale_key != item.scale:
            item.more.setdefault("scales", {})[face] = scale_key
        self.route(row, item)
        for note in made.notes:
            self.gap(row, note, key)
        rest = leftovers(
            row, ("hint", "appearance") if self.memory else ("parameters",) if kind.name == "range" else ()
        )
        other = "words of one's own beside the choices (or_other)" if kind.other else ""
        if rest or other:
            self.gap(row, f"not carried over: {', '.join(part for part in (other, rest) if part)}", key)
        column = column_of(key, face)
        self.asked[name] = Asked(variable_of(column, self.answers.scales.kept[scale_key]), made.codes)
        self.columns[name], self.routed[column] = column, item

    def place(self, row: Row, name: str) -> tuple[str, str]:
        """The item and the face of a question: as the sheet `_symmetry` says, else by its name."""
        own = _OWN[self.audience]
        remembered = self.memory.key("question", name, "item")
        told = self.memory.value("question", name, "face") or own
        base, _, face = name.rpartition("__")
        if remembered and AUDIENCE_OF.get(told) == self.audience and self.fits(remembered, told):
            return remembered, told
        if (
            not remembered
            and self.audience == "employees"
            and face in _INWARD
            and self.fits(self.columns.get(base), face)
        ):
            return self.columns[base], face
        key = free(key_from(name), self.sketch.items)
        if key != name:
            self.gap(row, f"the name `{name}` has become `{key}`", key)
        return key, own

    def fits(self, key: str | None, face: str) -> bool:
        """Whether an item can take this face: a new one, or one that lacks it; a guess wants the customers' question too."""
        item = self.sketch.items.get(key or "")
        if not key or (item is not None and (item.role == "frame" or face in item.faces)):
            return False
        customer = self.memory.said("item", key, "customer", self.sketch.languages)
        return face != "guess" or (bool(customer) and "customers" in self.sketch.audiences)

    def item(self, row: Row, key: str, words: Text, scale: Scale, scale_key: str) -> Drafted:
        """A new item: its role, and what else the sheet `_symmetry` says of it."""
        role = self.memory.value("item", key, "role")
        label = self.memory.said("item", key, "label", self.sketch.languages) or short_label(words)
        if role not in ("outcome", "driver", "engagement", "verbatim", "demographic", "observation"):
            role = role_of(scale, self.audience)
            self.gap(row, f"the role `{role}` is a guess", key)
        remembered = self.memory.value("item", key, "scale")
        item = Drafted(key, role, label, remembered if self.answers.kept(remembered) else scale_key)
        item.more |= self.referred(key)
        mine = ("customer",) if self.audience == "customers" else ("customer", "employee", *_INWARD)
        item.more["negative"] = [face for face in self.memory.value("item", key, "negative").split() if face in mine]
        return item

    def referred(self, key: str) -> dict[str, str]:
        """The promise, the moment and the sense of an item, where the form tells all that they want."""
        found = {field: self.memory.value("item", key, field) for field in ("promise", "at", "sense")}
        languages, at = self.sketch.languages, found["at"]
        journey, _, moment = at.partition(".")
        parts = (("promise", found["promise"]), ("journey", journey), ("moment", at))
        named = {part: bool(name and self.memory.said(part, name, "name", languages)) for part, name in parts}
        keys = all(name and key_from(name) == name for name in (journey, moment))
        kept = {
            "promise": named["promise"] and key_from(found["promise"]) == found["promise"],
            "at": keys and named["journey"] and named["moment"] and bool(self.memory.value("moment", at, "channel")),
            "sense": found["sense"] in SENSES,
        }
        return {field: value for field, value in found.items() if kept[field]}

    def words(self, row: Row, key: str, said: Mapping[str, str]) -> Text:
        """The words of a row in every language, with earlier answers piped; what lacks is said."""
        known = dict(said) if self.memory else stripped(said)
        if not known:
            self.gap(row, "this row has no label: its name stands for it", key)
            return dict.fromkeys(self.sketch.languages, _name(row))
        found, lost = piped(known, _CELL, self.columns)
        for name in lost:
            self.gap(
                row, f"`${{{name}}}` in its words is no earlier answer of this draft: `[{name}]` stands for it", key
            )
        text, lacking = in_languages(found, self.sketch.languages)
        if lacking:
            self.gap(row, f"no text in {', '.join(f'`{code}`' for code in lacking)}: another language stands in", key)
        return text

    def route(self, row: Row, item: Drafted) -> None:
        """When a question is asked: its own condition, and those of the groups around it."""
        forms: list[Form] = []
        texts = [text for text in (*self.folds, row.get("relevant", "relevance")) if text]
        try:
            meanings = [meaning_of(text, self.asked) for text in texts]
            forms = [form for form in meanings if form is not None]
            variables = {each.variable.name: each.variable for each in self.asked.values()}
            routes = {name: item.ask_if for name, item in self.routed.items() if item.ask_if}
            route = route_of(And(tuple(forms)), variables, routes) if forms else None
        except Untranslatable as error:
            self.gap(row, f"asked only if {' and '.join(texts)} — not carried over: {error}", item.key)
            route = None
        if len(item.faces) == 1:
            item.ask_if = route
        elif route != item.ask_if:
            own, first = route or "always", item.ask_if or "always"
            self.gap(row, f"this face is asked if `{own}`, the item if `{first}`: an item has one route", item.key)


def _name(row: Row) -> str:
    return row.get("name", "value", "tag")
