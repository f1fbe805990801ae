"""Why a number is not there: each reason is the true one, and counts say what is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from symmetry import report
from symmetry.report import View
from symmetry.report.rows import AgreementRow, EffectRow, GapRow, LevelRow, PartitionRow, RankRow
from tests.report.conftest import blocks_of
from tests.report.test_blocks import text_of

_NOTE = "simulated; held back: with an earlier release (jan) it would tell of 3 people"
_SMALL = "fewer than 10 answers, or hidden to protect a group that small"
_R = TypeVar("_R", GapRow, LevelRow)


def held(rows: Sequence[_R]) -> tuple[_R, ...]:
    """Rows as `analyse` leaves them when an earlier release would betray somebody."""
    bare = {"estimate": None, "lower": None, "upper": None, "suppressed": True, "note": _NOTE}
    gone = {"verdict": "", "grade": "", "quadrant": ""}
    return tuple(replace(row, **bare, **(gone if isinstance(row, GapRow) else {})) for row in rows)


def after(results: Mapping[str, Path], language: str = "en", releases: Sequence[str] = ("jan",)) -> View:
    """The bank when no gap may go out any more."""
    view = report.read(results["bank"], language=language)
    return replace(view, manifest={**view.manifest, "releases": list(releases)}, gaps=held(view.gaps))


def read_aloud(view: View, name: str) -> str:
    """A block of the page as text on one line."""
    block = getattr(report, name)(view)
    assert block is not None
    return re.sub(r"[^\S\u00a0\u202f]+", " ", text_of(block.html))


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("en", "held back: beside the release “jan” they would tell of a few people"),
        ("fr", "à côté de la publication «\u00a0jan\u00a0», on en apprendrait trop sur quelques personnes"),
    ],
)
def test_what_an_earlier_release_holds_back_says_so(results: Mapping[str, Path], language: str, reason: str) -> None:
    """The strip, the pairs and their table name the release, and do not speak of small groups."""
    view = after(results, language)
    for name in ("verdicts", "pairs"):
        text = read_aloud(view, name)
        assert reason in text
        assert "fewer than" not in text
        assert "moins de" not in text


def test_several_releases_are_all_named(results: Mapping[str, Path]) -> None:
    """The reader learns which figures went out; without a list, that some did."""
    text = read_aloud(after(results, releases=("jan", "feb")), "verdicts")
    assert "beside the releases “jan” and “feb”" in text
    assert "beside an earlier release" in read_aloud(after(results, releases=()), "verdicts")


def test_cells_held_back_are_counted_apart_from_small_ones(results: Mapping[str, Path]) -> None:
    """Two reasons, two counts; what is held back is not said to be counted in the level above."""
    view = report.read(results["bank"], language="en")
    small = sum(row.suppressed for rows in (view.levels, view.gaps, view.drivers) for row in rows)
    one = next(place for place, row in enumerate(view.gaps) if not row.by and row.shown and row.verdict)
    gaps = (*view.gaps[:one], *held(view.gaps[one : one + 1]), *view.gaps[one + 1 :])
    text = read_aloud(replace(view, gaps=gaps), "trust")
    assert f"{small} cells are hidden" in text
    assert "One cell is held back: beside an earlier release they would tell of a few people." in text
    assert "nothing is hidden" not in read_aloud(after(results), "trust")


def test_weights_held_back_leave_no_empty_table(results: Mapping[str, Path]) -> None:
    """An audience whose numbers may not go out again has the reason in the place of its weights."""
    view = report.read(results["bank"], language="en")
    weights = tuple(
        replace(row, value=None, note=_NOTE) if row.audience == "employees" else row for row in view.weights
    )
    text = read_aloud(replace(view, weights=weights), "trust")
    assert "Employees: held back: beside an earlier release they would tell of a few people." in text
    assert "Employees, " not in text
    assert "Customers, " in text


def test_pairs_are_counted_by_whether_they_have_a_verdict(results: Mapping[str, Path]) -> None:
    """Not every pair has a verdict: the caption counts both kinds."""
    view = report.read(results["bank"], language="en")
    total = len(view.pairs())
    judged = sum(1 for row in view.pairs() if row.shown and row.verdict)
    expected = f"{total} mirrored pairs: {judged} with a verdict, {total - judged} without one."
    if judged == total:
        expected = f"{total} mirrored pairs, each with its verdict."
    assert expected in read_aloud(view, "verdicts")
    first = view.pairs()[0]
    gaps = tuple(held([row])[0] if row == first else row for row in view.gaps)
    judged -= bool(first.shown and first.verdict)
    assert f"{judged} with a verdict, {total - judged} without one" in read_aloud(replace(view, gaps=gaps), "verdicts")
    assert f"{total} mirrored pairs, none with a verdict." in read_aloud(after(results), "verdicts")


@pytest.mark.parametrize(("language", "banned"), [("en", "already share"), ("fr", "partagent")])
def test_nothing_is_said_to_be_shared_when_no_gap_is_shown(
    results: Mapping[str, Path], language: str, banned: str
) -> None:
    """Without a verdict nobody knows what both share; without any number there is no question at all."""
    view = after(results, language)
    assert banned not in " ".join(text_of(block.html) for block in report.findings(view))
    bare = replace(view, levels=held(view.levels), drivers=())
    assert ["findings"] == [block.key for block in report.findings(bare)]
    assert blocks_of(bare)


@pytest.mark.parametrize(
    ("language", "unlike", "alone"),
    [
        ("en", "no gap: related questions, worded differently", "alone of its kind: nothing to rank it with"),
        (
            "fr",
            "pas d’écart\u00a0: des questions voisines, posées autrement",
            "seul de son genre\u00a0: rien avec quoi",
        ),
    ],
)
def test_loose_pairs_and_lone_guesses_have_their_own_reason(
    results: Mapping[str, Path], language: str, unlike: str, alone: str
) -> None:
    """The answers are not at fault where questions are unlike, or where there is nothing to rank."""
    view = report.read(results["network"], language=language)
    about = {"item": "fair", "a": "customer", "b": "employee", "wave": view.wave}
    loose = EffectRow(statistic="hedges_g", mirror="loose", note="loose mirror: unlike questions", **about)
    guess = {**about, "item": "recommend", "b": "guess", "mirror": "projection"}
    rank = RankRow(statistic="nps", note="simulated; alone in its family: no order", **guess)
    text = read_aloud(replace(view, effects=(*view.effects[:3], loose), ranks=(*view.ranks, rank)), "analyst")
    assert 1 == text.count(unlike)
    assert 1 == text.count(alone)


def test_no_line_joins_a_loose_pair(results: Mapping[str, Path]) -> None:
    """A line between two marks is a gap drawn: unlike questions have none."""
    view = report.read(results["schools"], language="en")
    gaps = tuple(replace(row, estimate=None) if row.mirror == "loose" else row for row in view.gaps if not row.by)
    block = report.pairs(replace(view, gaps=gaps))
    assert block is not None
    panels = block.html.split('class="panel"')[1:]
    assert 'class="link"' not in panels[-1].split("<details")[0]
    assert 2 <= panels[-1].split("<details")[0].count('class="dot ')
    assert 'class="link"' in panels[0]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_units_are_said_as_they_were_taken(results: Mapping[str, Path], language: str) -> None:
    """Shared, apart and surveyed each have a true sentence, and nobody lives together."""
    view = report.read(results["bank"], language=language)
    said = [
        read_aloud(replace(view, manifest={**view.manifest, "units": units}), "trust")
        for units in ("shared", "apart", "surveyed")
    ]
    words = {
        "en": ("stand in one design", "share no unit", "speak of these units alone"),
        "fr": ("dans un seul plan de sondage", "aucune unité en commun", "ne parlent que de ces unités"),
    }[language]
    assert [[True, False, False], [False, True, False], [False, False, True]] == [
        [word in text for word in words] for text in said
    ]
    assert not re.search("live together|vivent ensemble", " ".join(said))


def test_published_figures_tell_no_agreement_of_people(results: Mapping[str, Path]) -> None:
    """rwg and AD are a dash with its reason; the last part of a bar is the school, not a person."""
    view = report.read(results["schools"], language="en")
    who = {"item": view.pairs()[0].item, "audience": "customers", "face": "customer", "wave": view.wave}
    agreed = AgreementRow(**who, unit="borough", units=5.0, icc1=0.1, icc2=0.9, k=300.0, note="figures of units")
    parts = [PartitionRow(**who, level=level, share=share) for level, share in (("borough", 0.1), ("school", 0.9))]
    text = read_aloud(replace(view, agreement=(agreed,), partition=tuple(parts)), "analyst")
    assert re.search(r" 0\.90 +sure +– +– +– +300\.0 +5 ", text)
    assert "–: these are figures of whole units" in text
    assert "Person" not in text
    assert "not in such figures" in text
