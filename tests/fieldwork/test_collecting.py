"""What comes out of a field is what was put in by hand: answers, counts and types, and the name of nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import func, select, update

from symmetry import responses
from symmetry.errors import DataError, Problem
from symmetry.fieldwork.asking.nouns import OutcomeKind
from symmetry.fieldwork.asking.paging import pages_of, visible
from symmetry.fieldwork.collecting import closed_waves, collect
from symmetry.fieldwork.columns import columns_of
from symmetry.fieldwork.nouns import Intake
from symmetry.fieldwork.store import keeping
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import close, create
from symmetry.fieldwork.store.tables import ANSWERS, HOLDING, INVITATIONS, RESPONSES, WAVES
from symmetry.spec import Study, compile_wave, load
from tests.fieldwork.store.waves import NOON, OPENED, Field, field_on, sample_of, study_with

CLOSED = datetime(2027, 3, 22, 12, tzinfo=UTC)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Store]:
    """A new store in files."""
    store = create(tmp_path / "field")
    yield store
    close(store)


@pytest.fixture
def field(embedded: Store, tmp_path: Path) -> Field:
    """A cold wave in files, before its close."""
    return lived(embedded, tmp_path)


def lived(store: Store, tmp_path: Path) -> Field:
    """A cold wave in which customers did everything that can be done, and eight employees of twelve answered."""
    made = field_on(store, study_with(tmp_path, customers="{size: 12, quotas: [3 per site]}"))
    for person, score in (("c-000", "9"), ("c-002", "10")):
        finish(made, person, recommend=score, listened="4")
    finish(made, "c-004", recommend="3", why="  Trop d’attente ", listened="na")
    made.post("c-006", recommend="9", listened="5")  # the fourth answer at the north site
    made.post("c-001", action="refuse")
    made.post("c-003", recommend="2")  # broke off: the next page asks why
    for number in range(8):
        finish(made, f"e-{number:03d}", recommend=str(number), why="", listened="1")
    return made


def finish(field: Field, person: str, **answers: str) -> None:
    """Send every page, each with its own part of the answers."""
    page = 1
    kind: OutcomeKind = "saved"
    while kind == "saved":
        standing = field.standing(person)
        assert standing.kind == "asked", standing
        shown = {name: (answers[name],) for name in on_page(field, person, page) if name in answers}
        outcome = field.send(replace(field.submission(person, page), fields=shown))[0]
        assert outcome.kind in ("saved", "complete"), outcome
        page, kind = outcome.page, outcome.kind


def on_page(field: Field, person: str, page: int) -> list[str]:
    """The questions that somebody is shown on a page."""
    standing = field.standing(person)
    assert standing.asked is not None
    pages = pages_of(standing.asked, standing.person)
    return [column.name for column in visible(standing.asked, pages[page - 1], standing.known, standing.answers)]


def closed(field: Field) -> Field:
    """The field after its close."""
    keeping.close_wave(field.store, "cold", now=CLOSED)
    return field


def rows_of(intake: Intake) -> list[tuple[Any, ...]]:
    """The answers without their keys, in an order of their own, absent cells as None."""
    table = intake.answers.drop(columns="respondent").astype(object)
    rows = table.where(table.notna(), None).itertuples(index=False, name=None)
    return sorted((tuple(row) for row in rows), key=str)


def counted(intake: Intake) -> dict[tuple[str, str, str], int]:
    """The log, by measure, item and, of what was set aside, the reason."""
    log = intake.log.itertuples(index=False)
    return {(row.measure, row.item, row.note if row.measure == "set aside" else ""): int(row.n) for row in log}


def changed(store: Store, table: Any, **values: Any) -> None:
    """Write into every row of a table what the store would not have written."""
    with to_write(store.sealed if table is ANSWERS else store.field) as connection:
        connection.execute(update(table).values(**values))


def refused(store: Store, study: Study, audience: str = "customers", wave: str = "cold") -> tuple[Problem, ...]:
    """Why answers are not collected."""
    with pytest.raises(DataError) as caught:
        collect(store, study, wave, audience)
    return tuple(caught.value.problems)


def test_answers_come_out_as_they_went_in(store: Store, tmp_path: Path) -> None:
    """The four customers who answered stand in the study's columns, with their site, a missing code and a text as sent."""
    field = lived(store, tmp_path)
    found = collect(closed(field).store, field.study, "cold", "customers")
    expected = [
        ("north", 10, None, 4),
        ("north", 3, "Trop d’attente", 0),
        ("north", 9, None, 4),
        ("south", 2, None, None),
    ]
    names = [column.name for column in columns_of(field.study, "cold", "customers")]
    assert ["respondent", *names] == list(found.answers.columns)
    at = [names.index(name) for name in ("site", "recommend", "why", "listened")]
    assert sorted(expected, key=str) == sorted((tuple(row[place] for place in at) for row in rows_of(found)), key=str)
    assert {"respondent": "str", "recommend": "Int64", "why": "str", "site": "str", "listened": "Int64"} == {
        name: str(dtype) for name, dtype in found.answers.dtypes.items()
    }


