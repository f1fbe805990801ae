"""Counts of answers, read strictly: the counts of a file as they stand in it, and every fault with its line and remedy."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from symmetry.errors import DataError
from symmetry.fieldwork import PARTS, Tabulated, TabulatedSource, read_tabulated

HEADER = "school,who,q,opt,n\n"
ROWS = ["A,parent,q1,1,7", "A,parent,q1,2,3", "B,parent,q1,1,4", "A,teacher,q1,1,2", "B,pupil,q2,3,11"]
COLUMNS = {"unit": "school", "audience": "who", "item": "q", "option": "opt", "n": "n"}
AUDIENCES = {"parent": "customers", "teacher": "employees", "pupil": "pupil"}


def text_of(*changed: tuple[int, str], more: Sequence[str] = ()) -> str:
    """The rows, some of them changed (counted from 0), and more of them."""
    rows = [*ROWS, *more]
    for place, row in changed:
        rows[place] = row
    return HEADER + "".join(f"{row}\n" for row in rows)


def read(
    folder: Path,
    content: str | bytes | None = None,
    *,
    name: str = "counts.csv",
    columns: Mapping[str, str] = COLUMNS,
    units: Sequence[str] | None = None,
) -> Tabulated:
    """Write a file and read its counts."""
    path = folder / name
    content = text_of() if content is None else content
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_tabulated(TabulatedSource(path, columns, AUDIENCES), units=units)


def test_counts_come_in_as_they_stand(tmp_path: Path) -> None:
    """One row a unit, audience, item and option, in the file's order, audiences renamed, numbers whole."""
    found = read(tmp_path)
    expected = pd.DataFrame({
        "unit": ["A", "A", "B", "A", "B"],
        "audience": ["customers", "customers", "customers", "employees", "pupil"],
        "item": ["q1", "q1", "q1", "q1", "q2"],
        "option": [1, 2, 1, 1, 3],
        "n": [7, 3, 4, 2, 11],
    })  # fmt: skip
    plain = found.frame.astype({"unit": str, "audience": str, "item": str})
    assert_frame_equal(expected, plain, check_dtype=False)
    assert list(PARTS) == list(found.frame.columns)
    assert ("int64", "int64") == (str(found.frame["option"].dtype), str(found.frame["n"].dtype))
    assert found.source == f"counts.csv, sha256 {found.sha256}"


def test_the_log_adds_up(tmp_path: Path) -> None:
    """Rows read, rows of nobody, and units, items and answers of each audience."""
    found = read(tmp_path, text_of(more=["B,parent,q1,2,0"]))
    told = {(row.measure, row.audience): row.n for row in found.log.itertuples(index=False)}
    assert (6, 1) == (told["read", ""], told["no answer", ""])
    assert (2, 1, 14) == tuple(told[measure, "customers"] for measure in ("units", "items", "answers"))
    assert 11 == told["answers", "pupil"]
    assert 5 == len(found.frame)


def test_a_gzipped_file_and_a_parquet_file_say_the_same(tmp_path: Path) -> None:
    """The kind of file changes nothing."""
    plain = read(tmp_path)
    packed = read(tmp_path, gzip.compress(text_of().encode()), name="counts.csv.gz")
    pd.DataFrame([row.split(",") for row in ROWS], columns=list(COLUMNS.values())).astype({"n": int}).to_parquet(
        tmp_path / "counts.parquet"
    )
    stored = read_tabulated(TabulatedSource(tmp_path / "counts.parquet", COLUMNS, AUDIENCES))
    assert_frame_equal(plain.frame, packed.frame)
    assert_frame_equal(plain.frame, stored.frame)


