"""A form of others becomes a draft that loads, and says all it lost; a file that is no form is refused at its place."""

from __future__ import annotations

import io
import random
import sys
import zipfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import pytest

from symmetry.errors import SpecError
from symmetry.spec import Study, check
from symmetry.spec.exchange.nouns import Draft
from symmetry.spec.exchange.xlsform import to_xlsform
from symmetry.spec.exchange.xlsform_import import from_xlsform
from tests.spec.exchange.cases import CASES, study_of
from tests.spec.exchange.xlsform_back import loaded

DATA = Path(__file__).parent / "data"


def test_the_same_form_is_the_same_draft(tmp_path: Path) -> None:
    """Twice, gaps and all."""
    file = clinic(tmp_path)
    assert from_xlsform(file) == from_xlsform(file)


def clinic(folder: Path) -> Path:
    """A form of others, kept as a table in markdown, as a workbook."""
    from pyxform.xls2json_backends import md_table_to_workbook

    md_table_to_workbook((DATA / "clinic.md").read_text(encoding="utf-8")).save(folder / "clinic.xlsx")
    return folder / "clinic.xlsx"


@cache
def clinic_draft(folder: Path) -> tuple[Draft, Study]:
    """The draft of that form, and the study it is."""
    draft = from_xlsform(clinic(folder))
    return draft, loaded(folder, draft)


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Draft, Study]:
    """The draft of the clinic's form."""
    return clinic_draft(tmp_path_factory.mktemp("clinic"))


def test_a_form_of_others_becomes_a_study_that_loads(drafted: tuple[Draft, Study]) -> None:
    """Keys, roles and scales of every question that our grammar can ask."""
    _, study = drafted
    assert {
        "site": ("frame", None),
        "firstname": ("verbatim", "text"),
        "age": ("demographic", "number"),
        "gender": ("demographic", "single"),
        "parent": ("demographic", "single"),
        "child_age": ("demographic", "number"),
        "polite": ("driver", "likert"),
        "clear": ("driver", "likert"),
        "recommend": ("outcome", "nps"),
        "why": ("demographic", "multiple"),
        "more": ("verbatim", "text"),
        "many": ("verbatim", "text"),
        "pain": ("demographic", "number"),
        "weight": ("demographic", "number"),
        "visit": ("demographic", "date"),
    } == {key: (item.role, item.scale.kind if item.scale else None) for key, item in study.items.items()}
    assert ("en", "fr") == study.languages
    assert "recommend" == study.registered.outcome


def test_its_codes_words_and_bounds_are_kept(drafted: tuple[Draft, Study]) -> None:
    """Codes 1 to 4 with their words, "don't know" apart as 9, a choice that stands alone, bounds of numbers and days."""
    scale = {key: item.scale for key, item in drafted[1].items.items() if item.scale}
    assert (1, 4, {"dk": 9}) == (scale["polite"].low, scale["polite"].high, scale["polite"].missing)
    assert "Plutôt d'accord" == scale["polite"].labels["fr"][2]
    assert {"refused": -99} == scale["gender"].missing
    assert {"c1": "Femme", "c2": "Homme", "c3": "Autre"} == {k: v["fr"] for k, v in scale["gender"].choices.items()}
    assert (("none",), ["price", "wait", "none", "other"]) == (scale["why"].exclusive, list(scale["why"].choices))
    assert (18, 119, 0) == (scale["age"].low, scale["age"].high, scale["age"].decimals)
    assert (40, 2000) == (scale["firstname"].longest, scale["more"].longest)
    assert ("2026-01-01", None) == (scale["visit"].earliest, scale["visit"].latest)
    assert (1, 10) == (scale["pain"].low, scale["pain"].high)


