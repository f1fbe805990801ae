"""The words of the pages: the same in both languages, none missing, none unused, set as each language sets them."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from symmetry.fieldwork import web
from symmetry.fieldwork.asking.nouns import Fault
from symmetry.fieldwork.asking.reading import WHATS
from symmetry.fieldwork.web.faults import told_of
from symmetry.fieldwork.web.rendering import MESSAGES
from symmetry.fieldwork.web.speaking import speaker_of
from tests.fieldwork.web.exhibits import kinds

FOLDER = Path(web.__file__).parent
WORDS = {
    language: yaml.safe_load((FOLDER / "words" / f"{language}.yaml").read_text(encoding="utf-8"))
    for language in ("fr", "en")
}
FACTS = {
    "low": "1",
    "high": "1000",
    "most": "2",
    "earliest": "2026-01-01",
    "latest": "2027-12-31",
    "longest": "60",
    "length": "1234",
    "choice": "none",
}


def gaps(text: str) -> set[str]:
    """The names of the gaps in a sentence."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    """The same keys in the same order, and the same gaps in each."""
    assert list(WORDS["en"]) == list(WORDS["fr"])
    assert {key: gaps(text) for key, text in WORDS["en"].items()} == {
        key: gaps(text) for key, text in WORDS["fr"].items()
    }
    same = [key for key in WORDS["en"] if WORDS["en"][key] == WORDS["fr"][key]]
    assert ["day"] == same


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_fault_that_can_be_found_has_words(language: str) -> None:
    """Each key of the reader of posted pages becomes a sentence without a gap, its facts as the language writes them."""
    told = {what: told_of(Fault("obstacles", what, FACTS), kinds(), speaker_of(language)) for what in WHATS}
    assert len(WHATS) == len(set(told.values()))
    assert all(re.fullmatch(r"[^{}_]+\.", said) for said in told.values())
    thousand = {"fr": "1\u202f000", "en": "1,000"}[language]
    assert thousand in told["number.high"]
    assert {"fr": "31 décembre 2027", "en": "31 December 2027"}[language] in told["date.late"]
    assert {"fr": "Rien de tout cela", "en": "None of these"}[language] in told["exclusive"]


def test_a_fault_about_decimals_asks_for_a_whole_number_where_none_are_allowed() -> None:
    """Nobody reads "no more than 0 digits after the decimal point"."""
    whole = told_of(Fault("nights", "number.decimals", {"most": "0"}), kinds(), speaker_of("en"))
    assert "Please enter a whole number." == whole


def test_a_reason_ticked_beside_a_typed_answer_is_told_in_its_words() -> None:
    """The fault names the reason as the page does."""
    said = told_of(Fault("nights", "exclusive", {"choice": "dk"}), kinds(), speaker_of("en"))
    assert "“Don’t know” does not go with another answer. Please keep one or the other." == said


def test_every_message_has_a_title_and_a_text() -> None:
    """Each kind of page that is no questionnaire."""
    for kind in MESSAGES:
        for part in ("title", "told"):
            assert f"{kind}.{part}" in WORDS["en"]


def test_every_sentence_is_said_somewhere() -> None:
    """A key that neither code nor template names is dead words."""
    code = "".join(file.read_text(encoding="utf-8") for file in (*FOLDER.glob("*.py"), *FOLDER.glob("*.j2")))
    made = re.compile(
        r"(fault|hint\.(number|date)|missing|used|sealed|welcome|error|rehearsal|send|closed|complete)\."
        r"|(" + "|".join(re.escape(kind) for kind in MESSAGES) + r")(\.bare)?\.(title|told)"
    )
    assert [] == [
        key for key in WORDS["en"] if f'"{key}"' not in code and f"'{key}'" not in code and not made.match(key)
    ]


def test_french_signs_stay_with_their_words() -> None:
    """No line of a French page begins with a colon or a question mark, in the words of the page or of the study."""
    speaker = speaker_of("fr")
    for key in WORDS["fr"]:
        assert not re.search(r" [;:!?»%]|« ", speaker.words[key]), key
    assert "Prêt\u202f? «\u00a0Oui\u00a0»" == speaker.read({"fr": "Prêt ? « Oui »"})
    assert "Ready ?" == speaker_of("en").read({"en": "Ready ?"})
