"""Catalogues, written steadily and brought up to date without a loss: gettext's own `msgfmt` and polib judge them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import polib
import pytest

from symmetry.errors import SpecError
from symmetry.spec import read_yaml
from symmetry.spec.translating.completing import complete
from symmetry.spec.translating.counting import status
from symmetry.spec.translating.writing import write_catalogue
from tests.spec.translations import copied, filled


def reworded(folder: Path, old: str, new: str) -> None:
    """Change the words of a study."""
    file = folder / "study.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("name", ["full", "bank"])
@pytest.mark.parametrize("language", ["de", "pt-BR"])
def test_gettext_accepts_what_is_written(name: str, language: str, tmp_path: Path) -> None:
    """`msgfmt --check` finds nothing to say about a new catalogue, nor about one with every text in it."""
    if shutil.which("msgfmt") is None:
        pytest.skip("GNU gettext is not installed (Debian: gettext), so msgfmt cannot judge")
    file = write_catalogue(copied(tmp_path / name, name), language)
    contexts = {entry.msgctxt: entry.msgid for entry in polib.pofile(str(file))}
    for _ in range(2):
        done = subprocess.run(["msgfmt", "--check", "-o", "/dev/null", file], capture_output=True, text=True)
        assert (0, "") == (done.returncode, done.stderr)
        filled(file, contexts)


def test_the_same_study_gives_the_same_bytes(tmp_path: Path) -> None:
    """Nothing of the day, of the folder or of a second run enters a catalogue."""
    one = write_catalogue(copied(tmp_path / "one"), "de").read_bytes()
    two = write_catalogue(copied(tmp_path / "two"), "de")
    assert one == two.read_bytes()
    filled(two, {"title": "Eine kleine Bank"})
    write_catalogue(tmp_path / "two", "de")
    first = two.read_bytes()
    write_catalogue(tmp_path / "two", "de")
    assert first == two.read_bytes()
    assert b"Eine kleine Bank" in first


def test_a_changed_source_is_fuzzy_with_its_former_words(tmp_path: Path) -> None:
    """A translation whose source changed is kept, marked, and shown what it was made from, until a translator looks."""
    folder = copied(tmp_path / "full")
    file = write_catalogue(folder, "de")
    long = "Dans cette agence, on écoute les clients."
    filled(file, {"items.listened.customer": "Man hört zu.", "title": "Eine kleine Bank"})
    reworded(folder, f"fr: {long}", f"fr: {long[:-1]}, même quand ils sont nombreux à attendre leur tour au guichet.")
    write_catalogue(folder, "de")
    entry = polib.pofile(str(file)).find("items.listened.customer", by="msgctxt")
    assert ("Man hört zu.", True, long) == (entry.msgstr, entry.fuzzy, entry.previous_msgid)
    assert entry.msgid.endswith("guichet.")
    reworded(folder, "leur tour au guichet.", "leur tour.")
    write_catalogue(folder, "de")
    assert long == polib.pofile(str(file)).find("items.listened.customer", by="msgctxt").previous_msgid
    reworded(folder, f"{long[:-1]}, même quand ils sont nombreux à attendre leur tour.", long)
    write_catalogue(folder, "de")
    entry = polib.pofile(str(file)).find("items.listened.customer", by="msgctxt")
    assert ("Man hört zu.", False, None) == (entry.msgstr, entry.fuzzy, entry.previous_msgid)
    assert not polib.pofile(str(file)).find("title", by="msgctxt").fuzzy


def test_what_the_study_no_longer_has_is_kept_aside(tmp_path: Path) -> None:
    """A text that goes becomes obsolete, with its marks; one that comes back finds its translation again."""
    folder = copied(tmp_path / "full")
    file = write_catalogue(folder, "de")
    filled(file, {"source": "Ein Beispiel.", "title": "Eine kleine Bank"})
    whole = (folder / "study.yaml").read_text(encoding="utf-8")
    head, _, tail = whole.partition("source:\n")
    (folder / "study.yaml").write_text(
        head + tail.partition('"An example for tests: a bank that does not exist."\n')[2]
    )
    write_catalogue(folder, "de")
    gone = [entry for entry in polib.pofile(str(file)) if entry.obsolete]
    assert [("source", "Ein Beispiel.")] == [(entry.msgctxt, entry.msgstr) for entry in gone]
    (folder / "study.yaml").write_text(whole, encoding="utf-8")
    write_catalogue(folder, "de")
    entry = polib.pofile(str(file)).find("source", by="msgctxt")
    assert ("Ein Beispiel.", False, False) == (entry.msgstr, entry.fuzzy, bool(entry.obsolete))


def test_a_stale_translation_stays_stale_while_it_is_aside(tmp_path: Path) -> None:
    """A fuzzy entry that goes and comes back is still fuzzy, and still knows what it was made from."""
    folder = copied(tmp_path / "full")
    file = write_catalogue(folder, "de")
    filled(file, {"items.pride.employee": "Ich bin stolz."})
    reworded(folder, "J'éprouve de la fierté à travailler ici.", "Je suis fier de travailler ici.")
    write_catalogue(folder, "de")
    whole = (folder / "study.yaml").read_text(encoding="utf-8")
    gone = whole.replace("  pride:\n", "  proud:\n").replace("Je suis fier de travailler ici.", "Ici je suis bien.")
    (folder / "study.yaml").write_text(gone, encoding="utf-8")
    write_catalogue(folder, "de")
    assert "#, fuzzy\n#~| msgid" in file.read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(whole, encoding="utf-8")
    write_catalogue(folder, "de")
    entry = polib.pofile(str(file)).find("items.pride.employee", by="msgctxt")
    assert entry.fuzzy
    assert "J'éprouve de la fierté à travailler ici." == entry.previous_msgid


def test_a_text_that_moves_takes_its_translation_along(tmp_path: Path) -> None:
    """A renamed item, and a ritual that another pushes down, keep their translations without a mark."""
    folder = copied(tmp_path / "full")
    file = write_catalogue(folder, "de")
    rituals = "journeys.visit.moments.welcome.rituals"
    filled(file, {"items.pride.label": "Stolz", f"{rituals}[0]": "Aufstehen", f"{rituals}[1]": "Grüßen"})
    reworded(folder, "  pride:\n", "  proud:\n")
    first = "          - {fr: On se lève., en: We"
    reworded(folder, first, f"          - {{fr: On sourit., en: We smile.}}\n{first}")
    write_catalogue(folder, "de")
    entries = {entry.msgctxt: (entry.msgid, entry.msgstr, entry.fuzzy) for entry in polib.pofile(str(file))}
    assert ("Fierté", "Stolz", False) == entries["items.proud.label"]
    assert ("On sourit.", "", False) == entries[f"{rituals}[0]"]
    assert ("On se lève.", "Aufstehen", False) == entries[f"{rituals}[1]"]
    assert ("On salue par le nom.", "Grüßen", False) == entries[f"{rituals}[2]"]


def test_each_text_stands_on_a_line_of_its_own(tmp_path: Path) -> None:
    """Long words are not wrapped, so that a change of them is a change of one line."""
    folder = copied(tmp_path / "full")
    long = "Une petite banque " + "dont le titre n'en finit pas " * 9
    reworded(folder, "fr: Une petite banque", f"fr: {long.strip()}")
    assert f'msgid "{long.strip()}"\n' in write_catalogue(folder, "de").read_text(encoding="utf-8")


def test_what_translators_wrote_around_their_texts_stays(tmp_path: Path) -> None:
    """The header of their tool, their notes and their own marks survive a new run."""
    folder = copied(tmp_path / "full")
    file = write_catalogue(folder, "de")
    catalogue = polib.pofile(str(file))
    catalogue.metadata["Last-Translator"] = "Ada <ada@example.org>"
    catalogue.metadata["X-Generator"] = "Poedit 3"
    entry = catalogue.find("title", by="msgctxt")
    entry.msgstr, entry.tcomment, entry.flags = "Eine Bank?", "ask the client", ["fuzzy"]
    catalogue.save()
    reworded(folder, "en: A small bank", "en: A tiny bank")
    write_catalogue(folder, "de")
    after = polib.pofile(str(file))
    assert ("Ada <ada@example.org>", "Poedit 3") == (after.metadata["Last-Translator"], after.metadata["X-Generator"])
    entry = after.find("title", by="msgctxt")
    assert ("ask the client", True, "Eine Bank?") == (entry.tcomment, entry.fuzzy, entry.msgstr)
    assert "en: A tiny bank" in entry.comment


def test_placeholders_are_marked_for_the_tools(tmp_path: Path) -> None:
    """Texts with placeholders, and the template of guesses, carry the flag by which tools hold a translation to them; a
    percentage is none."""
    folder = copied(tmp_path / "full")
    reworded(folder, "fr: Une petite banque", "fr: Une banque à 50 % des prix")
    file = write_catalogue(folder, "de")
    marked = [entry.msgctxt for entry in polib.pofile(str(file)) if "python-brace-format" in entry.flags]
    assert ["guess", "items.why.customer"] == marked
    assert not [entry.msgctxt for entry in polib.pofile(str(file)) if "python-format" in entry.flags]


def test_a_link_that_leads_nowhere_is_left_alone(tmp_path: Path) -> None:
    """A catalogue that is a link to nothing is an error for both ways, not a missing catalogue."""
    folder = copied(tmp_path / "full")
    (folder / "i18n").mkdir()
    (folder / "i18n" / "de.po").symlink_to(folder / "i18n" / "de.po")
    with pytest.raises(SpecError, match="TRN03"):
        write_catalogue(folder, "de")
    study = read_yaml(folder / "study.yaml")
    study.data["languages"].append("de")
    assert ["TRN03"] == [problem.code for problem in complete(study, folder).problems]


def test_a_broken_catalogue_is_left_alone(tmp_path: Path) -> None:
    """A catalogue that cannot be read is not written over."""
    folder = copied(tmp_path / "full")
    file = write_catalogue(folder, "de")
    file.write_text("oops\n", encoding="utf-8")
    with pytest.raises(SpecError, match="TRN03"):
        write_catalogue(folder, "de")
    assert file.read_text(encoding="utf-8") == "oops\n"


@pytest.mark.parametrize(
    ("language", "word"),
    [("fr", "the source"), ("en", "in the study itself"), ("../de", "not the code"), ("deutsch", "not the code")],
)
def test_a_language_that_needs_no_catalogue_is_refused(language: str, word: str, tmp_path: Path) -> None:
    """The source, a language that the study has itself and what is no language get no file."""
    folder = copied(tmp_path / "full")
    with pytest.raises(SpecError, match="TRN05") as caught:
        write_catalogue(folder, language)
    assert word in caught.value.problems[0].what
    assert not (folder / "i18n").exists()


def test_a_file_that_is_no_study_is_refused(tmp_path: Path) -> None:
    """Without YAML, or without a list of languages, nothing is written."""
    with pytest.raises(SpecError, match="YAML08"):
        write_catalogue(tmp_path, "de")
    (tmp_path / "study.yaml").write_text("title: Une banque\n")
    with pytest.raises(SpecError, match="TRN05"):
        write_catalogue(tmp_path, "de")


def test_the_count_of_each_language(tmp_path: Path) -> None:
    """Texts translated, stale and missing are counted as one would by hand."""
    folder = copied(tmp_path / "full")
    file = write_catalogue(folder, "de")
    filled(file, {"title": "Eine kleine Bank", "source": "Ein Beispiel", "promise.reliable": "Zuverlässig"})
    reworded(folder, "fr: Une petite banque", "fr: Une toute petite banque")
    french, english, german = status(folder)
    assert ("fr", "source", 0, 0) == (french.language, french.home, french.stale, french.missing)
    assert ("en", "inline", 0, 0) == (english.language, english.home, english.stale, english.missing)
    assert ("de", "catalogue", 2, 1) == (german.language, german.home, german.translated, german.stale)
    assert french.texts + 1 == german.texts == german.missing + 3 == len(polib.pofile(str(file)))
