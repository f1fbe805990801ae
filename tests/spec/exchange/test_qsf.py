"""A Qualtrics survey as a draft: one written by hand in the shapes that files of the world have, and files that are none."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from symmetry.errors import SpecError
from symmetry.spec import Study, check, load
from symmetry.spec.exchange.drafting_routes import Untranslatable, route_of
from symmetry.spec.exchange.nouns import Draft
from symmetry.spec.exchange.qsf import from_qsf
from symmetry.spec.exchange.qsf_logic import Answered, logic_of
from symmetry.spec.exchange.qsf_texts import plain
from symmetry.spec.routing.nouns import Variable

BANK = Path(__file__).parent / "data" / "bank.qsf"
Json = dict[str, Any]


def loaded(folder: Path, draft: Draft) -> Study:
    """A draft as a study."""
    (folder / "study.yaml").write_text(draft.text, encoding="utf-8")
    return load(folder)


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Draft, Study]:
    """The draft of the bank's survey, and the study it is."""
    draft = from_qsf(BANK)
    return draft, loaded(tmp_path_factory.mktemp("bank"), draft)


def written(path: Path, data: object) -> Path:
    """A file of JSON."""
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def bank() -> Json:
    """The bank's survey as data."""
    return json.loads(BANK.read_text(encoding="utf-8"))


def test_every_question_that_we_can_ask_is_there_in_the_order_of_the_flow(drafted: tuple[Draft, Study]) -> None:
    """A matrix row by row in its own order, a form and a slider line by line, a field as known beforehand; no error."""
    draft, study = drafted
    assert {
        "tier": ("frame", None),
        "reco": ("outcome", "nps"),
        "why": ("verbatim", "text"),
        "respected": ("driver", "likert"),
        "listened": ("driver", "likert"),
        "other": ("driver", "likert"),
        "reasons": ("demographic", "multiple"),
        "b1": ("demographic", "single"),
        "b2": ("demographic", "single"),
        "age": ("demographic", "number"),
        "sex": ("demographic", "single"),
        "home_1": ("verbatim", "text"),
        "home_2": ("verbatim", "text"),
        "warm_1": ("demographic", "number"),
        "warm_2": ("demographic", "number"),
        "phone": ("demographic", "single"),
        "extra": ("verbatim", "text"),
    } == {key: (item.role, item.scale.kind if item.scale else None) for key, item in study.items.items()}
    assert list(study.waves["draft"].items) == [key for key in study.items if key != "tier"]
    assert draft.text.count("gap: ") >= len(draft.gaps)


def test_codes_words_and_bounds_are_those_of_the_data(drafted: tuple[Draft, Study]) -> None:
    """Recoded values, translations of rows, columns and ends, choices that stand alone, "don't know" apart, numbers."""
    items = drafted[1].items
    scales = {key: item.scale for key, item in items.items() if item.scale}
    assert {"en": ("Not at all likely", "Extremely likely"), "fr": ("Pas du tout", "Tout à fait")} == scales[
        "reco"
    ].ends
    assert (5, {"dk": -9}) == (scales["listened"].high, scales["listened"].missing)
    assert "Ni l'un ni l'autre" == scales["listened"].labels["fr"][2]
    assert ("c2", "c1", "c3", "c4") == tuple(scales["reasons"].choices)
    assert (("c4",), "Aucun") == (scales["reasons"].exclusive, scales["reasons"].choices["c4"]["fr"])
    assert ({"refused": 99}, ["c1", "c2"]) == (scales["sex"].missing, list(scales["sex"].choices))
    assert (18, 120, 0) == (scales["age"].low, scales["age"].high, scales["age"].decimals)
    assert (0, 100) == (scales["warm_2"].low, scales["warm_2"].high)
    assert "Notre personnel — m'écoute." == items["listened"].faces["customer"]["fr"]
    assert "m'écoute." == items["listened"].label["fr"]


def test_words_are_plain_and_repeat_earlier_answers(drafted: tuple[Draft, Study]) -> None:
    """No HTML and no locator; what is no answer keeps its name in brackets."""
    faces = {key: item.faces["customer"] for key, item in drafted[1].items.items() if item.faces}
    assert "How likely are you to recommend us?" == faces["reco"]["en"]
    assert "Vous avez donné {reco}. Pourquoi ?" == faces["why"]["fr"]
    assert "English only, {tier} [m://FirstName]" == faces["extra"]["en"]


