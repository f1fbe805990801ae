from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from symmetry.errors import DataError
from symmetry.fieldwork import ColumnRule, Intake, Source, import_answers
from symmetry.spec import Item, Scale, Study
from tests.studies import SHARE, tiny_study, with_item

HEADER = "id,area,how,place,nps,ears,word,extra\n"
GOOD = HEADER + "p1,N,app,B1,10,5.0,1,x\np2,N,branch,B1,7,na,2.0,\np3,S,app,B2,0,,,y\n"
WORDS = {"en": "…"}
COLUMNS = {
    "region": ColumnRule("area", values={"N": "north", "S": "south"}),
    "channel": ColumnRule("how"),
    "branch": ColumnRule("place"),
    "recommend": ColumnRule("nps"),
    "listened": ColumnRule("ears"),
    "kept": ColumnRule("word"),
}


def bring_in(
    folder: Path,
    content: str | bytes = GOOD,
    *,
    name: str = "answers.csv",
    study: Study | None = None,
    columns: Mapping[str, ColumnRule] = COLUMNS,
    where: Mapping[str, str] | None = None,
    respondent: str | None = "id",
    encoding: str = "utf-8",
    ignore: tuple[str, ...] | None = ("extra",),
) -> Intake:
    """Write a file and import it as the customers of the cold wave."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    source = Source(path, columns, where or {}, respondent, encoding, ignore)
    return import_answers(study or tiny_study(), "cold", "customers", source)


def refused(folder: Path, *words: str, **options: Any) -> DataError:
    """Import what must be refused, and check that the message says so."""
    with pytest.raises(DataError) as caught:
        bring_in(folder, **options)
    for word in words:
        assert word in str(caught.value)
    return caught.value


def test_answers_come_in_as_the_study_names_them(tmp_path: Path) -> None:
    """Codes are whole numbers, "5.0" and the name of a missing reason among them; categories are recoded; blanks are absent."""
    expected = pd.DataFrame(
        {
            "respondent": pd.array(["p1", "p2", "p3"], dtype="str"),
            "region": pd.array(["north", "north", "south"], dtype="str"),
            "channel": pd.array(["app", "branch", "app"], dtype="str"),
            "branch": pd.array(["B1", "B1", "B2"], dtype="str"),
            "recommend": pd.array([10, 7, 0], dtype="Int64"),
            "listened": pd.array([5, 0, None], dtype="Int64"),
            "kept": pd.array([1, 2, None], dtype="Int64"),
        }
    )
    intake = bring_in(tmp_path)
    assert_frame_equal(expected, intake.answers)
    assert intake.simulated is False
    assert intake.source.startswith("answers.csv, sha256 ")


def test_the_log_counts_every_row_and_cell(tmp_path: Path) -> None:
    """Rows read, set aside with the reason, kept; cells answered, blank, and missing by reason."""
    log = bring_in(tmp_path, GOOD + "p4,S,app,B2,,,,\n", where={"how": "app"}).log
    rows = [(row.measure, row.item, row.n) for row in log.itertuples()]
    assert [("read", "", 4), ("set aside", "", 1), ("set aside", "", 1), ("kept", "", 2)] == rows[:4]
    assert log.loc[log["measure"] == "set aside", "note"].tolist() == ["not how = app", "no answer at all"]
    assert {("answered", "listened", 1), ("blank", "listened", 1), ("na", "listened", 0)} <= set(rows)


def test_gzip_and_parquet_say_the_same(tmp_path: Path) -> None:
    """One table in three kinds of file gives the same answers."""
    expected = bring_in(tmp_path).answers
    assert_frame_equal(expected, bring_in(tmp_path, gzip.compress(GOOD.encode()), name="a.csv.gz").answers)
    table = pd.read_csv(tmp_path / "answers.csv")
    table["ears"] = [5.0, 0.0, None]
    table["how"] = table["how"].astype("category")
    table.to_parquet(tmp_path / "a.parquet")
    assert_frame_equal(expected, bring_in(tmp_path, (tmp_path / "a.parquet").read_bytes(), name="a.parquet").answers)


def test_part_of_a_text_can_be_a_category(tmp_path: Path) -> None:
    """`characters` counts from 1, both ends kept, and `values` recodes what is left; one file column may serve twice."""
    columns = COLUMNS | {"region": ColumnRule("id", (1, 1), {"p": "south"}), "branch": ColumnRule("area")}
    answers = bring_in(tmp_path, columns=columns, ignore=None).answers
    assert answers["region"].tolist() == ["south", "south", "south"]
    assert answers["branch"].tolist() == ["N", "N", "S"]


def test_without_ids_a_row_is_a_person(tmp_path: Path) -> None:
    """Ids are row numbers, padded so that they sort as the file does."""
    rows = "".join(f"{k},N,app,B1,9,5,5,\n" for k in range(11))
    people = bring_in(tmp_path, HEADER + rows, respondent=None, ignore=None).answers["respondent"].tolist()
    assert people == sorted(people)
    assert people[:2] == ["row 01", "row 02"]


def test_texts_of_a_text_item_are_kept_as_they_are(tmp_path: Path) -> None:
    """A school's id "01.0" is a text, not the number 1."""
    answers = bring_in(tmp_path, GOOD.replace("B1", "01.0")).answers
    assert answers["branch"].tolist() == ["01.0", "01.0", "B2"]