FAULTS: dict[str, tuple[str, str, int, str]] = {
    "a negative count": (text_of((1, "A,parent,q1,2,-3")), "DATA41", 3, "“-3”"),
    "a fractional count": (text_of((1, "A,parent,q1,2,3.5")), "DATA41", 3, "“3.5”"),
    "a count in words": (text_of((1, "A,parent,q1,2,three")), "DATA41", 3, "“three”"),
    "a count without end": (text_of((1, f"A,parent,q1,2,{'9' * 20}")), "DATA41", 3, "999"),
    "two counts of options that are none": (
        text_of((1, "A,parent,q1,agree,3"), (2, "A,parent,q1,agree,4")),
        "DATA41",
        3,
        "“agree” (and 1 more row)",
    ),
    "option zero": (text_of((2, "B,parent,q1,0,4")), "DATA41", 4, "“0”"),
    "an option in words": (text_of((2, "B,parent,q1,agree,4")), "DATA41", 4, "“agree”"),
    "no unit": (text_of((2, ",parent,q1,1,4")), "DATA40", 4, "`school` is blank"),
    "no item": (text_of((2, "B,parent,,1,4")), "DATA40", 4, "`q` is blank"),
    "no count": (text_of((2, "B,parent,q1,1,")), "DATA40", 4, "`n` is blank"),
    "an unknown audience": (text_of((3, "A,headmaster,q1,1,2"), more=["A,teacher,q1,2,2"]), "DATA42", 5, "headmaster"),
    "a row twice": (text_of(more=["A,parent,q1,1,7"]), "DATA43", 7, "A, parent, q1, 1"),
    "a row twice, its option written otherwise": (text_of(more=["A,parent,q1,1.0,9"]), "DATA43", 7, "A, parent, q1, 1"),
    "no such audience": (text_of((4, "B,parent,q2,3,11")), "DATA44", 0, "“pupil”"),
    "an audience of nobody": (text_of((4, "B,pupil,q2,3,0")), "DATA44", 0, "“pupil”"),
    "a header alone": (HEADER, "DATA11", 1, "no row"),
    "nothing": ("", "DATA11", 0, "is empty"),
    "a cell too many": (text_of((1, "A,parent,q1,2,3,4")), "DATA14", 3, "6 cells"),
    "semicolons": (text_of().replace(",", ";"), "DATA15", 1, "semicolon"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    """One fault: its own code, the line where it stands, words that name it, and nothing read."""
    content, code, line, words = FAULTS[name]
    with pytest.raises(DataError) as caught:
        read(tmp_path, content)
    found = caught.value.problems
    assert [code] == [problem.code for problem in found], "\n".join(map(str, found))
    assert found[0].where is not None
    assert (tmp_path / "counts.csv", line) == (found[0].where.file, found[0].where.line)
    assert words in found[0].what
    assert found[0].mend


def test_a_wrong_column_says_what_the_file_has(tmp_path: Path) -> None:
    """Each column that is not there is named with its part of the plan, all at once."""
    with pytest.raises(DataError) as caught:
        read(tmp_path, columns=COLUMNS | {"unit": "dbn", "n": "count"})
    found = caught.value.problems
    assert ["DATA23", "DATA23"] == [problem.code for problem in found]
    assert "`dbn` (`columns: unit`)" in found[0].what
    assert "school, who, q, opt, n" in found[0].mend


def test_a_unit_that_the_answers_lack_is_refused(tmp_path: Path) -> None:
    """Units are those of the answers; the first row of a strange one is named, the others counted."""
    assert 5 == len(read(tmp_path, units=["A", "B", "C"]).frame)
    with pytest.raises(DataError, match=r"`school` holds “A”, which nobody declared \(and 2 more rows\)") as caught:
        read(tmp_path, units=["B"])
    assert ["DATA42"] == [problem.code for problem in caught.value.problems]


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    """A byte that is not UTF-8 is named, not guessed at."""
    content = text_of((0, "École,parent,q1,1,7")).encode("cp1252")
    with pytest.raises(DataError, match="is not utf-8"):
        read(tmp_path, content)
    source = TabulatedSource(tmp_path / "counts.csv", COLUMNS, AUDIENCES, encoding="cp1252")
    assert "École" in set(read_tabulated(source).frame["unit"])


def test_faults_do_not_hide_one_another(tmp_path: Path) -> None:
    """Blank cells, bad counts and a row twice in one message; beyond twenty, faults are counted."""
    more = ["A,parent,q1,1,7", ",parent,q3,1,1"]
    with pytest.raises(DataError) as caught:
        read(tmp_path, text_of((1, "A,parent,q1,2,-3"), more=more))
    assert {"DATA40", "DATA41", "DATA43"} == {problem.code for problem in caught.value.problems}
    with pytest.raises(DataError) as caught:
        read(tmp_path, text_of(more=[f"A,parent,item{number},1,x{number}" for number in range(30)]))
    assert "and 10 more problems" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere is a fault of the plan."""
    with pytest.raises(DataError, match="does not exist"):
        read_tabulated(TabulatedSource(tmp_path / "none.csv", COLUMNS, AUDIENCES))


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(sorted(AUDIENCES)), st.sampled_from(["q1", "q2"]), st.integers(1, 5)),
        st.integers(0, 10**9),
        min_size=1,
    )
)  # fmt: skip
def test_nothing_is_lost_or_made_up(tmp_path_factory: pytest.TempPathFactory, counts: dict) -> None:
    """Whatever the counts, their sum for each audience is that of the file, and no row of nobody is kept."""
    full = {("Z", audience, "q1", 1): 1 for audience in AUDIENCES} | counts
    rows = "".join(f"{','.join(map(str, key))},{n}\n" for key, n in full.items())
    found = read(tmp_path_factory.mktemp("counts"), HEADER + rows).frame
    for text, audience in AUDIENCES.items():
        assert (
            sum(n for key, n in full.items() if key[1] == text) == found.loc[found["audience"] == audience, "n"].sum()
        )
    assert (found["n"] > 0).all()
