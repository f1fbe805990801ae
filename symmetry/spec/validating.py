"""From a pydantic model and a document to problems that an author can mend: place, code, words, "did you mean".

`Faults` gathers the problems of one file in one pass.  A part with a fault of form is mended as far as that is safe (a
mistyped key takes its likely name, a bad value is left out), so that its other faults are found in the same pass; whatever
was mended is still reported.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from symmetry.errors import Place, Problem
from symmetry.spec.reading import Document, Route

__all__ = ["Faults", "Strict", "dotted", "in_order", "nearest", "validate"]


_SECTIONS = {
    "audience": "audiences",
    "promise": "promise",
    "attitude": "promise",
    "moment": "journeys",
    "scale": "scales",
    "item": "items",
    "frame item": "items",
    "outcome": "items",
    "driver": "items",
    "segment": "items",
    "observation": "items",
    "owner": "owners",
    "hot wave": "waves",
}


class Strict(BaseModel):
    """Base of every model of a file: a closed world (no unknown key) without silent conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True, defer_build=True)


M = TypeVar("M", bound=BaseModel)


def validate(document: Document, model: type[M], at: Route = ()) -> tuple[M | None, list[Problem]]:
    """Check one part of a document against a model.

    Parameters
    ----------
    document : as `read_yaml` gives it.
    model : a pydantic model, best a subclass of `Strict`.
    at : where the part stands; the empty route is the whole file, and then the problems of the file as YAML come too.

    Returns
    -------
    The model, or None where it cannot be made even after mending, and every problem with its place.
    """
    faults = Faults(document, [] if at else list(document.problems))
    if document.data is None and document.problems:
        return None, faults.problems
    return faults.model(model, at), faults.problems


def nearest(word: object, known: Iterable[str], lead: str = "did you mean", *, brief: bool = False) -> str:
    """The remedy for an unknown word: its nearest known one, else the list of what is known (not if `brief`).

    Examples
    --------
    >>> nearest("regoin", ["region", "channel"])
    'did you mean `region`?'
    >>> nearest("x", ["region", "channel"])
    'one of: region, channel'
    >>> nearest("x", [])
    'there is none yet: declare it first'
    """
    options = list(known)
    close = _close(str(word), options)
    if close:
        return f"{lead} `{close}`?"
    if brief:
        return "look it up"
    return f"one of: {', '.join(options)}" if options else "there is none yet: declare it first"


def in_order(problems: Iterable[Problem], file: Path) -> list[Problem]:
    """Problems in the order of a file, then those of other files."""
    first = Place(file)
    return sorted(problems, key=lambda problem: ((problem.where or first).file != file, problem.where or first))