def test_shares_and_numbers_are_floats(tmp_path: Path) -> None:
    """A published share runs from 0 to 100; a weight is any number."""
    study = with_item(tiny_study(), Item("share", "driver", WORDS, SHARE, {"customer": WORDS}))
    study = with_item(study, Item("weight", "frame", WORDS, numeric=True, audiences=("customers",)))
    text = "id,area,how,place,nps,ears,word,extra,share,weight\na,N,app,B,1,1,1,x,92.5,1e-3\nb,N,app,B,1,1,1,x,,2\n"
    columns = COLUMNS | {"share": ColumnRule("share"), "weight": ColumnRule("weight")}
    answers = bring_in(tmp_path, text, study=study, columns=columns).answers
    assert answers["weight"].tolist() == [0.001, 2.0]
    assert answers["share"].tolist()[0] == 92.5
    assert answers["share"].isna().tolist() == [False, True]
    for bad, words in (("101", "a share between 0 and 100"), ("2,5", "has 11 cells"), ("inf", "a number is expected")):
        refused(tmp_path, words, content=text.replace("92.5", bad), study=study, columns=columns)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The message has the path and where to mend it."""
    with pytest.raises(DataError, match=r"nowhere\.csv does not exist"):
        import_answers(tiny_study(), "cold", "customers", Source(tmp_path / "nowhere.csv", COLUMNS))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """What cannot be read says why."""
    with pytest.raises(DataError, match="cannot be read"):
        import_answers(tiny_study(), "cold", "customers", Source(tmp_path, COLUMNS))


@pytest.mark.parametrize(
    ("content", "words"), [("", "is empty"), ("\n \n", "is empty"), ("\ufeff", "is empty"), (HEADER, "no row")]
)
def test_an_empty_file_is_refused(tmp_path: Path, content: str, words: str) -> None:
    """Nothing at all, blanks, a mark of encoding, or a header alone: no answers."""
    refused(tmp_path, words, content=content)


def test_a_file_without_an_answer_is_refused(tmp_path: Path) -> None:
    """Rows of people who answered nothing are no survey."""
    refused(tmp_path, "holds no answer at all", content=HEADER + "p1,N,app,B1,,,,x\n")


def test_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    """The first byte that cannot be read gives its line; the right encoding then reads the file."""
    content = GOOD.replace("B2", "Évry").encode("cp1252")
    error = refused(tmp_path, "is not utf-8: byte 0xc9", "encoding: cp1252", content=content)
    assert error.problems[0].where is not None
    assert error.problems[0].where.line == 4
    assert bring_in(tmp_path, content, encoding="cp1252").answers["branch"].tolist()[2] == "Évry"
    refused(tmp_path, "is no known encoding", content=content, encoding="cp12520")


def test_utf16_read_as_latin1_is_no_answer(tmp_path: Path) -> None:
    """An encoding that reads any byte is caught by the zero bytes it leaves."""
    refused(tmp_path, "holds zero bytes", content=GOOD.encode("utf-16"), encoding="latin-1")
    assert len(bring_in(tmp_path, GOOD.encode("utf-16"), encoding="utf-16").answers) == 3
    assert len(bring_in(tmp_path, GOOD.encode("utf-8-sig")).answers) == 3


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolon"), ("\t", "tabulator"), ("|", "bar")])
def test_another_separator_is_named(tmp_path: Path, separator: str, name: str) -> None:
    """A file with semicolons is not one wide column."""
    refused(tmp_path, f"is separated by a {name}", content=GOOD.replace(",", separator))


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    """Half a gzip file and half a Parquet file are not read in part."""
    refused(tmp_path, "not a whole gzip file", content=gzip.compress(GOOD.encode())[:-9], name="a.csv.gz")
    refused(tmp_path, "not a whole Parquet file", content=b"PAR1 and no more", name="a.parquet")
    pd.DataFrame({"id": pd.array([], dtype="str")}).to_parquet(tmp_path / "none.parquet")
    refused(tmp_path, "has no row", content=(tmp_path / "none.parquet").read_bytes(), name="none.parquet")


def test_a_row_of_another_length_is_named(tmp_path: Path) -> None:
    """A cell too many or too few gives the line of its row."""
    error = refused(
        tmp_path, "the row has 9 cells, the header 8", "answers.csv:5", content=GOOD + "p4,N,app,B1,1,2,3,x,y\n"
    )
    assert len(error.problems) == 1
    many = GOOD + "p4,N\n" * 30
    assert "and 10 more rows like these" in str(refused(tmp_path, content=many).problems[-1])


def test_a_column_named_twice_is_refused(tmp_path: Path) -> None:
    """Two columns of one name cannot be told apart."""
    refused(
        tmp_path, "names a column twice: extra", content=GOOD.replace("id,area,how", "extra,area,how"), respondent=None
    )


def test_columns_are_checked_three_ways(tmp_path: Path) -> None:
    """What the plan names and the file lacks, what the file has and nobody names, what the study asks and nobody maps."""
    columns = {**COLUMNS, "kept": ColumnRule("words"), "spoken": ColumnRule("ears")}
    del columns["branch"]
    error = refused(
        tmp_path,
        "has no column `words` (`columns: kept`)",
        "did you mean `word`?",
        "neither maps nor ignores: `place`, `word`, `extra`",
        "no file column is named for `branch`",
        "maps `spoken`, which the study does not have here",
        columns=columns,
        ignore=(),
    )
    assert len(error.problems) == 4
    refused(tmp_path, "no column `who` (`respondent:`)", respondent="who", ignore=None)
    refused(tmp_path, "no column `when` (`where:`)", where={"when": "2027"})


def test_a_value_outside_its_scale_is_named(tmp_path: Path) -> None:
    """File, line, column, value, what is allowed, and how many rows have it; all of them in one message."""
    content = GOOD.replace("p1,N,app,B1,10,5.0", "p1,X,tram,B1,11,5.5") + "p4,S,app,B2,11,9,1,\n"
    error = refused(
        tmp_path,
        "answers.csv:2: error DATA26 column `area` holds “X” for `region`",
        "`values:` of the plan names N, S",
        "column `how` holds “tram” for `channel`",
        "its categories are: branch, app",
        "column `nps` holds “11” for `recommend` (and 1 other rows)",
        "allowed are the whole numbers 0 to 10;",
        "column `ears` holds “5.5” for `listened`",
        "answers.csv:5: error DATA26 column `ears` holds “9” for `listened`",
        "allowed are the whole numbers 1 to 5, or 0 (na)",
        content=content,
    )
    assert len(error.problems) == 5


def test_lines_inside_quotes_are_counted(tmp_path: Path) -> None:
    """A text of two lines does not shift the line of a later fault; nor does a blank line."""
    error = refused(tmp_path, content=HEADER + '"p\n1",N,app,B1,10,5,5,\n\np2,N,app,B1,10,5,7,\n')
    assert error.problems[0].where is not None
    assert error.problems[0].where.line == 5


def test_a_cell_too_short_for_its_part_is_named(tmp_path: Path) -> None:
    """Characters that a text does not have are no blank."""
    columns = COLUMNS | {"region": ColumnRule("area", (3, 3), {"N": "north"})}
    refused(tmp_path, "it has no characters 3 to 3", columns=columns)


def test_a_respondent_stands_once(tmp_path: Path) -> None:
    """A person twice and a person without an id are faults, unless `where` leaves them out."""
    twice = GOOD + "p2,S,branch,B2,9,1,1,\n,S,app,B2,9,1,1,\n"
    refused(tmp_path, "respondent p2 stands in 2 rows", "answers.csv:3", "`id` is blank in 1 row\n", content=twice)
    assert len(bring_in(tmp_path, GOOD + "p2,S,branch,B2,9,1,1,\n", where={"area": "N"}).answers) == 2


def test_a_condition_that_no_row_meets_is_refused(tmp_path: Path) -> None:
    """The message lists what the column holds; two conditions may leave nothing together."""
    refused(tmp_path, "no row has area = W", "the file has: N, S", where={"area": "W"})
    refused(tmp_path, "no row is left", where={"area": "S", "how": "branch"})


def test_twenty_faults_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    """A column of thirty kinds of nonsense does not fill the screen."""
    rows = "".join(f"q{k},N,app,B1,{k + 100},5,5,\n" for k in range(30))
    error = refused(tmp_path, "and 10 more problems", content=HEADER + rows)
    assert len(error.problems) == 21


@given(codes=st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=1, max_size=30), decimals=st.booleans())
def test_what_was_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, codes: list[int | None], decimals: bool
) -> None:
    """Any codes, written as whole numbers or with an empty decimal, come back as they were."""
    cells = ["" if code is None else f"{code}.0" if decimals else str(code) for code in codes]
    rows = "".join(f"r{k},N,app,B1,1,{cell},1,\n" for k, cell in enumerate(cells))
    answers = bring_in(tmp_path_factory.mktemp("law"), HEADER + rows).answers
    assert codes == [None if pd.isna(code) else int(code) for code in answers["listened"]]


def test_the_airport_survey_comes_in(shared_data: Path) -> None:
    """11,694 rows of four waves: one wave is kept, ratings such as "5.0" are codes, areas are categories, blanks stay blank."""
    rating = Scale("rating", "csat", 1, 5)
    study = with_item(tiny_study(), Item("food", "driver", WORDS, rating, {"customer": WORDS}))
    areas = {letter: "north" if letter < "D" else "south" for letter in "ABCDEFG"}
    columns = {
        "region": ColumnRule("boarding_area", values=areas),
        "channel": ColumnRule("peak", values={"1": "app", "2": "branch", "3": "branch"}),
        "branch": ColumnRule("run"),
        "recommend": ColumnRule("nps_0_10"),
        "listened": ColumnRule("q7_overall"),
        "kept": ColumnRule("safe"),
        "food": ColumnRule("q7_food"),
    }
    source = Source(
        shared_data / "sfo_airport" / "sfo_2014_2017.csv.gz", columns, {"wave": "2017"}, "respnum", ignore=None
    )
    intake = import_answers(study, "cold", "customers", source)
    raw = pd.read_csv(source.file)
    raw = raw[raw["wave"] == 2017]
    assert intake.log["n"].tolist()[:2] == [11694, 11694 - 2831]
    assert intake.answers["food"].mean() == pytest.approx(raw["q7_food"].mean(), abs=1e-12)
    assert (intake.answers["region"] == "north").sum() <= raw["boarding_area"].isin(["A", "B", "C"]).sum()
    assert "102.0" in set(intake.answers["branch"])


def test_the_schools_survey_comes_in(shared_data: Path) -> None:
    """1,861 schools; the third character of an id gives the borough, and shares are floats between 0 and 100."""
    study = with_item(tiny_study(), Item("share", "driver", WORDS, SHARE, {"customer": WORDS}))
    boroughs = {"M": "north", "X": "north", "K": "south", "Q": "south", "R": "south"}
    share = Scale("share", "percent", 0, 100)
    for key in ("recommend", "listened", "kept"):
        study = with_item(study, Item(key, "driver", WORDS, share, {"customer": WORDS}))
    columns = {
        "region": ColumnRule("dbn", (3, 3), boroughs),
        "channel": ColumnRule("dbn", (3, 3), dict.fromkeys(boroughs, "app")),
        "branch": ColumnRule("dbn"),
        "recommend": ColumnRule("P8b"),
        "listened": ColumnRule("P4i"),
        "kept": ColumnRule("P4j"),
        "share": ColumnRule("P5h"),
    }
    source = Source(shared_data / "nyc_school_2015" / "parent.csv", columns, respondent="dbn", ignore=None)
    intake = import_answers(study, "cold", "customers", source)
    raw = pd.read_csv(source.file)
    assert intake.log["n"].iloc[0] == 1861
    assert intake.answers["share"].mean() == pytest.approx(raw["P5h"].mean(), abs=1e-12)
    assert (intake.answers["region"] == "north").sum() == raw.loc[
        raw[["P8b", "P4i", "P4j", "P5h"]].notna().any(axis=1), "dbn"
    ].str[2].isin(["M", "X"]).sum()
