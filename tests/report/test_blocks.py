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
    assert "with fewer than 10 answers" in text_of(block.html)
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
    assert [True, True] == [LONG[language] in text_of(block.html) for block in shown]
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
    assert "number of respondents behind each is unknown" in text_of(report.trust(view).html)
