"""What the rows of an XLSForm say, with the liberties that their authors take.

Types have many names, words stand in a column for each language, and every cell that a draft cannot hold is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from symmetry.spec.exchange.drafting_scales import Choice
from symmetry.spec.exchange.xlsform_sheets import Row, Workbook
from symmetry.spec.texts import Text

__all__ = ["Kind", "Languages", "choices_of", "kind_of", "languages_of", "leftovers", "stripped"]

_SELECT = re.compile(
    r"(?:add )?(?P<how>select[_ ]one|select1|select[_ ]multiple|select all that apply|rank)(?: prompt using)?"
    r"(?P<file>[_ ]from[_ ]file|[_ ]external)?(?: from)?\s+(?P<list>\S.*?)(?P<other>\s+(?:or[_ ]other|or specify other))?",
    re.IGNORECASE,
)
_FOLD = re.compile(r"(?P<way>begin|end)[_ ]?(?P<what>group|repeat|loop|lgroup|looped group)", re.IGNORECASE)
_TYPES: Mapping[str, str] = {
    "integer": "integer",
    "int": "integer",
    "decimal": "decimal",
    "range": "range",
    "text": "text",
    "string": "text",
    "barcode": "text",
    "date": "date",
    "today": "device",
    "note": "note",
    "calculate": "calculate",
    "calculation": "calculate",
    "hidden": "hidden",
}
_DEVICE = re.compile(
    r"start|end|get today|(start|end)[ _]time|device ?id|imei|phone ?number|username|email|audit|simserial|sim id|subscriber ?id"
    r"|start-geopoint|background-.*|uri:.*|(xml|csv)-external"
)
_TAG = re.compile(
    r"</?(?:span|b|i|u|p|br|div|em|strong|font|small|big|sub|sup|h[1-6]|ul|ol|li|a|img|center)\b[^<>]*>", re.I
)
_LABELS = ("label", "caption")
_CARRIED = {
    "type",
    "command",
    "name",
    "value",
    "tag",
    "relevant",
    "relevance",
    "constraint",
    "calculation",
    "calculate",
}
_QUIET = {
    "disabled",
    "constraint_message",
    "constraining_message",
    "bind::jr:constraintmsg",
    "note",
    "comments",
    "comment",
}
_NAMES: Mapping[str, str] = {
    "deutsch": "de",
    "german": "de",
    "english": "en",
    "anglais": "en",
    "español": "es",
    "espanol": "es",
    "spanish": "es",
    "français": "fr",
    "francais": "fr",
    "french": "fr",
    "italiano": "it",
    "italian": "it",
    "nederlands": "nl",
    "dutch": "nl",
    "português": "pt",
    "portugues": "pt",
    "portuguese": "pt",
    "arabic": "ar",
    "swahili": "sw",
    "kiswahili": "sw",
    "russian": "ru",
    "chinese": "zh",
    "hindi": "hi",
}


@dataclass(frozen=True)
class Kind:
    """What a row is: its plain type, and of a choice its list, whether several may be chosen, and whether one may be written."""

    name: str
    list: str = ""
    several: bool = False
    other: bool = False
    written: str = ""


@dataclass(frozen=True)
class Languages:
    """The languages of a form: our code of each column of labels ("" for a plain `label`), the source first."""

    codes: Mapping[str, str]
    notes: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Each language once."""
        return tuple(dict.fromkeys(self.codes.values()))

    def text(self, row: Row, *columns: str) -> dict[str, str]:
        """The words of a row by language."""
        found: dict[str, str] = {}
        for suffix, code in self.codes.items():
            words = row.get(*(f"{column}::{suffix}" if suffix else column for column in columns))
            if words and code not in found:
                found[code] = words
        return found

    def labels(self, row: Row) -> dict[str, str]:
        """The labels of a row by language."""
        return self.text(row, *_LABELS)


