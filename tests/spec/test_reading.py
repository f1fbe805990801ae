"""YAML read with places, by the 1.2 core rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from symmetry.spec import Document, read_yaml


@pytest.fixture
def read(tmp_path: Path):
    """Read a text as a YAML file."""

    def _read(text: str | bytes) -> Document:
        file = tmp_path / "some.yaml"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_yaml(file)

    return _read


def spot(document: Document, path: tuple, key: bool = False) -> tuple[int, int]:
    """Line and column of a path."""
    place = document.place(path, key)
    return place.line, place.column


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("0123", "0123"),
        ("01", "01"),
        ("1_000", "1_000"),
        ("2027-03-01", "2027-03-01"),
        ('"5"', "5"),
        ("5", 5),
        ("-5", -5),
        ("+5", 5),
        ("0", 0),
        ("0.3", 0.3),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("Un proche ?", "Un proche ?"),
    ],
)
def test_scalars_follow_the_core_rules(read, written: str, meant: object) -> None:
    """Only true, false, null and numbers are not text; what is in doubt stays as written."""
    actual = read(f"a: {written}\n").data["a"]
    assert (meant, type(meant)) == (actual, type(actual))


def test_keys_are_always_text(read) -> None:
    """A key such as no, 1 or 01 is the text its author wrote."""
    assert {"no": 1, "1": 2, "01": 3} == read("no: 1\n1: 2\n01: 3\n").data


def test_places_count_characters_not_bytes(read) -> None:
    """Accents, œ and emoji before a value count one column each."""
    document = read("été: {fr: Œuvré à Noël 😀, en: Late}\nb:\n  - é\n  - x\n")
    assert (1, 1) == spot(document, ("été",), key=True)
    assert (1, 7) == spot(document, ("été", "fr"), key=True)
    assert (1, 27) == spot(document, ("été", "en"), key=True)
    assert (1, 31) == spot(document, ("été", "en"))
    assert (4, 5) == spot(document, ("b", 1))


def test_a_place_that_is_not_there_is_the_nearest_around_it(read) -> None:
    """A missing key is shown at what should hold it, and a missing file part at the top."""
    document = read("a:\n  b: {c: 1}\n")
    assert (2, 3) == spot(document, ("a", "b", "z"), key=True)
    assert (1, 1) == spot(document, ("z",))


def test_a_byte_order_mark_is_no_fault(read) -> None:
    """A UTF-8 file that some editors begin with a mark reads as any other."""
    assert {"a": "é"} == read(b"\xef\xbb\xbfa: \xc3\xa9\n").data


def test_a_foreign_encoding_is_named_with_its_place(read) -> None:
    """The first byte that is not UTF-8 gives line and column."""
    problem = read("a: 1\nb: Réseau\n".encode("latin-1")).problems[0]
    assert ("YAML06", 2, 5) == (problem.code, problem.where.line, problem.where.column)


@pytest.mark.parametrize("text", ["a: &x [*x]\n", "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"])
def test_anchors_neither_loop_nor_explode(read, text: str) -> None:
    """A list that holds itself, or that doubles at each step, is a fault and ends at once."""
    assert {"YAML09"} == {problem.code for problem in read(text).problems}


@pytest.mark.parametrize(
    ("text", "place"),
    [("a: \x07\n", (1, 4)), ("a: {b: 1\nc: 2\n", (2, 2)), ("a: 1\n---\nb: 2\n", (2, 1)), ("a: @x\n", (1, 4))],
)
def test_what_is_not_yaml_says_where(read, text: str, place: tuple[int, int]) -> None:
    """Control characters, open brackets, second documents and stray signs have a place."""
    document = read(text)
    assert document.data is None
    assert [("YAML01", *place)] == [(each.code, each.where.line, each.where.column) for each in document.problems]


def test_a_comment_is_not_a_cut_text(read) -> None:
    """A # followed by a space is a comment and no fault."""
    document = read("a: text   # why\nb: [x, y]  # and why\n")
    assert ({"a": "text", "b": ["x", "y"]}, ()) == (document.data, document.problems)


def test_a_missing_file_and_a_folder_are_faults_not_crashes(tmp_path: Path) -> None:
    """Both are reported with the path."""
    for path in (tmp_path / "none.yaml", tmp_path):
        assert ["YAML08"] == [problem.code for problem in read_yaml(path).problems]


@pytest.mark.parametrize(
    "text",
    [
        "items: " + "[" * 50_000,
        "items: " + "{a: " * 20_000 + "1" + "}" * 20_000,
        "items:\n  " + "- " * 30_000 + "1",
        "items:\n  " + "? " * 30_000 + "1",
        "\n".join(" " * depth + f"k{depth}:" for depth in range(1_000)) + " 1",
    ],
    ids=["lists", "mappings", "dashes", "keys", "indents"],
)
def test_a_bottomless_file_is_refused(tmp_path: Path, text: str) -> None:
    """Nesting that would end the process is one located problem, whatever it is made of."""
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    problems = read_yaml(tmp_path / "study.yaml").problems
    assert ["YAML10"] == [problem.code for problem in problems]
    assert problems[0].where.line > 0


def test_forty_levels_are_no_fault(tmp_path: Path) -> None:
    """Brackets inside texts do not count, nor do as many levels as are allowed."""
    (tmp_path / "study.yaml").write_text("a: " + "[" * 39 + "]" * 39 + '\nb: "' + "[" * 100 + '"', encoding="utf-8")
    assert () == read_yaml(tmp_path / "study.yaml").problems


def test_a_huge_file_is_not_even_read(tmp_path: Path) -> None:
    """10 MB are refused by their size."""
    (tmp_path / "study.yaml").write_bytes(b"a: b\n" * 2_000_000)
    assert ["YAML10"] == [problem.code for problem in read_yaml(tmp_path / "study.yaml").problems]


def test_a_billion_laughs_are_one_problem(tmp_path: Path) -> None:
    """Aliases of aliases are refused once, at the first anchor, and never multiplied out."""
    lines = ["a0: &a0 [lol, lol]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))]
    (tmp_path / "study.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert [("YAML09", 1)] == [(each.code, each.where.line) for each in read_yaml(tmp_path / "study.yaml").problems]


def test_a_loop_of_links_is_a_problem(tmp_path: Path) -> None:
    """A file that links to itself cannot be read, and the message says so."""
    (tmp_path / "study.yaml").symlink_to("study.yaml")
    (problem,) = read_yaml(tmp_path / "study.yaml").problems
    assert "YAML08" == problem.code
    assert "symbolic links" in problem.what


def test_a_bom_and_foreign_line_ends_do_no_harm(tmp_path: Path) -> None:
    """UTF-8 with a BOM and CRLF reads as without, at the same places."""
    text = "title: Une étude\nlanguages: [fr]\n"
    (tmp_path / "plain.yaml").write_bytes(text.encode())
    (tmp_path / "odd.yaml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    plain, odd = read_yaml(tmp_path / "plain.yaml"), read_yaml(tmp_path / "odd.yaml")
    assert (plain.data, plain.values, ()) == (odd.data, odd.values, odd.problems)
