"""Laws of asking, on random questionnaires and random people: what routing asks is shown, what is stored a file could hold."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from symmetry.fieldwork import ColumnRule, Source, columns_of, import_answers
from symmetry.fieldwork.asking.nouns import Answer, Asked
from symmetry.fieldwork.asking.paging import MOST, asked_of, next_page, on_route_only, pages_of, visible
from symmetry.fieldwork.asking.reading import WHATS, prefilled, read_page
from symmetry.spec import load
from tests.fieldwork.asking.questionnaires import Made, Mind, direct, minds, questionnaires

FULL = load(Path(__file__).resolve().parents[2] / "spec" / "full")
PEOPLE = st.text(max_size=6)
NASTY = (
    "", " ", "na", "dk", "refused", "0", "5", "-1", "99", "3,5", "1 000", "1e400", "nan", "-inf", "0x10", "\u0665", "2027-03-01",
    "1/2/2027", "31/02/2027", "price delay", "none", "delay", "new", "'; DROP TABLE t; --", "=1+1", '"', "a,b", "\r\n", "\x00",
    "\ud800", "\ufeff", "\u200b", "\u2028x", "\x85", "\u3000x\u3000", "e\u0301", "\U0010ffff", "x" * 2001, "9" * 40,
)  # fmt: skip
TYPED = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(codec=None), max_size=30), st.integers(-3, 601).map(str)
)


def walked(
    made: Made, person: str, mind: Mind, saved: Mapping[str, Answer], after: int
) -> tuple[list[list[str]], dict[str, Answer]]:
    """Answer page by page, from the one after a page to the end: the questions of each page, and all that is saved then."""
    asked, known, answers, seen = made.asked, made.known, dict(saved), []
    pages = pages_of(asked, person)
    number = next_page(asked, pages, known, answers, after)
    while number is not None:
        questions = visible(asked, pages[number - 1], known, answers)
        fields = {column.name: mind[column.name][0] for column in questions if mind[column.name][0]}
        cells, faults = read_page(asked, questions, fields)
        assert ((), {column.name: mind[column.name][1] for column in questions}) == (faults, cells)
        answers = {name: cell for name, cell in answers.items() if name not in cells}
        answers |= {name: cell for name, cell in cells.items() if cell is not None}
        seen.append([column.name for column in questions])
        number = next_page(asked, pages, known, answers, number)
    return seen, answers


def given_only(answers: Mapping[str, Answer | None]) -> dict[str, Answer]:
    """Answers without the blanks."""
    return {name: cell for name, cell in answers.items() if cell is not None}


@given(st.data(), questionnaires(), PEOPLE)
def test_a_walk_asks_exactly_what_the_routes_ask(data: st.DataObject, made: Made, person: str) -> None:
    """Every question on the route is shown once, none off it, none before an answer that it needs, and the answers are those."""
    mind = data.draw(minds(made))
    seen, saved = walked(made, person, mind, {}, 0)
    wanted = direct(made, {name: cell for name, (_, cell) in mind.items()})
    assert sorted(wanted) == sorted(name for page in seen for name in page)
    place = {name: number for number, page in enumerate(seen) for name in page}
    late = {(name, need) for name in place for need in made.needs[name] & set(place) if place[need] >= place[name]}
    assert set() == late
    assert max((len(page) for page in seen), default=0) <= MOST
    assert given_only(wanted) == on_route_only(made.asked, made.known, saved)


@given(st.data(), questionnaires(), PEOPLE)
def test_going_back_counts_what_was_said_last(data: st.DataObject, made: Made, person: str) -> None:
    """Whoever changes a page and goes on to the end is asked anew what changed, and what left the route counts no more."""
    first, second = data.draw(minds(made)), data.draw(minds(made))
    _, saved = walked(made, person, first, {}, 0)
    back = data.draw(st.integers(0, len(pages_of(made.asked, person))))
    _, saved = walked(made, person, second, saved, back)
    early = {column.name for page in pages_of(made.asked, person)[:back] for column in page}
    last = {name: (first if name in early else second)[name][1] for name in made.asked.columns}
    assert given_only(direct(made, last)) == on_route_only(made.asked, made.known, saved)


@given(st.data(), questionnaires(), PEOPLE)
def test_pages_hold_every_question_once_and_never_move(data: st.DataObject, made: Made, person: str) -> None:
    """The pages of a person are the same whatever is answered, in a questionnaire made anew, and for the next caller."""
    asked = made.asked
    before = [[column.name for column in page] for page in pages_of(asked, person)]
    walked(made, person, data.draw(minds(made)), {}, 0)
    again = asked_of(asked.study, "cold", "employees", first=asked.first)
    for other in (asked, again):
        assert before == [[column.name for column in page] for page in pages_of(other, person)]
    assert sorted(asked.columns) == sorted(name for page in before for name in page)
    assert all(before)


@given(st.data(), questionnaires(), PEOPLE)
def test_what_counts_counts_again(data: st.DataObject, made: Made, person: str) -> None:
    """Keeping what is on the route changes nothing the second time, whatever was saved, answers of later pages included."""
    mind = data.draw(minds(made))
    saved = given_only({name: cell for name, (_, cell) in mind.items() if data.draw(st.booleans())})
    once = on_route_only(made.asked, made.known, saved)
    assert given_only(direct(made, saved)) == once
    assert once == on_route_only(made.asked, made.known, once)
    for page in pages_of(made.asked, person):
        shown = visible(made.asked, page, made.known, saved)
        here = {column.name for column in page}
        without = {name: cell for name, cell in saved.items() if name not in here}
        assert shown == visible(made.asked, page, made.known, without)


def imported(asked: Asked, rows: Sequence[Mapping[str, Answer]]) -> list[dict[str, Answer]]:
    """The answers of people as they come back from a CSV file of them."""
    columns = columns_of(asked.study, asked.wave.key, asked.audience)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerow(["respondent", *(column.name for column in columns)])
            for number, row in enumerate(rows):
                writer.writerow([f"r{number}", *(row.get(column.name, "") for column in columns)])
        rules = {column.name: ColumnRule(column.name) for column in columns}
        intake = import_answers(
            asked.study, asked.wave.key, asked.audience, Source(path, rules, {}, "respondent", "utf-8", ())
        )
    wanted = [column.name for column in columns if column.asked]
    return [{name: row[name] for name in wanted if not pd.isna(row[name])} for row in intake.answers.to_dict("records")]


@settings(max_examples=25)
@given(st.data(), questionnaires(), st.lists(PEOPLE, min_size=1, max_size=4))
def test_what_pages_keep_is_what_files_hold(data: st.DataObject, made: Made, people: Sequence[str]) -> None:
    """Finished answers written to a file come in through the house's own checks, cell for cell."""
    saved = [walked(made, person, data.draw(minds(made)), {}, 0)[1] for person in people]
    kept = [answers for answers in (on_route_only(made.asked, made.known, each) for each in saved) if answers]
    if kept:
        assert kept == imported(made.asked, kept)


