"""How the texts of a catalogue come into a study: against the study as it was, and the lines that polib tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polib
import pytest

from symmetry.spec import Document, read_yaml
from symmetry.spec.translating.completing import complete
from symmetry.spec.translating.gathering import slots
from symmetry.spec.translating.nouns import Completed
from symmetry.spec.translating.writing import write_catalogue
from tests.spec.translations import copied, filled, line_of, stripped, text_at


def places(done: Completed, code: str) -> list[tuple[str, int]]:
    """File and line of each problem of one kind."""
    found = [problem.where for problem in done.problems if problem.code == code]
    return [(Path(where.file).name, where.line) for where in found if where]


@pytest.mark.parametrize("name", ["full", "bank"])
def test_a_language_goes_out_and_comes_back(name: str, tmp_path: Path) -> None:
    """A language taken out of a study, translated by polib and completed again, gives the data as they were."""
    folder = copied(tmp_path / name, name)
    before = stripped(folder)
    file = write_catalogue(folder, "en")
    contexts = [entry.msgctxt for entry in polib.pofile(str(file))]
    filled(file, {context: text_at(before, context, "en") for context in contexts})
    done = complete(read_yaml(folder / "study.yaml"), folder)
    assert before == done.document.data
    assert ((), frozenset(), (file,)) == (done.problems, done.told, done.files)


def test_an_added_text_stands_where_its_translator_wrote_it(tmp_path: Path) -> None:
    """The place of each completed text, and of each word of a scale, is the line of the catalogue."""
    folder = copied(tmp_path / "full")
    stripped(folder)
    file = write_catalogue(folder, "en")
    contexts = {entry.msgctxt: f"{n} things" for n, entry in enumerate(polib.pofile(str(file)))}
    filled(file, contexts)
    document = complete(read_yaml(folder / "study.yaml"), folder).document
    for slot in slots(read_yaml(folder / "study.yaml")):
        at = (*slot.route, "en") if slot.index is None else (*slot.route, "en", slot.index)
        place = document.place(at)
        assert (file, line_of(file, slot.context)) == (place.file, place.line)
        assert contexts[slot.context] == document.at(at)
        assert folder / "study.yaml" == document.place((*slot.route, "fr")).file


def test_words_in_the_study_win(tmp_path: Path) -> None:
    """A text that the study has in a language is not taken from the catalogue, which is told that it is idle."""
    folder = copied(tmp_path / "full")
    stripped(folder)
    file = write_catalogue(folder, "en")
    filled(file, {entry.msgctxt: "from the catalogue" for entry in polib.pofile(str(file))})
    study = folder / "study.yaml"
    data = json.loads(study.read_text(encoding="utf-8"))
    data["title"]["en"] = "From the study"
    study.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    done = complete(read_yaml(study), folder)
    assert "From the study" == done.document.at(("title", "en"))
    assert "from the catalogue" == done.document.at(("source", "en"))
    assert [("en.po", line_of(file, "title"))] == places(done, "TRN04")
    assert ["warning"] == [problem.severity for problem in done.problems]


def test_a_missing_translation_is_told_once_and_where(tmp_path: Path) -> None:
    """An entry without a text is an error at its line; a list of words lacks whole what one of them lacks."""
    folder = copied(tmp_path / "full")
    before = stripped(folder)
    file = write_catalogue(folder, "en")
    empty = {"title", "scales.agree5.ends[1]", "items.pride.employee"}
    contexts = {entry.msgctxt for entry in polib.pofile(str(file))}
    filled(file, {context: text_at(before, context, "en") for context in contexts - empty})
    done = complete(read_yaml(folder / "study.yaml"), folder)
    assert sorted(("en.po", line_of(file, context)) for context in empty) == sorted(places(done, "TRN01"))
    assert {("title", "en"), ("scales", "agree5", "ends", "en"), ("items", "pride", "employee", "en")} == done.told
    assert [None, None, None] == [done.document.at(at) for at in sorted(done.told, key=str)]
    assert {"error"} == {problem.severity for problem in done.problems}


def test_texts_that_a_catalogue_does_not_know_are_told_at_once(tmp_path: Path) -> None:
    """New texts of a study, not yet in the catalogue, are one error at the list of languages, with the remedy."""
    folder = copied(tmp_path / "full")
    before = stripped(folder)
    file = write_catalogue(folder, "en")
    catalogue = polib.pofile(str(file))
    lost = [catalogue.find(context, by="msgctxt") for context in ("title", "items.word.label")]
    for entry in catalogue:
        entry.msgstr = text_at(before, entry.msgctxt, "en")
    for entry in lost:
        catalogue.remove(entry)
    catalogue.save()
    study = read_yaml(folder / "study.yaml")
    done = complete(study, folder)
    assert [("study.yaml", study.place(("languages", 1)).line)] == places(done, "TRN01")
    assert "2 texts of this study are not in i18n/en.po yet: `title`, `items.word.label`" == done.problems[0].what
    assert f"run `symmetry translate {folder} --to en`" in done.problems[0].mend
    assert {("title", "en"), ("items", "word", "label", "en")} == done.told


def test_a_language_without_any_text_is_told_at_the_list(tmp_path: Path) -> None:
    """Neither in the study nor in a catalogue: one error, not one for each text."""
    folder = copied(tmp_path / "full")
    stripped(folder)
    study = read_yaml(folder / "study.yaml")
    done = complete(study, folder)
    assert [("study.yaml", study.place(("languages", 1)).line)] == places(done, "TRN01")
    assert study is done.document
    assert {(*slot.route, "en") for slot in slots(study)} == done.told


def test_a_language_with_some_texts_is_left_to_the_checker(tmp_path: Path) -> None:
    """Where the study has a language itself, a forgotten text is the checker's affair."""
    folder = copied(tmp_path / "full")
    data = read_yaml(folder / "study.yaml").data
    del data["items"]["pride"]["label"]["en"]
    document = Document(folder / "study.yaml", data)
    assert Completed(document) == complete(document, folder)