def test_display_branch_and_skip_logic_become_routes(drafted: tuple[Draft, Study]) -> None:
    """Sets of conditions, a cell of a matrix, a field, a number; a leap over questions is their opposite condition."""
    routes = {key: item.ask_if for key, item in drafted[1].items.items() if item.ask_if}
    assert {
        "why": "reco in [0, 1, 2, 3, 4, 5, 6]",
        "reasons": '(listened == 5 and not reco == 10) or tier == "gold"',
        "b1": '"c2" in reasons or "c1" in reasons',
        "b2": '"c2" in reasons or "c1" in reasons',
        "sex": "not age < 25 and age >= 21",
        "home_1": "not age < 25",
        "home_2": "not age < 25",
    } == routes


def test_a_drawn_order_is_a_rotation(drafted: tuple[Draft, Study]) -> None:
    """Of the rows of a matrix, and of the questions of a block."""
    rotation = drafted[1].rotation
    assert {"qid4": ("respected", "listened", "other"), "the_branch": ("b1", "b2")} == dict(rotation.blocks)


PHONE = "asked under a condition that is not carried over: it asks about DeviceType, which no question tells."
LOST = (
    "FL_2: the field `batch` is set to `6`: it is not carried over",
    "FL_3: `WebService` of the flow is not carried over",
    "FL_5: those are screened out of whom this is true: If Reco 0 Is Selected",
    "QID9: a leap to `ENDOFSURVEY` is not carried over: If 0, skip to the end",
    "FL_11: the flow asks the block `BL_9`, and the survey does not hold it",
    "Opinions: this block is asked more than once: here once",
    "Trash / Unused Questions: in the trash, and left out: QID14",
    "Nowhere: this block is not in the flow, and left out: QID15",
    "quotas: the quota group `Default Quota Group` is not carried over",
    "QID1: “Our bank Thank you for answering.” is left out: a text to read asks nothing",
    "QID10: “Rank these” is left out: an order of preference is no scale of ours",
    "QID11: “Timing” is left out: a clock fills it in: nobody is asked",
    "QID18: “Click” is left out: a click on a picture is no scale of ours",
    "QID2: the name `Reco` has become `reco`",
    "QID2: not carried over: that an answer is wanted (ForceResponse)",
    "QID4/3: not carried over: the words of one's own beside 3",
    "QID9/1: it is a slider from 0 to 100: here a number is typed in",
    "QID9/2: not carried over: its box for “not applicable”",
    f"QID12: {PHONE} In Qualtrics: If Device Type Is Mobile",
    "QID12: not carried over: its script",
    "QID13: no text in `fr`: another language stands in",
    "flow: the field `tier` is taken as known beforehand, as text",
    "flow: the order of some questions is drawn: the seed 1 of the rotation is ours",
    "bank.qsf: when people are asked, and how many, is not said: complete the wave `draft`",
)


@pytest.mark.parametrize("lost", LOST)
def test_what_is_lost_is_said_at_its_place(drafted: tuple[Draft, Study], lost: str) -> None:
    """At the question, the row, the block or the step of the flow."""
    assert lost in map(str, drafted[0].gaps)


def test_every_question_of_the_file_is_asked_or_said_to_be_lost(drafted: tuple[Draft, Study]) -> None:
    """All eighteen: an item, or a gap that names it."""
    draft, _ = drafted
    said = " ".join(map(str, draft.gaps))
    assert all(f"QID{number}" in said for number in range(1, 19))


def shuffled(data: Json) -> Json:
    """The same survey as another year would have written it: lists for mappings, mappings for lists, numbers as texts."""
    other = copy.deepcopy(data)
    elements = other["SurveyElements"]
    for element in elements:
        payload = element["Payload"]
        if element["Element"] == "BL":
            element["Payload"] = list(payload.values())
        if element["Element"] == "SQ":
            for name in ("ChoiceOrder", "AnswerOrder"):
                if name in payload:
                    payload[name] = {str(at): int(key) for at, key in enumerate(payload[name])}
            if isinstance(payload.get("Choices"), list):
                payload["Choices"] = {str(at): choice for at, choice in enumerate(payload["Choices"])}
            if "RecodeValues" in payload:
                payload["RecodeValues"] = {key: int(value) for key, value in payload["RecodeValues"].items()}
    random.Random(3).shuffle(elements)
    other["SurveyElements"] = {str(at): element for at, element in enumerate(elements)}
    return other


def test_the_shapes_of_other_years_are_the_same_survey(tmp_path: Path) -> None:
    """Elements in any order, lists or mappings: the same draft, save its origin."""
    other = written(tmp_path / "bank.qsf", shuffled(bank()))
    assert from_qsf(BANK).text == from_qsf(other).text