@settings(max_examples=150)
@given(
    st.data(), st.sampled_from([("cold-2027", "customers"), ("cold-2027", "employees"), ("walks-2027", "observers")])
)
def test_whatever_is_posted_is_a_cell_or_a_fault(data: st.DataObject, part: tuple[str, str]) -> None:
    """No text breaks the reading; every question is a cell or one fault; and every cell is one that a file could hold."""
    asked = asked_of(FULL, *part, first=pd.Timestamp("2027-03-01").date())
    questions = list(asked.columns.values())
    posted = st.lists(TYPED, max_size=3).map(tuple)
    fields = data.draw(st.fixed_dictionaries({}, optional={column.name: posted for column in questions}))
    answers, faults = read_page(asked, questions, fields)
    assert sorted(asked.columns) == sorted([*answers, *(fault.column for fault in faults)])
    assert {fault.what for fault in faults} <= {*WHATS}
    cells = given_only(answers)
    if cells:
        assert [cells] == imported(asked, [cells])
    mixed = dict(data.draw(st.permutations(list(fields.items()))))
    assert (answers, faults) == read_page(asked, questions, mixed) == read_page(asked, questions, fields)
    assert prefilled(asked, questions, fields).items() <= cells.items()


@given(st.data())
def test_a_cell_reads_as_itself(data: st.DataObject) -> None:
    """What was stored, shown in the form and sent again is the same cell: looking and sending changes nothing."""
    asked = asked_of(FULL, "cold-2027", "customers", first=pd.Timestamp("2027-03-01").date())
    questions = list(asked.columns.values())
    fields = {column.name: data.draw(st.lists(TYPED, max_size=2)) for column in questions}
    cells = given_only(read_page(asked, questions, fields)[0])
    again = {
        name: str(cell).split() if asked.columns[name].kind == "choices" else [f"{cell}"]
        for name, cell in cells.items()
    }
    again |= {
        name: [f"{cell:g}".replace(".", ",")] for name, cell in cells.items() if asked.columns[name].kind == "number"
    }
    read, faults = read_page(asked, [asked.columns[name] for name in cells], again)
    assert (cells, ()) == (read, faults)
