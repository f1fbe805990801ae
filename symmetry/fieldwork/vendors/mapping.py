"""A mapping file: which column of another tool feeds which column of the study, where names and words do not tell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from symmetry.errors import DataError, Place, Problem, SpecError
from symmetry.fieldwork.vendors.nouns import Feed, Report
from symmetry.spec import Strict, nearest, read_yaml, validate

__all__ = ["Mapped", "mapping_text", "read_mapping"]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_RULE = "the mapping file"


@dataclass(frozen=True)
class Mapped:
    """What a mapping file says: feeds by column of the study, the column of ids, the columns that the file lacks."""

    feeds: Mapping[str, Feed] = field(default_factory=dict)
    respondent: str | None = None
    absent: tuple[str, ...] = ()


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _form(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_text)]


class _FeedForm(Strict):
    column: str | None = None
    choices: dict[str, str] = Field(default_factory=dict)
    aside: str | None = None
    values: dict[Text, Text] | None = None
    dates: Literal["dmy", "mdy"] | None = None


class _Form(Strict):
    symmetry: Literal[1]
    holds: Literal["mapping"]
    vendor: str | None = None
    respondent: str | None = None
    columns: dict[str, Annotated[_FeedForm, BeforeValidator(_form)]] = Field(default_factory=dict)
    absent: list[str] = Field(default_factory=list)


def read_mapping(path: Path, vendor: str, names: Sequence[str], known: Sequence[str]) -> Mapped:
    """Read a mapping file and hold it against the study and the file of answers.

    Parameters
    ----------
    path : the YAML.
    vendor : the tool of the file of answers.
    names : columns of the file of answers.
    known : columns of the study.

    Raises
    ------
    DataError : not readable, unknown keys, columns that the study or the file does not have, a file column used twice (VEN11).
    """
    try:
        document = read_yaml(path)
        form, problems = validate(document, _Form)
    except SpecError as error:
        raise DataError([_of_mapping(each) for each in error.problems]) from error
    if problems or form is None:
        raise DataError([_of_mapping(each) for each in problems])
    found = [Problem(Place(path), what, mend, "VEN11") for what, mend in _faults(form, vendor, names, known)]
    if found:
        raise DataError(found)
    feeds = {
        name: Feed(name, _RULE, each.column, each.choices, each.aside, each.values, each.dates)
        for name, each in form.columns.items()
    }
    return Mapped(feeds, form.respondent, tuple(form.absent))


def _of_mapping(problem: Problem) -> Problem:
    return Problem(problem.where, problem.what, problem.mend, problem.code or "VEN11")


def _faults(form: _Form, vendor: str, names: Sequence[str], known: Sequence[str]) -> list[tuple[str, str]]:
    """What does not fit the study or the file, each with its remedy."""
    found: list[tuple[str, str]] = []
    if form.vendor not in (None, vendor):
        what = f"this is a mapping of {form.vendor}, and the file of answers is of {vendor}"
        found.append((what, "give the file's own mapping, or name its tool: `--vendor`"))
    used: dict[str, str] = {} if form.respondent is None else {form.respondent: "respondent"}
    strange = [name for name in (*form.columns, *form.absent) if name not in known]
    what = "the study has no column `{}` for this audience in this wave"
    found += [(what.format(name), nearest(name, known)) for name in strange]
    for name, each in form.columns.items():
        if (each.column is None) == (not each.choices):
            found.append((f"`{name}` needs either `column:` or `choices:`", f"write `{name}: FILE_COLUMN`"))
        for column in (*([each.column] if each.column else ()), *each.choices.values(), *filter(None, [each.aside])):
            if column in used:
                found.append((f"the file column `{column}` feeds `{used[column]}` and `{name}`", "keep one of them"))
            used[column] = name
    missing = [column for column in used if column not in names]
    found += [(f"the file of answers has no column `{column}`", nearest(column, names)) for column in missing]
    return found


def mapping_text(report: Report) -> str:
    """The mapping that an import used, as YAML to edit and to give again."""
    lines = ["symmetry: 1", "holds: mapping", f"vendor: {report.vendor}"]
    lines += [f"respondent: {_said(report.respondent)}"] if report.respondent else []
    lines.append("columns:" if report.feeds else "columns: {}")
    for feed in report.feeds:
        lines.append(f"  {_said(feed.name)}: {_fed(feed)}  # {feed.rule}")
    if report.absent:
        lines.append(f"absent: [{', '.join(map(_said, report.absent))}]")
    for unused in report.unused:
        lines.append(f"# not used: {json.dumps(unused.column, ensure_ascii=False)}, {unused.why}")
    return "\n".join(lines) + "\n"


def _fed(feed: Feed) -> str:
    """One feed, short where it is only a column."""
    if feed.column and not (feed.aside or feed.values or feed.dates):
        return _said(feed.column)
    parts = [f"column: {_said(feed.column)}"] if feed.column else []
    for name, pairs in (("choices", feed.choices), ("values", feed.values)):
        if pairs:
            said = ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {_said(value)}" for key, value in pairs.items())
            parts.append(f"{name}: {{{said}}}")
    parts += [f"aside: {_said(feed.aside)}"] if feed.aside else []
    parts += [f"dates: {feed.dates}"] if feed.dates else []
    return f"{{{', '.join(parts)}}}"


def _said(text: str) -> str:
    """A text as YAML reads it back: as it is where it can only be a word, in quotes else."""
    bare = _PLAIN.fullmatch(text) and text.casefold() not in (
        "y",
        "n",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
    )
    return text if bare else json.dumps(text, ensure_ascii=False)
