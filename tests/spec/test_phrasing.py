"""Wording checks, one by one: what each finds, where in the text, and what it leaves alone."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from symmetry.spec.phrasing.doubling import find_double
from symmetry.spec.phrasing.leading import find_lures, find_second_question
from symmetry.spec.phrasing.looking import look
from symmetry.spec.phrasing.measuring import find_hard, look_together, measure
from symmetry.spec.phrasing.negating import compare_polarity, find_negations, is_negated
from symmetry.spec.phrasing.sentences import plain
from symmetry.spec.phrasing.syllables import syllables
from symmetry.spec.phrasing.texting import sms_parts

FOLDER = Path(__file__).parent / "phrasing"


def codes(text: str, language: str, *, sms: bool = False) -> list[str]:
    """The codes of what is found."""
    return [finding.code for finding in look(text, language, sms=sms)]


@pytest.mark.parametrize(
    ("text", "language", "code", "culprit"),
    [
        ("My adviser is kind and fast.", "en", "WRD01", "and"),
        ("Êtes-vous satisfait du prix ainsi que du délai ?", "fr", "WRD01", "ainsi que"),
        ("Simple & clear.", "en", "WRD01", "&"),
        ("My adviser does not listen.", "en", "WRD02", "not"),
        ("My adviser doesn’t listen.", "en", "WRD02", "doesn"),
        ("Mon conseiller n’écoute pas.", "fr", "WRD02", "n’écoute pas"),
        ("Hier, personne ne m'a répondu.", "fr", "WRD02", "personne"),
        ("It is not unusual to wait.", "en", "WRD03", "not"),
        ("La banque est sûre, n'est-ce pas ?", "fr", "WRD06", "n'est-ce pas"),
        ("Are you happy? Are you well?", "en", "WRD07", "Are you well"),
    ],
)
def test_a_finding_begins_at_its_culprit(text: str, language: str, code: str, culprit: str) -> None:
    """The offset leads to the word that is at fault, in the author's own text."""
    found = look(text, language)
    assert [code] == [finding.code for finding in found]
    assert found[0].offset is not None
    assert culprit == text[found[0].offset :][: len(culprit)]


def test_placeholders_quotes_and_spaces_keep_every_place() -> None:
    """What is put aside to look at a text leaves each remaining character where it was."""
    text = "\u00ab\u202fOui\u202f\u00bb : {agence et caisse} est propre et calme\u202f?"
    assert len(text) == len(plain(text))
    assert [("WRD01", text.rindex("et"))] == [(each.code, each.offset) for each in look(text, "fr")]


def test_a_letter_with_two_small_forms_moves_nothing() -> None:
    """The capital I with a dot has two small letters: the text is then looked at as it is."""
    assert [("WRD01", 24)] == [(each.code, each.offset) for each in look("İstanbul branch is warm and clean.", "en")]


def test_other_languages_are_only_looked_at_for_what_needs_no_words() -> None:
    """Two question marks, length and SMS characters are seen in any language; German words are not judged."""
    assert ["WRD07"] == codes("Sind Sie zufrieden und nicht unzufrieden? Warum?", "de")
    assert ["WRD04"] == codes("wort " * 26, "de")
    assert ["SMS01"] == codes("Grüße…", "de", sms=True)
    assert [] == codes("Der Service ist schnell und freundlich.", "de")


