"""How far each language of a study has come: what `symmetry translate` tells when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from symmetry.spec.translating.completing import stale
from symmetry.spec.translating.gathering import slots
from symmetry.spec.translating.guessing import template_slot
from symmetry.spec.translating.nouns import Catalogue, Coverage, Home, Slot
from symmetry.spec.translating.reading import read_catalogue
from symmetry.spec.translating.writing import catalogue_path, is_language, study_document

__all__ = ["status"]


def status(study: Path | str) -> tuple[Coverage, ...]:
    """How far each language has come, the source first.

    Parameters
    ----------
    study : `study.yaml` or its folder.

    Returns
    -------
    One row for each language that the study lists, then for each further catalogue in `i18n/`: how many texts it needs, how
    many are translated and up to date, stale, or missing.

    Raises
    ------
    SpecError : the study is no YAML, or a catalogue cannot be read (TRN03).
    """
    document = study_document(study)
    listed = list(dict.fromkeys(document.data["languages"]))
    folder = document.file.parent
    further = sorted(path.stem for path in (folder / "i18n").glob("*.po") if path.stem not in listed)
    texts = slots(document)
    source = listed[0]
    return tuple(
        _coverage(language, (*template_slot(document, language), *texts), source, folder)
        for language in (*listed, *further)
    )


def _coverage(language: str, texts: Sequence[Slot], source: str, folder: Path) -> Coverage:
    """One language."""
    inline = [slot for slot in texts if slot.texts.get(language, "").strip()]
    if language == source:
        return Coverage(language, "source", len(texts), len(inline), 0, len(texts) - len(inline))
    path = catalogue_path(folder, language)
    held = is_language(language) and path.exists()
    catalogue = read_catalogue(path) if held else Catalogue(path)
    needed = [slot for slot in texts if language not in slot.texts]
    said = [(slot, catalogue.entries[slot.context]) for slot in needed if slot.context in catalogue.entries]
    said = [(slot, entry) for slot, entry in said if entry.text.strip()]
    old = sum(stale(entry, slot, source) for slot, entry in said)
    done = len(inline) + len(said)
    home: Home = "both" if held and inline else "catalogue" if held else "inline" if inline else "none"
    return Coverage(language, home, len(texts), done - old, old, len(texts) - done)
