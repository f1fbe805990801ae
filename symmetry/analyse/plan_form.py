"""The form of a plan file: which keys, of which type.  What they mean for a study is left to `plan`."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from symmetry.spec import ALL, MarginText, Strict, Words

__all__ = [
    "ColumnForm",
    "CountColumnsForm",
    "FrozenForm",
    "LonelyPsu",
    "Missing",
    "OptionsForm",
    "PlanForm",
    "RolesForm",
    "SourceForm",
    "TabulatedForm",
    "TruthForm",
]

_SLICE = re.compile(r"([1-9][0-9]*)-([1-9][0-9]*)")


def _refuse(message: str, mend: str) -> PydanticCustomError:
    return PydanticCustomError("house", "{message}", {"message": message, "mend": mend})


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _characters(value: Any) -> Any:
    found = _SLICE.fullmatch(value) if isinstance(value, str) else None
    if not found or int(found[1]) > int(found[2]):
        raise _refuse("must be the first and last character to keep, counted from 1", "write `1-2`")
    return int(found[1]), int(found[2])


def _plain(value: Any) -> Any:
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value)
    raise _refuse("must be the text of a cell", 'put it in quotes: "2017"')


def _ignored(value: Any) -> Any:
    if value == "others":
        return [ALL]
    if isinstance(value, list):
        return value
    raise _refuse("must be a list of file columns, or `others`", "write `ignore: [a, b]` or `ignore: others`")


def _drivers(value: Any) -> Any:
    if value == "all":
        return [ALL]
    if isinstance(value, list):
        return value
    raise _refuse("must be `all`, or a list: [a, b]", "")


def _by_number(value: Any) -> Any:
    """Number of options → option numbers."""
    if not isinstance(value, dict):
        raise _refuse("must say which options, by the number of options of an item", "write `{5: [5]}`")
    for key, options in value.items():
        whole = isinstance(options, list) and all(type(option) is int and option > 0 for option in options)
        if not re.fullmatch(r"[1-9][0-9]?", str(key)) or not whole or not options:
            raise _refuse("must say which options, by the number of options of an item", "write `{5: [5]}`")
    return {int(key): tuple(options) for key, options in value.items()}


Missing = Literal["listwise", "em", "pairwise", "users", "indicator"]
LonelyPsu = Literal["fail", "remove", "certainty", "centre", "average"]


class ColumnForm(Strict):
    """How one column of the study is read from a file; a bare text names the file's column."""

    column: str
    characters: Annotated[Any, BeforeValidator(_characters)] = None
    values: dict[str, Annotated[str, BeforeValidator(_plain)]] | None = None


class SourceForm(Strict):
    """The file of one audience in one wave."""

    file: str
    columns: dict[str, Annotated[ColumnForm, BeforeValidator(_column)]]
    respondent: str | None = None
    encoding: str = "utf-8"
    where: dict[str, Annotated[str, BeforeValidator(_plain)]] = Field(default_factory=dict)
    ignore: Annotated[list[str], BeforeValidator(_ignored)] = Field(default_factory=list)


class TruthForm(Strict):
    """Answers simulated from a known truth."""

    simulate: str
    seed: Annotated[int, Field(ge=0)]


class FrozenForm(Strict):
    """Answers frozen before: a folder that `symmetry freeze` wrote."""

    frozen: str


class RolesForm(Strict):
    """Which frame items of an audience say how it was drawn."""

    weight: str | None = None
    stratum: str | None = None
    psu: str | None = None
    fpc: str | None = None


class CountColumnsForm(Strict):
    """Which columns of a file of counts hold what."""

    unit: str
    audience: str
    item: str
    option: str
    n: str


class OptionsForm(Strict):
    """What the options of tabulated items mean, by how many options an item has."""

    missing: Annotated[Any, BeforeValidator(_by_number)] = Field(default_factory=dict)
    favourable: Annotated[Any, BeforeValidator(_by_number)] = Field(default_factory=dict)
    lists: list[Annotated[int, Field(ge=2)]] = Field(default_factory=list)


class TabulatedForm(Strict):
    """A file of counts of answers; its `columns` and `options` are checked with forms of their own."""

    file: str
    unit: str
    columns: dict[str, Any]
    audiences: Annotated[dict[str, str], Field(min_length=1)]
    others: list[str] = Field(default_factory=list)
    options: dict[str, Any] = Field(default_factory=dict)
    wave: str | None = None
    encoding: str = "utf-8"


class PlanForm(Strict):
    """The head of a plan; `data` and `design` are checked part by part."""

    study: str
    title: Words | None = None
    language: str | None = None
    waves: Annotated[list[str], Field(min_length=1)]
    data: dict[str, Any]
    design: dict[str, Any] = Field(default_factory=dict)
    tabulated: dict[str, Any] | None = None
    unit: str | None = None
    segments: list[str] | None = None
    outcome: str | None = None
    drivers: Annotated[list[str], BeforeValidator(_drivers)] | None = None
    smallest: Annotated[list[MarginText], Field(min_length=1)] | None = None
    min_cell: int | None = None
    published: str | None = None
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    adjust: Literal["bh", "by", "holm", "two_stage"] = "bh"
    lonely_psu: LonelyPsu = "fail"
    missing: Missing = "listwise"
    notes: dict[str, list[str]] = Field(default_factory=dict)
