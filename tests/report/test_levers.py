"""What newer results say of the drivers: tiers, noise, halo, who was counted, penalties and rewards, what-if."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from symmetry import report
from symmetry.report import View
from symmetry.report.choosing import choose
from tests.report.test_blocks import text_of


@pytest.fixture
def tied_view(results: Mapping[str, Path]) -> View:
    """The bank with everything on its drivers, in English."""
    return report.read(results["tied"], language="en")


def levers_of(view: View) -> str:
    """The picture of the levers."""
    block = report.levers(view)
    assert block is not None
    return block.html


def part_of(view: View, title: str) -> str:
    """One folded part of the analyst's."""
    block = report.analyst(view)
    assert block is not None
    found = re.search(
        rf'<details class="deeper"><summary>{title}</summary>.*?(?=<details class="deeper">|$)', block.html
    )
    assert found is not None
    return found[0]


def test_items_that_cannot_be_ordered_stand_under_one_heading(tied_view: View) -> None:
    """Group 1 is one item, group 2 three, group 3 the other five; a heading comes before the first of its rows."""
    panel = levers_of(tied_view).split('class="panel narrow"')[1]
    said = re.findall(r'<li class="(tier|row)">(?:(Group[^<]*)</li>)?', panel)
    assert ["Group 1: one item", "Group 2: 3 items, in no sure order", "Group 3: 5 items, in no sure order"] == [
        text for kind, text in said if kind == "tier"
    ]
    assert ["tier", "row", "tier", "row", "row", "row", "tier", *["row"] * 5] == [kind for kind, _ in said]


def test_noise_is_grey_and_said(tied_view: View) -> None:
    """An item that is not told from noise, or may be borrowed, is grey, says which to eye and ear, and no other item does."""
    rows = re.findall(r'<li class="row">.*?</li>', levers_of(tied_view))
    grey = [row for row in rows if 'class="bar noise"' in row]
    assert 6 == len(grey)
    told = []
    for row in rows:
        label = re.findall(r'aria-label="([^"]*)"', row)[0]
        words = [word for word in ("not told from chance", "perhaps borrowed from other items") if word in label]
        assert [row in grey] * 2 == [bool(words), 'class="untold"' in row]
        assert all(row.count(word) >= 2 for word in words)
        told += words
    assert (4, 2) == (told.count("not told from chance"), told.count("perhaps borrowed from other items"))


@pytest.mark.parametrize(("language", "said"), [("en", "general impression"), ("fr", "impression générale")])
def test_halo_is_said_above_sixty_per_cent(results: Mapping[str, Path], language: str, said: str) -> None:
    """Employees' .64 is a warning, customers' .48 is not, and .60 itself is not."""
    view = report.read(results["tied"], language=language)
    customers, employees = levers_of(view).split('class="panel narrow"')[1:]
    assert (False, True) == (said in text_of(customers), said in text_of(employees))
    even = tuple(replace(row, halo=0.60) if row.halo is not None else row for row in view.drivers)
    assert said not in text_of(levers_of(replace(view, drivers=even)))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "the 5,021 of 6,276 respondents who answered every one of these items"),
        ("fr", "les 5\u202f021 répondants sur 6\u202f276 qui ont répondu à chacun de ces thèmes"),
    ],
)
def test_who_was_counted_is_always_said(results: Mapping[str, Path], language: str, said: str) -> None:
    """The loss to unanswered items is printed from its columns, or from the note of results that have none."""
    view = report.read(results["tied"], language=language)
    assert said in text_of(levers_of(view))
    told = tuple(replace(row, note="") for row in view.drivers)
    assert said in text_of(levers_of(replace(view, drivers=told)))
    noted = tuple(replace(row, asked=None, missing="") for row in view.drivers)
    assert said in text_of(levers_of(replace(view, drivers=noted)))


def test_older_drivers_are_drawn_as_before(results: Mapping[str, Path]) -> None:
    """No group, no grey, no warning; n is said."""
    html = levers_of(report.read(results["bank"], language="en"))
    for mark in ('class="tier"', "noise", "Grey", "Group", "impression"):
        assert mark not in html
    assert "n\u00a0= 5,021" in text_of(html)


