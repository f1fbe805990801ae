"""The texts of catalogues put in their places in a study, before anything looks at it: `symmetry translate`, the way in.

A language that the study lists takes what is not in the study itself from `i18n/<language>.po`.  The first language is the
source and stands in the study; words in the study win over those of a catalogue.  Every added text keeps the place where
it was written, so that whatever is wrong with it later is shown there.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symmetry.errors import Place, Problem, SpecError
from symmetry.spec.reading import Document, Route
from symmetry.spec.translating.gathering import slots
from symmetry.spec.translating.guessing import GUESS, TEMPLATES, WORDS, guessed, template_slot
from symmetry.spec.translating.nouns import Catalogue, Completed, Entry, Slot, Translated
from symmetry.spec.translating.reading import read_catalogue
from symmetry.spec.translating.writing import catalogue_path, is_language

__all__ = ["complete", "stale"]


def complete(document: Document, folder: Path) -> Completed:
    """A study's document with the texts of its catalogues.

    Parameters
    ----------
    document : as `read_yaml` gives it.
    folder : that of the study, where `i18n/` stands.

    Returns
    -------
    The document itself where no catalogue has to do with it; else one whose data hold every translated text.  Problems:
    TRN01 a translation is missing, at the entry where it should stand, or at the list of languages where there is no entry
    or no catalogue (an error); TRN02 its source has changed, or a translator was unsure (a warning, and the translation is
    used); TRN03 the catalogue cannot be read (an error); TRN04 an entry translates nothing (a warning); TRN06 the template
    of guesses has no place for the question (an error).

    Examples
    --------
    >>> study = Document(Path("study.yaml"), {"languages": ["fr"], "title": {"fr": "Une banque"}})
    >>> complete(study, Path(".")).document is study
    True
    """
    languages = document.at(("languages",))
    if not isinstance(languages, list) or not languages or not all(isinstance(each, str) for each in languages):
        return Completed(document)
    texts = slots(document)
    work = _Work(document, str(languages[0]), texts)
    for index, language in enumerate(languages[1:], 1):
        if language in languages[:index] or not is_language(language):
            continue
        path = catalogue_path(folder, language)
        if path.exists() or path.is_symlink():
            work.take(language, path, index)
        elif not any(language in slot.texts for slot in texts):
            work.none(language, path, index)
    return work.completed()


def stale(entry: Entry, slot: Slot, source: str) -> bool:
    """Whether a translation has to be looked at again: its source has changed, or its translator was unsure."""
    return entry.fuzzy or entry.source != slot.texts.get(source, entry.source)


@dataclass
class _Work:
    """The data as they grow, language by language."""

    document: Document
    source: str
    texts: Sequence[Slot]
    data: Any = None
    elsewhere: dict[Route, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    told: set[Route] = field(default_factory=set)
    files: list[Path] = field(default_factory=list)
    templates: dict[str, str] = field(default_factory=dict)
    bare: set[Route] = field(default_factory=set)

    def completed(self) -> Completed:
        """What came of it; the document itself where nothing was added."""
        problems, told, files = tuple(self.problems), frozenset(self.told), tuple(self.files)
        if self.data is None:
            return Completed(self.document, problems, told, files)
        old = self.document
        values = {**old.values, **{at: (place.line, place.column) for at, place in self.elsewhere.items()}}
        flat = dict(old.flat)
        for route in self.bare & old.values.keys():
            values[(*route, self.source)] = old.values[route]
            if route in old.flat:
                flat[(*route, self.source)] = old.flat[route]
        made = Translated(old.file, self.data, old.keys, values, old.problems, flat, self.elsewhere)
        return Completed(made, problems, told, files)

    def none(self, language: str, path: Path, index: int) -> None:
        """A language without a text in the study and without a catalogue."""
        what = f"no text of this study is in `{language}`, and there is no {path.parent.name}/{path.name}"
        mend = (
            f"run `symmetry translate {path.parent.parent} --to {language}`, or write `{language}: …` beside each text"
        )
        where = self.document.place(("languages", index))
        self.problems.append(Problem(where, what, mend, "TRN01"))
        self.told |= {(*slot.route, language) for slot in self.texts}
        self.open()

    def take(self, language: str, path: Path, index: int) -> None:
        """Every text that one catalogue has for this study."""
        try:
            catalogue = read_catalogue(path)
        except SpecError as error:
            self.problems += error.problems
            self.told |= {(*slot.route, language) for slot in self.texts if language not in slot.texts}
            self.open()
            return
        self.files.append(path)
        self.open(always=True)
        needed = [slot for slot in self.texts if language not in slot.texts]
        template = template_slot(self.document, language)
        absent: list[Slot] = []
        found = {slot.context: self.said(slot, language, catalogue, absent) for slot in (*template, *needed)}
        self.put(needed, found, language, catalogue)
        if template:
            self.guess(language, found[GUESS], catalogue)
        self.report_absent(absent, language, path, index)
        self.report_idle({slot.context for slot in (*template, *needed)}, catalogue)

    def said(self, slot: Slot, language: str, catalogue: Catalogue, absent: list[Slot]) -> str | None:
        """The translation of one text, with a problem where it is missing or stale."""
        entry = catalogue.entries.get(slot.context)
        if entry is None:
            absent.append(slot)
            return None
        if not entry.text.strip():
            what, mend = f"`{slot.context}` is not translated into `{language}`", "write the text between the quotes"
            self.problems.append(Problem(entry.place, what, mend, "TRN01"))
            return None
        if stale(entry, slot, self.source):
            changed = entry.previous is not None or entry.source != slot.texts.get(self.source, entry.source)
            what = (
                f"`{slot.context}` {'has changed since it was' if changed else 'is marked as uncertain as'} translated"
            )
            mend = "look at it again: mend the translation, and delete the word `fuzzy` above it"
            if entry.source != slot.texts.get(self.source, entry.source):
                mend = f"run `symmetry translate` to see the new source, then {mend[0].lower()}{mend[1:]}"
            self.problems.append(Problem(entry.place, what, mend, "TRN02", "warning"))
        return entry.text

    def put(self, needed: Sequence[Slot], found: Mapping[str, str | None], language: str, catalogue: Catalogue) -> None:
        """Each text into its mapping; a list of words only whole."""
        for route in dict.fromkeys(slot.route for slot in needed):
            here = [slot for slot in needed if slot.route == route]
            words = [found[slot.context] for slot in here]
            at = (*route, language)
            if any(word is None for word in words):
                self.told.add(at)
                continue
            self.home(route)[language] = words[0] if here[0].index is None else words
            self.elsewhere[at] = catalogue.entries[here[0].context].place
            for slot in here if here[0].index is not None else ():
                self.elsewhere[(*at, slot.index or 0)] = catalogue.entries[slot.context].place

    def home(self, route: Route) -> Any:
        """What stands at a route of the growing data."""
        found = self.data
        for part in route:
            found = found[part]
        return found

    def open(self, *, always: bool = False) -> None:
        """Make the data ready to grow: a copy, in which a text without its language is one of the source."""
        bare = [slot.route for slot in self.texts if slot.bare]
        if self.data is not None or not (always or bare):
            return
        self.data = copy.deepcopy(self.document.data)
        for route in bare:
            self.home(route[:-1])[route[-1]] = {self.source: self.home(route)}
            self.bare.add(route)

    def guess(self, language: str, template: str | None, catalogue: Catalogue) -> None:
        """Every guess of the study in one more language, from the catalogue's template."""
        if template is not None and WORDS not in template:
            what = f"the template of guesses has no {WORDS}: the question would not be there"
            where = catalogue.entries[GUESS].place
            self.problems.append(Problem(where, what, f"write {WORDS} where the question goes", "TRN06"))
            template = None
        self.templates[language] = template or ""
        for key in guessed(self.document):
            item = self.data["items"][key]
            asked = item.get("customer")
            words = asked if isinstance(asked, dict) else {self.source: asked}
            every = {**TEMPLATES, **self.templates}
            item["guess"] = {
                each: every[each].replace(WORDS, said)
                for each, said in words.items()
                if every.get(each) and isinstance(said, str)
            }
            listed = self.document.data["languages"]
            self.told |= {("items", key, "guess", each) for each in listed if each not in item["guess"]}

    def report_absent(self, absent: Sequence[Slot], language: str, path: Path, index: int) -> None:
        """Texts that the catalogue does not know yet, told once."""
        if absent:
            named = ", ".join(f"`{slot.context}`" for slot in absent[:3]) + (" and others" if len(absent) > 3 else "")
            count = f"{len(absent)} texts of this study are" if len(absent) > 1 else "one text of this study is"
            what = f"{count} not in {path.parent.name}/{path.name} yet: {named}"
            mend = f"run `symmetry translate {path.parent.parent} --to {language}`, then translate them there"
            self.problems.append(Problem(self.document.place(("languages", index)), what, mend, "TRN01"))

    def report_idle(self, known: Iterable[str], catalogue: Catalogue) -> None:
        """Entries that no text of the study takes, told once."""
        idle = [entry for context, entry in catalogue.entries.items() if context not in known]
        if idle:
            named = ", ".join(f"`{entry.context}`" for entry in idle[:3]) + (" and others" if len(idle) > 3 else "")
            count = f"{len(idle)} entries translate" if len(idle) > 1 else "one entry translates"
            what = f"{count} nothing: {named}: the study has no such text, or says it in this language itself"
            mend = "run `symmetry translate`, which keeps them aside as obsolete"
            self.problems.append(Problem(idle[0].place, what, mend, "TRN04", "warning"))
