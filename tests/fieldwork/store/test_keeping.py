"""Opening and closing a wave: once, whole, whatever cuts it off, and with nothing left over that was promised away."""

from __future__ import annotations

import csv
import json
import stat
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

import pytest

from symmetry import spec
from symmetry.errors import DataError, SpecError
from symmetry.fieldwork.nouns import Sample
from symmetry.fieldwork.store import closing, keeping, opening
from symmetry.fieldwork.store.closing import counted
from symmetry.fieldwork.store.keeping import close_wave, links, open_wave, write_links
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import (
    ANSWERS,
    DRAFTS,
    FIELD,
    HOLDING,
    INVITATIONS,
    KEYS,
    QUOTAS,
    RESPONSES,
    SEALED,
    WAVES,
)
from symmetry.fieldwork.store.tokens import hash_of
from symmetry.spec import Study, read_seal
from tests.fieldwork.store.waves import NOON, OPENED, Field, field_on, sample_of, study_with

AFTER = datetime(2027, 3, 22, 8, tzinfo=UTC)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study whose employees are promised anonymity."""
    return study_with(tmp_path)


@pytest.fixture
def samples() -> list[Sample]:
    """Twelve customers, of whom ten were drawn, and twelve employees."""
    return [sample_of("customers", drawn=10), sample_of("employees")]


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All rows of both databases."""
    found = {}
    for engine, tables in ((store.field, FIELD), (store.sealed, SEALED)):
        with engine.connect() as connection:
            for table in tables.sorted_tables:
                found[table.name] = sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
    return found


def fall(*_: object, **__: object) -> NoReturn:
    """Stop as a power cut would."""
    raise KeyboardInterrupt


def test_an_open_wave_holds_what_was_sealed_and_who_was_drawn(
    store: Store, study: Study, samples: list[Sample]
) -> None:
    """The wave under the hash of its sealed file; one invitation for each person drawn, and none for the others."""
    opened = open_wave(store, study, "cold", samples, on=OPENED)
    assert (opened.invited, opened.added) == ({"customers": 10, "employees": 12}, ("customers", "employees"))
    assert opened.seal is not None
    field = Field(store, study, opening.links_key(store.folder))
    (wave,), sealed = field.rows(WAVES), read_seal(opened.seal)
    assert (wave["sha256"], json.loads(wave["compiled"])) == (sealed.sha256, sealed.compiled)
    days = [wave[name] for name in ("state", "opened", "first", "last", "closed", "rehearsal")]
    assert days == ["open", "2027-03-01", "2027-03-01", "2027-03-21", None, None]
    rows = {row["person"]: row for row in field.rows(INVITATIONS)}
    assert sorted(rows) == [*(f"c-{n:03d}" for n in range(10)), *(f"e-{n:03d}" for n in range(12))]
    row = rows["c-003"]
    assert row["token"] == hash_of(field.token("c-003"))
    assert [row[name] for name in ("contact", "stratum", "psu", "probability", "known", "state", "day")] == [
        "c-003@example.org",
        "south",
        "",
        0.25,
        '{"site": "south"}',
        "invited",
        None,
    ]


def test_opening_again_changes_nothing(store: Store, study: Study, samples: list[Sample]) -> None:
    """The same wave with the same samples, in any order of rows and on a later day, is found in place."""
    open_wave(store, study, "cold", samples, on=OPENED)
    before = everything(store)
    turned = [Sample(each.study, each.wave, each.audience, each.units.iloc[::-1], {}) for each in reversed(samples)]
    assert open_wave(store, study, "cold", turned, on=date(2027, 3, 5)).added == ()
    assert everything(store) == before


