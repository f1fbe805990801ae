"""Standing: what a page is told of an invitation, and that looking changes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from symmetry.errors import DataError
from symmetry.fieldwork.asking.nouns import Standing
from symmetry.fieldwork.store import keeping
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import links_key
from symmetry.fieldwork.store.standing import asked_in, standing_of
from symmetry.fieldwork.store.tables import DRAFTS, INVITATIONS, QUOTAS, RESPONSES
from symmetry.fieldwork.store.tokens import hash_of, secret_of
from tests.fieldwork.store.waves import NOON, OPENED, Field, field_on, sample_of, study_with


@pytest.fixture
def field(store: Store, tmp_path: Path) -> Field:
    """The wave, open for twelve customers and twelve employees."""
    return field_on(store, study_with(tmp_path))


def test_nobody_stands_where_there_is_no_invitation(field: Field) -> None:
    """A forged token is unknown, and nothing more is said."""
    with field.store.field.connect() as connection:
        assert standing_of(connection, field.store, hash_of("a" * 20), secret_of("a" * 20), NOON) == Standing("unknown")


@pytest.mark.parametrize(("person", "audience"), [("c-001", "customers"), ("e-001", "employees")])
def test_a_page_is_told_who_is_asked_what(field: Field, person: str, audience: str) -> None:
    """Before the first answer: the questionnaire, what is known of the person, and the first page."""
    standing = field.standing(person)
    assert (standing.kind, standing.person, standing.page, standing.language) == ("asked", person, 1, None)
    assert (standing.known, standing.answers) == ({"site": "south"}, {})
    asked = standing.asked
    assert asked is not None
    assert (asked.audience, asked.sealed, list(asked.columns)) == (
        audience,
        audience == "employees",
        ["recommend", "why", "listened"],
    )
    assert (asked.first, asked.last, asked.rehearsal) == (date(2027, 3, 1), date(2027, 3, 21), None)
    assert asked.study.items["recommend"].faces["customer"] == field.study.items["recommend"].faces["customer"]


@pytest.mark.parametrize("person", ["c-001", "e-001"])
def test_who_comes_back_finds_what_was_saved(field: Field, person: str) -> None:
    """Answers, page and language of the last time; employees' too, since the link opens their draft."""
    field.post(person, recommend="3", language="en")
    standing = field.standing(person)
    assert (standing.kind, standing.answers, standing.page, standing.language) == ("asked", {"recommend": 3}, 2, "en")


def test_a_draft_opens_for_its_own_link_alone(field: Field) -> None:
    """Whoever has the database, and another person's link, reads no draft."""
    field.post("e-001", recommend="3")
    with field.store.field.connect() as connection, pytest.raises(DataError, match="SEA01"):
        standing_of(connection, field.store, hash_of(field.token("e-001")), secret_of(field.token("e-002")), NOON)


def test_looking_records_nothing(field: Field) -> None:
    """However often a page is opened, before, within and after the wave, no row changes."""
    field.post("c-001", recommend="3")
    field.post("e-001", recommend="3")
    before = [field.rows(table) for table in (INVITATIONS, RESPONSES, DRAFTS, QUOTAS)]
    for month in (2, 3, 4):
        for person in ("c-001", "e-001", "c-002"):
            field.standing(person, datetime(2027, month, 4, 12, tzinfo=UTC))
    assert [field.rows(table) for table in (INVITATIONS, RESPONSES, DRAFTS, QUOTAS)] == before


def test_a_page_is_told_why_it_cannot_be_answered(field: Field) -> None:
    """Early and closed by the calendar, whatever was answered; complete and refused within."""
    field.post("c-001", recommend="3")
    field.post("c-001", 2, listened="5")
    field.post("c-002", action="refuse")
    days = {2: "early", 4: "closed"}
    for month, kind in days.items():
        at = datetime(2027, month, 4, 12, tzinfo=UTC)
        assert [field.standing(person, at).kind for person in ("c-000", "c-001", "c-002")] == [kind] * 3
    assert [field.standing(person).kind for person in ("c-000", "c-001", "c-002")] == ["asked", "complete", "refused"]


def test_a_rehearsed_wave_has_its_own_today(store: Store, tmp_path: Path) -> None:
    """Months before the wave it can be answered as if today were the day of the rehearsal, and every page can say so."""
    study = study_with(tmp_path)
    samples = [sample_of("customers"), sample_of("employees")]
    keeping.open_wave(store, study, "cold", samples, on=OPENED, rehearse_on=date(2027, 3, 9))
    field = Field(store, study, links_key(store.folder))
    at = datetime(2026, 11, 2, tzinfo=UTC)
    standing = field.standing("c-001", at)
    assert (standing.kind, standing.asked and standing.asked.rehearsal) == ("asked", date(2027, 3, 9))
    assert field.post("c-001", at=at, recommend="9").kind == "saved"
    assert [row["day"] for row in field.rows(INVITATIONS) if row["day"]] == ["2027-03-09"]


def test_a_questionnaire_is_unpacked_once(field: Field) -> None:
    """Two people of one audience share one questionnaire; another audience has its own; no wave, no questionnaire."""
    with field.store.field.connect() as connection:
        asked = asked_in(connection, "cold", "customers")
        assert asked is field.standing("c-001").asked
        assert asked is field.standing("c-002").asked
        assert asked_in(connection, "cold", "employees") is not asked
        with pytest.raises(KeyError, match="hot"):
            asked_in(connection, "hot", "customers")