def test_the_finding_follows_the_tiers(tied_view: View) -> None:
    """Alone in its tier the first item is clear, with others in it close; told from noise it must be."""
    lever = next(finding for finding in choose(tied_view) if finding.slot == "lever")
    assert "clear" == lever.kind
    tied_up = [replace(row, tier=1.0) if row.rank in (1, 2) else row for row in tied_view.drivers]
    lever = next(finding for finding in choose(replace(tied_view, drivers=tuple(tied_up))) if finding.slot == "lever")
    assert "close" == lever.kind
    noisy = [
        replace(row, present="not told from noise") if row.audience == "customers" else row for row in tied_view.drivers
    ]
    lever = next(finding for finding in choose(replace(tied_view, drivers=tuple(noisy))) if finding.slot == "lever")
    assert lever.driver is not None
    assert "employees" == lever.driver.audience


def test_ranks_have_intervals_for_the_analyst(tied_view: View) -> None:
    """Rank, where it may lie, the chance of the first three (never certain), the group, and whether it is told."""
    text = re.sub(r" +", " ", text_of(part_of(tied_view, r"How sure is the order of the items\?")))
    first = re.search(r"(1) (1\u00a0to\u00a03) (over 99%) (1) (yes) (<\u00a00\.001) (1\.8)", text)
    assert first is not None
    assert re.search(r" 9 7\u00a0to\u00a09 under 1% 3 no 0\.410 1\.8", text)
    assert "would still show about 0.4%" in text


def test_the_null_that_is_tested_is_said(tied_view: View) -> None:
    """The analyst reads which exchange was tested, over how many units, and that a large p proves nothing."""
    text = re.sub(r" +", " ", text_of(part_of(tied_view, "How the priorities were compared")))
    people, units = text.split("Unit by unit")
    assert "What is tested: equal weights, in draws from the joint spread" in people
    assert "Its mean where both have the same priorities: 14% (p\u00a0=\u00a00.002)." in people
    assert "Counted here: the 5,021 customers and 790 employees who answered every one of these items." in people
    assert "two orders (Spearman): +0.21 (\u22120.28\u00a0to\u00a0+0.61)." in people
    assert "A large p proves nothing" in people
    assert "changing places unit by unit once both sides have the same noise" in units
    assert "Its mean where both have the same priorities: 29% (p\u00a0=\u00a00.260). Compared over 24 units." in units
    own = tuple(replace(row, test="something else") for row in tied_view.priorities)
    text = text_of(part_of(replace(tied_view, priorities=own), "How the priorities were compared"))
    assert "What is tested: “something else”." in text


def test_penalties_go_left_and_rewards_right(tied_view: View) -> None:
    """The bars meet at zero, one on either side, as long as their numbers; the reading stands beside them."""
    html = part_of(tied_view, "What goes with a low answer, and with a high one")
    row = next(row for row in re.findall(r'<li class="row">.*?</li>', html) if "Must-have" in row)
    bars = {
        tone: (float(x), float(width))
        for x, width, tone in re.findall(r'<rect x="([\d.]+)%" y="\d+%" width="([\d.]+)%"[^>]*class="bar (\w+)"', row)
    }
    zero = float(re.findall(r'x1="([\d.]+)%"[^>]*class="strong"', row)[0])
    assert bars["penalty"][0] + bars["penalty"][1] == pytest.approx(zero, abs=0.02)
    assert bars["reward"][0] == pytest.approx(zero, abs=0.02)
    assert bars["penalty"][1] / bars["reward"][1] == pytest.approx(1.2 / 0.3, rel=0.01)
    assert 2 == row.count('class="whisker"')
    assert "\u22121.20 after a low answer, +0.30 after a high one. Must-have." in text_of(row)


