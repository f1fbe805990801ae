"""The flat view of a questionnaire, held against the columns of the fieldwork room, the file itself and the rotation."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from symmetry.errors import Place, SpecError
from symmetry.fieldwork import columns_of
from symmetry.spec import Scale, Study
from symmetry.spec.exchange.leaving import Leaving, check_leaving, leaving_texts
from symmetry.spec.exchange.losses import spoken_losses
from symmetry.spec.exchange.questionnaire import (
    MISSING_WORDS,
    frame_of,
    in_data_order,
    options_of,
    questionnaire_of,
    unbraced,
)
from symmetry.spec.exchange.routes import ALWAYS, NEVER, fold, routes_of, variables_of
from symmetry.spec.exchange.sections import sections_of
from symmetry.spec.rotating import order_of
from symmetry.spec.routing.binding import bind
from symmetry.spec.routing.meaning import Among, And, Not
from symmetry.spec.routing.reading import read_condition
from tests.spec.exchange.cases import CASES, FOLDERS, hard_study, routed_by, study_of, with_items, with_label


@pytest.mark.parametrize(("name", "wave", "audience"), CASES)
def test_columns_and_cells_are_those_of_the_data(name: str, wave: str, audience: str) -> None:
    """Every column that the fieldwork room expects, in its order, with the categories and missing cells that it knows."""
    study = study_of(name)
    known, questions = frame_of(study, audience), questionnaire_of(study, wave, audience)
    columns = columns_of(study, wave, audience)
    assert [column.name for column in columns] == [each.name for each in (*known, *in_data_order(study, questions))]
    options = {each.name: (each.codes, ()) for each in known}
    options |= {each.name: (each.codes, each.missing) for each in questions}
    for column in columns:
        codes, missing = options[column.name]
        assert column.missing == {option.reason: option.stored for option in missing}
        if column.kind in ("category", "choices"):
            assert list(column.categories) == [option.stored for option in codes]


@pytest.mark.parametrize(("name", "wave", "audience"), CASES)
def test_questions_stand_in_the_order_of_the_wave(name: str, wave: str, audience: str) -> None:
    """Items as the wave lists them, which is the order before any rotation, the faces of each together."""
    study = replace(study_of(name), rotation=None)
    items = [question.item.key for question in questionnaire_of(study, wave, audience)]
    assert list(order_of(study, wave, audience, "p1")) == list(dict.fromkeys(items))
    assert items == sorted(items, key=items.index)


@pytest.mark.parametrize("name", FOLDERS)
def test_words_are_those_of_the_file(name: str) -> None:
    """Texts, labels and routes as the YAML has them, read by a plain YAML parser."""
    raw = yaml.load((FOLDERS[name] / "study.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for case, wave, audience in CASES:
        for question in questionnaire_of(study_of(name), wave, audience) if case == name else ():
            item = raw["items"][question.item.key]
            written = item.get(question.face, "auto")
            assert question.route == item.get("ask_if")
            assert dict(question.label) == item["label"]
            assert written == "auto" or dict(question.text) == written


def test_every_code_has_words_in_every_language() -> None:
    """Labels where a scale has them, its ends and numbers between them where it has ends, numbers where it has nothing."""
    named = Scale("a", "csat", 1, 3, labels={"en": ("Bad", "So so", "Good"), "fr": ("Mal", "Moyen", "Bien")})
    assert [("Bad", "Mal"), ("So so", "Moyen"), ("Good", "Bien")] == words(named)
    ends = Scale("b", "nps", 0, 10, ends={"en": ("No", "Yes"), "fr": ("Non", "Oui")})
    assert [("No", "Non"), *((str(n), str(n)) for n in range(1, 10)), ("Yes", "Oui")] == words(ends)
    assert [(str(n), str(n)) for n in range(1, 6)] == words(Scale("c", "likert", 1, 5))
    assert [] == words(Scale("d", "percent", 0, 100)) == words(Scale("e", "text")) == words(Scale("f", "date"))


def words(scale: Scale) -> list[tuple[str, str]]:
    """English and French words of each code."""
    codes, _ = options_of(scale, ("en", "fr"))
    assert [option.code for option in codes] == list(range(int(scale.low), int(scale.low) + len(codes)))
    return [(option.label["en"], option.label["fr"]) for option in codes]


def test_reasons_for_not_answering_are_said_in_words() -> None:
    """In the languages of the house; in English, and said so, in others; by code in numbers and by word elsewhere."""
    scale = Scale("a", "likert", 1, 5, missing={"na": 0, "dk": -1, "refused": -2})
    _, missing = options_of(scale, ("fr", "en", "pl"))
    assert ["Sans objet", "Je ne sais pas", "Je préfère ne pas répondre"] == [option.label["fr"] for option in missing]
    assert ["Not applicable", "Don't know", "I prefer not to answer"] == [option.label["pl"] for option in missing]
    assert [0, -1, -2] == [option.stored for option in missing]
    _, missing = options_of(Scale("b", "single", choices={"x": {}}, missing={"dk": -1}), ("en",))
    assert [(-1, "dk")] == [(option.code, option.stored) for option in missing]
    polish = replace(study_of("full"), languages=("pl", "en"))
    losses = spoken_losses(polish, questionnaire_of(study_of("full"), "cold-2027", "customers"))
    assert ["na", "dk", "refused"] == [loss.split("`")[1] for loss in losses]
    assert len({frozenset(said) for said in MISSING_WORDS.values()}) == 1


def test_pipes_blocks_routes_and_bounds_are_there() -> None:
    """What a question repeats, when it is asked, where it rotates, between what it lies."""
    asked = {question.name: question for question in questionnaire_of(hard_study(), "cold-2027", "customers")}
    assert ("recommend",) == asked["why"].pipes
    assert 'recommend <= 6 and channel != "app"' == asked["why"].route
    assert ["attitudes", None] == [asked["listened"].block, asked["recommend"].block]
    assert [(0, 600), (0, 100), (None, None), (None, None)] == [
        asked[name].bounds for name in ("waited", "share_of", "free", "recommend")
    ]
    assert {"en": "{a} {b}"} == unbraced({"en": "{{a}} {b}"})


def test_a_face_has_the_scale_it_is_answered_on() -> None:
    """Its own where the item says so, turned over where it is worded the other way round."""
    asked = {question.name: question for question in questionnaire_of(study_of("full"), "cold-2027", "employees")}
    assert ["agree5", "effort"] == [asked[name].scale.key for name in ("answered", "answered.management")]
    assert [False, True] == [asked[name].scale.reversed for name in ("answered", "answered.cooperation")]
    assert 7 == len(asked["answered.management"].codes)


def test_sections_hold_every_question_once() -> None:
    """Grids under their titles, each rotating item by itself, keys unique, nothing lost."""
    for name, wave, audience in CASES:
        study = study_of(name)
        questions = questionnaire_of(study, wave, audience)
        sections = sections_of(study, questions)
        assert questions == tuple(question for section in sections for question in section.questions)
        assert len(sections) == len({section.key for section in sections})
        assert all(len({question.item.key for question in each.questions}) == 1 for each in sections if each.block)
    grids = sections_of(study_of("full"), questionnaire_of(study_of("full"), "walks-2027", "observers"))
    assert ["The sensory walk", "Skills seen"] == [section.title["en"] for section in grids]


def test_a_route_is_folded_to_what_is_asked() -> None:
    """What nobody answers is false; what is left keeps its meaning, and a sentence says what was folded."""
    study = study_of("full")
    variables = variables_of(study)

    def folded(route: str, *present: str) -> object:
        return fold(bind(read_condition(route), variables), present)

    assert NEVER == folded("recommend <= 6", "satisfied")
    assert ALWAYS == folded("not recommend <= 6", "satisfied")
    assert folded("satisfied <= 2", "satisfied") == folded("recommend <= 6 or satisfied <= 2", "satisfied")
    assert NEVER == folded("recommend <= 6 and satisfied <= 2", "satisfied")
    assert NEVER == folded("recommend < satisfied", "satisfied")
    odd = with_items(study, {**study.items, "listened": routed_by(study, "listened", "satisfied is None")})
    routes, losses = routes_of(odd, questionnaire_of(odd, "hot", "customers"), frame_of(odd, "customers"))
    assert (ALWAYS, 1) == (routes["listened"], sum("taken as not answered" in loss for loss in losses))


def test_a_shared_column_has_the_scale_of_its_audience() -> None:
    """Where employees answer the same item on another scale, their routes are read on that one."""
    study = study_of("full")
    item = study.items["recommend"]
    turned = replace(item, scales={"employee": study.scales["agree5"]})
    pride = routed_by(study, "pride", "recommend != 5")
    odd = with_items(study, {**study.items, "recommend": turned, "pride": pride})
    routes, _ = routes_of(odd, questionnaire_of(odd, "cold-2027", "employees"), frame_of(odd, "employees"))
    missing = study.scales["agree5"].missing
    assert set(missing.values()) < set(among(routes["pride"]))
    assert {} == variables_of(odd, "customers")["recommend"].missing
    assert missing == variables_of(odd, "employees")["recommend"].missing


def among(form: object) -> tuple[float | str, ...]:
    """The values that a form names."""
    if isinstance(form, Among):
        return form.values
    parts = form.parts if isinstance(form, And) else (form.part,) if isinstance(form, Not) else ()
    return tuple(value for part in parts for value in among(part))


@pytest.mark.parametrize(
    ("wave", "audience", "code", "mend"),
    [("cold-2072", "customers", "EXP01", "cold-2027"), ("hot", "employees", "EXP02", "customers")],
)
def test_an_unknown_wave_or_audience_is_refused(wave: str, audience: str, code: str, mend: str) -> None:
    """With its code, the file, and what there is instead."""
    study: Study = study_of("full")
    with pytest.raises(SpecError) as refused:
        questionnaire_of(study, wave, audience)
    [problem] = refused.value.problems
    assert (code, study.path) == (problem.code, problem.where.file if problem.where else None)
    assert mend in problem.mend


def test_only_unseen_characters_are_refused() -> None:
    """Lines, tabs, narrow spaces and pictures may leave; a bell, half a surrogate and a carriage return may not."""
    check_leaving(study_of("full"), [Leaving("a text", {"en": "a\tb\n\u202f\u00a0é😀\ue000"})])
    for sign in ("\x07", "\x00", "\r", "\ufffe", "\ud800"):
        with pytest.raises(SpecError):
            check_leaving(study_of("full"), [Leaving("a text", {"en": f"a{sign}"})])


def test_every_text_at_fault_is_named_at_its_place() -> None:
    """Each item, face and language with an unseen character, in one refusal, by file and line; others by the file."""
    study = study_of("full")
    spoilt = {
        **study.items,
        "why": with_label(study, "why", "a\x07b"),
        "satisfied": replace(study.items["satisfied"], label={**study.items["satisfied"].label, "en": "\x0cMark"}),
    }
    odd = replace(with_items(study, spoilt), title={"fr": "Ici", "en": "He\x07re"})
    texts = leaving_texts(odd, questionnaire_of(odd, "cold-2027", "customers"), frame_of(odd, "customers"))
    with pytest.raises(SpecError) as refused:
        check_leaving(odd, texts)
    told = {problem.what.partition(" holds ")[0]: problem for problem in refused.value.problems}
    wanted = {
        "the title of the study in `en`": Place(study.path),
        "the label of `satisfied` in `en`": study.items["satisfied"].place,
        "the face `customer` of `why` in `fr`": study.items["why"].place,
        "the face `customer` of `why` in `en`": study.items["why"].place,
    }
    assert wanted == {what: problem.where for what, problem in told.items()}
    assert {"EXP03"} == {problem.code for problem in told.values()}
    assert 0 < getattr(study.items["why"].place, "line", 0)
