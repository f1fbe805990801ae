"""From the field store to answers that can be frozen: what people sent, in the columns of the study, and nobody's name.

Only a closed wave is collected, since an open one would be frozen twice with two contents.  Whoever answered one question
counts, and those who broke off are told apart in the log; whoever refused, came over a quota or answered nothing is counted and
set aside.  The study must still be what the wave asked: it is held against what the store kept of it on the day it was opened.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sqlalchemy import func, select

from symmetry.errors import DataError, Place, Problem
from symmetry.fieldwork.asking.routes import on_route_only
from symmetry.fieldwork.cells import misfits, typed
from symmetry.fieldwork.columns import Column, cell_counts, columns_of
from symmetry.fieldwork.contacts.retaining import erased_on
from symmetry.fieldwork.nouns import Intake
from symmetry.fieldwork.store.closing import note_of
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.standing import asked_in
from symmetry.fieldwork.store.tables import ANSWERS, HOLDING, INVITATIONS, RESPONSES, WAVES
from symmetry.spec import Study, changes, compile_wave, hash_of_wave, nearest, study_in

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["closed_waves", "collect"]

_EMPLOYEES = "employees"
_COUNTED = ("started", "complete")  # whoever was over quota has answers in the store, and is no respondent
_DAMAGED = "put back the last good copy of the databases: the store never writes such a row"


def closed_waves(store: Store, study: Study) -> tuple[str, ...]:
    """The waves of a study that are closed in a store, in the order of the study.

    Parameters
    ----------
    store : the field.
    study : whose waves.

    Raises
    ------
    DataError : COL03, the store holds none that is closed.
    StoreAwayError : the database cannot be reached.
    """
    with plainly(), store.field.connect() as field:
        rows = field.execute(select(WAVES.c.wave, WAVES.c.state).where(WAVES.c.study == study.key)).all()
    closed = {row.wave for row in rows if row.state == "closed"}
    if not closed:
        some = ", ".join(f"`{row.wave}`" for row in rows)
        what = f"no wave of `{study.key}` is closed here" + (f" ({some} still open)" if rows else ": none was opened")
        mend = f"symmetry field close {rows[0].wave} --store {store.folder}" if rows else "name the study it is of"
        raise DataError(what, where=Place(store.folder), mend=mend, code="COL03")
    return tuple(wave for wave in study.waves if wave in closed) + tuple(sorted(closed - set(study.waves)))


def collect(store: Store, study: Study, wave: str, audience: str) -> Intake:
    """Take the answers of one audience in one closed wave out of the field store.

    Parameters
    ----------
    store : the field.
    study : that the wave was opened from; it may have grown since.
    wave, audience : which answers.

    Returns
    -------
    Intake in the order of the respondents' random keys, which is that of nothing else.  Nobody having answered, it has no row.

    Raises
    ------
    DataError : COL01, no such wave was opened here; COL02, it is of another study; COL03, it is open; COL04, answers of employees
        are still held; COL05, it asked otherwise than the study does; COL06, rows are damaged; COL08, employees' answers are
        not as many as were sealed at the close.
    StoreAwayError : a database cannot be reached.

    Notes
    -----
    Of somebody who broke off, answers to questions that are off the route by now are left out, as they are of a finished
    questionnaire.  `simulated` says that the wave was only rehearsed.
    """
    with plainly(), store.field.connect() as field:
        row = _wave(field, store, study, wave)
        expected = columns_of(study, wave, audience)
        states = _states(field, wave, audience)
        if audience == _EMPLOYEES:
            _check_released(field, store, wave)
            found, broken = _sealed(store, wave, audience), 0
            if states:  # of an audience that nobody was drawn of, there is nothing to note
                _check_all_there(store, wave, len(found))
        else:
            found, broken = _open(field, wave, audience)
    table = _table(store, row, expected, found)
    asked = [column.name for column in expected if column.asked]
    silent = table[asked].isna().all(axis=1).to_numpy(dtype=bool) if asked else np.zeros(len(table), dtype=bool)
    answers = table.loc[~silent].reset_index(drop=True)
    log = [*_became(states, len(answers), broken, int(silent.sum())), *cell_counts(study, audience, expected, answers)]
    source = f"field store, wave {wave}, spec sha256 {row.sha256}"
    erased = erased_on(store, wave)
    if erased is not None:
        log.append(("verbatims erased", "", 0, f"on {erased}: what people wrote is kept no longer"))
    counted = pd.DataFrame(log, columns=["measure", "item", "n", "note"])
    return Intake(wave, audience, answers, row.rehearsal is not None, source, counted)


def _wave(field: Connection, store: Store, study: Study, wave: str) -> Row[Any]:
    """The wave, closed and of this study as it is."""
    rows = {row.wave: row for row in field.execute(select(WAVES))}
    place = Place(store.folder)
    if wave not in rows:
        raise DataError(f"no wave `{wave}` was opened here", where=place, mend=nearest(wave, rows), code="COL01")
    row = rows[wave]
    if row.study != study.key:
        what = f"wave `{wave}` was opened from the study `{row.study}`, not from `{study.key}`"
        raise DataError(what, where=place, mend="name its own --study", code="COL02")
    if row.state == "closing":
        raise _cut_off(store, wave, "its databases were not rewritten")
    if row.state != "closed":
        mend = f"close it first: symmetry field close {wave} --store {store.folder}"
        raise DataError(
            f"wave `{wave}` is still open: its answers are not all there", where=place, mend=mend, code="COL03"
        )
    _check_asked(study, row)
    return row


def _check_asked(study: Study, row: Row[Any]) -> None:
    """Refuse a study that no longer says what the wave asked."""
    mend = "put it back: these answers were given to what was asked then"
    if row.wave not in study.waves:
        what = f"the study no longer has the wave `{row.wave}`"
        raise DataError(what, where=Place(study.path), mend=mend, code="COL05")
    if hash_of_wave(compile_wave(study, row.wave)) == row.sha256:
        return
    try:
        compiled = json.loads(row.compiled)
        was = study_in(compiled, Path(f"{row.wave}.json"))
        sound = hash_of_wave(compiled) == row.sha256
    except (ValueError, AttributeError):
        sound = False
    if not sound:
        raise DataError(f"what wave `{row.wave}` asked is damaged in the store", mend=_DAMAGED, code="COL06")
    broken = [each for each in changes(was, study) if each.kind == "breaking"]
    if broken:
        raise DataError(
            [
                Problem(each.where, f"wave `{row.wave}` asked otherwise: {each.path}: {each.what}", mend, "COL05")
                for each in broken
            ]
        )


def _states(field: Connection, wave: str, audience: str) -> Counter[str]:
    """How many invitations ended in each state."""
    mine = (INVITATIONS.c.wave == wave) & (INVITATIONS.c.audience == audience)
    rows = field.execute(select(INVITATIONS.c.state, func.count().label("n")).where(mine).group_by(INVITATIONS.c.state))
    return Counter({row.state: row.n for row in rows})


def _check_released(field: Connection, store: Store, wave: str) -> None:
    """Refuse a wave whose close was cut off before employees' answers had left the holding."""
    held = field.execute(select(func.count()).select_from(HOLDING).where(HOLDING.c.wave == wave)).scalar_one()
    if held:
        raise _cut_off(store, wave, f"{held} answers of employees are still held")