def test_its_routes_are_ours_where_they_can_be(drafted: tuple[Draft, Study]) -> None:
    """Conditions of groups hold for what is inside; `!=` of XPath is true of an empty cell, and stays so."""
    routes = {key: item.ask_if for key, item in drafted[1].items.items() if item.ask_if}
    assert {
        "parent": 'age >= 20 and not gender == "c3"',
        "child_age": 'parent == "yes"',
        "clear": 'parent == "no" or polite < 3',
        "why": "recommend <= 6",
        "more": '"price" in why and not polite == "dk"',
    } == routes


def test_its_words_are_plain_and_repeat_earlier_answers(drafted: tuple[Draft, Study]) -> None:
    """No HTML, `${FirstName}` as a placeholder, and where a language lacks the other stands in."""
    faces = {key: item.faces["customer"] for key, item in drafted[1].items.items() if item.faces}
    assert "{firstname}, le personnel était poli." == faces["polite"]["fr"]
    assert "Explanations were clear." == faces["clear"]["en"]
    assert {"en": "Tell us more.", "fr": "Tell us more."} == faces["more"]


LOST = (
    "survey:2: `start` is left out: the device fills it in: nobody is asked",
    "survey:3: `device` is left out: the device fills it in: nobody is asked",
    "survey:4: the hidden cell `site` is taken as known beforehand",
    "survey:5: `welcome` (“Welcome to **our** clinic. / Bienvenue.”) is left out: a note asks nothing",
    "survey:6: the group `you`, “About you / À propos de vous” is not carried over",
    "survey:7: the name `FirstName` has become `firstname`",
    "survey:8: not carried over: hint (In whole years.), constraint_message (Adults only.), required (yes)",
    "survey:9: codes that cannot name a choice have changed: `1` → `c1`, `2` → `c2`, `3` → `c3`",
    "survey:9: not carried over: appearance (minimal)",
    "survey:12: the repeat `child`, “Each child / Chaque enfant” asks its questions several times: they are drafted once",
    "survey:15: the choice `9` (“Don't know / Je ne sais pas”) is taken as the reason `dk` for not answering",
    "survey:15: codes 1 to 4 are taken as a Likert scale, the highest the best: else write `reversed: true`",
    "survey:17: codes 0 to 10 are taken as a recommendation score (nps)",
    "survey:18: not carried over: words of one's own beside the choices (or_other)",
    "survey:19: no text in `fr`: another language stands in",
    "survey:20: asked only if count-selected(${why}) >= 2 — not carried over: `count-selected(…)` is no value that our",
    "survey:20: of the constraint regex(., '[a-z]+') a part is not carried over: it is no comparison of the answer with",
    "survey:21: it is a slider from 1 to 10 in steps of 1: here a number is typed in",
    "survey:23: of the constraint . >= date('2026-01-01') and . <= today() a part is not carried over: its bound is no",
    "survey:24: `home` (“Where do you live? / Où habitez-vous ?”) is left out: the type `geopoint` is no scale of ours",
    "survey:25: `order` (“Rank the reasons. / Classez les raisons.”) is left out: an order of preference is no scale of ours",
    "survey:26: `town` (“Your town? / Votre ville ?”) is left out: its choices stand in another file",
    "survey:27: `twice` (“${age} * 2”) is left out: a calculation asks nothing",
    "survey:28: `consent` (“I agree. / J'accepte.”) is left out: the type `acknowledge` is no scale of ours",
    "clinic.xlsx: when people are asked, and how many, is not said: complete the wave `draft`",
)


@pytest.mark.parametrize("lost", LOST)
def test_what_it_loses_is_said_at_its_row(drafted: tuple[Draft, Study], lost: str) -> None:
    """One gap for each thing (here its first words), and each stands in the text of the draft too."""
    draft, _ = drafted
    assert any(str(gap).startswith(lost) for gap in draft.gaps)
    assert f"gap: {lost}" in " ".join(line.lstrip(" #") for line in draft.text.splitlines())