@pytest.mark.parametrize("step", ["add_roster", "_add_wave", "seal"])
def test_an_opening_that_was_cut_off_is_completed_by_the_next(
    store: Store, study: Study, samples: list[Sample], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Wherever it stopped, nobody is invited before all is in place; afterwards boxes open with the key that is kept."""
    with monkeypatch.context() as patch:
        patch.setattr(keeping, step, fall)
        with pytest.raises(KeyboardInterrupt):
            open_wave(store, study, "cold", samples, on=OPENED)
    assert [everything(store)[name] for name in ("waves", "invitations")] == [[], []]
    open_wave(store, study, "cold", samples, on=OPENED)
    field = Field(store, study, opening.links_key(store.folder))
    assert len(field.rows(KEYS)) == 1
    field.post("e-000", recommend="9")
    assert field.post("e-000", 2, listened="5").kind == "complete"
    close_wave(store, "cold", now=AFTER)
    assert [json.loads(row["answers"]) for row in field.rows(ANSWERS)] == [{"listened": 5, "recommend": 9}]


def test_what_is_known_of_few_employees_is_not_stored(store: Store, study: Study) -> None:
    """Four people of one site are known by no site; the eight others keep theirs."""
    units = sample_of("employees").units.assign(site=["north"] * 8 + ["south"] * 4)
    customers = sample_of("customers")
    open_wave(store, study, "cold", [customers, Sample("small", "cold", "employees", units, {})], on=OPENED)
    field = Field(store, study, opening.links_key(store.folder))
    known = [row["known"] for row in field.rows(INVITATIONS) if row["audience"] == "employees"]
    assert "south" not in "".join(known)
    assert known.count("{}") >= 5


def test_samples_that_do_not_fit_open_nothing(store: Store, study: Study) -> None:
    """Another wave's sample, a second, a missing, an empty one: refused before anything is sealed or stored."""
    customers, employees = sample_of("customers"), sample_of("employees")
    following = [sample_of(audience, wave="next") for audience in ("customers", "employees")]
    refused: list[tuple[str, str, list[Sample]]] = [
        ("OPN01", "warm", [customers]),
        ("OPN02", "cold", [following[0], employees]),
        ("OPN03", "next", following),
        ("OPN03", "cold", [customers, customers, employees]),
        ("OPN04", "cold", [customers]),
        ("OPN04", "cold", []),
        ("OPN05", "cold", [sample_of("customers", drawn=0), employees]),
    ]
    for code, wave, given in refused:
        with pytest.raises(DataError, match=code):
            open_wave(store, study, wave, given, on=OPENED)
    assert everything(store)["waves"] == []
    assert not (study.path.parent / "fielded").exists()


def test_an_open_wave_keeps_its_sample_its_words_and_its_key(store: Store, study: Study, samples: list[Sample]) -> None:
    """Other people, another probability, a reworded study or another key of the links: each refused, and nothing changes."""
    open_wave(store, study, "cold", samples, on=OPENED)
    before = everything(store)
    with pytest.raises(DataError, match="OPN08.*1 of its 10 people are not in this one, 0 of this one are new"):
        open_wave(store, study, "cold", [sample_of("customers", drawn=9), samples[1]], on=OPENED)
    other = Sample("small", "cold", "customers", samples[0].units.assign(probability=0.5), {})
    with pytest.raises(DataError, match="OPN08"):
        open_wave(store, study, "cold", [other, samples[1]], on=OPENED)
    with pytest.raises(DataError, match="OPN07"):
        open_wave(store, study, "cold", samples, on=OPENED, rehearse_on=OPENED)
    reworded = study.path.read_text("utf-8").replace("listens to me", "hears me")
    study.path.write_text(reworded, encoding="utf-8")
    with pytest.raises(SpecError, match="FLD01"):
        spec.load(study.path)
    (study.path.parent / "fielded" / "cold.json").unlink()
    with pytest.raises(DataError, match="OPN07.*what it asks has changed"):
        open_wave(store, spec.load(study.path), "cold", samples, on=OPENED)
    (store.folder / "links.key").unlink()
    with pytest.raises(DataError, match="OPN09"):
        open_wave(store, study, "cold", samples, on=OPENED)
    with pytest.raises(DataError, match="OPN09"):
        links(store, "cold", "customers")
    assert everything(store) == before


def test_a_wave_that_nobody_could_answer_is_not_opened(store: Store, study: Study, samples: list[Sample]) -> None:
    """Its last day is over, or the day of rehearsal is none of its days."""
    with pytest.raises(DataError, match="OPN10.*was 2027-03-21, and today is 2027-03-22"):
        open_wave(store, study, "cold", samples, on=OPENED, now=datetime(2027, 3, 21, 23, 30, tzinfo=UTC))
    for day in (date(2027, 2, 28), date(2027, 3, 22)):
        with pytest.raises(DataError, match="OPN10.*runs from 2027-03-01 to 2027-03-21"):
            open_wave(store, study, "cold", samples, on=OPENED, rehearse_on=day)
    open_wave(store, study, "cold", samples, on=OPENED, now=datetime(2027, 3, 21, 22, 30, tzinfo=UTC))


def test_a_rehearsal_seals_nothing(store: Store, study: Study, samples: list[Sample]) -> None:
    """The study can still be changed after its wave was tried out."""
    opened = open_wave(store, study, "cold", samples, on=OPENED, rehearse_on=OPENED)
    assert opened.seal is None
    assert not (study.path.parent / "fielded").exists()


def test_a_lost_key_of_the_boxes_is_noticed(store: Store, study: Study, samples: list[Sample]) -> None:
    """Without the private key answers would be lost: opening again says so."""
    open_wave(store, study, "cold", samples, on=OPENED)
    with store.sealed.begin() as connection:
        connection.execute(KEYS.delete())
    with pytest.raises(DataError, match="OPN11"):
        open_wave(store, study, "cold", samples, on=OPENED)


def test_links_lead_to_the_invitations(store: Store, study: Study, samples: list[Sample]) -> None:
    """One line for each person, readable by its owner alone; the token in it finds the invitation."""
    open_wave(store, study, "cold", samples, on=OPENED)
    path = write_links(store, "cold", "customers", "https://survey.example.org/")
    assert (path.name, stat.S_IMODE(path.stat().st_mode)) == ("links-cold-customers.csv", 0o600)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    field = Field(store, study, opening.links_key(store.folder))
    wanted = [
        (f"c-{n:03d}@example.org", f"https://survey.example.org/s/{field.token(f'c-{n:03d}')}") for n in range(10)
    ]
    assert [(row["contact"], row["link"]) for row in rows] == wanted
    assert sorted(file.name for file in store.folder.glob(".*")) == []
    with pytest.raises(DataError, match="OPN13"):
        links(store, "next", "customers")
    with pytest.raises(DataError, match="OPN12"):
        write_links(store, "cold", "customers", "survey.example.org")


@pytest.fixture
def answered(store: Store, study: Study) -> Field:
    """Two customers and seven employees have sent their answers, one of each has begun, one employee refuses."""
    field = field_on(store, study)
    for person in ("c-000", "c-001", *(f"e-{n:03d}" for n in range(7))):
        field.post(person, recommend="3")
        field.post(person, 2, why=f"Remark of {person}", listened="4")
    field.post("c-002", recommend="3")
    field.post("e-008", recommend="3")
    field.post("e-009", action="refuse")
    for audience in ("customers", "employees"):
        write_links(store, "cold", audience)
    return field


def test_a_closed_wave_takes_no_answer_and_keeps_those_it_has(answered: Field) -> None:
    """Late pages are told "closed"; customers' answers stay, employees' are in the sealed database, and no draft is left."""
    closed = close_wave(answered.store, "cold", now=AFTER)
    assert (closed.released, dict(closed.states["customers"])) == (7, {"complete": 2, "started": 1, "invited": 9})
    assert answered.post("c-002", 2, listened="1").kind == "closed"
    assert answered.standing("c-000").kind == "closed"
    assert len(answered.rows(RESPONSES)) == 3
    assert (answered.rows(DRAFTS), answered.rows(HOLDING)) == ([], [])
    said = sorted(json.loads(row["answers"])["why"] for row in answered.rows(ANSWERS))
    assert said == [f"Remark of e-{n:03d}" for n in range(7)]
    assert [(row["state"], row["closed"]) for row in answered.rows(WAVES)] == [("closed", "2027-03-22")]


def test_the_roster_forgets_who_of_the_employees_answered(answered: Field) -> None:
    """Every employee's row says the same, without a day; what may be told by stratum stands in a file of its owner's."""
    closed = close_wave(answered.store, "cold", now=AFTER)
    staff = [row for row in answered.rows(INVITATIONS) if row["audience"] == "employees"]
    assert {(row["state"], row["day"]) for row in staff} == {("asked", None)}
    assert closed.counts is not None
    assert stat.S_IMODE(closed.counts.stat().st_mode) == 0o600
    assert json.loads(closed.counts.read_text("utf-8"))["groups"] == [
        {"strata": ["north"], "complete": 4, "invited": 1, "started": 1},
        {"strata": ["south"], "complete": 3, "invited": 2, "refused": 1},
    ]


def test_a_confidential_roster_remembers_who_and_never_what(store: Store, tmp_path: Path) -> None:
    """Where the promise is confidentiality, the roster keeps who answered."""
    field = field_on(store, study_with(tmp_path, promise="confidential"))
    field.post("e-000", recommend="9")
    field.post("e-000", 2, listened="5")
    closed = close_wave(store, "cold", now=AFTER)
    assert (closed.counts, dict(closed.states["employees"])) == (None, {"complete": 1, "invited": 11})


@pytest.mark.parametrize("step", ["release", "_write_down", "_make_forget", "links_file", "rewrite"])
def test_a_close_that_was_cut_off_is_completed_by_the_next(
    answered: Field, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Wherever it stopped no answer is taken any more, and closing again ends as if nothing had happened."""
    with monkeypatch.context() as patch:
        patch.setattr(closing, step, fall)
        with pytest.raises(KeyboardInterrupt):
            close_wave(answered.store, "cold", now=AFTER)
    assert answered.post("c-003", recommend="9").kind == "closed"
    closed = close_wave(answered.store, "cold", now=datetime(2027, 4, 1, tzinfo=UTC))
    assert closed.counts is not None
    assert [
        sum(n for n in each.values() if isinstance(n, int)) for each in json.loads(closed.counts.read_text())["groups"]
    ] == [6, 6]
    assert [(row["state"], row["closed"]) for row in answered.rows(WAVES)] == [("closed", "2027-03-22")]
    assert (len(answered.rows(ANSWERS)), answered.rows(DRAFTS), answered.rows(HOLDING)) == (7, [], [])
    before = everything(answered.store)
    close_wave(answered.store, "cold", now=datetime(2027, 4, 2, tzinfo=UTC))
    after = everything(answered.store)
    assert [after[name] for name in ("invitations", "answers", "responses")] == [
        before[name] for name in ("invitations", "answers", "responses")
    ]


def test_links_and_their_key_go_with_the_last_open_wave(answered: Field) -> None:
    """The files of links go with their wave; the key serves the other wave until that one is closed too."""
    open_wave(answered.store, answered.study, "next", [sample_of("customers", wave="next")], on=date(2027, 6, 1))
    close_wave(answered.store, "cold", now=AFTER)
    assert sorted(path.name for path in answered.store.folder.glob("links*")) == ["links.key"]
    assert len(links(answered.store, "next", "customers")) == 12
    with pytest.raises(DataError, match="OPN06"):
        links(answered.store, "cold", "customers")
    with pytest.raises(DataError, match="OPN06"):
        open_wave(answered.store, answered.study, "cold", [sample_of("customers"), sample_of("employees")], on=OPENED)
    close_wave(answered.store, "next", now=datetime(2027, 6, 30, tzinfo=UTC))
    assert list(answered.store.folder.glob("links*")) == []


def test_there_is_nothing_to_close_but_an_opened_wave(answered: Field) -> None:
    """A wave that was never opened is named, with those that were."""
    with pytest.raises(DataError, match="OPN13.*\n.*cold"):
        close_wave(answered.store, "next", now=AFTER)


def test_nothing_deleted_is_left_in_the_files(answered: Field, tmp_path: Path) -> None:
    """After the close the log is empty and the files hold no draft, no box and no old key; copies open as a store."""
    store = answered.store
    if not store.embedded:
        with pytest.raises(DataError, match=r"OPN14.*\n.*pg_dump"):
            close_wave(store, "cold", now=AFTER, backup=tmp_path / "copy")
        assert [row["state"] for row in answered.rows(WAVES)] == ["open"]
        return
    gone = [row["box"] for table in (DRAFTS, HOLDING) for row in answered.rows(table)]
    gone += [row["private"] for row in answered.rows(KEYS)]
    with pytest.raises(DataError, match="OPN14"):
        close_wave(store, "cold", now=AFTER, backup=store.folder)
    close_wave(store, "cold", now=AFTER, backup=tmp_path / "copy")
    assert [path.stat().st_size for path in store.folder.glob("*-wal") if path.stat().st_size] == []
    for folder in (store.folder, tmp_path / "copy"):
        held = b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
        assert [box for box in gone if box[:16] in held] == []
        assert b"Remark of e-003" in held
    copy = opening.open_store(tmp_path / "copy")
    try:
        assert everything(copy) == everything(store)
    finally:
        opening.close(copy)
    assert sorted(path.name for path in (tmp_path / "copy").glob("links*")) == []


def test_a_close_waits_for_readers_and_says_so_in_the_end(answered: Field) -> None:
    """Who reads for long keeps the files from being rewritten; no answer is taken all the same, and a second close is enough."""
    with answered.store.field.connect() as reader:
        assert reader.execute(INVITATIONS.select()).first() is not None
        with pytest.raises(DataError, match="OPN15"):
            close_wave(answered.store, "cold", now=AFTER, patience=0)
    assert [row["state"] for row in answered.rows(WAVES)] == ["closing"]
    close_wave(answered.store, "cold", now=AFTER)
    assert [row["state"] for row in answered.rows(WAVES)] == ["closed"]


def test_quotas_of_anonymous_employees_are_forgotten(store: Store, tmp_path: Path) -> None:
    """The count of a cell would tell who of few took part; customers' counts stay."""
    quotas = "{size: census, quotas: [5 per site per wave]}"
    field = field_on(store, study_with(tmp_path, customers=quotas, employees=quotas))
    for person in ("c-000", "e-000"):
        field.post(person, at=NOON, recommend="9")
        field.post(person, 2, listened="5")
    close_wave(store, "cold", now=AFTER)
    assert [row["audience"] for row in field.rows(QUOTAS)] == ["customers"]


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ({"a": 5}, [["a"]]),
        ({"a": 4}, []),
        ({"a": 4, "b": 9, "c": 8}, [["b"], ["a", "c"]]),
        ({"a": 2, "b": 3, "c": 8}, [["c"], ["a", "b"]]),
        ({"a": 1, "b": 1, "c": 1}, []),
        ({}, []),
    ],
)
def test_no_group_that_is_told_of_is_smaller_than_five(sizes: dict[str, int], groups: list[list[str]]) -> None:
    """Small strata are pooled, with the next in size where they are few even together."""
    assert [
        row["strata"] for row in counted({key: {"complete": n - 1, "invited": 1} for key, n in sizes.items()})
    ] == groups
