"""Who is counted, and what is said where nothing can be shown: whatever was done with unanswered items."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pytest

from symmetry import report
from symmetry.report import View
from tests.report import tied
from tests.report.test_blocks import text_of
from tests.report.test_levers import levers_of, part_of
from tests.report.test_priorities import block_of

_PENALTIES, _MOVES = "What goes with a low answer, and with a high one", "If an item were rated one box higher"
_TESTED, _SURE = "How the priorities were compared", r"How sure is the order of the items\?"
_R = TypeVar("_R", bound=Any)


@pytest.fixture
def tied_view(results: Mapping[str, Path]) -> View:
    """The bank with everything on its drivers, in English."""
    return report.read(results["tied"], language="en")


def treated(view: View, missing: str) -> View:
    """The same drivers with another way of unanswered items, all of it with notes of complete answers, as they are written."""
    note = "4016 of 6276 respondents answered every item used, 2260 some of them"
    rows = [replace(row, missing=missing, note=note) for row in view.drivers]
    return replace(view, drivers=tuple(rows))


def emptied(row: _R, **changes: Any) -> _R:
    """A row without any number."""
    return replace(row, **{one.name: None for one in fields(row) if str(one.type).startswith("float")} | changes)


def spaced(html: str) -> str:
    """The text with single spaces."""
    return re.sub(r" +", " ", text_of(html))


@pytest.mark.parametrize(
    ("missing", "en", "fr"),
    [
        ("listwise", "who answered every one of these items.", "qui ont répondu à chacun de ces thèmes."),
        (
            "em",
            "the 5,021 of 6,276 respondents who answered at least one of these items; what they left out is estimated",
            "les 5\u202f021 répondants sur 6\u202f276 qui ont répondu à au moins un de ces thèmes",
        ),
        ("pairwise", "at least 5,021 of 6,276 respondents", "au moins 5\u202f021 répondants sur 6\u202f276"),
        (
            "users",
            "5,021 of 6,276 respondents, those to whom all of these items apply",
            "5\u202f021 répondants sur 6\u202f276, ceux que tous ces thèmes concernent",
        ),
        (
            "indicator",
            "5,021 of 6,276 respondents; who did not use something counts too, as such",
            "qui ne s’est pas servi de quelque chose compte aussi, comme tel",
        ),
    ],
)
def test_what_was_done_with_unanswered_items_is_said(
    results: Mapping[str, Path], missing: str, en: str, fr: str
) -> None:
    """The counts are the columns' own, and only a listwise analysis says that every item was answered."""
    for language, said in (("en", en), ("fr", fr)):
        text = text_of(levers_of(treated(report.read(results["tied"], language=language), missing)))
        assert said in text
        every = "answered every one" if language == "en" else "répondu à chacun"
        assert (missing == "listwise") == (every in text)
        assert not re.search(r"4.016", text)


def test_nobody_lost_is_said_without_a_fraction(tied_view: View) -> None:
    """Where all answered everything, no part of them is named."""
    rows = tuple(replace(row, asked=row.n) for row in tied_view.drivers)
    text = text_of(levers_of(replace(tied_view, drivers=rows)))
    assert "all 5,021 respondents; each of them answered every one of these items" in text
    assert "5,021 of 5,021" not in text


@pytest.mark.parametrize("missing", ["listwise", "em", "users"])
def test_each_later_section_says_how_many_it_counts(tied_view: View, missing: str) -> None:
    """Complete answers behind the map, penalties and what-if; once, on the map, that the bars above count others too."""
    view = treated(tied_view, missing)
    alike = block_of(view).html
    if missing != "listwise":
        view = replace(view, drivers=tuple(replace(row, n=row.asked) for row in view.drivers))
    both = "Counted here: the 5,021 customers and 790 employees who answered every one of these items."
    other = "The bars above also count people who left some answers out"
    text = text_of(block_of(view).html)
    assert (1, int(missing != "listwise")) == (text.count(both), text.count(other))
    assert other not in text_of(alike)
    for title in (_PENALTIES, _MOVES):
        said = text_of(part_of(view, title))
        for who in ("5,021 customers", "790 employees"):
            assert 1 == said.count(f"Counted here: the {who} who answered every one of these items.")


def test_one_audience_has_its_own_count(results: Mapping[str, Path]) -> None:
    """No other side is named."""
    text = text_of(block_of(report.read(results["tied_airport"], language="en")).html)
    assert re.search(r"Counted here: the 5,021 \w+ who answered every one of these items\.", text)


@pytest.mark.parametrize(
    ("language", "title", "said"),
    [
        ("en", _TESTED, "24 units cannot tell 9 items apart: only the comparison on respondents is to be read."),
        (
            "fr",
            "Comment les priorités ont été comparées",
            (
                "24 unités ne permettent pas de départager 9 thèmes\u00a0: seule la comparaison répondant par répondant"
                " est à lire."
            ),
        ),
    ],
)
def test_units_that_tell_nothing_are_said(results: Mapping[str, Path], language: str, title: str, said: str) -> None:
    """Rows on units without a value: how many units, how many items; the comparison on respondents stays."""
    view = report.read(results["tied"], language=language)
    note = "24 units do not bear 9 drivers"
    rows = [
        emptied(row, units=24.0, note=note) if row.statistic.startswith("unit_") else row for row in view.priorities
    ]
    text = spaced(part_of(replace(view, priorities=tuple(rows)), title))
    head = "Unit by unit" if language == "en" else "Unité par unité"
    assert f"{head} {said}" in text
    assert note not in text
    assert "Spearman" in text.split(head)[0]