def test_what_became_of_everybody_is_counted(field: Field) -> None:
    """Invited, returned with one broken off, refused and over quota, and every cell: by hand."""
    found = counted(collect(closed(field).store, field.study, "cold", "customers"))
    expected = {
        ("invited", "", ""): 12,
        ("returned", "", ""): 4,
        ("broken off", "", ""): 1,
        ("set aside", "", "refused"): 1,
        ("set aside", "", "over quota"): 1,
        ("answered", "recommend", ""): 4,
        ("blank", "recommend", ""): 0,
        ("answered", "why", ""): 1,
        ("blank", "why", ""): 1,
        ("not asked", "why", ""): 2,
        ("off route", "why", ""): 0,
        ("answered", "listened", ""): 2,
        ("blank", "listened", ""): 1,
        ("na", "listened", ""): 1,
    }
    assert expected == found


def test_employees_come_from_the_sealed_store(field: Field) -> None:
    """Eight answers, the site of each known as far as it may be, and a log that cannot tell who of twelve they were."""
    found = collect(closed(field).store, field.study, "cold", "employees")
    assert list(range(8)) == sorted(found.answers["recommend"])
    assert {1} == set(found.answers["listened"])
    log = counted(found)
    assert (12, 8) == (log["invited", "", ""], log["returned", "", ""])
    assert not [key for key in log if key[0] in ("set aside", "broken off")]


def test_nothing_collected_tells_who_it_was(field: Field) -> None:
    """Neither persons, addresses, tokens nor days are in the table, the log or the source; respondents are random keys."""
    found = [collect(closed(field).store, field.study, "cold", audience) for audience in ("customers", "employees")]
    said = "".join(each.answers.to_csv() + each.log.to_csv() + each.source for each in found)
    secrets = [row["token"].hex() for row in field.rows(INVITATIONS)]
    secrets += [row[name] for row in field.rows(INVITATIONS) for name in ("person", "contact")] + ["2027-03"]
    assert [] == [secret for secret in secrets if secret in said]
    keys = {row["key"].hex() for table in (RESPONSES, ANSWERS) for row in field.rows(table)}
    assert keys == {key for each in found for key in each.answers["respondent"]}
    (wave,) = field.rows(WAVES)
    assert {f"field store, wave cold, spec sha256 {wave['sha256']}"} == {each.source for each in found}


def test_a_field_is_frozen_and_read_again(field: Field, tmp_path: Path) -> None:
    """Responses read back hold what was collected, row for row, and say that nobody made them up."""
    closed(field)
    intakes = [collect(field.store, field.study, "cold", audience) for audience in ("customers", "employees")]
    responses.freeze(intakes, field.study, tmp_path / "frozen")
    again = responses.read(tmp_path / "frozen", field.study)
    for each in intakes:
        assert not each.simulated
        pd.testing.assert_frame_equal(
            each.answers.sort_values("respondent", ignore_index=True)[
                list(again.answers["cold", each.audience].columns)
            ],
            again.answers["cold", each.audience],
            check_dtype=False,
        )


def test_answers_off_the_route_of_who_broke_off_do_not_count(field: Field) -> None:
    """Somebody says why after a low score, goes back, scores high and leaves: the reason is no answer any more."""
    with to_write(field.store.field) as connection:
        kept = update(RESPONSES).where(~RESPONSES.c.complete)
        connection.execute(kept.values(answers=json.dumps({"recommend": 10, "why": "Bruit"})))
    found = collect(closed(field).store, field.study, "cold", "customers").answers
    assert "Bruit" not in set(found["why"].dropna())
    assert 2 == (found["recommend"] == 10).sum()


def test_a_page_without_an_answer_is_set_aside(field: Field) -> None:
    """Who went on without answering anything is counted, and is no respondent."""
    field.post("c-007", 1)
    found = collect(closed(field).store, field.study, "cold", "customers")
    assert 4 == len(found.answers)
    assert 1 == counted(found)["set aside", "", "no answer at all"]