def test_every_kind_of_item_has_its_word_and_a_hidden_one_none(tied_view: View) -> None:
    """A must-have, a delight, one that counts both ways, undetermined ones; of the hidden row no kind is said."""
    html = part_of(tied_view, "What goes with a low answer, and with a high one")
    rows = re.findall(r'<li class="row">.*?</li>', html)
    words = [re.findall(r'class="word">([^<]*)<', row) for row in rows]
    assert {("Must-have",), ("Delight",), ("Both ways",), ("Undetermined",), ()} == {tuple(found) for found in words}
    hidden = [row for row, found in zip(rows, words, strict=True) if not found]
    assert 1 == len(hidden)
    assert "fewer than 10 answers" in text_of(hidden[0])
    rows_ = tuple(replace(row, suppressed=True) for row in tied_view.penalties)
    html = part_of(replace(tied_view, penalties=rows_), "What goes with a low answer, and with a high one")
    assert not re.search(r'class="(bar|word|row)', html)
    assert 2 == text_of(html).count("nothing is shown here (fewer than 10 answers")


@pytest.mark.parametrize(
    ("language", "title", "caution", "said"),
    [
        (
            "en",
            "If an item were rated one box higher",
            "The same person answered everything, at the same moment and in the same mood",
            (
                "If the tie held when things move, and 10% of customers rated “{item}” one box higher, “Recommendation” would"
                " move by +0.06 (+0.04_to_+0.08) with the others as they are, by +0.12 (+0.10_to_+0.14) with the others"
            ),
        ),
        (
            "fr",
            "Si un thème était noté un cran plus haut",
            "La même personne a répondu à tout, au même moment et dans la même humeur",
            (
                "Si le lien tenait quand les choses bougent, et si 10_% des clients notaient «_{item}_» un cran plus haut,"
                " «_Recommandation_» bougerait de +0,06 (de_+0,04_à_+0,08) si les autres thèmes restent en place, de +0,12"
                " (de_+0,10_à_+0,14) s’ils suivent"
            ),
        ),
    ],
)
def test_a_move_is_told_under_its_caution(
    results: Mapping[str, Path], language: str, title: str, caution: str, said: str
) -> None:
    """Both ends with their intervals, each sentence on condition, and the caution before the first of them."""
    view = report.read(results["tied"], language=language)
    first = next(row for row in view.drivers if row.audience == "customers" and row.rank == 1)
    move = said.replace("_", "\u00a0").format(item=view.item(first.item)["label"][language])
    text = re.sub(r" +", " ", text_of(part_of(view, title)))
    assert -1 < text.find(caution) < text.find(move)


def test_a_side_that_nobody_chose_is_not_drawn(tied_view: View) -> None:
    """Where no one answered low, the row keeps its reward and says that the penalty is not told."""
    gone = dict.fromkeys(("penalty", "penalty_lower", "penalty_upper", "estimate", "asymmetry"))
    first = tied_view.penalties[0]
    rows = (replace(first, kind="undetermined", **gone), *tied_view.penalties[1:])
    html = part_of(replace(tied_view, penalties=rows), "What goes with a low answer, and with a high one")
    row = next(row for row in re.findall(r'<li class="row">.*?</li>', html) if "not told after a low answer" in row)
    assert (0, 1) == (row.count('class="bar penalty"'), row.count('class="bar reward"'))


def test_a_hidden_move_is_not_told(tied_view: View) -> None:
    """Nothing of a hidden row is in the sentence or the table."""
    first = tied_view.whatif[0]
    gone = dict.fromkeys(("estimate", "lower", "upper", "n", "moved", "top"))
    rows = [
        replace(row, suppressed=True, **gone) if (row.item, row.audience) == (first.item, first.audience) else row
        for row in tied_view.whatif
    ]
    block = report.analyst(replace(tied_view, whatif=tuple(rows)))
    assert block is not None
    hidden = re.compile(rf"{first.audience}/{first.item}/(direct|total|moved|top|n)(/|$)")
    assert not [entry for entry in block.numbers if hidden.match(entry["name"])]
    assert [entry for entry in block.numbers if entry["name"] == f"employees/{first.item}/direct"]
