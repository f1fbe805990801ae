"""The words of a Qualtrics survey: HTML made plain, piped answers given one form, translations by language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from typing import Any

from symmetry.spec.exchange.qsf_reading import Survey, mapping, text_of

__all__ = ["CELL", "codes_of", "plain", "translated"]

CELL = re.compile(r"\$\{([^{}$]+)\}")
_PIPE = re.compile(r"\$\{(?:q://(?P<question>QID\d+)/(?P<what>[^}]*)|e://Field/(?P<field>[^}]+)|(?P<other>[^}]*))\}")
_ANSWERS = (
    "ChoiceGroup/SelectedChoices",
    "ChoiceTextEntryValue",
    "ChoiceNumericEntryValue",
    "ChoiceValue",
    "SelectedAnswer",
)
_HOLLOW = ("script", "style", "head", "title", "template")
_BREAKS = (
    "br",
    "p",
    "div",
    "li",
    "ul",
    "ol",
    "tr",
    "td",
    "th",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "section",
)


class _Plain(HTMLParser):
    """Collects the words between tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hollow = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag: a break, a picture, or something whose content is not for reading."""
        self.hollow += tag in _HOLLOW
        if tag in _BREAKS:
            self.parts.append(" ")
        elif tag in ("img", "video", "audio", "iframe", "object"):
            words = dict(attrs).get("alt") or ""
            self.parts.append(f" [{words or tag}] ")

    def handle_endtag(self, tag: str) -> None:
        """The end of what breaks a line, or is not for reading."""
        self.hollow = max(0, self.hollow - (tag in _HOLLOW))
        if tag in _BREAKS:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self.hollow:
            self.parts.append(data)


def plain(html: str) -> str:
    """The words of a text that Qualtrics keeps as HTML, piped answers as `${QID1}` or `${e:field}`.

    Examples
    --------
    >>> plain("<b>Rooms</b><br>&lt; 2, you said ${q://QID1/ChoiceGroup/SelectedChoices}")
    'Rooms < 2, you said ${QID1}'
    """
    reader = _Plain()
    reader.feed(html)
    reader.close()
    words = " ".join("".join(reader.parts).replace("\xa0", " ").split())
    return _PIPE.sub(_named, words)


def codes_of(survey: Survey) -> dict[str, str]:
    """Qualtrics' code of each language of a survey → ours, the one it was written in first.

    Examples
    --------
    >>> codes_of(Survey("t", "EN-GB", {"QID1": {"Language": {"FR-CA": {}}}}, {}, ()))
    {'EN-GB': 'en', 'FR-CA': 'fr'}
    """
    found = [survey.language, *(key for each in survey.questions.values() for key in mapping(each.get("Language")))]
    codes: dict[str, str] = {}
    for name in dict.fromkeys(found):
        plain_code = re.sub(r"[^a-z]", "", name.partition("-")[0].lower()) or "xx"
        whole = re.sub(r"[^a-z0-9-]", "", name.lower())
        codes[name] = plain_code if plain_code not in codes.values() else whole
    return codes


def translated(payload: Mapping[str, Any], codes: Mapping[str, str], *route: str) -> dict[str, str]:
    """One text of a question in every language that has it.

    Parameters
    ----------
    payload : of the question; its translations stand under `Language`.
    codes : as `codes_of` gives them.
    route : keys that lead to the text: ("QuestionText",) or ("Choices", "1", "Display").
    """
    found: dict[str, str] = {}
    for place, (name, code) in enumerate(codes.items()):
        source: Any = payload if place == 0 else mapping(payload.get("Language")).get(name)
        words = plain(text_of(_at(source, route)))
        if words:
            found.setdefault(code, words)
    return found


def _at(value: Any, route: Iterable[str]) -> Any:
    """What a route of keys leads to, through mappings and lists."""
    for key in route:
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            value = mapping(value).get(key)
    return value


def _named(found: re.Match[str]) -> str:
    """One piped answer in the form that the draft looks up; what is no answer keeps its own name."""
    if found["question"] and found["what"].startswith(_ANSWERS):
        row = re.search(r"/(\d+)$", found["what"])
        return f"${{{found['question']}{f'/{row[1]}' if row else ''}}}"
    if found["field"]:
        return f"${{e:{found['field'].strip()}}}"
    return f"${{{(found['other'] or found['what'] or '').strip() or 'nothing'}}}"
