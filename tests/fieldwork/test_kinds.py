"""Every kind of answer of the grammar, from a file to scores: the values are written out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from symmetry.errors import DataError
from symmetry.fieldwork import ColumnRule, Intake, Source, columns_of, import_answers
from symmetry.responses import freeze, score
from symmetry.spec import Study, load

FULL = Path(__file__).parents[1] / "spec" / "full"
ASKED = ("recommend", "why", "obstacles", "waited", "last_visit", "answered")
HEADER = "region,channel,balance,branch,recommend,satisfied,respected,listened,answered,why,word,obstacles,waited,last_visit\n"
ROWS = [
    "north,app,10.5,B1,3,5,4,na,5,,fast,price delay,12.5,2026-02-28",
    "south,branch,0,B2,9,1,-1,5,1,no reason,,none,,",
    "north,branch,-3,B1,0,,0,2,,slow,slow,,0,2027-12-31",
]


@pytest.fixture(scope="module")
def study() -> Study:
    """The study that uses every key of the grammar."""
    return load(FULL)


def _widened(table: str, others: list[str]) -> str:
    """The same table with further columns, in which nobody answered."""
    first, *rows = table.splitlines()
    return "\n".join([",".join([first, *others]), *(row + "," * len(others) for row in rows)]) + "\n"


def bring_in(study: Study, folder: Path, rows: list[str]) -> Intake:
    """Import rows as the customers of the cold wave."""
    path = folder / "answers.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    names = HEADER.strip().split(",")
    others = [column.name for column in columns_of(study, "cold-2027", "customers") if column.name not in names]
    path.write_text(_widened(path.read_text(encoding="utf-8"), others), encoding="utf-8")
    columns = {name: ColumnRule(name) for name in (*names, *others)}
    return import_answers(study, "cold-2027", "customers", Source(path, columns, {}, None, "utf-8", ()))


def test_each_kind_is_read_as_what_it_is(study: Study, tmp_path: Path) -> None:
    """Codes are numbers, choices keys between spaces, days and texts as written; blanks are absent."""
    answers = bring_in(study, tmp_path, ROWS).answers
    assert [3, 9, 0] == answers["recommend"].tolist()
    assert ["price delay", "none"] == answers["obstacles"].dropna().tolist()
    assert [12.5, 0.0] == answers["waited"].dropna().tolist()
    assert ["2026-02-28", "2027-12-31"] == answers["last_visit"].dropna().tolist()
    assert ["fast", "slow"] == answers["word"].dropna().tolist()
    assert [0, 5, 2] == answers["listened"].tolist()


def test_each_kind_has_its_column(study: Study) -> None:
    """The kinds of the columns, as files and warehouses need them."""
    kinds = {column.name: column.kind for column in columns_of(study, "cold-2027", "customers")}
    expected = ["code", "text", "choices", "number", "date", "code"]
    assert expected == [kinds[name] for name in ASKED]
    staff = {column.name: column.kind for column in columns_of(study, "cold-2027", "employees")}
    assert ("category", "code") == (staff["seniority"], staff["answered.management"])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("north,app,1,B1,3,5,4,5,5,,,cost,1,2026-02-28", "price, delay, none"),
        ("north,app,1,B1,3,5,4,5,5,,,price,601,2026-02-28", "number between 0 and 600"),
        ("north,app,1,B1,3,5,4,5,5,,,price,1,2026-02-30", "a day is expected"),
        ("north,app,1,B1,3,5,4,5,5,,,price,1,2025-12-31", "from 2026-01-01 to 2027-12-31"),
    ],
)
def test_what_a_scale_does_not_allow_is_refused(study: Study, tmp_path: Path, row: str, words: str) -> None:
    """A choice that is none, a number or a day outside its bounds, a day that is none."""
    with pytest.raises(DataError, match=words):
        bring_in(study, tmp_path, [row])


def test_not_asked_is_counted_apart_from_blank(study: Study, tmp_path: Path) -> None:
    """`why` follows a score of 6 or less outside the app: one is asked, one is not, one is not and answers all the same."""
    log = bring_in(study, tmp_path, ROWS).log
    counts = {row.measure: row.n for row in log[log["item"] == "why"].itertuples()}
    assert {"answered": 2, "blank": 0, "not asked": 1, "off route": 1} == counts


def test_a_reason_for_no_answer_is_kept_apart(study: Study, tmp_path: Path) -> None:
    """A choice refused is the word `refused`, whether it came as its code or as its name, and is no score."""
    path = tmp_path / "staff.csv"
    names = [column.name for column in columns_of(study, "cold-2027", "employees")]
    cells = {"region": "north", "branch": "B1", "seniority": ""}
    rows = [
        ",".join({**cells, "seniority": word}.get(name, "3") for name in names) for word in ("-1", "refused", "new")
    ]
    path.write_text(",".join(names) + "\n" + "\n".join(rows) + "\n", encoding="utf-8")
    source = Source(path, {name: ColumnRule(name) for name in names}, {}, None, "utf-8", ())
    intake = import_answers(study, "cold-2027", "employees", source)
    assert ["refused", "refused", "new"] == intake.answers["seniority"].tolist()
    assert 2 == intake.log.query("item == 'seniority' and measure == 'refused'")["n"].item()
    scored = score(
        freeze([intake, bring_in(study, tmp_path, ROWS)], study, tmp_path / "r"), "cold-2027", "employees", study
    )
    assert [True, True, False] == scored["seniority"].isna().tolist()


def test_a_face_worded_the_other_way_is_turned_over(study: Study, tmp_path: Path) -> None:
    """Other teams "keep me waiting": agreement of 5 scores 1; the other faces of the item keep their codes."""
    path = tmp_path / "staff.csv"
    names = [column.name for column in columns_of(study, "cold-2027", "employees")]
    cells = {"region": "north", "branch": "B1", "seniority": "new", "answered": "5", "answered.cooperation": "5"}
    path.write_text(",".join(names) + "\n" + ",".join(cells.get(name, "3") for name in names) + "\n", encoding="utf-8")
    source = Source(path, {name: ColumnRule(name) for name in names}, {}, None, "utf-8", ())
    staff = import_answers(study, "cold-2027", "employees", source)
    frozen = freeze([bring_in(study, tmp_path, ROWS), staff], study, tmp_path / "r")
    scored = score(frozen, "cold-2027", "employees", study)
    np.testing.assert_array_equal([[5.0, 1.0]], scored[["answered", "answered.cooperation"]])
