"""What pages tell around the questions: who reads what is written, how long it takes, and in which letters it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from symmetry.fieldwork.asking.nouns import Standing
from symmetry.fieldwork.asking.paging import asked_of, pages_of
from symmetry.fieldwork.web.rendering import page
from symmetry.spec import Item, Scale
from tests.fieldwork.web.exhibits import FORM, TOKEN, asked_in, standing_of
from tests.fieldwork.web.exhibits import ROOT as WORK
from tests.fieldwork.web.test_rendering import shown
from tests.spec.pages import read_page as parsed
from tests.studies import tiny_study, with_item

BANK = WORK / "survey_specs" / "everyday_bank"
READ = "Your words may be read as you write them: name nobody, yourself included."


@pytest.mark.parametrize("audience", ["customers", "employees"])
def test_nobody_is_asked_for_words_without_knowing_who_reads_them(audience: str) -> None:
    """Every text to write, of customers too, says that it may be read as it is and should name nobody."""
    asked = asked_in(BANK, "cold-2027", audience)
    standing = standing_of(asked, {"recommend": 3})
    pages = [shown(standing, number) for number in range(1, len(pages_of(asked, standing.person)) + 1)]
    assert [f"2,000 characters at most. {READ}"] == [each.text() for tree in pages for each in tree.find(id="why-h")]


def test_words_of_a_study_are_set_as_those_of_the_page() -> None:
    """Apostrophes are curved and French signs held to their words in questions, choices, labels, ends, units and known values."""
    said = {"fr": "D'où ? L'un : l'autre", "en": "It's 'so'"}
    scales = [
        Scale("marks", "likert", 1, 2, labels={each: (words, "b") for each, words in said.items()}),
        Scale("ends", "nps", 0, 10, ends={each: (words, words) for each, words in said.items()}),
        Scale("unit", "number", 0, 9, unit=said),
        Scale("one", "single", choices={"a": said}),
    ]
    tiny = tiny_study()
    study = replace(
        tiny, title=said, languages=("fr", "en"), items={}, waves={"hot": replace(tiny.waves["hot"], items=())}
    )
    for scale in scales:
        study = with_item(study, Item(scale.key, "demographic", {}, scale, {"customer": said}))
    asked = asked_of(study, "hot", "customers", first=date(2027, 3, 1))
    for language, told in (("fr", "D’où\u202f? L’un\u00a0: l’autre"), ("en", "It’s 'so'")):
        text = page(Standing("asked", asked), 1, language=language, token=TOKEN, form=FORM)
        plain = parsed(text).find("body")[0].text()
        assert said[language] not in plain
        assert 10 == plain.count(told)