def test_a_survey_without_blocks_or_flow_is_asked_as_it_stands(tmp_path: Path) -> None:
    """Blocks in their order where there is no flow, questions in theirs where there are no blocks."""
    data = bank()
    data["SurveyElements"] = [each for each in data["SurveyElements"] if each["Element"] != "FL"]
    no_flow = loaded(tmp_path, from_qsf(written(tmp_path / "a.qsf", data)))
    assert ["reco", "why"] == list(no_flow.items)[:2]
    data["SurveyElements"] = [each for each in data["SurveyElements"] if each["Element"] != "BL"]
    no_blocks = loaded(tmp_path, from_qsf(written(tmp_path / "b.qsf", data)))
    assert {"reco", "unused", "lost"} <= set(no_blocks.items)


def test_employees_answer_under_their_own_face(tmp_path: Path) -> None:
    """The audience that is named, and the draft loads."""
    study = loaded(tmp_path, from_qsf(BANK, "employees"))
    assert {"employee"} == {face for item in study.items.values() for face in item.faces}
    assert ("employees",) == study.waves["draft"].audiences


def test_the_draft_tells_what_a_study_still_needs(tmp_path: Path) -> None:
    """Without a rated question there is no outcome: the draft does not load, and its gap says why."""
    data = bank()
    data["SurveyElements"] = [
        each for each in data["SurveyElements"] if each.get("PrimaryAttribute") not in ("QID2", "QID4")
    ]
    draft = from_qsf(written(tmp_path / "few.qsf", data))
    assert "few.qsf: no question has a rated scale: a study needs an outcome to explain" in map(str, draft.gaps)
    (tmp_path / "study.yaml").write_text(draft.text, encoding="utf-8")
    assert ["plan lacks `outcome`"] == [each.what for each in check(tmp_path) if each.severity == "error"]


def expression(left: str, operator: str = "Selected", **more: str) -> Json:
    """One condition."""
    return {"LogicType": "Question", "LeftOperand": left, "Operator": operator, "Type": "Expression", **more}


ASKED = {
    "QID1": Answered(Variable("a", "category", ("c1", "c2")), {"1": "c1", "2": "c2"}),
    "QID2": Answered(Variable("b", "set", ("c1", "c2")), {"1": "c1", "2": "c2"}),
    "QID3": Answered(Variable("n", "number", low=0, high=9, whole=True), {}),
    "QID4/2": Answered(Variable("m", "number", low=1, high=5, whole=True), {"5": 5.0}),
    "QID5": Answered(Variable("t", "text"), {}),
}


@pytest.mark.parametrize(
    ("logic", "words"),
    [
        ({"0": {"0": expression("q://QID1/SelectableChoice/1")}}, 'a == "c1"'),
        ({"0": {"0": expression("q://QID1/SelectableChoice/1", "NotSelected")}}, 'not a == "c1"'),
        ({"0": {"0": expression("q://QID2/SelectableChoice/2")}}, '"c2" in b'),
        ({"0": {"0": expression("q://QID4/SelectableChoice/2/5")}}, "m == 5"),
        ({"0": {"0": expression("q://QID3/ChoiceTextEntryValue", "GreaterThan", RightOperand="3")}}, "n > 3"),
        ({"0": {"0": expression("q://QID5/ChoiceTextEntryValue", "Empty")}}, "t is None"),
        ({"0": {"0": expression("q://QID5/ChoiceTextEntryValue", "EqualTo", RightOperand="x")}}, 't == "x"'),
        (
            {
                "0": {
                    "0": expression("q://QID1/SelectableChoice/1"),
                    "1": expression("q://QID2/SelectableChoice/1", Conjuction="And"),
                    "2": expression("q://QID2/SelectableChoice/2", Conjuction="Or"),
                }
            },
            '(a == "c1" and "c1" in b) or "c2" in b',
        ),
        (
            {
                "0": {
                    "0": expression("q://QID1/SelectableChoice/1"),
                    "1": expression("q://QID1/SelectableChoice/2", Conjuction="Or"),
                },
                "1": {"0": expression("q://QID2/SelectableChoice/1"), "Type": "AndIf"},
            },
            'a in ["c1", "c2"] and "c1" in b',
        ),
        (
            {
                "0": {"0": expression("q://QID1/SelectableChoice/1")},
                "1": {"0": expression("q://QID2/SelectableChoice/1"), "Type": "ElseIf"},
            },
            'a == "c1" or "c1" in b',
        ),
    ],
)
def test_logic_means_what_its_editor_says(logic: Json, words: str) -> None:
    """And binds tighter than Or within a set; sets stand in parentheses."""
    variables = {each.variable.name: each.variable for each in ASKED.values()}
    assert words == route_of(logic_of({**logic, "Type": "BooleanExpression"}, ASKED), variables)


