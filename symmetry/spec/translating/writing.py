"""A study's texts out to a gettext catalogue, and a catalogue brought up to date with the study: `symmetry translate`.

What a translator did is never lost.  An entry whose source still stands keeps its translation, wherever in the study it went;
one whose source changed keeps it as *fuzzy*, with the former source beside it; one that the study no longer has is kept as
obsolete.  Babel writes the file; nothing of the day or of the machine enters it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from symmetry.aside import replace_file
from symmetry.errors import Place, SpecError
from symmetry.spec.piping import BraceError, placeholders
from symmetry.spec.reading import Document, read_yaml
from symmetry.spec.translating.gathering import slots
from symmetry.spec.translating.guessing import GUESS, template_slot
from symmetry.spec.translating.noting import notes_of
from symmetry.spec.translating.nouns import Catalogue, Entry, Slot
from symmetry.spec.translating.reading import read_catalogue

__all__ = ["catalogue_path", "is_language", "merged", "study_document", "wanted", "write_catalogue", "written"]

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_NO_WRAP = 1_000_000
_REVISED = "2000-01-01 00:00+0000"
_ADVICE = "Write each translation after msgstr; delete `fuzzy` once you have looked at a changed source."


def is_language(language: str) -> bool:
    """Whether a word can be the code of a language, and so the name of a file.

    Examples
    --------
    >>> is_language("de"), is_language("pt-BR"), is_language("../de")
    (True, True, False)
    """
    return _LANGUAGE.fullmatch(language) is not None


def catalogue_path(folder: Path, language: str) -> Path:
    """The catalogue of a language beside a study."""
    return folder / "i18n" / f"{language}.po"


def write_catalogue(study: Path | str, language: str) -> Path:
    """Write, or bring up to date, the catalogue of one language.

    Parameters
    ----------
    study : `study.yaml` or its folder; it need not list the language yet.
    language : the code of the language to translate into: "de", "pt-BR".

    Returns
    -------
    The catalogue, `i18n/<language>.po` beside the study.  The same study and the same catalogue give the same bytes.

    Raises
    ------
    SpecError : the study is no YAML; TRN03 the catalogue that is there cannot be read, and is left alone; TRN05 there is
        nothing to translate into this language.
    """
    document = study_document(study)
    needed = wanted(document, language)
    target = catalogue_path(document.file.parent, language)
    former = read_catalogue(target) if target.exists() or target.is_symlink() else Catalogue(target)
    made = written(merged(needed, former, document.data["languages"][0]), document, language)
    target.parent.mkdir(exist_ok=True)
    if not target.exists() or target.read_bytes() != made:
        replace_file(target.resolve(), made)
    return target


def study_document(study: Path | str) -> Document:
    """The document of a study, which must be YAML with a list of languages."""
    file = Path(study)
    document = read_yaml(file if file.suffix in (".yaml", ".yml") else file / "study.yaml")
    if document.problems:
        raise SpecError(document.problems)
    listed = document.at(("languages",))
    if not isinstance(listed, list) or not listed or not all(isinstance(each, str) for each in listed):
        what, mend = "this study does not list its languages", "add `languages: [fr, en]`, the first being the source"
        raise SpecError(what, where=document.place(("languages",)), mend=mend, code="TRN05")
    return document


def wanted(document: Document, language: str) -> tuple[Slot, ...]:
    """Every text that a language needs from a catalogue: those that have the source and not the language itself."""
    source = str(document.data["languages"][0])
    if not is_language(language):
        what = f"`{language}` is not the code of a language"
        raise SpecError(what, mend="write `de`, `es`, or `pt-BR` with a country", code="TRN05")
    if language == source:
        what = f"`{language}` is the source of this study: its texts stand in the study itself"
        raise SpecError(what, where=document.place(("languages", 0)), mend="name another language", code="TRN05")
    everything = (*template_slot(document, language), *slots(document))
    needed = tuple(slot for slot in everything if slot.texts.get(source, "").strip() and language not in slot.texts)
    if not needed:
        what = f"every text of this study has its `{language}` in the study itself"
        raise SpecError(what, where=Place(document.file), mend="nothing is left to translate", code="TRN05")
    return needed


def merged(needed: Sequence[Slot], former: Catalogue, source: str) -> Catalogue:
    """A catalogue with an entry for each text that is needed, and every translation of the former one kept.

    Examples
    --------
    >>> here = Place("de.po")
    >>> old = Catalogue(Path("de.po"), {"title": Entry("title", "Une banque", "Eine Bank", here)})
    >>> new = merged([Slot("title", ("title",), None, {"fr": "Une petite banque"})], old, "fr").entries["title"]
    >>> new.text, new.fuzzy, new.previous
    ('Eine Bank', True, 'Une banque')
    """
    left = {**{entry.context: entry for entry in former.obsolete}, **former.entries}
    sources = {slot.context: slot.texts[source] for slot in needed}
    stood = {context: left.pop(context) for context, words in sources.items() if _stands(left.get(context), words)}
    found = dict(stood)
    for context in (each for each in sources if each not in stood):
        moved = _moved(context, sources[context], left)
        if moved is not None:
            found[context] = replace(left.pop(moved), context=context)
    for context in (each for each in sources if each not in found):
        old = left.pop(context, None) or Entry(context, sources[context], "", Place(former.file))
        found[context] = _changed(old, sources[context])
    kept = tuple(entry for entry in left.values() if entry.text)
    return Catalogue(former.file, {context: found[context] for context in sources}, kept, former.header, former.notes)


def _stands(old: Entry | None, source: str) -> bool:
    """Whether a translation stands where it stood, and was made of these words."""
    return old is not None and old.source == source and bool(old.text)


def _moved(context: str, source: str, left: Mapping[str, Entry]) -> str | None:
    """The context under which a translation of the same words, in the same part of a study, stood before."""
    same = [each for each, entry in left.items() if entry.source == source and entry.text]
    return next((each for each in same if _part(each) == _part(context)), None)


def _part(context: str) -> str:
    """The last key of a context, whatever the place in a list: "rituals" of "journeys.visit.moments.call.rituals[1]"."""
    return re.sub(r"\[\d+\]$", "", context).rpartition(".")[2]


def _changed(old: Entry, source: str) -> Entry:
    """An entry whose source changed: its translation is to be looked at again, unless the source came back."""
    if not old.text:
        return replace(old, source=source, fuzzy=False, previous=None)
    if old.previous == source:
        return replace(old, source=source, fuzzy=False, previous=None)
    return replace(old, source=source, fuzzy=True, previous=old.previous if old.fuzzy and old.previous else old.source)


def written(catalogue: Catalogue, document: Document, language: str) -> bytes:
    """The bytes of a catalogue, each entry under what its text is in the study."""
    texts = (*template_slot(document, language), *slots(document))
    notes = {slot.context: notes_of(document, slot, language) for slot in texts}
    kept = re.sub(r"(?m)^(msg|\")", r"#~ \1", _entries(catalogue.obsolete, {}))
    parts = [_entries(catalogue.entries.values(), notes), re.sub(r"(?m)^#\|", "#~|", kept)]
    return "".join([*_head(catalogue, document, language), *(f"\n{part}" for part in parts if part)]).encode("utf-8")


def _entries(entries: Iterable[Entry], notes: Mapping[str, Sequence[str]]) -> str:
    """Entries one after the other."""
    return "\n".join(_entry(entry, notes.get(entry.context, ())) for entry in entries)


def _entry(entry: Entry, notes: Sequence[str]) -> str:
    """One entry as Babel writes it, its words on unbroken lines; the former source by us, as Babel would wrap it in two."""
    from babel.messages.catalog import Catalog, Message
    from babel.messages.pofile import normalize, write_po

    about = [" ".join(note.split()) for note in notes]
    message = Message(entry.source, entry.text, auto_comments=about, user_comments=entry.notes, context=entry.context)
    holds = {"fuzzy": entry.fuzzy, "python-brace-format": _piped(entry)}
    message.flags = {flag for flag, held in holds.items() if held}
    made = Catalog(charset="utf-8", fuzzy=False)
    made[entry.source] = message
    stream = io.BytesIO()
    write_po(stream, made, width=_NO_WRAP, omit_header=True)
    text = stream.getvalue().decode("utf-8").rstrip("\n") + "\n"
    if not entry.fuzzy or not entry.previous:
        return text
    lines = f"msgid {normalize(entry.previous, width=0)}".split("\n")
    former = "".join(f"#| {line}\n" for line in lines)
    return re.sub(r"(?m)^(?=msgctxt )", lambda _: former, text, count=1)


def _head(catalogue: Catalogue, document: Document, language: str) -> Iterator[str]:
    """The header: that of the former catalogue, whose tools wrote it, or a plain one of a fixed date."""
    from babel.messages.pofile import escape

    study = document.at(("study",))
    fields = {
        "Project-Id-Version": study if isinstance(study, str) else "study",
        "PO-Revision-Date": _REVISED,
        "Last-Translator": "nobody yet",
        "Language-Team": language,
        "Language": language.replace("-", "_"),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    header = catalogue.header or "".join(f"{name}: {value}\n" for name, value in fields.items())
    yield from (f"# {note}".rstrip() + "\n" for note in catalogue.notes or (_ADVICE,))
    yield 'msgid ""\nmsgstr ""\n'
    yield from (f"{escape(line)}\n" for line in header.splitlines(keepends=True))


def _piped(entry: Entry) -> bool:
    """Whether a text has placeholders that its translation must keep."""
    if entry.context == GUESS:
        return True
    try:
        return bool(placeholders(entry.source))
    except BraceError:
        return False