@dataclass
class Faults:
    """The problems of one document, gathered while it is looked at from every side.

    `whole` says that the document is a study with all its sections; `told` holds texts whose lack is reported elsewhere, and
    `unread` journeys at fault, whose moments nobody can know.
    """

    document: Document
    problems: list[Problem] = field(default_factory=list)
    waivers: dict[Route, str] = field(default_factory=dict)
    waived: set[Route] = field(default_factory=set)
    told: frozenset[Route] = frozenset()
    whole: bool = False
    unread: set[str] = field(default_factory=set)

    def add(
        self,
        code: str,
        at: Route,
        what: str,
        mend: str = "",
        *,
        key: bool = False,
        severity: str = "error",
        offset: int | None = None,
    ) -> None:
        """Note one problem at a value, at its key, or `offset` characters into a plain text.

        A warning that the author waives, at the item or for the whole study, is left out and counted as used.
        """
        if severity == "warning":
            used = [(*above, "waive", code) for above in (at[:2], ()) if (*above, "waive", code) in self.waivers]
            self.waived.update(used)
            if used:
                return
        self.problems.append(Problem(self.document.place(at, key, offset), what, mend, code, severity))

    def take(self, problem: Problem) -> None:
        """Note a problem of another file, unless it is a warning that the author waives for the whole study."""
        waiver: Route = ("waive", problem.code)
        if problem.severity == "warning" and waiver in self.waivers:
            self.waived.add(waiver)
        else:
            self.problems.append(problem)

    def once(
        self, code: str, at: Route, what: str, mend: str = "", *, severity: str = "error", offset: int | None = None
    ) -> None:
        """Note a problem unless it is there already, as it may be where several audiences are looked at."""
        problem = Problem(self.document.place(at, offset=offset), what, mend, code, severity)
        if problem not in self.problems:
            self.add(code, at, what, mend, severity=severity, offset=offset)

    def known(
        self, word: str, options: Iterable[str], kind: str, at: Route, *, key: bool = False, code: str = "SPEC04"
    ) -> bool:
        """Whether a reference leads somewhere; a problem where it does not."""
        options = list(options)
        if word in options or self.unreadable(kind) or word.partition(".")[0] in self.unread:
            return True
        self.add(code, at, f"`{dotted(at)}`: there is no {kind} `{word}`", nearest(word, options), key=key)
        return False

    def unreadable(self, kind: str) -> bool:
        """Whether what is referred to stands in a section that cannot be read, which is told once and for all."""
        if not self.whole:
            return False
        section = next((section for words, section in _SECTIONS.items() if kind.startswith(words)), "")
        inside = self.document.at((section,))
        missing = inside is None and section in ("audiences", "scales", "items")
        return bool(section) and (missing or ((section,) in self.document.keys and not isinstance(inside, dict)))

    def twice(self, words: Sequence[str], at: Route) -> None:
        """A problem for each word that a list repeats."""
        for index, word in enumerate(words):
            if word in words[:index]:
                self.add("SPEC10", (*at, index), f"`{word}` is listed twice", "delete one")

    def mended(self, at: Route, word: str, meant: str) -> None:
        """Read a mistyped key as the one it was meant for from now on, so that one slip is told once."""
        inside = self.document.at(at)
        if meant not in inside:
            inside[meant] = inside.pop(word)
            self.document.rename((*at, word), (*at, meant))

    def model(self, model: type[M], at: Route) -> M | None:
        """The model of one part; where its form is at fault, of what can be saved of it."""
        raw = self.document.at(at)
        empty = [key for key in raw if raw[key] is None and key in model.model_fields] if isinstance(raw, dict) else []
        for key in empty:
            self.add("SPEC03", (*at, key), f"`{dotted((*at, key))}` is empty", "write it, or delete the key", key=True)
        raw = {key: value for key, value in raw.items() if key not in empty} if empty else raw
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            errors = [each for each in error.errors(include_url=False) if each["loc"] not in [(key,) for key in empty]]
        if not isinstance(raw, dict):
            self.add("SPEC03", at, *_wrong(at, errors[0]))
            return None
        unknown = [
            str(each["loc"][0]) for each in errors if each["type"] == "extra_forbidden" and len(each["loc"]) == 1
        ]
        likely = {_close(word, model.model_fields): raw[word] for word in unknown}
        meant = {name: value for name, value in likely.items() if name and name not in raw}
        for each in errors:
            if not (each["type"] == "missing" and len(each["loc"]) == 1 and each["loc"][0] in meant):
                self._translate(each, at, model)
        for word in unknown:
            name = _close(word, model.model_fields)
            if name in meant:
                self.mended(at, word, name)
        faulty = [each["loc"][:-1] if each["type"] == "missing" else each["loc"] for each in errors]
        for depth in (9, 1):  # first without the faulty spots alone, then without all that holds one
            try:
                return model.model_validate(_without(raw, [loc[:depth] for loc in faulty]) | meant)
            except ValidationError:
                continue
        return None

    def _translate(self, error: Any, at: Route, model: type[BaseModel]) -> None:
        """One pydantic error in the author's words."""
        route, kind = self._route(at, error["loc"]), error["type"]
        if kind == "extra_forbidden":
            names = [each.alias or name for name, each in model.model_fields.items()]
            known = names if len(error["loc"]) == 1 else []
            mend = nearest(route[-1], known) if known else "delete it"
            self.add("SPEC01", route, f"`{dotted(route)}`: there is no such key here", mend, key=True)
        elif kind == "missing":
            name = error["loc"][-1]
            where = dotted(at) or "the file"
            self.add("SPEC02", route, f"{where} lacks `{name}`", f"add `{name}: …`", key=True)
        else:
            code = (error.get("ctx") or {}).get("code", "SPEC03")
            self.add(code, route, *_wrong(route, error))

    def _route(self, at: Route, loc: tuple[str | int, ...]) -> Route:
        """A pydantic loc without the parts that are not in the file (union tags, `[key]`)."""
        route = at
        for part in loc:
            if (*route, part) in self.document.values or (*route, part) in self.document.keys:
                route = (*route, part)
        return route


def dotted(at: Route) -> str:
    """A route as people read it.

    Examples
    --------
    >>> dotted(("plan", "dissonance", 0, "a"))
    'plan.dissonance[0].a'
    """
    text = ""
    for part in at:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _without(raw: dict[str, Any], spots: Iterable[tuple[str | int, ...]]) -> dict[str, Any]:
    """A copy of a mapping without some spots of it; inside a list, the whole list goes, so that places stay true."""
    copy = dict(raw)
    for spot in spots:
        inside = copy
        for depth, part in enumerate(spot):
            child = inside.get(str(part))
            if depth + 1 == len(spot) or not isinstance(child, dict) or spot[depth + 1] not in child:
                inside.pop(str(part), None)
                break
            inside[str(part)] = dict(child)
            inside = inside[str(part)]
    return copy


def _close(word: str, options: Iterable[str]) -> str:
    found = difflib.get_close_matches(word, list(options), n=1, cutoff=0.6)
    return found[0] if found else ""


_KINDS = {
    "string_type": ("a text", "put it in quotes, if it is meant as text"),
    "int_type": ("a whole number", ""),
    "float_type": ("a number", ""),
    "bool_type": ("true or false", ""),
    "list_type": ("a list: [a, b]", ""),
    "dict_type": ("a mapping: {key: value}", ""),
    "model_type": ("a mapping: {key: value}", ""),
}


def _wrong(route: Route, error: Any) -> tuple[str, str]:
    """What is wrong with a value, and the remedy."""
    kind, value = error["type"], error["input"]
    if kind in _KINDS:
        expected, mend = _KINDS[kind]
        return f"`{dotted(route)}` must be {expected}, not {_shown(value)}", mend
    if kind == "literal_error":
        options = [word.strip("'") for word in str(error["ctx"]["expected"]).replace(" or ", ", ").split(", ")]
        if str(value) in options:
            return f"`{dotted(route)}`: {_shown(value)} is text here", "write it without quotes"
        return f"`{dotted(route)}`: {_shown(value)} is not known here", nearest(value, options)
    context = error.get("ctx") or {}
    return f"`{dotted(route)}`: {error['msg']}, not {_shown(value)}", str(context.get("mend", ""))


def _shown(value: object) -> str:
    """A value as an author would name it."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"the truth value `{str(value).lower()}`"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"`{value}`"
    return "a list" if isinstance(value, list) else "a mapping"