@pytest.mark.parametrize(
    ("expressed", "why"),
    [
        (expression("q://QID1/SelectableChoice/1", "Displayed"), "`Displayed` of `SelectableChoice` cannot be asked"),
        (expression("q://QID1/SelectedChoicesCount", "GreaterThan", RightOperand="1"), "cannot be asked"),
        (expression("q://QID1/SelectableChoice/9"), "is no choice of the draft"),
        (expression("q://QID9/SelectableChoice/1"), "`QID9` is nothing that the draft asks, or knows, before"),
        (expression("q://QID3/ChoiceTextEntryValue", "EqualTo", RightOperand="x"), "`n` is a number, `x` is not"),
        (expression("q://QID5/ChoiceTextEntryValue", "Contains", RightOperand="x"), "`Contains` cannot be asked"),
        (expression("q://QID1/ChoiceTextEntryValue", "EqualTo", RightOperand="x"), "of a choice cannot be asked"),
        ({"LogicType": "GeoIP", "LeftOperand": "loc://PostalCode"}, "it asks about GeoIP, which no question tells"),
        (expression("somewhere"), "`somewhere` names no answer"),
        ({}, "it asks about nothing"),
    ],
)
def test_logic_that_cannot_be_ours_is_told(expressed: Json, why: str) -> None:
    """In a sentence, never a traceback."""
    with pytest.raises(Untranslatable, match=None) as caught:
        logic_of({"0": {"0": expressed}}, ASKED)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>One</p><p>two&nbsp;&amp; three</p>", "One two & three"),
        ("a<br />b<script>alert(1)</script><style>p{}</style>", "a b"),
        ('<img src="x.png" alt="our logo"> Hello', "[our logo] Hello"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("${q://QID7/ChoiceTextEntryValue} ${q://QID8/ChoiceNumericEntryValue/2}", "${QID7} ${QID8/2}"),
        ("${e://Field/tier} ${lm://Field/1} ${q://QID7/QuestionText}", "${e:tier} ${lm://Field/1} ${QuestionText}"),
        ("<unclosed", "<unclosed"),
    ],
)
def test_html_is_made_plain(html: str, words: str) -> None:
    """Tags go, breaks part words, entities and pictures are named, answers take one form."""
    assert words == plain(html)


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        (None, "XCH01", ""),
        (b"PK\x03\x04", "XCH06", ":1:1"),
        (b'{"SurveyEntry": {},\n "SurveyElements": [}', "XCH06", ":2:21"),
        (b"\xff\xfe{}", "XCH06", ""),
        (b"[" * 100_000, "XCH06", ""),
        (b"", "XCH06", ":1:1"),
        (b"[]", "XCH07", ""),
        (b'{"SurveyEntry": {}}', "XCH07", ""),
        (b'{"SurveyElement": []}', "XCH07", ""),
        (b'{"SurveyElements": "all"}', "XCH07", ""),
        (b'{"SurveyElements": []}', "XCH08", ""),
        (b'{"SurveyElements": [{"Element": "SQ", "Payload": null}]}', "XCH08", ""),
        (b" " * 20_000_001, "XCH04", ""),
    ],
)
def test_a_file_that_is_no_survey_is_refused(content: bytes | None, code: str, where: str, tmp_path: Path) -> None:
    """One problem with a stable code, the place and the remedy; never a traceback."""
    file = tmp_path / "survey.qsf"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SpecError) as caught:
        from_qsf(file)
    (problem,) = caught.value.problems
    assert (code, f"{file}{where}") == (problem.code, str(problem.where))
    assert problem.mend


def test_a_survey_with_anything_broken_is_a_draft_or_a_problem(tmp_path: Path) -> None:
    """A hundred surveys with parts deleted, emptied or of another kind: a draft that loads, or one clear problem."""
    rng = random.Random(11)
    for trial in range(100):
        data = bank()
        for _ in range(rng.randint(1, 6)):
            broken(data, rng)
        assert outcome_of(tmp_path, written(tmp_path / "broken.qsf", data)) in (
            set(),
            {"XCH07"},
            {"XCH08"},
            {"SPEC02"},
        ), trial


def outcome_of(folder: Path, file: Path) -> set[str]:
    """The codes of the errors of a draft, or of its refusal."""
    try:
        draft = from_qsf(file)
    except SpecError as error:
        return {problem.code for problem in error.problems}
    (folder / "study.yaml").write_text(draft.text, encoding="utf-8")
    return {problem.code for problem in check(folder) if problem.severity == "error"}


def broken(data: Any, rng: random.Random) -> None:
    """Break one thing somewhere inside."""
    at = data
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            return
        key = rng.choice(keys)
        if isinstance(at[key], (dict, list)) and at[key] and rng.random() < 0.85:
            at = at[key]
            continue
        if rng.random() < 0.3:
            del at[key]
        else:
            at[key] = rng.choice([None, "", [], {}, 7, "x", True, ["a"], {"1": None}, "\ud800", -3.5, "q://QID2/"])
        return
