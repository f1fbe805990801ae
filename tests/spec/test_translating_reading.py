"""Catalogues, read strictly: polib and Babel read the same, and every way of breaking one is refused where it breaks."""

from __future__ import annotations

from pathlib import Path

import polib
import pytest
from babel.messages.pofile import read_po
from hypothesis import assume, given
from hypothesis import strategies as st

from symmetry.errors import Place, SpecError
from symmetry.spec import Document
from symmetry.spec.translating.nouns import Catalogue, Entry
from symmetry.spec.translating.reading import read_catalogue
from symmetry.spec.translating.writing import merged, wanted, write_catalogue, written
from tests.spec.translations import copied, filled

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
TITLE = 'msgctxt "title"\nmsgid "Une petite banque"\nmsgstr "Eine kleine Bank"\n'


def faults(tmp_path: Path, content: str | bytes) -> list[tuple[int, int, str]]:
    """Line, column and fault of everything wrong with a catalogue."""
    file = tmp_path / "de.po"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SpecError) as caught:
        read_catalogue(file)
    assert {"TRN03"} == {problem.code for problem in caught.value.problems}
    assert all(problem.mend for problem in caught.value.problems)
    places = [(problem.where, problem.what) for problem in caught.value.problems]
    assert {file} == {where.file for where, _ in places if where}
    return [(where.line, where.column, what) for where, what in places if where]


@pytest.mark.parametrize("wrap", [0, 40, 78])
def test_three_readers_read_the_same(wrap: int, tmp_path: Path) -> None:
    """Ours, polib and Babel find the same entries in a catalogue that an editor has wrapped, and wrapped narrowly."""
    file = write_catalogue(copied(tmp_path / "full"), "de")
    signs = 'Ein "Zitat", ein \\ Strich, ein Tab\t, zwei\nZeilen, {recommend} und 日本語 in einem langen Satz ohne Ende'
    filled(file, {entry.msgctxt: f"{signs} {n}" for n, entry in enumerate(polib.pofile(str(file)))}, wrap=wrap)
    ours = {(entry.context, entry.source): entry.text for entry in read_catalogue(file).entries.values()}
    assert {(each.msgctxt, each.msgid): each.msgstr for each in polib.pofile(str(file))} == ours
    with file.open("rb") as opened:
        assert {(each.context, each.id): each.string for each in read_po(opened) if each.id} == ours
    assert all(text.startswith(signs) for text in ours.values())


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"])
def test_lines_may_end_as_on_any_system(ends: str, tmp_path: Path) -> None:
    """A catalogue saved on another system, even with a byte order mark, reads as it was written."""
    (tmp_path / "de.po").write_bytes(("\ufeff" + (HEAD + TITLE).replace("\n", ends)).encode())
    entry = read_catalogue(tmp_path / "de.po").entries["title"]
    assert ("Une petite banque", "Eine kleine Bank", 6) == (entry.source, entry.text, entry.place.line)


@pytest.mark.parametrize(
    ("content", "line", "column", "word"),
    [
        ((HEAD + TITLE).replace("kleine", "größe").encode("latin-1"), 6, 16, "not UTF-8"),
        (HEAD.replace("UTF-8", "ISO-8859-1") + TITLE, 2, 1, "ISO-8859-1"),
        (HEAD + TITLE + "\n" + TITLE, 8, 1, "translated twice (first on line 6)"),
        (HEAD + TITLE.replace('Bank"', "Bank"), 6, 8, "never closed"),
        (HEAD + TITLE.replace('Bank"', 'Bank" ?'), 6, 27, "after the text"),
        (HEAD + TITLE.replace("msgstr", "mgsstr"), 6, 1, "`mgsstr` is no part"),
        (HEAD + TITLE.replace("kleine", "\\d"), 6, 14, "`\\d` stands for nothing"),
        (HEAD + TITLE.partition("msgstr")[0], 4, 1, "no `msgstr`"),
        (HEAD + 'msgctxt "title"\nmsgstr "Bank"\n', 5, 1, "out of order"),
        (HEAD + TITLE.partition("\n")[2], 4, 1, "no `msgctxt`"),
        (HEAD + TITLE.replace("msgstr", "msgstr[0]"), 6, 1, "plural"),
        (HEAD + TITLE.replace('msgstr "', 'msgid_plural "a"\nmsgstr[0] "'), 6, 1, "plural"),
        (HEAD + '"Bank"\n', 4, 1, "belongs to nothing"),
        (HEAD + HEAD + TITLE, 4, 1, "second header"),
        (HEAD + "<<<<<<< HEAD\n" + TITLE, 4, 1, "`<<<<<<<` is no part"),
    ],
)
def test_a_broken_catalogue_is_refused_where_it_breaks(
    content: str | bytes, line: int, column: int, word: str, tmp_path: Path
) -> None:
    """Each fault has its line and column, and none is passed over in silence."""
    found = faults(tmp_path, content)
    assert (line, column) == found[0][:2]
    assert word in found[0][2]


def test_all_faults_of_a_catalogue_come_at_once(tmp_path: Path) -> None:
    """A fault in one entry hides none in the next, and brings none of its own."""
    second = TITLE.replace("title", "source").replace('Bank"', "Bank")
    found = faults(tmp_path, HEAD + TITLE.replace("msgid", "msgidd") + second + TITLE)
    assert [(5, 1), (9, 8)] == [each[:2] for each in found]


@pytest.mark.parametrize("kind", ["missing", "folder", "huge", "loop"])
def test_a_file_that_is_no_catalogue_is_refused(kind: str, tmp_path: Path) -> None:
    """A missing file, a folder, a file too large to be one and a link to itself are errors that say so."""
    file = tmp_path / "de.po"
    if kind == "folder":
        file.mkdir()
    elif kind == "loop":
        file.symlink_to(file)
    elif kind == "huge":
        file.write_bytes(b"#" * 2_000_001)
    with pytest.raises(SpecError) as caught:
        read_catalogue(file)
    assert ("TRN03", file) == (caught.value.problems[0].code, caught.value.problems[0].where.file)


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), min_size=1, max_size=60)


@given(source=WORDS, text=WORDS, former=WORDS, note=st.text(st.characters(categories=("L", "N", "P")), max_size=20))
def test_any_words_survive_the_file(
    tmp_path_factory: pytest.TempPathFactory, source: str, text: str, former: str, note: str
) -> None:
    """Quotes, backslashes, line ends and signs of any script come back as they went, for us and for polib."""
    assume(source.strip() and former != source)
    file = tmp_path_factory.mktemp("words") / "de.po"
    study = Document(file, {"languages": ["fr"], "title": source})
    old = Entry("title", former, text, Place(file), notes=(note,) if note else ())
    made = merged(wanted(study, "de"), Catalogue(file, {"title": old}), "fr")
    file.write_bytes(written(made, study, "de"))
    entry = read_catalogue(file).entries["title"]
    assert (source, text, True, former) == (entry.source, entry.text, entry.fuzzy, entry.previous)
    assert old.notes == entry.notes
    (theirs,) = polib.pofile(str(file))
    assert (source, text, former) == (theirs.msgid, theirs.msgstr, theirs.previous_msgid)
