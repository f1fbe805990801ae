"""The nouns of translation: a text of a study, an entry of a catalogue, a catalogue, and how far a language has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from symmetry.errors import Place, Problem
from symmetry.spec.reading import Document, Route

__all__ = ["Catalogue", "Completed", "Coverage", "Entry", "Home", "Slot", "Translated"]

Home = Literal["source", "inline", "catalogue", "both", "none"]


@dataclass(frozen=True)
class Slot:
    """One text of a study, wherever it stands.

    Parameters
    ----------
    context : what a catalogue calls it: "items.listened.customer", "scales.agree5.ends[0]".
    route : the mapping of languages that holds it.
    index : its place in the list of each language, where a language has a list (the ends and labels of a scale).
    texts : language → text, of the languages that the study file itself has.
    bare : whether the file gives the text without its language.
    """

    context: str
    route: Route
    index: int | None
    texts: Mapping[str, str]
    bare: bool = False


@dataclass(frozen=True)
class Entry:
    """One entry of a catalogue: the source as it was when translated, the translation ("" for none), and where it stands.

    `previous` is the source that a fuzzy translation was made from, `notes` what translators wrote beside it.
    """

    context: str
    source: str
    text: str
    place: Place
    fuzzy: bool = False
    previous: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """What a .po file holds: entries by context, those kept as obsolete, and its header with the notes above it."""

    file: Path
    entries: Mapping[str, Entry] = field(default_factory=dict)
    obsolete: tuple[Entry, ...] = ()
    header: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Translated(Document):
    """A document whose data have texts of other files in them; `elsewhere` says where each of those stands."""

    elsewhere: Mapping[Route, Place] = field(default_factory=dict)

    def place(self, path: Route = (), key: bool = False, offset: int | None = None) -> Place:
        """Where the value at `path` stands, in the file that holds it."""
        return self.elsewhere[path] if path in self.elsewhere else super().place(path, key, offset)


@dataclass(frozen=True)
class Completed:
    """A document with the texts of its catalogues.

    Parameters
    ----------
    document : the study's, with every translated text in its place.
    problems : what is wrong with the catalogues.
    told : route and language of each text that is missing and reported here, so that nobody reports it again.
    files : the catalogues that were read, which are a part of the study.
    """

    document: Document
    problems: tuple[Problem, ...] = ()
    told: frozenset[Route] = frozenset()
    files: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Coverage:
    """How far one language has come: where its texts are, how many there are, and how many of them need a translator."""

    language: str
    home: Home
    texts: int
    translated: int
    stale: int
    missing: int