def test_hidden_units_are_hidden(tied_view: View) -> None:
    """Not a word on what they tell."""
    rows = [replace(row, suppressed=True) if row.statistic.startswith("unit_") else row for row in tied_view.priorities]
    text = spaced(part_of(replace(tied_view, priorities=tuple(rows)), _TESTED))
    assert "Unit by unit Nothing is shown here: fewer than 10 answers" in text
    assert "24" not in text.split("Unit by unit")[1]


def test_an_asymmetry_stands_with_its_interval(tied_view: View) -> None:
    """-0.60 with its bounds; where they are all there can be, a word; without bounds no column at all."""
    text = spaced(part_of(tied_view, _PENALTIES))
    assert "\u22120.60 (\u22120.80\u00a0to\u00a0\u22120.40)" in text
    assert "\u22121.00\u00a0to\u00a0+1.00" not in text
    html = part_of(tied_view, _PENALTIES)
    cells = re.findall(r'<td data-head="Reading">Undetermined</td>.*?<td data-head="Asymmetry">(.*?)</td>', html)
    assert ["not told"] * len(cells) == cells
    assert cells
    bare = tuple(replace(row, asymmetry_lower=None, asymmetry_upper=None) for row in tied_view.penalties)
    assert "Asymmetry" not in part_of(replace(tied_view, penalties=bare), _PENALTIES)


def test_low_and_high_answers_are_always_counted(tied_view: View) -> None:
    """Every shown row has both counts, in a table that needs no scrolling."""
    html = part_of(tied_view, _PENALTIES)
    counts = re.findall(r'data-head="Low and high answers">(\d+) and ([\d,]+)<', html)
    shown = [row for row in tied_view.penalties if row.shown]
    assert sorted((f"{row.n_low:.0f}", f"{row.n_high:,.0f}") for row in shown) == sorted(counts)
    assert 'class="sheet scroll"' not in html


def test_no_mean_ends_in_the_mark_of_an_item(tied_view: View) -> None:
    """As many dots as items and audiences; each mean has its own word in the legend."""
    html = block_of(tied_view).html
    picture = re.findall(r'<div class="field map">.*?</div>', html)[0]
    assert 18 == len(re.findall(r'class="dot ', picture))
    assert 2 == len(re.findall(r'class="mean (?:customers|employees)"', picture))
    for said in ("mean weight", "mean level: customers", "mean level: employees"):
        assert said in text_of(html)


def test_what_the_answers_do_not_bear_is_a_sentence(tmp_path: Path) -> None:
    """One row without numbers in each table: every section is there, says so, and draws nothing."""
    folder = tied.bank(tmp_path / "results")
    for name, statistic in (
        ("drivers", "r2"),
        ("priorities", "total_variation"),
        ("penalties", "reward_minus_penalty"),
        ("whatif", "direct"),
    ):
        frame = pd.read_parquet(folder / f"{name}.parquet")
        one = frame.head(1).copy()
        numbers = one.select_dtypes("number").columns
        one[numbers] = float("nan")
        one = one.assign(n=0, statistic=statistic, item="recommend", kind="", test="", present="", suppressed=False)
        frame = pd.concat([one, frame[frame["audience"] != "customers"]]) if name == "drivers" else one
        tied.write(folder, name, frame[[*pd.read_parquet(folder / f"{name}.parquet").columns]])
    view = report.read(folder, language="en")
    panels = levers_of(view).split('class="panel narrow"')
    assert "Nothing is shown here: cannot be told from these answers." in text_of(panels[1])
    assert (0, 9) == tuple(panel.count('class="row"') for panel in panels[1:])
    assert "We cannot tell from these answers" in text_of(block_of(view).html)
    assert "Nothing is shown here" in text_of(part_of(view, _TESTED))
    for title in (_PENALTIES, _MOVES):
        assert "Customers: nothing is shown here (cannot be told" in text_of(part_of(view, title))
    assert "<svg" not in block_of(view).html


@pytest.mark.parametrize("language", ["en", "fr"])
def test_all_hidden_is_said_in_every_section(results: Mapping[str, Path], language: str) -> None:
    """No section stays away, and no number of a hidden row is told."""
    view = report.read(results["tied"], language=language)
    hidden = {
        name: tuple(emptied(row, suppressed=True) for row in getattr(view, name))
        for name in ("drivers", "priorities", "penalties", "whatif")
    }
    view = replace(view, **hidden)
    analyst = report.analyst(view)
    assert analyst is not None
    assert 4 == analyst.html.count('class="deeper"')
    why = r"fewer than 10 answers" if language == "en" else r"moins de 10\sréponses"
    assert 7 == len(re.findall(why, text_of(analyst.html)))
    for html in (levers_of(view), block_of(view).html):
        assert re.search(why, text_of(html))
        assert "<svg" not in html


def test_published_figures_count_units(tied_view: View) -> None:
    """Where a publisher gave the figures of units, nobody is said to have answered everything."""
    view = replace(tied_view, manifest={**tied_view.manifest, "published": "a publisher"})
    assert "n\u00a0= 5,021 units" in text_of(levers_of(view))
    assert "5,021 units for customers and 790 for employees" in text_of(block_of(view).html)
    for html in (levers_of(view), block_of(view).html, part_of(view, _TESTED)):
        assert "who answered every one" not in text_of(html)