def _check_all_there(store: Store, wave: str, found: int) -> None:
    """Refuse a sealed database that was put back from another evening: it would hold fewer answers, and nobody would see it."""
    path = note_of(store, wave)
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))["released"][_EMPLOYEES]
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"this note of the close, which says how many answers were sealed in wave `{wave}`, cannot be read"
        mend = "bring the file back from the folder in which the wave was closed, or from its backup"
        raise DataError(what, where=Place(path), mend=mend, code="COL08") from error
    if noted != found:
        what = f"{noted} answers of employees were sealed at the close of wave `{wave}`, and {found} are there"
        mend = "put back both databases as they were after the close, of the same evening"
        raise DataError(what, where=Place(store.folder), mend=mend, code="COL08")


def _cut_off(store: Store, wave: str, left: str) -> DataError:
    mend = f"run it again: symmetry field close {wave} --store {store.folder}"
    what = f"the close of wave `{wave}` was cut off: {left}"
    return DataError(what, where=Place(store.folder), mend=mend, code="COL04")


def _sealed(store: Store, wave: str, audience: str) -> list[tuple[bytes, str, str]]:
    """Key, what is known and answers of everybody whose answers are sealed."""
    mine = (ANSWERS.c.wave == wave) & (ANSWERS.c.audience == audience)
    with store.sealed.connect() as sealed:
        rows = sealed.execute(
            select(ANSWERS.c.key, ANSWERS.c.known, ANSWERS.c.answers).where(mine).order_by(ANSWERS.c.key)
        )
        return [(row.key, row.known, row.answers) for row in rows]