def kind_of(written: str) -> Kind:
    """Read the type of a row.

    Examples
    --------
    >>> kind_of("select_multiple reasons or_other")
    Kind(name='select', list='reasons', several=True, other=True, written='select_multiple reasons or_other')
    >>> kind_of("Begin  Group").name, kind_of("geopoint").name
    ('begin group', 'other')
    """
    plain = " ".join(written.split())
    folded = _FOLD.fullmatch(plain)
    if folded:
        what = "group" if folded["what"].lower() == "group" else "repeat"
        return Kind(f"{folded['way'].lower()} {what}", written=plain)
    chosen = _SELECT.fullmatch(plain)
    if chosen:
        how = chosen["how"].lower().replace("_", " ")
        several = how in ("select multiple", "select all that apply")
        name = "rank" if how == "rank" else "select"
        name = "file" if chosen["file"] and "file" in chosen["file"].lower() else name
        return Kind(name, chosen["list"], several, bool(chosen["other"]), plain)
    lower = plain.lower()
    if _DEVICE.fullmatch(lower):
        return Kind("device", written=plain)
    return Kind(_TYPES.get(lower, "other"), written=plain)


def languages_of(book: Workbook) -> Languages:
    """The languages that a form is written in, and what had to be guessed about them."""
    suffixes: list[str] = []
    for sheet in ("survey", "choices", "external_choices"):
        for column in book.columns.get(sheet, ()):
            first, _, suffix = column.partition("::")
            if first in _LABELS and suffix not in suffixes and _used(book, column):
                suffixes.append(suffix)
    default = next((row.get("default_language") for row in book.rows("settings")), "")
    suffixes.sort(key=lambda suffix: (suffix != default, suffix != ""))
    codes: dict[str, str] = {}
    notes: list[str] = []
    for suffix in suffixes or [""]:
        named = suffix or default
        code = _code(named)
        if code is None:
            code = "en" if not named else re.sub(r"[^a-z]", "", named.lower())[:3] or "xx"
            shown = f"`label::{suffix}`" if suffix else "`label`"
            notes.append(f"the language of {shown} is not said in a way we know: it is taken as `{code}`")
        codes[suffix] = code
    return Languages(codes, tuple(notes))


def choices_of(book: Workbook, languages: Languages) -> dict[str, list[tuple[Row, Choice]]]:
    """The choices of each list, with the row each stands in; a choice without words is called by its code."""
    lists: dict[str, list[tuple[Row, Choice]]] = {}
    for sheet in ("choices", "external_choices"):
        for row in book.rows(sheet):
            name, code = row.get("list_name"), row.get("name", "value")
            if name and code:
                words = languages.labels(row) or {languages.all[0]: code}
                known = [choice.code for _, choice in lists.setdefault(name, [])]
                if code not in known:
                    lists[name].append((row, Choice(code, words)))
    return lists


def leftovers(row: Row, carried: Iterable[str] = ()) -> str:
    """The cells of a row that a draft does not hold, in words; empty where it holds them all."""
    known = {*_CARRIED, *carried}
    rest: dict[str, str] = {}
    for column, value in row.cells.items():
        first = column.partition("::")[0] if not column.startswith("bind::") else column.lower()
        idle = first == "required" and value.lower() in ("no", "false", "false()", "0")
        if first not in (*_LABELS, *known) and not idle:
            rest.setdefault(first, value)
    return ", ".join(f"{name} ({_short(value)})" for name, value in rest.items())


def stripped(text: Text) -> Text:
    """Words without the HTML that forms put into them; anything else between < and > stays.

    Examples
    --------
    >>> stripped({"en": "<b>Rooms</b> &lt; 2<br>"})
    {'en': 'Rooms < 2'}
    """
    from html import unescape

    return {
        code: " ".join(unescape(_TAG.sub(" ", words)).split()) if _marked(words) else words
        for code, words in text.items()
    }


def _marked(words: str) -> bool:
    return bool(_TAG.search(words)) or "&lt;" in words or "&nbsp;" in words


def _code(name: str) -> str | None:
    """Our code of a language as a form names it: `English (en)`, `fr`, `French`."""
    tagged = re.search(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$", name)
    if tagged:
        return tagged[1]
    lower = name.strip().lower()
    return lower if re.fullmatch(r"[a-z]{2}", lower) else _NAMES.get(lower)


def _used(book: Workbook, column: str) -> bool:
    return any(column in row.cells for sheet in ("survey", "choices", "external_choices") for row in book.rows(sheet))


def _short(value: str) -> str:
    words = " ".join(value.split())
    return words if len(words) <= 60 else f"{words[:57]}…"
