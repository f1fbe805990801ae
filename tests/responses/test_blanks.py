"""Why cells are empty, counted as the log of the intake counts them; codes, routes and blanks by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from symmetry.errors import DataError
from symmetry.responses import freeze, score
from symmetry.responses.blanks import reasons
from symmetry.spec import Item, Scale
from tests.studies import AGREE, tiny_intakes, tiny_study, with_item

WORDS = {"en": "…"}


def test_rows_and_columns_are_those_of_the_scores(tmp_path: Path) -> None:
    """A reason stands where there is no score and nowhere else."""
    frozen = freeze(tiny_intakes(), tiny_study(), tmp_path / "r")
    for audience in ("customers", "employees"):
        scores, why = score(frozen, "cold", audience, tiny_study()), reasons(frozen, "cold", audience, tiny_study())
        assert list(scores.columns) == list(why.columns)
        assert scores["respondent"].tolist() == why["respondent"].tolist()
        for name in scores.columns[1:]:
            assert scores[name].isna().tolist() == (why[name] != "").tolist()


def test_a_missing_code_tells_its_reason(tmp_path: Path) -> None:
    """Code 0 of an agreement scale is "not applicable", a blank is "no answer"; 0 of the NPS scale is an answer."""
    why = reasons(freeze(tiny_intakes(), tiny_study(), tmp_path / "r"), "cold", "customers", tiny_study())
    assert ["", "", "not applicable", "no answer"] == why["listened"].tolist()
    assert ["", "", "", "no answer"] == why["recommend"].tolist()
    assert ["", "", "", "no answer"] == why["branch"].tolist()


def test_three_codes_are_three_reasons(tmp_path: Path) -> None:
    """Not applicable, don't know and refused of one scale stay apart."""
    scale = replace(AGREE, key="agree7", missing={"na": 0, "dk": 8, "refused": 9})
    kept = tiny_study().items["kept"]
    study = with_item(tiny_study(), replace(kept, scale=scale))
    intakes = [
        replace(each, answers=each.answers.assign(kept=pd.array([0, 8, 9, 4], dtype="Int64")))
        for each in tiny_intakes()
    ]
    why = reasons(freeze(intakes, study, tmp_path / "r"), "cold", "customers", study)
    assert ["not applicable", "don't know", "refused", ""] == why["kept"].tolist()


def test_words_of_choices_tell_their_reason_too(tmp_path: Path) -> None:
    """Where cells hold words, the reason is the word itself."""
    scale = Scale("since", "single", missing={"refused": -1}, choices={"new": WORDS, "old": WORDS})
    study = with_item(tiny_study(), Item("since", "demographic", WORDS, scale, audiences=("customers",)))
    first, second = tiny_intakes()
    cells = pd.array(["new", "refused", None, "old"], dtype="str")
    frozen = freeze([replace(first, answers=first.answers.assign(since=cells)), second], study, tmp_path / "r")
    assert ["", "refused", "no answer", ""] == reasons(frozen, "cold", "customers", study)["since"].tolist()


def test_whom_the_route_leaves_out_was_not_asked(tmp_path: Path) -> None:
    """A blank off the route is "not asked", one on it "no answer"; who answered all the same has a score and no reason."""
    study = tiny_study()
    study = replace(study, items={**study.items, "kept": replace(study.items["kept"], ask_if="recommend >= 8")})
    cells = pd.array([None, None, 3, None], dtype="Int64")
    intakes = [replace(each, answers=each.answers.assign(kept=cells)) for each in tiny_intakes()]
    why = reasons(freeze(intakes, study, tmp_path / "r"), "cold", "customers", study)
    assert ["no answer", "not asked", ""] == why["kept"].tolist()[:3]


def test_what_nobody_answered_was_not_asked(tmp_path: Path) -> None:
    """A column that is empty from top to bottom was put to nobody."""
    cells = pd.array([None] * 4, dtype="Int64")
    intakes = [replace(each, answers=each.answers.assign(kept=cells)) for each in tiny_intakes()]
    why = reasons(freeze(intakes, tiny_study(), tmp_path / "r"), "cold", "customers", tiny_study())
    assert ["not asked"] * 4 == why["kept"].tolist()


def test_answers_that_are_not_there_are_named(tmp_path: Path) -> None:
    """An audience or wave that was not frozen is refused."""
    with pytest.raises(DataError, match="no answers of customers in wave `hot`"):
        reasons(freeze(tiny_intakes(), tiny_study(), tmp_path / "r"), "hot", "customers", tiny_study())