def _open(field: Connection, wave: str, audience: str) -> tuple[list[tuple[bytes, str, str]], int]:
    """Key, what is known and answers of the others who count, off-route answers left out; and how many broke off."""
    asked = asked_in(field, wave, audience)
    mine = (INVITATIONS.c.wave == wave) & (INVITATIONS.c.audience == audience) & INVITATIONS.c.state.in_(_COUNTED)
    wanted = select(RESPONSES.c.key, INVITATIONS.c.known, RESPONSES.c.answers, RESPONSES.c.complete)
    rows = field.execute(
        wanted.join(INVITATIONS, INVITATIONS.c.token == RESPONSES.c.token).where(mine).order_by(RESPONSES.c.key)
    )
    found = []
    broken = 0
    for key, known, answers, complete in rows:
        if not complete:
            said = _read(answers)
            facts = _read(known)
            if said is not None and facts is not None:
                kept = on_route_only(asked, facts, said)
                broken += bool(kept)
                answers = json.dumps(dict(kept))
        found.append((key, known, answers))
    return found, broken


def _read(text: str) -> dict[str, Any] | None:
    """What a cell of JSON holds; None where it is damaged."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _table(
    store: Store, row: Row[Any], expected: Sequence[Column], found: Sequence[tuple[bytes, str, str]]
) -> pd.DataFrame:
    """The rows in the columns of the study, each with the type of its kind.

    Every cell is looked at again: a row that the store would not have written is refused, and no answer is told in the refusal.
    """
    known = [_read(facts) for _, facts, _ in found]
    answers = [_read(said) for _, _, said in found]
    asked = {column.name for column in expected if column.asked}
    damaged = Counter({"no answers at all": sum(None in pair for pair in zip(known, answers, strict=True))})
    damaged["answers to what was not asked"] = sum(not asked.issuperset(said or ()) for said in answers)
    made: dict[str, Any] = {"respondent": pd.array([key.hex() for key, *_ in found], dtype="str")}
    for column in expected:
        cells = [(each or {}).get(column.name) for each in (answers if column.asked else known)]
        damaged[f"what is no value of `{column.name}`"] = misfits(column, cells)
        if not damaged.total():
            made[column.name] = typed(column, cells)
    problems = [
        Problem(Place(store.folder), f"wave `{row.wave}`: {count} rows hold {what}", _DAMAGED, "COL06")
        for what, count in damaged.items()
        if count
    ]
    if problems:
        raise DataError(problems)
    return pd.DataFrame(made)


def _became(states: Counter[str], kept: int, broken: int, silent: int) -> list[tuple[str, str, int, str]]:
    """What became of everybody who was invited, as rows of a log."""
    rows = [("invited", "", states.total(), ""), ("returned", "", kept, "")]
    rows += [("broken off", "", broken, "among the returned: not everything was answered")] if broken else []
    aside = {"refused": states["refused"], "over quota": states["over quota"], "no answer at all": silent}
    return rows + [("set aside", "", count, why) for why, count in aside.items() if count]
