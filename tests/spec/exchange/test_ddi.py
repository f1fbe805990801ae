"""The DDI codebook, read back by a plain reader of its elements, held against the schema's rules, and by survey2ddi's reader."""

from __future__ import annotations

import importlib.util
import xml.etree.ElementTree as ET
from functools import cache

import pytest

from symmetry.errors import SpecError
from symmetry.fieldwork import columns_of
from symmetry.spec.exchange.ddi import to_ddi
from symmetry.spec.exchange.questionnaire import frame_of, questionnaire_of
from tests.spec.exchange.cases import CASES, cells_of, hard_study, study_of, with_items, with_label
from tests.spec.exchange.ddi_rules import LANG, SPACE, check_codebook

STUDIES = tuple(dict.fromkeys(name for name, _, _ in CASES))


@cache
def codebook(name: str) -> ET.Element:
    """The codebook of a whole study."""
    return ET.fromstring(to_ddi(study_of(name)).content)


@cache
def files_of(name: str) -> dict[tuple[str, str], str]:
    """The identifier of the file of each wave and audience."""
    found = {}
    for file in codebook(name).iter(f"{SPACE}fileDscr"):
        _, wave, audience = file.findtext(f"{SPACE}fileTxt/{SPACE}fileName", "").split(".")
        found[wave, audience] = file.get("ID", "")
    return found


@cache
def variables_in(name: str, wave: str, audience: str) -> dict[str, ET.Element]:
    """The variables of one file, by name."""
    file = files_of(name)[wave, audience]
    found = [each for each in codebook(name).iter(f"{SPACE}var") if file in each.get("files", "").split()]
    assert len(found) == len({each.get("name") for each in found})
    return {each.get("name", ""): each for each in found}


def said(element: ET.Element, path: str) -> dict[str, str]:
    """What children of an element say, by language."""
    steps = "/".join(f"{SPACE}{step}" for step in path.split("/"))
    return {child.get(LANG, ""): child.text or "" for child in element.findall(steps)}


@pytest.mark.parametrize(("name", "wave", "audience"), CASES)
def test_codes_labels_and_questions_come_back(name: str, wave: str, audience: str) -> None:
    """Every column of every file, each code and label in order and in every language, the missing ones marked and apart."""
    study, read = study_of(name), variables_in(name, wave, audience)
    assert ["respondent", *(each.name for each in columns_of(study, wave, audience))] == list(read)
    for known in frame_of(study, audience):
        assert [(option.code, dict(option.label)) for option in known.codes] == categories(read[known.name])
    for question in questionnaire_of(study, wave, audience):
        variable = read[question.name]
        assert list(cells_of(question).items()) == categories(variable)
        assert dict(question.label) == said(variable, "labl")
        braced = {x: words.replace("{{", "{").replace("}}", "}") for x, words in question.text.items()}
        assert braced == said(variable, "qstn/qstnLit")
        valid = [item.get("VALUE") for item in variable.findall(f"{SPACE}valrng/{SPACE}item")]
        invalid = [item.get("VALUE") for item in variable.findall(f"{SPACE}invalrng/{SPACE}item")]
        assert [str(option.stored) for option in question.codes] == valid
        assert [str(option.stored) for option in question.missing] == invalid
        marked = [each.findtext(f"{SPACE}catValu") for each in variable.findall(f"{SPACE}catgry[@missing='Y']")]
        assert invalid == marked


def categories(variable: ET.Element) -> list[tuple[str, dict[str, str]]]:
    """Codes with their labels by language."""
    return [(each.findtext(f"{SPACE}catValu", ""), said(each, "labl")) for each in variable.findall(f"{SPACE}catgry")]


@pytest.mark.parametrize("name", STUDIES)
def test_the_structure_is_that_of_the_schema(name: str) -> None:
    """Elements in their order, attributes and values that the schema knows, identifiers unique and found."""
    check_codebook(codebook(name))


@pytest.mark.parametrize("name", STUDIES)
def test_the_study_is_described(name: str) -> None:
    """Title in every language, audiences as universes, days of cold waves, number of columns."""
    study, root = study_of(name), codebook(name)
    titles = root.find(f"{SPACE}stdyDscr/{SPACE}citation/{SPACE}titlStmt")
    assert titles is not None
    assert dict(study.title) == {**said(titles, "titl"), **said(titles, "parTitl")}
    summary = root.find(f"{SPACE}stdyDscr/{SPACE}stdyInfo/{SPACE}sumDscr")
    assert summary is not None
    audiences = list(dict.fromkeys(audience for each, _, audience in CASES if each == name))
    names = [name for key in audiences for name in study.audiences[key].name.values()]
    assert names == [each.text for each in summary.findall(f"{SPACE}universe")]
    days = [day for wave in study.waves.values() for day in wave.window or ()]
    assert days == [each.get("date") for each in summary.findall(f"{SPACE}collDate")]
    for (wave, audience), identity in files_of(name).items():
        file = root.find(f"{SPACE}fileDscr[@ID='{identity}']/{SPACE}fileTxt/{SPACE}dimensns")
        assert file is not None
        assert str(len(variables_in(name, wave, audience))) == file.findtext(f"{SPACE}varQnty")