def test_the_page_prints_gaps_that_are_real(drafted: tuple[Draft, Study]) -> None:
    """docs/how-to/exchange-a-study.md shows four of them."""
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "exchange-a-study.md").read_text(encoding="utf-8")
    shown = page.partition("```text\n")[2].partition("```")[0].splitlines()
    assert 4 == len(shown)
    assert set(shown) <= set(map(str, drafted[0].gaps))


def test_every_row_of_the_form_is_asked_or_said_to_be_lost(drafted: tuple[Draft, Study]) -> None:
    """Rows 2 to 28: each is an item of the draft, the end of a fold, or the place of a gap."""
    draft, _ = drafted
    places = {gap.where for gap in draft.gaps}
    ends = {"survey:11", "survey:14"}
    assert {f"survey:{row}" for row in range(2, 29)} <= places | ends


def test_gaps_stand_above_the_item_they_belong_to(drafted: tuple[Draft, Study]) -> None:
    """The comment comes before the key, at its margin."""
    text = drafted[0].text
    assert text.index("  # gap: survey:9: codes that cannot name") < text.index("\n  gender:\n    role")
    assert text.index("\n  age:\n    role") < text.index("  # gap: survey:9: codes that cannot name")


def test_an_old_workbook_is_read_too(tmp_path: Path) -> None:
    """The .xls of before 2007, numbers as codes, one language; without a rated scale it says what a study still needs."""
    draft = from_xlsform(DATA / "old.xls", "employees")
    assert "languages: [fr]" in draft.text
    assert 'employee: {fr: "Êtes-vous ravi ?"}' in draft.text
    assert "choices: {c1: {fr: Oui}, c2: {fr: Non}}" in draft.text
    assert "old.xls: no question has a rated scale: a study needs an outcome to explain" in map(str, draft.gaps)
    (tmp_path / "study.yaml").write_text(draft.text, encoding="utf-8")
    assert ["SPEC02"] == [problem.code for problem in check(tmp_path)]


def book(path: Path, **sheets: Iterable[Sequence[object]]) -> Path:
    """A workbook of some rows."""
    from openpyxl import Workbook

    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def test_faces_are_known_by_their_names(tmp_path: Path) -> None:
    """`x__management` is the management face of `x`, on its own scale if it has one; a guess wants the customers' question."""
    survey = [
        ("type", "name", "label"),
        ("select_one agree", "listened", "People listen."),
        ("select_one agree", "listened__management", "My manager listens."),
        ("select_one seven", "listened__cooperation", "Other teams listen."),
        ("select_one agree", "alone__management", "My manager is alone."),
        ("select_one agree", "listened__guess", "Customers feel listened to."),
    ]
    choices = [("list_name", "name", "label")]
    choices += [(name, n, f"agree {n}") for name, top in (("agree", 5), ("seven", 7)) for n in range(1, top + 1)]
    draft = from_xlsform(book(tmp_path / "faces.xlsx", survey=survey, choices=choices), "employees")
    items = loaded(tmp_path, draft).items
    assert ["listened", "alone__management", "listened__guess"] == list(items)
    assert ["employee"] == list(items["listened__guess"].faces)
    assert ["employee", "management", "cooperation"] == list(items["listened"].faces)
    assert ["seven"] == [scale.key for scale in items["listened"].scales.values()]


def bad(path: Path, kind: str) -> Path:
    """A file with one thing wrong."""
    survey = [("type", "name", "label"), ("text", "why", "Why?")]
    if kind == "text":
        path.write_bytes(b"type,name\n")
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("readme.txt", "no workbook")
    elif kind == "locked":
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    elif kind == "bomb":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("xl/sharedStrings.xml", b"\0" * 101_000_000)
    elif kind == "large":
        path.write_bytes(b"PK" + b"\0" * 20_000_001)
    elif kind == "rows":
        book(path, survey=[survey[0], *[("note", f"n{n}", "x") for n in range(20_001)]])
    elif kind == "sheet":
        book(path, surveys=survey, choices=[])
    elif kind == "columns":
        book(path, survey=[("typ", "name"), ("text", "why")])
    elif kind == "empty":
        book(path, survey=[survey[0], ("note", "n", "Read this.")])
    return path