def test_a_rehearsal_is_simulated(embedded: Store, tmp_path: Path) -> None:
    """Answers to a wave that was only tried out are frozen as made up; nobody having answered, the table has no row."""
    study, store = study_with(tmp_path), embedded
    keeping.open_wave(
        store,
        study,
        "cold",
        [sample_of("customers"), sample_of("employees")],
        on=OPENED,
        rehearse_on=date(2027, 3, 2),
        now=NOON,
    )
    keeping.close_wave(store, "cold", now=CLOSED)
    found = collect(store, study, "cold", "customers")
    assert found.simulated
    assert 0 == len(found.answers)
    assert {"invited": 12, "returned": 0} == dict(found.log.set_index("measure")["n"].iloc[:2])


def test_an_open_wave_is_refused(field: Field) -> None:
    """Its answers are still coming; the refusal says how to close it."""
    (problem,) = refused(field.store, field.study)
    assert ("COL03", f"close it first: symmetry field close cold --store {field.store.folder}") == (
        problem.code,
        problem.mend,
    )
    with pytest.raises(DataError, match="`cold` still open"):
        closed_waves(field.store, field.study)
    assert ("cold",) == closed_waves(closed(field).store, field.study)


def test_an_unknown_wave_and_a_foreign_one_are_refused(field: Field, tmp_path: Path) -> None:
    """A wave that was never opened, and the same wave read with another study."""
    closed(field)
    assert ["COL01"] == [each.code for each in refused(field.store, field.study, wave="next")]
    other = tmp_path / "other"
    other.mkdir()
    text = (field.study.path).read_text("utf-8").replace("study: small", "study: other")
    (other / "study.yaml").write_text(text, "utf-8")
    assert ["COL02"] == [each.code for each in refused(field.store, load(other))]


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("en: The company listens to me.}\n    employee", "en: The company hears me.}\n    employee", ["COL05"]),
        ("points: 5", "points: 7", ["COL05"]),
        ("label: {fr: Écoute, en: Listening}", "label: {fr: Écoute, en: Being heard}", []),
        ("2027-06-01..2027-06-21", "2027-06-01..2027-06-25", []),
        ("sample: {customers: {size: 12,", "sample: {customers: {size: 9,", []),
    ],
    ids=["words", "scale", "label", "another wave", "size"],
)
def test_a_study_that_asks_otherwise_is_refused(
    field: Field, tmp_path: Path, old: str, new: str, codes: list[str]
) -> None:
    """Other words or another scale are told at their place; what changes no answer may change."""
    closed(field)
    text = field.study.path.read_text("utf-8")
    assert 1 == text.count(old)
    file = field.study.path
    file.write_text(text.replace(old, new), "utf-8")
    study = load(file, fielded=False)
    if not codes:
        assert 4 == len(collect(field.store, study, "cold", "customers").answers)
        return
    found = refused(field.store, study)
    assert codes == [each.code for each in found]
    where = found[0].where
    line = text[: text.index(old)].count("\n") + 1
    assert where is not None
    assert (file, line) == (where.file, where.line)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"answers": "{"}, "no answers at all"),
        ({"answers": json.dumps([1])}, "no answers at all"),
        ({"answers": json.dumps({"recommend": 11})}, "`recommend`"),
        ({"answers": json.dumps({"recommend": True})}, "`recommend`"),
        ({"answers": json.dumps({"recommend": [9]})}, "`recommend`"),
        ({"answers": json.dumps({"listened": 2.5})}, "`listened`"),
        ({"answers": json.dumps({"why": 3})}, "`why`"),
        ({"answers": json.dumps({"shoe_size": 43})}, "not asked"),
    ],
    ids=["cut", "list", "score", "truth", "nested", "half", "number", "stray"],
)
def test_damaged_rows_are_refused(field: Field, values: dict[str, str], said: str) -> None:
    """What the store would never have written is counted, and no answer of anybody is told."""
    changed(closed(field).store, RESPONSES, complete=True, **values)
    problems = refused(field.store, field.study)
    assert ["COL06"] == [each.code for each in problems]
    assert said in problems[0].what
    assert ": 4 rows hold " in problems[0].what
    assert "43" not in problems[0].what


