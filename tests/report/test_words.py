"""The catalogues of words are complete, and set the way each language is set."""

from __future__ import annotations

import string

import pytest

from symmetry.report.words import LANGUAGES, WORDS


def fields(text: str) -> set[str]:
    """Names of the fields of a template."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    """French is as complete as English."""
    assert {"en", "fr"} <= set(LANGUAGES)
    assert set(WORDS["en"]) == set(WORDS["fr"])


@pytest.mark.parametrize("key", sorted(WORDS["en"]))
def test_a_sentence_has_the_same_fields_in_every_language(key: str) -> None:
    """A number shown in one language is shown in the other."""
    assert fields(WORDS["en"][key]) == fields(WORDS["fr"][key])
    assert all(words[key] for words in WORDS.values())
