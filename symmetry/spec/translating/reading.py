"""A gettext catalogue (.po), read strictly and with the place of every entry.

Our own reading, because a study must not take half a translation for a whole one: the readers at hand let a quote that never
closes, an entry given twice or a word outside the format pass in silence, and keep no line of the translation.  Writing is
by Babel (`writing`).  The format is GNU gettext's [1]_, without plural forms, which questions do not have.

References
----------
.. [1] GNU gettext manual, "The Format of PO Files".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from symmetry.errors import Place, Problem, SpecError
from symmetry.spec.reading import LARGEST
from symmetry.spec.translating.nouns import Catalogue, Entry

__all__ = ["read_catalogue"]

_LINE_END = re.compile(r"\r\n|\r|\n")
_KEYWORD = re.compile(r"(msgctxt|msgid|msgstr)[ \t]*(?=\")")
_PLURAL = re.compile(r"msgid_plural\b|msgstr\[")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"[ \t]*')
_ESCAPE = re.compile(r"\\(.)")
_SIGNS = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_ORDER = {"msgctxt": ("",), "msgid": ("", "msgctxt"), "msgstr": ("msgid",)}


def read_catalogue(path: Path | str) -> Catalogue:
    """Read a .po file.

    Parameters
    ----------
    path : the file; UTF-8, with lines that end as on any system.

    Returns
    -------
    Its entries by context, those kept as obsolete, and its header.

    Raises
    ------
    SpecError : TRN03 at each line that cannot be read, or for a file that is missing or in another encoding.

    Examples
    --------
    >>> read_catalogue("nowhere/de.po")
    Traceback (most recent call last):
    symmetry.errors.SpecError: nowhere/de.po: error TRN03 there is no such file
      mend: make it with `symmetry translate`
    """
    file = Path(path)
    reader = _Reader(file)
    for number, line in enumerate(_LINE_END.split(_text(file)), 1):
        reader.line(number, line)
    return reader.catalogue()


def _text(file: Path) -> str:
    """The text of the file; SpecError where it is none."""
    try:
        if file.stat().st_size > LARGEST:
            raise _fault(
                file, 1, 1, "this file is larger than 2 MB: no study has that many texts", "name the right file"
            )
        raw = file.read_bytes()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        what = "there is no such file" if missing else f"cannot be read: {error.strerror}"
        mend = "make it with `symmetry translate`" if missing else "check the path, and who may read it"
        raise SpecError(what, where=Place(file), mend=mend, code="TRN03") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = _LINE_END.split(raw[: error.start].decode("utf-8", "replace"))
        what = f"this file is not UTF-8: byte 0x{raw[error.start]:02x} belongs to another encoding"
        raise _fault(file, len(before), len(before[-1]) + 1, what, "save the file as UTF-8") from error


def _fault(file: Path, line: int, column: int, what: str, mend: str) -> SpecError:
    return SpecError(what, where=Place(file, line, column), mend=mend, code="TRN03")


@dataclass
class _Draft:
    """An entry while it is read: its strings, and where each began."""

    strings: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    last: str = ""
    obsolete: bool = False
    faulty: bool = False
    flags: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    previous: list[str] = field(default_factory=list)


class _Reader:
    """Reads line by line, and goes on after a fault, so that one pass finds all."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.entries: dict[str, Entry] = {}
        self.obsolete: list[Entry] = []
        self.header: str | None = None
        self.notes: tuple[str, ...] = ()
        self.draft = _Draft()

    def catalogue(self) -> Catalogue:
        """What was read."""
        self.close()
        if self.problems:
            raise SpecError(sorted(self.problems, key=lambda problem: problem.where or Place(self.file)))
        return Catalogue(self.file, self.entries, tuple(self.obsolete), self.header or "", self.notes)

    def line(self, number: int, line: str) -> None:
        """One line: a comment, a keyword with its string, or a string that goes on."""
        text = line.strip()
        column = line.index(text) + 1 if text else 1
        if not text:
            if self.draft.strings or self.draft.faulty:
                self.close()
        elif text.startswith("#~"):
            inner = text[2:].lstrip()
            if inner.startswith("|"):
                self.comment(f"#{inner}")
            elif inner:
                self.statement(number, column + len(text) - len(inner), inner, obsolete=True)
        elif text.startswith("#"):
            self.comment(text)
        else:
            self.statement(number, column, text, obsolete=False)

    def comment(self, text: str) -> None:
        """What stands above an entry: flags, the former source, notes of translators; the rest is written anew."""
        if self.draft.strings:
            self.close()
        if text.startswith("#,"):
            self.draft.flags += [flag.strip() for flag in text[2:].split(",")]
        elif text.startswith("#|"):
            self.draft.previous.append(text[2:].strip())
        elif not text.startswith(("#.", "#:")):
            self.draft.notes.append(text[1:].strip())

    def statement(self, number: int, column: int, text: str, *, obsolete: bool) -> None:
        """`msgid "…"`, or `"…"` alone."""
        keyword = _KEYWORD.match(text)
        start = keyword.end() if keyword else 0
        word = keyword[1] if keyword else self.draft.last
        begun = self.draft.strings.keys() & {word, "msgid", "msgstr"} or (self.draft.faulty and word == "msgctxt")
        if keyword and word in ("msgctxt", "msgid") and begun:
            self.close()
            word = keyword[1]
        if _PLURAL.match(text):
            return self.fault(number, column, "plural forms: a question has none", "write one `msgid`, one `msgstr`")
        if not keyword and not text.startswith('"'):
            what = f"`{text.split()[0][:30]}` is no part of a catalogue"
            return self.fault(number, column, what, 'a line is `msgid "…"`, `msgstr "…"`, `"…"` or a `#` comment')
        if keyword and self.draft.last not in _ORDER[word] and not self.draft.faulty:
            return self.fault(number, column, f"`{word}` out of order", "write msgctxt, then msgid, then msgstr")
        if not word and not self.draft.faulty:
            return self.fault(number, column, "a text that belongs to nothing", "write `msgstr` before it")
        said = self.string(number, column, text, start)
        self.draft.last, self.draft.obsolete = word, obsolete
        self.draft.places.setdefault(word, (number, column))
        self.draft.strings[word] = self.draft.strings.get(word, "") + said
        return None

    def string(self, number: int, column: int, text: str, start: int) -> str:
        """What stands between quotes to the end of the line."""
        parts: list[str] = []
        while start < len(text):
            found = _STRING.match(text, start)
            if not found:
                what = (
                    "these quotes are never closed" if text[start] == '"' else f"`{text[start:][:20]}` after the text"
                )
                self.fault(number, column + start, what, 'write `"` at both ends, and `\\"` for a quote inside')
                break
            unknown = [sign for sign in _ESCAPE.findall(found[1]) if sign not in _SIGNS]
            if unknown:
                what = f"`\\{unknown[0]}` stands for nothing"
                self.fault(
                    number, column + start + found[0].index("\\" + unknown[0]), what, "write `\\\\` for a backslash"
                )
            parts.append(_ESCAPE.sub(lambda escape: _SIGNS.get(escape[1], escape[1]), found[1]))
            start = found.end()
        return "".join(parts)

    def fault(self, number: int, column: int, what: str, mend: str) -> None:
        """Note a problem; the entry it stands in is not used."""
        self.draft.faulty = True
        self.problems.append(Problem(Place(self.file, number, column), what, mend, "TRN03"))

    def close(self) -> None:
        """The entry is complete."""
        draft, self.draft = self.draft, _Draft()
        if draft.faulty or not draft.strings:
            return None
        line, column = next(iter(draft.places.values()))
        if "msgid" not in draft.strings or "msgstr" not in draft.strings:
            lacking = "msgid" if "msgid" not in draft.strings else "msgstr"
            return self.fault_of(line, column, f"this entry has no `{lacking}`", "write the entry whole, or delete it")
        if "msgctxt" not in draft.strings:
            return self.head(draft, line, column)
        return self.keep(draft, line, column)

    def fault_of(self, line: int, column: int, what: str, mend: str) -> None:
        """Note a problem of an entry that is closed already."""
        self.problems.append(Problem(Place(self.file, line, column), what, mend, "TRN03"))

    def head(self, draft: _Draft, line: int, column: int) -> None:
        """The header: the entry without source and context."""
        if draft.strings["msgid"]:
            what = "this entry has no `msgctxt`: nothing says which text of the study it translates"
            return self.fault_of(line, column, what, "make the entries with `symmetry translate`")
        if self.header is not None:
            return self.fault_of(line, column, "a second header", "delete one")
        self.header, self.notes = draft.strings["msgstr"], tuple(draft.notes)
        charset = re.search(r"charset=([^\s;]+)", self.header)
        if charset and charset[1].lower() not in ("utf-8", "utf8", "charset"):
            what = f"the header says that this file is in {charset[1]}"
            self.fault_of(*draft.places["msgstr"], what, "save the file as UTF-8, and write `charset=UTF-8` there")
        return None

    def keep(self, draft: _Draft, line: int, column: int) -> None:
        """An entry for use, or one kept as obsolete."""
        context, place = draft.strings["msgctxt"], Place(self.file, *draft.places["msgstr"])
        previous = _previous(draft.previous)
        said = draft.strings["msgid"], draft.strings["msgstr"]
        entry = Entry(context, *said, place, "fuzzy" in draft.flags, previous, tuple(draft.notes))
        if draft.obsolete:
            self.obsolete.append(entry)
        elif context in self.entries:
            what = f"`{context}` is translated twice (first on line {self.entries[context].place.line})"
            self.fault_of(line, column, what, "delete one of them")
        else:
            self.entries[context] = entry


def _previous(lines: list[str]) -> str | None:
    """The source that a fuzzy translation was made from; None where the comment does not say it."""
    text = " ".join(lines)
    _, found, after = text.partition("msgid ")
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"', after)
    return (
        "".join(_ESCAPE.sub(lambda escape: _SIGNS.get(escape[1], escape[1]), part) for part in parts) if found else None
    )
