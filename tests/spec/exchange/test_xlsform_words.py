"""The words of an XLSForm: what pyxform makes of them, and what the XPath engine of OpenRosa (npm) calculates for them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from symmetry.errors import SpecError
from symmetry.spec import Scale, Study
from symmetry.spec.exchange.nouns import Exported
from symmetry.spec.exchange.xlsform import to_xlsform
from symmetry.spec.exchange.xlsform_import import from_xlsform
from symmetry.spec.exchange.xlsform_routes import quoted
from tests.spec.exchange.cases import hard_study, study_of, with_label
from tests.spec.exchange.test_xlsform import HARD, X, binds, converted, lists, openrosa, spoken


def shown_with(study: Study, words: str, **more: Any) -> Exported:
    """The form of the hard study, one of whose last questions says something else."""
    return to_xlsform(
        replace(study, items={**study.items, "share_of": with_label(study, "share_of", words)}, **more), *HARD
    )


def test_a_category_known_beforehand_is_repeated_in_words_in_every_language(tmp_path: Path) -> None:
    """What the form calculates is read by the engine of OpenRosa: each category by its words, with quotes of both kinds."""
    study = hard_study()
    values = {
        "app": {"fr": 'l\'appli « dite "simple" »', "en": "the app"},
        "branch": {"fr": "l’agence", "en": 'the  "${branch}"'},
        "phone": {"fr": "le\nt\u00e9l\u00e9phone", "en": "5 < 6 & 'so'"},
    }
    items = {**study.items, "channel": replace(study.items["channel"], values=values)}
    made = shown_with(replace(study, items=items), "By {channel}")
    form = converted(made.content)
    assert {"fr": "By {channel__said_fr}", "en": "By {channel__said_en}"} == spoken(form)["/data/share_of:label"]
    wanted = {
        "fr": ['l\'appli « dite "simple" »', "l'agence", "le téléphone", "", ""],
        "en": ["the app", 'the "$ {branch}"', "5 < 6 & 'so'", "", ""],
    }
    people = [{"channel": answer} for answer in ("app", "branch", "phone", "", "tele")]
    for language, words in wanted.items():
        calculated = binds(form)[f"channel__said_{language}"]["calculate"]
        asked = [(f"({calculated}) = {quoted(each)}", None) for each in words]
        truths = openrosa(["channel"], people, asked)
        assert [True] * len(words) == [truth[place] for place, truth in enumerate(truths)], language
        assert not truths[0][1]
    assert "The words of `channel` that a text repeats stand on one line." in made.losses
    (tmp_path / "form.xlsx").write_bytes(made.content)
    draft = from_xlsform(tmp_path / "form.xlsx")
    assert "By {channel}" in draft.text
    assert not any("said" in str(gap) for gap in draft.gaps)


def test_words_that_no_cell_could_calculate_are_lost_and_told() -> None:
    """So many categories that the calculation would be cut: their key stands in the text."""
    study = hard_study()
    long = dict.fromkeys(study.languages, "a long name" * 9)
    many = {**study.items["channel"].values, **{f"c{number}": long for number in range(300)}}
    items = {**study.items, "channel": replace(study.items["channel"], values=many)}
    made = shown_with(replace(study, items=items), "By {channel}")
    assert "By {channel}" == spoken(converted(made.content))["/data/share_of:label"]["en"]
    assert "`share_of` repeats `channel` by its key (branch…), not in words." in made.losses


def test_words_never_name_a_question() -> None:
    """A choice, the end of a scale, a unit, a label and a title with `${`: a space stands after the dollar, and it is told."""
    study = hard_study()
    live = dict.fromkeys(study.languages, "${recommend} ${nobody} ${")
    items = dict(study.items)
    ends = dict.fromkeys(study.languages, ("${recommend}", "${x}"))
    items["respected"] = replace(items["respected"], scale=replace(study.scales["agree5"], ends=ends, labels={}))
    items["habit"] = replace(items["habit"], scale=replace(items["habit"].scale, choices={"a": live, "b": live}))
    items["delay"] = replace(items["delay"], scale=replace(items["delay"].scale, unit=live))
    items["channel"] = replace(items["channel"], label=live)
    made = to_xlsform(replace(study, items=items, title=live), *HARD)
    form = converted(made.content)
    wanted = "$ {recommend} $ {nobody} $ {"
    assert wanted == form.findtext("h:head/h:title", "", X)
    assert {"a", "b"} < set(lists(form)["habit"])
    assert wanted == lists(form)["habit"]["a"]["en"]
    assert "$ {recommend}" == lists(form)["agree5"]["1"]["fr"]
    assert wanted == spoken(form)["/data/channel:label"]["fr"]
    assert spoken(form)["/data/delay:hint"]["fr"].startswith(f"{wanted}; -1 = ")
    told = [loss.partition(":`")[0] for loss in made.losses if "would name a question" in loss]
    for name in ("the title", "`habit: a`", "`agree5: 1`", "`delay`", "`channel`"):
        assert any(loss.startswith(f"{name}: ") for loss in told), name


def test_a_text_longer_than_a_cell_is_refused() -> None:
    """Every one of them, by item, face and language at its line; 32,767 characters fit, and a picture counts twice."""
    study = hard_study()
    assert 32_767 == len(spoken(converted(shown_with(study, "x" * 32_767).content))["/data/share_of:label"]["fr"])
    for words in ("x" * 32_768, "x" * 32_766 + "😀"):
        with pytest.raises(SpecError) as caught:
            shown_with(study, words, title={"fr": "Ici", "en": words})
        assert [
            ("EXP05", "the title of the study in `en`"),
            ("EXP05", "the face `customer` of `share_of` in `fr`"),
            ("EXP05", "the face `customer` of `share_of` in `en`"),
        ] == [(problem.code, problem.what.partition(" has ")[0]) for problem in caught.value.problems]
    why = with_label(study, "why", "y" * 40_000)
    with pytest.raises(SpecError) as caught:
        to_xlsform(replace(study, items={**study.items, "why": why}), *HARD)
    assert {study.items["why"].place} == {problem.where for problem in caught.value.problems}


def test_a_text_that_grows_too_long_on_its_way_is_refused() -> None:
    """Each answer that it repeats is longer as a form names it: nothing is cut in silence."""
    with pytest.raises(SpecError, match=r"EXP05 `label::English \(en\)` of `share_of` has"):
        shown_with(hard_study(), "{habit}" * 4_500)


def test_spaces_that_readers_take_away_are_told() -> None:
    """At the ends and in a row, of a question and of a choice; pyxform does so, and nobody else is named."""
    study = hard_study()
    words = {language: {"fr": "Oui ", "en": "Yes"}[language] for language in study.languages}
    scale = replace(study.items["habit"].scale, choices={"a": words, "b": dict.fromkeys(study.languages, "No")})
    items = {**study.items, "habit": replace(study.items["habit"], scale=scale)}
    made = shown_with(replace(study, items=items), "  two  spaces ")
    form = converted(made.content)
    assert ("two spaces", "Oui") == (spoken(form)["/data/share_of:label"]["fr"], lists(form)["habit"]["a"]["fr"])
    told = [loss for loss in made.losses if loss.startswith("Spaces")]
    ends = "Spaces at the ends, and all but one of several in a row, are taken away by tools that read it"
    assert [f"{ends}: in `share_of`, `habit: a`."] == told
    assert not any(loss.startswith("Spaces") for loss in to_xlsform(hard_study(), *HARD).losses)


def test_a_route_on_a_shared_column_is_written_for_its_audience() -> None:
    """Where customers answer an item with a day and employees with words, the employees' form compares words."""
    study = study_of("full")
    scales = {"employee": Scale("words", "text", longest=20)}
    turned = replace(study.items["recommend"], scale=Scale("day", "date"), scales=scales, ask_if=None)
    pride = replace(study.items["pride"], ask_if="recommend == '2026-06-01'")
    made = replace(study, items={**study.items, "recommend": turned, "pride": pride})
    relevant = binds(converted(to_xlsform(made, "cold-2027", "employees").content))["pride"]["relevant"]
    assert "/data/recommend = '2026-06-01'" == " ".join(relevant.split())