def test_the_country_of_a_language_does_not_matter() -> None:
    """English of Britain and French of Canada are English and French."""
    assert ["WRD01"] == codes("The staff are kind and fast.", "en-GB")
    assert ["WRD01"] == codes("Le personnel est aimable et rapide.", "fr_CA")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_quick_way_skips_nothing(language: str) -> None:
    """Looking closer only where a hint stands finds what looking closely everywhere finds."""
    import csv

    for name in (language, f"fresh_{language}"):
        with (FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
            texts = [row["text"] for row in csv.DictReader(file)]
        for text in texts:
            small = plain(text)
            slow = (
                *find_double(small, language, text),
                *find_lures(small, language),
                *find_negations(small, language),
                *find_second_question(small, language),
            )
            quick = {each for each in look(text, language) if each.code not in ("WRD04", "WRD05")}
            assert set(slow) == quick, text


@pytest.mark.parametrize(
    "text", ["", "   ", "?", "{}", "«»", "...", "\n", "et", "not", "ne", "&", "a" * 10_000, "et " * 3000]
)
@pytest.mark.parametrize("language", ["en", "fr", "de", ""])
def test_odd_texts_are_no_fault_of_ours(text: str, language: str) -> None:
    """Nothing raises, whatever stands in a text."""
    assert isinstance(look(text, language, sms=True), list)


def test_a_name_is_no_double() -> None:
    """Capitals on both sides of an "and" make a name of it; small letters do not."""
    assert [] == codes("How do you like Marks and Spencer?", "en")
    assert ["WRD01"] == codes("How do you like marks and spencers?", "en")


def test_words_are_counted_as_people_count_them() -> None:
    """25 words are fine, 26 are long, 41 are far too long; a lone « ? » is no word."""
    assert [] == codes("mot " * 25 + "?", "fr")
    assert "26 words" in look("mot " * 26, "fr")[0].what
    assert "more than 40" in look("mot " * 41, "fr")[0].what


def test_the_grade_is_kincaids_formula() -> None:
    """0.39 × words per sentence + 11.8 × syllables per word − 15.59; words, sentences and syllables counted by hand."""
    reading = measure(["the adviser was easy to reach. he called today."], "en")
    assert (9, 2, 13) == (reading.words, reading.sentences, reading.syllables)
    assert math.isclose(0.39 * 9 / 2 + 11.8 * 13 / 9 - 15.59, reading.index)


def test_the_ease_is_kandel_and_moles_formula() -> None:
    """207 − 1.015 × words per sentence − 73.6 × syllables per word, counted by hand."""
    reading = measure(["mon conseiller m'a rappelé le jour même."], "fr")
    assert (7, 1, 11) == (reading.words, reading.sentences, reading.syllables)
    assert math.isclose(207 - 1.015 * 7 - 73.6 * 11 / 7, reading.index)


def test_a_short_question_is_never_called_hard() -> None:
    """Eleven words of any length say nothing sure; the same words twice over do."""
    words = "interdepartmental administrative communication responsibilities facilitate organisational collaboration"
    assert [] == find_hard(words, "en")
    assert ["WRD05"] == [each.code for each in find_hard(f"{words} {words}", "en")]


def test_a_questionnaire_is_judged_as_a_whole() -> None:
    """Hundred words of moderately hard questions are hard together, though none is alone; fewer are not judged."""
    text = "My professional environment satisfies my expectations regarding information."
    assert [] == look(text, "en")
    assert ["WRD05"] == [each.code for each in look_together([text] * 20, "en-US")]
    assert [] == look_together([text] * 10, "en")
    assert [] == look_together([text] * 20, "de")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_syllables_agree_with_pronouncing_dictionaries(language: str) -> None:
    """At least 97 % of 400 words drawn at random have a count that the CMU Pronouncing Dictionary 1.1.3 (of PyPI), or Lexique
    3.83, gives them, and the mean is right within 2 %."""
    import csv

    with (FOLDER / f"syllables_{language}.csv").open(encoding="utf-8") as file:
        known = {row["word"]: [int(each) for each in row["syllables"].split("/")] for row in csv.DictReader(file)}
    ours = {word: syllables(word, language) for word in known}
    assert 400 == len(known)
    assert sum(ours[word] in known[word] for word in known) >= 0.97 * len(known)
    nearest = {word: min(known[word], key=lambda count: abs(count - ours[word])) for word in known}
    assert math.isclose(sum(ours.values()), sum(nearest.values()), rel_tol=0.02)


@pytest.mark.parametrize(
    ("customer", "other", "language", "expected"),
    [
        ("My adviser listens to me.", "My manager never listens to me.", "en", ["WRD08"]),
        ("Prices are fair.", "Pay is unfair.", "en", ["WRD08"]),
        ("Prices are not unfair.", "Prices are fair.", "en", []),
        ("The bank never forgets me.", "My manager never forgets me.", "en", []),
        ("I am told when I cannot come.", "I am told when to come.", "en", []),
        ("Mon conseiller ne m'écoute pas.", "Mon manager m'écoute.", "fr", ["WRD08"]),
        ("Il n'y a que deux guichets.", "Il y a deux guichets.", "fr", []),
        ("Je pars avant qu'il ne soit tard.", "Je pars tôt.", "fr", []),
        ("Ich bin nicht zufrieden.", "Ich bin zufrieden.", "de", []),
    ],
)
def test_faces_worded_opposite_ways_are_told(customer: str, other: str, language: str, expected: list[str]) -> None:
    """An odd number of negations on one side alone turns the meaning of agreeing round."""
    assert expected == [each.code for each in compare_polarity(customer, other, language)]
    assert expected == [each.code for each in compare_polarity(other, customer, language)]


def test_not_without_is_a_yes() -> None:
    """Two denials of one clause cancel out."""
    assert not is_negated("I never leave without an answer.", "en")
    assert not is_negated("Je ne sors jamais sans réponse.", "fr")


def test_a_text_message_is_counted_as_phones_count_it() -> None:
    """160 and 153 characters a part in the GSM alphabet, 70 and 67 outside it; an escape or an emoji is never cut in two."""
    assert ("GSM-7", 160, 1, None) == sms_parts("a" * 160)
    assert ("GSM-7", 161, 2, None) == sms_parts("a" * 161)
    assert ("GSM-7", 306, 2, None) == sms_parts("a" * 306)
    assert ("GSM-7", 307, 3, None) == sms_parts("a" * 307)
    assert ("GSM-7", 160, 1, None) == sms_parts("€" * 80)
    assert ("GSM-7", 306, 3, None) == sms_parts("a" * 152 + "€" + "a" * 152)
    assert ("UCS-2", 70, 1, ("ê", 69)) == sms_parts("a" * 69 + "ê")
    assert ("UCS-2", 71, 2, ("ê", 70)) == sms_parts("a" * 70 + "ê")
    assert ("UCS-2", 134, 3, ("😀", 66)) == sms_parts("a" * 66 + "😀" + "a" * 66)
    assert ("GSM-7", 0, 1, None) == sms_parts("")


def test_the_gsm_alphabet_is_that_of_a_codec() -> None:
    """Each of the first 65,536 characters is inside the alphabet, and takes the septets, that the package gsm0338 says."""
    codec = pytest.importorskip("gsm0338", reason="the package gsm0338 (extra `test`) is not installed").Codec()
    for code in range(0x10000):
        letter = chr(code)
        if code == 0x1B:  # the escape to the extension table is no character
            continue
        try:
            septets = len(codec.encode(letter)[0])
        except UnicodeEncodeError:
            septets = 0
        encoding, length, _, _ = sms_parts(letter)
        assert (septets or 1, septets > 0) == (length, encoding == "GSM-7"), hex(code)


def test_a_costly_message_says_what_to_write() -> None:
    """Each character outside the alphabet is named with what may stand for it."""
    (finding,) = look("L\u2019accueil \u00e9tait-il bon\u202f?", "fr", sms=True)
    assert ("SMS01", 1) == (finding.code, finding.offset)
    assert "for the SMS, write \u2019 → ', a plain space" == finding.mend