def test_bounds_units_routes_and_concepts() -> None:
    """Numbers and days keep their bounds, a number its unit and decimals, a question its route, promise and moment."""
    read = variables_in("hard", "cold-2027", "customers")
    bounds = {name: variable.find(f"{SPACE}valrng/{SPACE}range") for name, variable in read.items()}
    given = {name: dict(each.items()) for name, each in bounds.items() if each is not None}
    assert {"UNITS": "REAL", "min": "0", "max": "600"} == given["waited"]
    assert {"min": "2026-01-01"} == given["since"]
    assert {"min": "0", "max": "100"} == given["share_of"]
    assert "free" not in given
    assert ("1", "minutes") == (read["waited"].get("dcml"), read["waited"].get("measUnit"))
    assert 'recommend <= 6 and channel != "app"' == read["why"].findtext(f"{SPACE}universe")
    concepts = [(each.get("vocab"), each.text) for each in read["respected"].findall(f"{SPACE}concept")]
    assert [
        ("promise", "Respectueux"),
        ("promise", "Respectful"),
        ("moment", "L'accueil"),
        ("moment", "The welcome"),
    ] == concepts
    kinds = {name: read[name].get("representationType") for name in ("recommend", "waited", "last_visit", "why")}
    assert {"recommend": "code", "waited": "numeric", "last_visit": "datetime", "why": "text"} == kinds


def test_faces_mirrors_and_directions_are_noted() -> None:
    """A reader of the data learns which face a column is, what it mirrors and how, and that its scale is turned."""
    read = variables_in("full", "cold-2027", "employees")
    notes = {name: {each.get("type"): each.text for each in read[name].findall(f"{SPACE}notes")} for name in read}
    assert {"face": "guess", "mirror": "projection", "role": "driver"}.items() <= notes["listened.guess"].items()
    assert "literal" == notes["listened"]["mirror"]
    assert ("likert", "likert, reversed") == (notes["answered"]["scale"], notes["answered.cooperation"]["scale"])
    assert "ces" == notes["answered.management"]["scale"]


def test_one_wave_alone() -> None:
    """The codebook of one wave holds its files and audiences, and no others."""
    root = ET.fromstring(to_ddi(study_of("full"), "hot").content)
    check_codebook(root)
    names = [each.text for each in root.iter(f"{SPACE}fileName")]
    assert ["small_bank.hot.customers"] == names
    assert not list(root.iter(f"{SPACE}collDate"))
    with pytest.raises(SpecError) as refused:
        to_ddi(study_of("full"), "hott")
    assert ("EXP01", "did you mean `hot`?") == (refused.value.problems[0].code, refused.value.problems[0].mend)


def test_the_same_study_gives_the_same_bytes() -> None:
    """Twice the same, with losses that are sentences, each once."""
    first, second = (to_ddi(hard_study()) for _ in range(2))
    assert first == second
    assert all(loss.endswith(".") for loss in first.losses)
    assert len(first.losses) == len(set(first.losses))


def test_a_character_that_xml_cannot_hold_is_refused() -> None:
    """With its code and a remedy, and no file."""
    study = hard_study()
    with pytest.raises(SpecError) as refused:
        to_ddi(with_items(study, {**study.items, "free": with_label(study, "free", "a\x01b")}))
    assert ("EXP03", "delete it") == (refused.value.problems[0].code, refused.value.problems[0].mend)


@pytest.mark.skipif(
    importlib.util.find_spec("survey2ddi_core") is None,
    reason="PyPI's survey2ddi (Python 3.13 or later) is not installed, so its DDI reader cannot judge",
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_another_reader_finds_the_same_codes() -> None:
    """The reader of survey2ddi, which knows one file and one language, finds every code and label of a wave."""
    from survey2ddi_core.ddi import read_value_maps

    for name, wave, audience in CASES:
        study = study_of(name)
        if study.waves[wave].audiences == (audience,):
            found = read_value_maps(to_ddi(study, wave).content)
            first = study.languages[0]
            coded = [*frame_of(study, audience), *questionnaire_of(study, wave, audience)]
            for each in coded:
                options = (*each.codes, *getattr(each, "missing", ()))
                assert {str(option.stored): option.label[first] for option in options} == found.get(each.name, {})
