"""The page of an outlook, read back with the parser of the standard library: areas, words and numbers against the frames."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from symmetry import spec
from symmetry.analyse.planner import Outlook, outlook
from symmetry.analyse.planner_words import WORDS
from symmetry.analyse.planner_writing import curves, ground
from symmetry.report.charts.outlook import Curve, Spot, ground_picture, verdict_curves
from symmetry.report.outlook_page import outlook_page
from tests.spec.pages import Element, read_page

ROOT = Path(__file__).parents[2]


@cache
def planned() -> tuple[Outlook, Mapping[str, pd.DataFrame]]:
    """The demonstration's guesses, with what the study expects."""
    study = spec.load(ROOT / "survey_specs" / "everyday_bank")
    kept = tuple(each for each in study.registered.comparisons if each.b == "guess")
    kept = (replace(kept[0], smallest=tuple(margin for margin in kept[0].smallest if margin.unit != "pct")),)
    found = outlook(replace(study, registered=replace(study.registered, comparisons=kept)))
    return found, {"curves": curves(found), "ground": ground(found)}


@pytest.fixture(params=["fr", "en"])
def page(request: pytest.FixtureRequest) -> Element:
    """The page in each language."""
    found, drawn = planned()
    return read_page(outlook_page(found, drawn, language=request.param))


def test_the_page_stands_alone(page: Element) -> None:
    """It says its language, fetches nothing, has one title of each level it uses, and no number is missing."""
    assert page.find("html")[0].attributes["lang"] in ("fr", "en")
    assert [each for each in page.walk() if {"src", "href"} & set(each.attributes)] == []
    assert len(page.find("h1")) == 1
    assert "nan" not in page.find("main")[0].text().lower().split()
    assert "{" not in page.find("main")[0].text()


def test_each_margin_has_its_picture_in_words(page: Element) -> None:
    """Two margins: two pictures of verdicts, each an image with a sentence, and two grounds with the planned cell framed."""
    pictures = page.find("svg", role="img")
    assert len(pictures) == 2
    assert all(re.search(r"\d", each.attributes["aria-label"]) for each in pictures)
    assert [len(each.find("td", class_="planned")) for each in page.find("table", class_="ground")] == [1, 1]


def test_the_planned_cell_says_the_planned_chance(page: Element) -> None:
    """The framed cell and the table of everybody say the same chance to be told aligned."""
    found, _ = planned()
    everybody = found.table[(found.table["by"] == "") & (found.table["gap"] == 0)]
    for chance, table in zip(everybody["aligned"], page.find("table", class_="ground"), strict=True):
        told = table.find("td", class_="planned")[0].text()
        assert told == (f"{100 * chance:.0f}" if 0.01 <= chance <= 0.99 else ">99" if chance > 0.5 else "<1")


def test_areas_are_as_high_as_chances() -> None:
    """From below: material, the rest of dissonant, undetermined, aligned; the margin is a line where it stands."""
    drawn = [Curve(0.0, 0.1, 0.02, 0.6), Curve(0.5, 0.8, 0.3, 0.1)]
    picture = read_page(
        verdict_curves(
            drawn, 0.2, title="t", alt="a", axis="x", ticks=[(0.2, "0.2")], percent=lambda share: f"{share:.0%}"
        )
    )
    tops = {each.attributes["class"]: each.attributes["points"].split()[:2] for each in picture.find("polygon")}
    assert tops["material"] == ["0.00,98.00", "100.00,70.00"]
    assert tops["dissonant"] == ["0.00,90.00", "100.00,20.00"]
    assert tops["undetermined"] == ["0.00,60.00", "100.00,10.00"]
    assert tops["aligned"] == ["0.00,0.00", "100.00,0.00"]
    assert picture.find("line")[0].attributes["x1"] == "40.00"


def test_a_cell_without_verdict_is_a_dash() -> None:
    """Where no verdict can be given there is a dash and no colour."""
    spots = [Spot(100, 10, None), Spot(100, 20, 0.7)]
    table = read_page(ground_picture(spots, (100, 20), number=str, percent=lambda share: f"{share:.0%}"))
    dash, dark = table.find("td")
    assert (dash.text(), "style" in dash.attributes) == ("–", False)
    assert (dark.text(), dark.attributes["class"]) == ("70%", "planned strong")


def test_both_languages_say_the_same() -> None:
    """Every text has its twin in the other language, with the same fields."""

    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert list(WORDS["en"]) == list(WORDS["fr"])
    differ = {
        key for key in WORDS["en"] if fields(WORDS["en"][key]) - {"a", "b"} != fields(WORDS["fr"][key]) - {"a", "b"}
    }
    assert differ == set()