@pytest.mark.parametrize("how", ["reworded", "fuzzy"])
def test_a_stale_translation_is_used_with_a_warning(how: str, tmp_path: Path) -> None:
    """A changed source and a translator's doubt are warned of at the line of the translation."""
    folder = copied(tmp_path / "full")
    before = stripped(folder)
    file = write_catalogue(folder, "en")
    catalogue = polib.pofile(str(file))
    for entry in catalogue:
        entry.msgstr = text_at(before, entry.msgctxt, "en")
    entry = catalogue.find("items.pride.employee", by="msgctxt")
    if how == "fuzzy":
        entry.flags = ["fuzzy"]
    catalogue.save()
    study = folder / "study.yaml"
    if how == "reworded":
        text = study.read_text(encoding="utf-8").replace("J'éprouve de la fierté à travailler ici.", "Je suis fier.")
        study.write_text(text, encoding="utf-8")
    done = complete(read_yaml(study), folder)
    assert [("en.po", line_of(file, "items.pride.employee"))] == places(done, "TRN02")
    assert [("TRN02", "warning")] == [(problem.code, problem.severity) for problem in done.problems]
    assert "I am proud to work here." == done.document.at(("items", "pride", "employee", "en"))


def test_a_catalogue_that_cannot_be_read_tells_nothing_else(tmp_path: Path) -> None:
    """A broken catalogue is its own error, and the texts that it would have given are not told one by one."""
    folder = copied(tmp_path / "full")
    stripped(folder)
    file = write_catalogue(folder, "en")
    file.write_bytes(b'msgid ""\nmsgstr "\xe9"\n')
    study = read_yaml(folder / "study.yaml")
    done = complete(study, folder)
    assert [("TRN03", 2, 9)] == [
        (each.code, each.where.line, each.where.column) for each in done.problems if each.where
    ]
    assert {(*slot.route, "en") for slot in slots(study)} == done.told
    assert () == done.files


