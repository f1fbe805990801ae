"""Every block of every page: its numbers are data, its words are clean, what is hidden stays hidden."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from symmetry import report
from symmetry.report import Block, View
from symmetry.report.words import typeset
from tests.report.conftest import CASES, blocks_of
from tests.report.sample import LONG

_BANNED = (
    r"because|due to|caus(e|es|ed|ing)|driver|drives?|impact|leads? to|thanks to|fault|poor|bad|worst|blame",
    r"à cause|en raison|grâce|provoqu\w+|entraîn\w+|influenc\w+|faute|faibles?|mauvais\w*|pire|médiocres?",
)


def text_of(html: str) -> str:
    """What a reader sees or hears, without markup."""
    return unescape(re.sub(r"<[^>]+>", " ", html))


def digits(text: str) -> list[str]:
    """Runs of digits with their decimals and thousands."""
    return re.findall(r"\d[\d.,\u202f]*\d|\d", text)


def test_every_number_on_the_page_is_in_its_blocks_data(blocks: list[Block]) -> None:
    """A number that a leader reads is in `numbers`, or in a quoted text that holds digits of its own."""
    for block in blocks:
        data = block.data()
        known = {run for entry in data["numbers"] for run in digits(entry["shown"])}
        known |= {run for label in data["labels"] for run in digits(label)}
        assert [] == [run for run in digits(text_of(block.html)) if run not in known], block.key


def test_block_data_is_json_and_complete(blocks: list[Block]) -> None:
    """Each block says what it is, of what unit, and how sure; keys are unique; pictures have a text instead."""
    keys = [block.key for block in blocks]
    assert len(set(keys)) == len(keys)
    for block in blocks:
        data = json.loads(json.dumps(block.data(), allow_nan=False))
        assert {"kind", "key", "unit", "numbers", "alt", "caption", "n", "interval", "method"} <= set(data)
        assert data["unit"] == "all"
        assert data["alt"] or data["kind"] == "text"


def test_no_sentence_names_a_cause_or_a_fault(blocks: list[Block]) -> None:
    """An item is tied to an outcome; nothing is because of anybody."""
    for block in blocks:
        for pattern in _BANNED:
            found = re.search(rf"\b(?:{pattern})\b", text_of(block.html), flags=re.IGNORECASE)
            assert found is None, (block.key, found)


def test_no_unfilled_word_and_no_signed_zero(blocks: list[Block]) -> None:
    """No brace, None or nan is left over, no zero carries a sign, and a minus is a minus."""
    for block in blocks:
        text = text_of(block.html)
        assert re.search(r"[{}]|\bNone\b|\bnan\b", text) is None, block.key
        assert re.search(r"[+\u2212]0(?:[.,]0+)?(?![\d.,])", text) is None, block.key
        assert (
            re.search(r"(?<![\w.])-\d", text.replace("cold-2027", "").replace("-2015", "").replace("2014-15", ""))
            is None
        )


def test_simulated_pages_say_so(results: Mapping[str, Path]) -> None:
    """Whatever the study, simulated answers are announced at the top; real ones are not."""
    for variant, language in CASES:
        view = report.read(results[variant], language=language)
        for simulated in (True, False):
            shown = replace(view, manifest={**view.manifest, "simulated": simulated})
            assert simulated == ('class="simulated"' in report.opening(shown).html)


def test_a_rehearsed_wave_is_no_simulation(results: Mapping[str, Path]) -> None:
    """Answers that people gave to try the survey out have no seed, and the page says what they are, in both languages."""
    for language, words in (("en", "A rehearsal."), ("fr", "Une répétition.")):
        view = report.read(results["bank"], language=language)
        rehearsed = replace(view, manifest={**view.manifest, "simulated": True, "seed": None})
        told = [words in text_of(report.opening(shown).html) for shown in (view, rehearsed)]
        assert [False, True] == told
        assert "None" not in text_of(report.trust(rehearsed).html)


def test_hidden_rows_lose_their_numbers_at_the_door(results: Mapping[str, Path]) -> None:
    """A hidden row is read without any number, even if the file held one by mistake."""
    view = report.read(results["bank"], language="en")
    hidden = [row for rows in (view.levels, view.gaps, view.drivers) for row in rows if row.suppressed]
    assert hidden
    assert all((row.estimate, row.lower, row.upper, row.n) == (None, None, None, None) for row in hidden)


def test_hidden_units_are_named_without_number(results: Mapping[str, Path]) -> None:
    """Hidden branches are listed in a sentence, and stand in no row of the picture."""
    block = report.units(report.read(results["bank"], language="en"))
    assert block is not None
    assert "fewer than 10 answers, or hidden to protect a group that small" in text_of(block.html)
    assert not [entry for entry in block.numbers if "branch=b04" in entry["name"] or "branch=b12" in entry["name"]]


def test_one_audience_says_that_nothing_is_mirrored(results: Mapping[str, Path]) -> None:
    """A study of one audience has no verdict and no pair, and says that this is by design."""
    view = report.read(results["airport"], language="en")
    assert (None, None) == (report.verdicts(view), report.pairs(view))
    block = report.levels(view)
    assert block is not None
    assert "one audience by design" in text_of(block.html)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_long_labels_are_printed_whole(results: Mapping[str, Path], language: str) -> None:
    """A label of a hundred characters is live text in every picture and table: nothing cuts it."""
    view = report.read(results["bank"], language=language)
    shown = [block for block in blocks_of(view) if block.key in ("verdicts", "pairs")]
    assert [True, True] == [typeset(LONG[language], language) in text_of(block.html) for block in shown]
    assert not [block.key for block in shown if "…" in block.html]


def test_loose_pairs_are_shown_without_verdict(results: Mapping[str, Path]) -> None:
    """A loose pair stands beside the others and is never judged."""
    view = report.read(results["schools"], language="en")
    assert ["", ""] == [row.verdict for row in view.pairs() if row.mirror == "loose"]
    block = report.pairs(view)
    assert block is not None
    assert "without verdict" in text_of(block.html)


def test_published_percentages_count_units(results: Mapping[str, Path]) -> None:
    """Where respondents are unknown, n counts units and the page says why no threshold applies."""
    view: View = report.read(results["schools"], language="en")
    assert "units for parents" in text_of(report.findings(view)[1].html)
    assert "how many answered behind each is not used" in text_of(report.trust(view).html)


def test_a_wave_alone_is_not_given_a_kind(results: Mapping[str, Path]) -> None:
    """Cold and hot are words of comparison: one wave has none, two waves are named in words and not by their keys."""
    for variant, expected in (("airport", False), ("schools", False), ("bank", True)):
        view = report.read(results[variant], language="en")
        text = text_of("".join(block.html for block in blocks_of(view) if block.key in ("opening", "waves")))
        assert expected == ("Cold: the whole journey" in text)
        assert expected == ("Hot: the moment" in text)
        assert "cold-2027" not in text
    assert "Cold: the whole journey, March 2027" in text


@pytest.mark.parametrize(("language", "said"), [("en", "each gap is counted beyond it"), ("fr", "au-delà d’elle")])
def test_the_general_difference_is_said_once_per_panel(results: Mapping[str, Path], language: str, said: str) -> None:
    """A panel of relative gaps gives what they are counted beyond; the table tags each of its rows."""
    view = report.read(results["bank"], language=language)
    block = report.pairs(view)
    assert block is not None
    relative = [row for row in view.pairs() if row.reading == "relative"]
    assert 1 == text_of(block.html).count(said)
    tag = "beyond \u22120.10" if language == "en" else "au-delà de \u22120,10"
    assert len(relative) == len(re.findall(rf"<td[^>]*>[^<]*{tag}</td>", block.html))


def test_pairs_of_one_kind_share_one_title(results: Mapping[str, Path]) -> None:
    """Scales differ under a title; the title is not said again."""
    block = report.pairs(report.read(results["bank"], language="en"))
    assert block is not None
    titles = re.findall(r"<h3>(.*?)</h3>", block.html)
    assert len(set(titles)) == len(titles)


def test_units_drawn_first_say_who_is_drawn_inside(results: Mapping[str, Path]) -> None:
    """Branches are psus: inside one, persons are; districts are not psus, and nothing is said."""
    for variant, expected in (("bank", True), ("schools", False)):
        block = report.units(report.read(results[variant], language="en"))
        assert block is not None
        assert expected == ("persons are the sampling units and the two audiences are taken apart" in block.html)


@pytest.mark.parametrize(
    ("language", "silent", "rule"),
    [("en", "no answer at all", "outside “wave = 2017”"), ("fr", "aucune réponse", "hors de « wave = 2017 »")],
)
def test_reasons_of_the_field_are_said_in_the_language(
    results: Mapping[str, Path], language: str, silent: str, rule: str
) -> None:
    """Rows set aside are explained in the words of the page, not of the log."""
    schools, airport = (report.trust(report.read(results[name], language=language)) for name in ("schools", "airport"))
    assert f"({silent})" in text_of(schools.html)
    assert f"({typeset(rule, language)})" in text_of(airport.html)


def test_trust_says_what_was_fixed_and_how_verdicts_are_adjusted(results: Mapping[str, Path]) -> None:
    """Margins of published figures are not said to come before them; Yekutieli is named only where relative gaps are judged."""
    bank, schools = (
        text_of(report.trust(report.read(results[name], language="en")).html) for name in ("bank", "schools")
    )
    assert (True, False) == ("fixed before reading" in bank, "fixed before reading" in schools)
    assert "inside each comparison" in bank
    assert "Yekutieli" in bank
    assert 1 == bank.count("Not pre-registered") == bank.count("the study announced")


def test_no_pair_stands_under_the_heading_of_others(results: Mapping[str, Path]) -> None:
    """An aligned pair that is neither a strength nor a weakness has a heading of its own, after them."""
    view = report.read(results["bank"], language="en")
    one = next(row for row in view.pairs() if row.quadrant == "strength")
    gaps = tuple(replace(row, quadrant="") if row == one else row for row in view.gaps)
    block = report.verdicts(replace(view, gaps=gaps))
    assert block is not None
    assert 1 == text_of(block.html).count("In between")


def test_settling_is_a_lower_bound(results: Mapping[str, Path]) -> None:
    """The answers that would settle a pair are the least there must be, never a promise."""
    block = report.verdicts(report.read(results["bank"], language="en"))
    assert block is not None
    assert "at least about 900 answers, from more units too, to settle it" in text_of(block.html)


def test_a_loose_pair_shows_no_gap_anywhere(results: Mapping[str, Path]) -> None:
    """Two levels side by side have no number between them: none on the strip, none in the picture, and no head over it."""
    view = report.read(results["schools"], language="en")
    gaps = tuple(
        replace(row, estimate=None, lower=None, upper=None) if row.mirror == "loose" else row for row in view.gaps
    )
    view = replace(view, gaps=gaps)
    strip, pairs = report.verdicts(view), report.pairs(view)
    assert strip is not None
    assert pairs is not None
    loose = strip.html.split('class="verdict loose"')[1]
    assert 2 == loose.count('class="chip"')
    assert 'class="figure"' not in loose
    last = pairs.html.split('class="panel"')[-1].split("<details")[0]
    assert "without verdict" in last
    assert '<span class="value"></span>' in last.split("<ol")[0]
    assert '<span class="value">Gap</span>' in pairs.html


@pytest.mark.parametrize(
    ("language", "word", "means"),
    [
        ("en", "Clearly dissonant", "clearly: even allowing for chance"),
        ("fr", "Dissonance nette", "nettement : même en tenant compte du hasard"),
    ],
)
def test_a_material_gap_is_said_to_be_clear(results: Mapping[str, Path], language: str, word: str, means: str) -> None:
    """The grade stands in the picture and the table, and the strip says what it means once."""
    view = report.read(results["bank"], language=language)
    material = [row for row in view.pairs() if row.verdict == "dissonant" and row.grade == "material"]
    strip, pairs = report.verdicts(view), report.pairs(view)
    assert material
    assert strip is not None
    assert pairs is not None
    drawn = [
        text_of(found).strip() for found in re.findall(r'class="word dissonant">(.*?</span>.*?)</span>', pairs.html)
    ]
    assert len(material) == sum(found.endswith(word) for found in drawn)
    assert len(material) == len(re.findall(rf"<td[^>]*>{word}</td>", pairs.html))
    dissonant = strip.html.split('class="verdict dissonant"')[1].split('class="verdict ')[0]
    assert 1 == text_of(dissonant).replace("\u00a0", " ").count(means)
    plain = replace(view, gaps=tuple(replace(row, grade="") for row in view.gaps))
    without = report.verdicts(plain)
    assert without is not None
    assert means not in text_of(without.html).replace("\u00a0", " ")


def test_a_doubtful_quadrant_says_how_likely_it_is(results: Mapping[str, Path]) -> None:
    """The strip gives the chance of a side that is less than four in five; the table gives it for every settled pair."""
    view = report.read(results["network"], language="en")
    strip, pairs = report.verdicts(view), report.pairs(view)
    assert strip is not None
    assert pairs is not None
    weak = [row for row in view.pairs() if row.verdict == "aligned" and row.quadrant == "weakness"]
    assert weak
    assert len(weak) == text_of(strip.html).count("62% likely")
    assert "99% likely" not in text_of(strip.html)
    assert "Shared strength, over 99% likely" in text_of(pairs.html)
    older = report.pairs(report.read(results["bank"], language="en"))
    assert older is not None
    assert "likely" not in text_of(older.html)


@pytest.mark.parametrize(
    ("adjust", "said"),
    [
        ("two_stage", "Benjamini and Bogomolov, 2014"),
        ("holm", "Holm, 1979"),
        ("by", "Yekutieli, 2001"),
        ("none", "not adjusted"),
    ],
)
def test_each_adjustment_is_named(results: Mapping[str, Path], adjust: str, said: str) -> None:
    """The page says which rule kept luck in check, never that there was none."""
    view = report.read(results["schools"], language="en")
    text = text_of(report.trust(replace(view, manifest={**view.manifest, "adjust": adjust})).html)
    assert said in text
    assert (adjust == "none") == ("not adjusted" in text)