@pytest.mark.parametrize(
    ("kind", "code", "where"),
    [
        ("none", "XCH01", ""),
        ("text", "XCH02", ""),
        ("zip", "XCH02", ""),
        ("locked", "XCH02", ""),
        ("sheet", "XCH03", ""),
        ("bomb", "XCH04", ""),
        ("large", "XCH04", ""),
        ("rows", "XCH04", ":survey:20000"),
        ("columns", "XCH05", ":survey:1"),
        ("empty", "XCH08", ":survey:2"),
    ],
)
def test_a_file_that_is_no_form_is_refused_at_its_place(kind: str, code: str, where: str, tmp_path: Path) -> None:
    """One problem with a stable code, the place and the remedy; never a traceback."""
    file = bad(tmp_path / "form.xlsx", kind)
    with pytest.raises(SpecError) as caught:
        from_xlsform(file)
    (problem,) = caught.value.problems
    assert (code, f"{file}{where}") == (problem.code, str(problem.where))
    assert problem.mend


CELLS = (
    None,
    "",
    "x",
    3,
    -1.5,
    True,
    "${x}",
    "select_one agree5",
    "begin group",
    "é è",
    "{",
    "a=b",
    "1 2",
    "text",
    "yes",
    "__",
)


def test_a_form_that_people_have_spoilt_is_a_draft_or_a_problem(tmp_path: Path) -> None:
    """Rows deleted, cells overwritten, forty times: a study that loads, but for an outcome it may lack, or one problem."""
    from openpyxl import load_workbook

    rng = random.Random(12)
    made = [to_xlsform(study_of("full"), wave, audience).content for name, wave, audience in CASES if name == "full"]
    sources = [*made, clinic(tmp_path).read_bytes()]
    for trial in range(40):
        opened = load_workbook(io.BytesIO(rng.choice(sources)))
        for _ in range(rng.randint(1, 12)):
            sheet = opened[rng.choice(opened.sheetnames)]
            row, column = rng.randint(1, sheet.max_row or 1), rng.randint(1, sheet.max_column or 1)
            if rng.random() < 0.2:
                sheet.delete_rows(row)
            else:
                sheet.cell(row, column).value = rng.choice(CELLS)
        opened.save(tmp_path / "spoilt.xlsx")
        codes = outcome_of(tmp_path, rng.choice(["customers", "employees", "observers"]))
        assert codes <= {"SPEC02", "MIR13"} or codes <= {"XCH05", "XCH08"}, trial


def outcome_of(folder: Path, audience: str) -> set[str]:
    """The codes of the errors of a draft, or of its refusal."""
    try:
        draft = from_xlsform(folder / "spoilt.xlsx", audience)
    except SpecError as error:
        return {problem.code for problem in error.problems}
    (folder / "study.yaml").write_text(draft.text, encoding="utf-8")
    return {problem.code for problem in check(folder) if problem.severity == "error"}


def test_an_audience_must_be_one(tmp_path: Path) -> None:
    """Before the file is looked at."""
    with pytest.raises(SpecError, match="XCH10") as caught:
        from_xlsform(tmp_path / "nothing.xlsx", "customer")
    assert "did you mean `customers`?" == caught.value.problems[0].mend


def test_a_package_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for each kind of workbook, with the extra that brings it."""
    for package, file in (
        ("openpyxl", bad(tmp_path / "form.xlsx", "sheet")),
        ("pyxform.xls2json_backends", DATA / "old.xls"),
    ):
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(SpecError, match="XCH09") as caught:
            from_xlsform(file)
        assert "pip install 'symmetry[exchange]'" == caught.value.problems[0].mend