def test_a_study_of_one_language_needs_no_rewriting(tmp_path: Path) -> None:
    """Texts without a language are those of the source, once another language has a catalogue."""
    study = tmp_path / "study.yaml"
    study.write_text('languages: [fr, de]\ntitle: "Une banque {x}"\npromise: {kept: Tenue}\n', encoding="utf-8")
    file = write_catalogue(tmp_path, "de")
    filled(file, {"title": "Eine Bank", "promise.kept": "Gehalten"})
    done = complete(read_yaml(study), tmp_path)
    assert {"fr": "Une banque {x}", "de": "Eine Bank"} == done.document.at(("title",))
    assert {"kept": {"fr": "Tenue", "de": "Gehalten"}} == done.document.at(("promise",))
    assert (2, 20) == (
        done.document.place(("title", "fr")).line,
        done.document.place(("title", "fr"), offset=11).column,
    )


@pytest.mark.parametrize("how", ["empty", "broken", "absent"])
def test_a_study_of_one_language_is_told_once_what_it_lacks(how: str, tmp_path: Path) -> None:
    """Texts without a language stay those of the source, whatever happened to the catalogue of the other."""
    study = tmp_path / "study.yaml"
    study.write_text("languages: [fr, de]\ntitle: Une banque\npromise: {kept: Tenue}\n", encoding="utf-8")
    file = write_catalogue(tmp_path, "de")
    filled(file, {"promise.kept": "Gehalten"})
    if how == "broken":
        file.write_text("oops", encoding="utf-8")
    elif how == "absent":
        file.unlink()
    done = complete(read_yaml(study), tmp_path)
    assert ["TRN03" if how == "broken" else "TRN01"] == [problem.code for problem in done.problems]
    assert {"fr": "Une banque"} == done.document.at(("title",))
    assert (2, 8) == (done.document.place(("title", "fr")).line, done.document.place(("title", "fr")).column)
    assert {("title", "de")} == {at for at in done.told if at[0] == "title"}


def test_guesses_are_written_from_the_template_of_a_catalogue(tmp_path: Path) -> None:
    """`guess: auto` speaks a language of which the house has no template, and quotes the translated question."""
    folder = copied(tmp_path / "full")
    study = folder / "study.yaml"
    text = study.read_text(encoding="utf-8").replace("languages: [fr, en]", "languages: [fr, en, de]")
    study.write_text(text, encoding="utf-8")
    file = write_catalogue(folder, "de")
    german = {entry.msgctxt: f"({entry.msgid})" for entry in polib.pofile(str(file))}
    filled(file, german | {"guess": "Was sagen Kunden zu „{words}“?"})
    done = complete(read_yaml(study), folder)
    guess = done.document.at(("items", "respected", "guess"))
    assert "Was sagen Kunden zu „(À la banque, on me traite avec respect.)“?" == guess["de"]
    assert "In your opinion, what would our customers answer? “At the bank, I am treated with respect.”" == guess["en"]
    assert () == done.problems
    filled(file, {"guess": "Was sagen Kunden?"})
    done = complete(read_yaml(study), folder)
    assert [("de.po", line_of(file, "guess"))] == places(done, "TRN06")
    assert ("items", "respected", "guess", "de") in done.told


def test_what_is_no_study_is_left_as_it_is(tmp_path: Path) -> None:
    """Data of any form come back untouched: their faults are the checker's."""
    data: Any
    for data in (
        None,
        [],
        {"languages": "fr"},
        {"languages": [1]},
        {"languages": ["fr", "../x"], "title": {"fr": "a"}},
    ):
        document = Document(tmp_path / "study.yaml", data)
        assert Completed(document) == complete(document, tmp_path)
    for data in ({"title": 3}, {"items": ["a"], "scales": {"a": {"ends": {"fr": 3, "de": [1]}}}}):
        document = Document(tmp_path / "study.yaml", {"languages": ["fr"], **data})
        assert () == slots(document)
