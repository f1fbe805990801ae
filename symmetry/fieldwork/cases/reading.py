"""Cases read: all of them with their clocks, and one with what its owner may see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from symmetry.errors import DataError, Place
from symmetry.fieldwork.cases.nouns import Case, Seen
from symmetry.fieldwork.cases.owning import known_owners, owners_of
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.standing import asked_in
from symmetry.fieldwork.store.tables import ADDRESSES, CASES, INVITATIONS, RESPONSES
from symmetry.fieldwork.timing import moment
from symmetry.spec import read_condition

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from symmetry.fieldwork.asking.nouns import Answer, Asked
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["case_in", "cases_of", "seen", "unknown_case"]

_MOMENTS = ("opened", "call_back_by", "close_by", "called_back", "closed", "escalated", "told")
_PLAIN = ("case", "wave", "alert", "owner", "unit", "by")


def case_in(row: Row[Any]) -> Case:
    """A row of `cases`."""
    said = row._mapping
    moments: dict[str, Any] = {name: moment(said[name]) if said[name] else None for name in _MOMENTS}
    return Case(**{name: said[name] for name in _PLAIN}, **moments)


def cases_of(store: Store, *, owner: str | None = None) -> list[Case]:
    """Every case, those that are open first and among them those first that are due first.

    Parameters
    ----------
    store : the field.
    owner : whose alone.

    Raises
    ------
    DataError : CAS04, neither a study nor a case knows this owner.
    """
    with plainly(), store.field.connect() as connection:
        cases = [case_in(row) for row in connection.execute(select(CASES))]
    there = known_owners(store.folder) | {case.owner for case in cases}
    if owner is not None and owner not in there:
        mend = f"there are: {', '.join(sorted(there))}" if there else "no study of this store has owners"
        raise DataError(f"there is no owner `{owner}`", where=Place(store.folder), mend=mend, code="CAS04")
    cases = [case for case in cases if owner in (None, case.owner)]
    return sorted(cases, key=lambda case: (not case.todo, case.due, case.case))


def seen(store: Store, name: str) -> Seen:
    """A case with whom to call, and what its owner may see of the answers.

    Raises
    ------
    DataError : CAS02, there is no such case.
    """
    with plainly(), store.field.connect() as connection:
        row = connection.execute(select(CASES).where(CASES.c.case == name)).one_or_none()
        if row is None:
            raise unknown_case(name)
        of = INVITATIONS.outerjoin(RESPONSES, RESPONSES.c.token == INVITATIONS.c.token)
        of = of.outerjoin(ADDRESSES, ADDRESSES.c.contact == INVITATIONS.c.contact)
        columns = (
            *INVITATIONS.c["audience", "contact", "known"],
            *RESPONSES.c["answers", "language"],
            *ADDRESSES.c["email", "phone"],
        )
        found = select(*columns).select_from(of).where(INVITATIONS.c.token == row.token)
        who = connection.execute(found).one_or_none()
        if who is None:
            return Seen(case_in(row), "")
        answers = _shown(store, connection, row, who)
    contact = "" if who.contact.startswith("~") else who.contact  # whom the store has forgotten
    return Seen(case_in(row), contact, who.email, who.phone, who.language, answers)


def unknown_case(name: str) -> DataError:
    """There is no such case."""
    return DataError(f"there is no case `{name}`", mend="symmetry field case list --store …", code="CAS02")


def _shown(store: Store, connection: Connection, row: Row[Any], who: Row[Any]) -> dict[str, Answer]:
    """Answers that the owner may see, in the order of the questionnaire, by the words of the question."""
    asked = asked_in(connection, row.wave, who.audience)
    owner = owners_of(store.folder, asked.study.key).get(row.owner)
    alert = asked.study.registered.alerts.get(row.alert)
    if owner is None or alert is None:
        return {}
    named = set(read_condition(alert.when).columns) if "alerts" in owner.sees else set()
    if "verbatims" in owner.sees:
        named |= {name for name, column in asked.columns.items() if column.scale and column.scale.kind == "text"}
    answers: Mapping[str, Answer] = json.loads(who.answers) if who.answers else {}
    known: Mapping[str, str] = json.loads(who.known)
    shown = {_asked(asked, name, who.language): answers[name] for name in asked.columns if name in named & set(answers)}
    return shown | {name: known[name] for name in sorted(named & set(known))}


def _asked(asked: Asked, name: str, language: str | None) -> str:
    """The question to which an answer was given, as it was asked."""
    column = asked.columns[name]
    words = column.item.faces.get(column.face or "", {})
    return words.get(language or "") or next(iter(words.values()), name)
