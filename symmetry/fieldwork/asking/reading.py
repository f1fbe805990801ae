"""From a posted page to cells of a table of answers: what a person typed is taken as it stands, or said to be at fault.

A cell is what `fieldwork.columns` says of its kind, so whatever is stored here could have come from a file.  Blank is None.

Faults, by what is wrong (`Fault.what`), with the facts of each:

- `number` no number (also more than thirty characters); `number.low` below `low`, `number.high` above `high`;
  `number.decimals` more decimals than `most`;
- `date` no day of the calendar; `date.early` before `earliest`, `date.late` after `latest` (ISO days);
- `too long` text of `length` characters where `longest` fit; `text` characters that no text can hold, or marks heaped on one
  letter;
- `exclusive` a choice that stands alone (`choice`, its key) chosen together with others; a typed answer beside a ticked
  reason for giving none (`choice`, the reason);
- `one only` several answers where one is asked; `choice` one that the page does not offer, which no browser sends;
- `nothing answered` of the whole page (no column): the last page is sent and nothing was answered at all (said by the store).

Facts are plain: numbers with a decimal point, ISO days.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from symmetry.fieldwork.asking.nouns import Answer, Asked, Fault
from symmetry.fieldwork.columns import Column
from symmetry.spec import Scale

__all__ = ["HIDDEN", "LONGEST", "WHATS", "prefilled", "read_page", "stray"]

WHATS = (
    "number",
    "number.low",
    "number.high",
    "number.decimals",
    "date",
    "date.early",
    "date.late",
    "too long",
    "text",
    "exclusive",
    "one only",
    "choice",
    "nothing answered",
)
HIDDEN = ("form", "page", "lang", "go")
LONGEST = 2000
_MARKS = 30  # more, one on top of the other, are no writing, and slow to put in one form
_JOINERS = "\u200c\u200d"  # in words of several languages, and in pictures of people
_LONE = re.compile("[\ud800-\udfff]")  # half of a character, which no encoding can write
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,8}")
_NUMBER = re.compile(r"([+-]?)([0-9]+|[0-9]{1,3}(?: [0-9]{3})+|(?=[.,]))(?:[.,]([0-9]*))?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})")


class _Wrong(Exception):
    """What is wrong with one answer, and the facts in it."""

    def __init__(self, what: str, **facts: str) -> None:
        super().__init__(what)
        self.what, self.facts = what, facts


def read_page(
    asked: Asked, questions: Sequence[Column], fields: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Answer | None], tuple[Fault, ...]]:
    """Read what was posted to the questions of a page.

    Parameters
    ----------
    asked : the questionnaire.
    questions : those that this person is asked on the page.
    fields : posted name → values; a question's name is its column.

    Returns
    -------
    For each question without a fault its cell, None where it was left blank; and the faults, both in the order of the page.
    """
    answers: dict[str, Answer | None] = {}
    faults: list[Fault] = []
    for column in questions:
        try:
            answers[column.name] = _cell(column, _posted(column, fields))
        except _Wrong as wrong:
            faults.append(Fault(column.name, wrong.what, wrong.facts))
    return answers, tuple(faults)


def stray(asked: Asked, questions: Sequence[Column], fields: Mapping[str, Sequence[str]]) -> str | None:
    """The first posted field that belongs to no question of the page.

    Parameters
    ----------
    asked : the questionnaire.
    questions : those that this person is asked on the page.
    fields : posted name → values.

    Returns
    -------
    Its name; None when all belong.
    """
    own = {*HIDDEN, *(column.name for column in questions)}
    return next((name for name in fields if name not in own), None)


def prefilled(asked: Asked, questions: Sequence[Column], query: Mapping[str, str | Sequence[str]]) -> dict[str, Answer]:
    """What a link proposes, as a score clicked in a mail: shown as chosen, and recorded only once the page is sent.

    Parameters
    ----------
    asked : the questionnaire.
    questions : those that this person is asked on the page.
    query : name → value of the address.

    Returns
    -------
    Cells of questions answered by one mark or one choice; whatever else the address says is passed over.
    """
    given = {name: [value] if isinstance(value, str) else list(value) for name, value in query.items()}
    clicked = [column for column in questions if column.name in given and column.kind in ("code", "category")]
    return {name: cell for name, cell in read_page(asked, clicked, given)[0].items() if cell is not None}


def _posted(column: Column, fields: Mapping[str, Sequence[str]]) -> list[str]:
    """What was posted to a question, each in one form and blanks left out."""
    return [tidied for value in fields.get(column.name, ()) if (tidied := _tidy(value))]


def _tidy(text: str) -> str:
    """A posted text with lines ended as on Unix and nothing in it that cannot be seen; blank where that leaves nothing."""
    if _LONE.search(text):
        raise _Wrong("text")
    plain = _CONTROL.sub("", "\n".join(text.splitlines()).replace("\t", " ")).strip()
    if plain.isascii():
        return plain
    seen = "".join(each for each in plain if each in _JOINERS or unicodedata.category(each) != "Cf").strip()
    return seen if seen.strip(_JOINERS + " \n") else ""


def _cell(column: Column, values: list[str]) -> Answer | None:
    """The cell that posted values stand for; None for a blank."""
    scale, kind = column.scale, column.kind
    if scale is None:
        raise ValueError(f"{column.name} is known beforehand and asked of nobody")
    if not values:
        return None
    if kind == "choices":
        return _choices(column, scale, set(values))
    several = len(set(values)) > 1
    if kind in ("code", "category"):
        if several:
            raise _Wrong("one only")
        return _code(scale, values[0]) if kind == "code" else _choice(column, values[0])
    reasons = [value for value in values if value in scale.missing]
    if reasons and several:
        raise _Wrong("exclusive", choice=reasons[0])
    if reasons:
        return column.missing[reasons[0]]
    if len(values) > 1:
        raise _Wrong("one only")
    if kind == "text":
        return _text(scale, values[0])
    return _day(scale, values[0]) if kind == "date" else _number(scale, values[0])


def _code(scale: Scale, value: str) -> int:
    """A code of the scale, or of a missing answer, by its number or its name."""
    if value in scale.missing:
        return scale.missing[value]
    code = int(value) if _WHOLE.fullmatch(value) else None
    if code is None or not (scale.low <= code <= scale.high or code in scale.missing.values()):
        raise _Wrong("choice")
    return code


def _choice(column: Column, value: str) -> str:
    if value not in column.categories and value not in column.missing:
        raise _Wrong("choice")
    return value


def _choices(column: Column, scale: Scale, values: set[str]) -> str:
    """Keys of what was chosen, in the order of the scale."""
    chosen = [key for key in (*column.categories, *column.missing) if key in values]
    if len(chosen) < len(values):
        raise _Wrong("choice")
    alone = [key for key in chosen if key in scale.exclusive or key in column.missing]
    if alone and len(chosen) > 1:
        raise _Wrong("exclusive", choice=alone[0])
    return " ".join(chosen)


def _number(scale: Scale, value: str) -> float:
    """A number with a decimal comma or point; spaces may part its thousands."""
    plain = re.sub(r"\s", " ", value).replace("\u2212", "-")
    match = _NUMBER.fullmatch(plain) if len(plain) <= 30 else None
    if match is None or not (match[2] or match[3]):
        raise _Wrong("number")
    sign, whole, decimals = match[1], match[2].replace(" ", ""), match[3] or ""
    number = float(f"{sign}{whole or 0}.{decimals or 0}") + 0.0
    if number < scale.low:
        raise _Wrong("number.low", low=_plain(scale.low), high=_plain(scale.high))
    if number > scale.high:
        raise _Wrong("number.high", low=_plain(scale.low), high=_plain(scale.high))
    if not scale.published and len(decimals) > scale.decimals:
        raise _Wrong("number.decimals", most=str(scale.decimals))
    return number


def _plain(number: float) -> str:
    """A bound as people write it: 1000000, 2.5."""
    return f"{number:.15g}"


def _day(scale: Scale, value: str) -> str:
    """An ISO day, from an ISO day or from day, month and year."""
    iso, spoken = _ISO.fullmatch(value), _DAY_FIRST.fullmatch(value)
    year, month, day = iso.groups() if iso else spoken.groups()[::-1] if spoken else ("0", "0", "0")
    try:
        found = date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise _Wrong("date") from None
    facts = {name: each for name, each in (("earliest", scale.earliest), ("latest", scale.latest)) if each}
    if scale.earliest and found < scale.earliest:
        raise _Wrong("date.early", **facts)
    if scale.latest and found > scale.latest:
        raise _Wrong("date.late", **facts)
    return found


def _text(scale: Scale, value: str) -> str:
    """A text in composed characters; what is far too long, or heaped with marks, is refused before it costs any work."""
    longest = scale.longest or LONGEST
    if len(value) <= 4 * longest:
        if _heaped(value):
            raise _Wrong("text")
        value = unicodedata.normalize("NFC", value)
    if len(value) > longest:
        raise _Wrong("too long", longest=str(longest), length=str(len(value)))
    return value


def _heaped(text: str) -> bool:
    """Whether more marks follow each other than any writing has."""
    runs = "" if text.isascii() else "".join("m" if unicodedata.combining(each) else " " for each in text)
    return "m" * (_MARKS + 1) in runs