def test_a_site_that_is_none_is_refused(field: Field) -> None:
    """What is known beforehand is looked at too, in both stores."""
    closed(field)
    changed(field.store, INVITATIONS, known=json.dumps({"site": "east"}))
    changed(field.store, ANSWERS, known=json.dumps({"site": "east"}))
    for audience in ("customers", "employees"):
        (problem,) = refused(field.store, field.study, audience)
        assert ("COL06", True) == (problem.code, "`site`" in problem.what)


def test_a_close_that_was_cut_off_is_completed_first(field: Field) -> None:
    """Answers of employees that are still held would be missing from what is frozen."""
    with to_write(field.store.field) as connection:
        connection.execute(update(WAVES).values(state="closed"))
    (problem,) = refused(field.store, field.study, "employees")
    assert ("COL04", True) == (problem.code, f": {len(field.rows(HOLDING))} answers" in problem.what)
    with to_write(field.store.field) as connection:
        connection.execute(update(WAVES).values(state="closing"))
    assert 8 == len(collect(closed(field).store, field.study, "cold", "employees").answers)


def test_a_wave_is_not_collected_before_its_files_are_rewritten(field: Field) -> None:
    """A close that was cut off halfway is completed first: until then its databases hold what was promised away."""
    with to_write(field.store.field) as connection:
        connection.execute(update(WAVES).values(state="closing"))
    for audience in ("customers", "employees"):
        (problem,) = refused(field.store, field.study, audience)
        assert ("COL04", f"run it again: symmetry field close cold --store {field.store.folder}") == (
            problem.code,
            problem.mend,
        )
    with pytest.raises(DataError, match="COL03"):
        closed_waves(field.store, field.study)


def test_sealed_answers_that_are_lost_are_missed(field: Field) -> None:
    """A sealed database of another evening, with fewer answers, or a lost note of how many there were: neither is frozen."""
    closed(field)
    with to_write(field.store.sealed) as connection:
        connection.execute(ANSWERS.delete().where(ANSWERS.c.key == select(func.min(ANSWERS.c.key)).scalar_subquery()))
    (problem,) = refused(field.store, field.study, "employees")
    assert ("COL08", "8 answers of employees were sealed at the close of wave `cold`, and 7 are there") == (
        problem.code,
        problem.what,
    )
    assert 4 == len(collect(field.store, field.study, "cold", "customers").answers)
    (field.store.folder / "closed-cold.json").unlink()
    (problem,) = refused(field.store, field.study, "employees")
    assert "COL08" == problem.code


def test_an_audience_that_nobody_was_drawn_of_has_no_answers(embedded: Store, tmp_path: Path) -> None:
    """A wave that asks employees too may be opened without a sample of them: nobody is missed then."""
    path = study_with(tmp_path).path
    text = path.read_text("utf-8")
    path.write_text(text.replace("{customers: census, employees: census}", "{customers: census}"), "utf-8")
    study = load(path)
    keeping.open_wave(embedded, study, "cold", [sample_of("customers")], on=OPENED)
    keeping.close_wave(embedded, "cold", now=CLOSED)
    assert not (embedded.folder / "closed-cold.json").exists()
    assert [0, 0] == [len(collect(embedded, study, "cold", each).answers) for each in ("customers", "employees")]


def test_who_is_turned_away_at_the_last_page_is_no_respondent(store: Store, tmp_path: Path) -> None:
    """Two begin, there is room for one: the other's answers stay in the store, and are neither collected nor counted."""
    made = field_on(store, study_with(tmp_path, customers="{size: census, quotas: [1 per site]}"))
    for person in ("c-000", "c-002"):
        made.post(person, recommend="3")
    ends = [made.post(person, 2, why=person, listened="5").kind for person in ("c-000", "c-002")]
    assert ["complete", "over quota"] == ends
    assert 2 == len(made.rows(RESPONSES))
    found = collect(closed(made).store, made.study, "cold", "customers")
    assert ["c-000"] == list(found.answers["why"])
    log = counted(found)
    assert {"returned": 1, "set aside": 1} == {
        key[0]: n for key, n in log.items() if key[0] in ("returned", "set aside")
    }
    assert ("broken off", "", "") not in log


def test_a_damaged_wave_is_refused(field: Field) -> None:
    """The spec in the store no longer fits its hash, and the study has another: neither can be trusted."""
    closed(field)
    compiled = compile_wave(field.study, "cold")
    changed(field.store, WAVES, compiled=json.dumps(compiled | {"wave": "warm"}), sha256="0" * 64)
    assert ["COL06"] == [each.code for each in refused(field.store, field.study)]
