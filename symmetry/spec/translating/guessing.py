"""The words around a guess (`guess: auto`): one template a language, of the house or of a catalogue.

A guess asks employees what customers would answer, and quotes the customers' question.  The house has the template in
French and English; a catalogue brings that of another language, once for all guesses of a study.
"""

from __future__ import annotations

from collections.abc import Iterator

from symmetry.spec.reading import Document
from symmetry.spec.translating.nouns import Slot

__all__ = ["GUESS", "TEMPLATES", "WORDS", "guessed", "template_slot"]

GUESS = "guess"
WORDS = "{words}"
TEMPLATES = {
    "fr": "À votre avis, que répondraient nos clients ? « {words} »",
    "en": "In your opinion, what would our customers answer? “{words}”",
}


def template_slot(document: Document, language: str) -> tuple[Slot, ...]:
    """The template as a text to translate, where a guess needs one that the house does not have.

    Examples
    --------
    >>> from pathlib import Path
    >>> study = Document(Path("study.yaml"), {"languages": ["en"], "items": {"listened": {"guess": "auto"}}})
    >>> [slot.texts for slot in template_slot(study, "de")], template_slot(study, "fr")
    ([{'en': 'In your opinion, what would our customers answer? “{words}”'}], ())
    """
    source = document.data["languages"][0]
    if language in TEMPLATES or source not in TEMPLATES or not any(guessed(document)):
        return ()
    return (Slot(GUESS, (GUESS,), None, {source: TEMPLATES[source]}),)


def guessed(document: Document) -> Iterator[str]:
    """The items whose guess is written from a template."""
    items = document.at(("items",))
    for key, item in (items if isinstance(items, dict) else {}).items():
        if isinstance(item, dict) and item.get("guess") == "auto":
            yield key
