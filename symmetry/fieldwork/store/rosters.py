"""The roster of a wave: the people drawn, as invitations; and whether a sample is the one that the wave was opened with.

An audience of a hot wave may have no sample: its invitations follow events, one by one (see `inviting.triggering`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from symmetry.errors import DataError, Problem
from symmetry.fieldwork.store.coarsening import coarsened, lost
from symmetry.fieldwork.store.tables import EVENTS, INVITATIONS
from symmetry.fieldwork.store.tokens import hash_of, token_of

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection

    from symmetry.fieldwork.nouns import Sample
    from symmetry.spec import Study

__all__ = ["Roster", "add_roster", "check_quotas", "check_samples", "is_drawn", "roster_of"]

Roster = list[dict[str, Any]]
"""Rows of `invitations`, in the order of their tokens."""

_SAME = ("token", "person", "contact", "stratum", "psu", "probability", "known")
_MANY = 5000


def check_samples(study: Study, wave: str, samples: Sequence[Sample]) -> None:
    """Refuse samples that this wave cannot be opened with, with everything wrong at once.

    Parameters
    ----------
    study : the study.
    wave : key of the wave.
    samples : one for each audience whose sample the wave names; an audience without one in the study may be left out, and so
        may one that a hot wave asks as events happen.

    Raises
    ------
    DataError : OPN01, no such wave; OPN02, the sample of another study or wave; OPN03, of an audience that the wave does not ask,
        or a second one; OPN04, an audience lacks its sample; OPN05, nobody was drawn; OPN25, employees follow no events.
    """
    if wave not in study.waves:
        near = get_close_matches(wave, study.waves, 1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        what = f"study `{study.key}` has no wave `{wave}`{hint}"
        raise DataError(what, mend=f"name one of: {', '.join(study.waves)}", code="OPN01")
    asked = study.waves[wave].audiences
    problems: list[Problem] = []
    met: set[str] = set()
    for sample in samples:
        name = f"the sample of {sample.audience} for wave `{sample.wave}` of study `{sample.study}`"
        if (sample.study, sample.wave) != (study.key, wave):
            problems.append(
                _problem("OPN02", f"{name} is not for wave `{wave}` of study `{study.key}`", "draw its own")
            )
        elif sample.audience not in asked:
            mend = f"the wave asks {' and '.join(asked)}: leave this sample out"
            problems.append(_problem("OPN03", f"wave `{wave}` does not ask {sample.audience}", mend))
        elif sample.audience in met:
            problems.append(_problem("OPN03", f"there are two samples of {sample.audience}", "name one of them"))
        elif not sample.units["drawn"].any():
            problems.append(_problem("OPN05", f"{name} has drawn nobody", "look at its reasons, and draw again"))
        met.add(sample.audience)
    for audience in asked:
        if audience in met or (samples and audience not in study.waves[wave].sampling):
            continue
        if study.waves[wave].after is None:
            mend = f"symmetry draw STUDY {wave} --audience {audience} …, then name its folder with --sample"
            problems.append(_problem("OPN04", f"wave `{wave}` asks {audience}, and there is no sample of them", mend))
        elif audience == "employees":
            what = f"wave `{wave}` cannot ask employees as events happen: what stays with their answers is what at least five "
            mend = f"draw them beforehand: symmetry draw STUDY {wave} --audience employees …, then --sample its folder"
            problems.append(_problem("OPN25", f"{what}people of a whole roster share", mend))
    if problems:
        raise DataError(problems)


def check_quotas(study: Study, sample: Sample) -> None:
    """Refuse quotas of employees by what does not stay known of all of them: people of many sites would share one cell.

    Parameters
    ----------
    study : says the quotas.
    sample : of one audience; only that of employees loses what is known.

    Raises
    ------
    DataError : OPN23, with every such quota.
    """
    sampling = study.waves[sample.wave].sampling.get(sample.audience)
    if sample.audience != "employees" or sampling is None or not any(quota.by for quota in sampling.quotas):
        return
    units = sample.units[sample.units["drawn"]]
    gone = lost(study, sample.audience, units, coarsened(study, sample.audience, units))
    mend = "count by an item with fewer and larger groups, or for the whole wave"
    problems = [
        _problem(
            "OPN23", f"quota `{quota}`: `{item}` is too fine for {gone[item]} employees, and not kept of them", mend
        )
        for quota in sampling.quotas
        for item in quota.by
        if gone.get(item)
    ]
    if problems:
        raise DataError(problems)


def roster_of(study: Study, sample: Sample, key: bytes) -> Roster:
    """The people drawn, as invitations.

    Parameters
    ----------
    study : the study.
    sample : of one audience; units that were not drawn are left out.
    key : of the links.

    Notes
    -----
    What is known of employees is what may stay with their answers (`coarsening.coarsened`), and nothing finer is stored.
    """
    units = sample.units[sample.units["drawn"]]
    known_of = coarsened if sample.audience == "employees" else _known
    rows = [
        {
            "token": hash_of(token_of(key, sample.wave, sample.audience, person)),
            "wave": sample.wave,
            "audience": sample.audience,
            "person": person,
            "contact": contact,
            "stratum": stratum,
            "psu": psu,
            "probability": float(probability),
            "known": json.dumps(facts, ensure_ascii=False),
            "state": "invited",
            "day": None,
        }
        for person, contact, stratum, psu, probability, facts in zip(
            *(units[name].tolist() for name in ("person", "contact", "stratum", "psu", "probability")),
            known_of(study, sample.audience, units),
            strict=True,
        )
    ]
    return sorted(rows, key=lambda row: bytes(row["token"]))


def add_roster(connection: Connection, roster: Roster, tell: Callable[[int], None] | None) -> bool:
    """Add a roster, unless it is there already.

    Parameters
    ----------
    connection : to the field database, in a transaction begun with the turn to write.
    roster : of one audience of one wave.
    tell : hears how many rows were written, now and then.

    Returns
    -------
    Whether it was added.

    Raises
    ------
    DataError : OPN08, the wave was opened with another sample; OPN09, with another key of the links.
    """
    wave, audience = roster[0]["wave"], roster[0]["audience"]
    of = (INVITATIONS.c.wave == wave, INVITATIONS.c.audience == audience)
    there = connection.execute(select(*INVITATIONS.c[_SAME]).where(*of)).all()
    if there:
        _refuse_another(wave, audience, {tuple(row) for row in there}, {_same(row) for row in roster})
        return False
    for start in range(0, len(roster), _MANY):
        part = roster[start : start + _MANY]
        connection.execute(insert(INVITATIONS), part)
        if tell is not None:
            tell(len(part))
    return True


def is_drawn(connection: Connection, wave: str, audience: str) -> bool:
    """Whether an audience of an open wave has a roster that was drawn, so that no event adds to it."""
    theirs = select(INVITATIONS.c.token).where(INVITATIONS.c.wave == wave, INVITATIONS.c.audience == audience)
    followed = (EVENTS.c.state == "invited", EVENTS.c.wave == wave, EVENTS.c.audience == audience)
    return (
        connection.execute(theirs.limit(1)).first() is not None
        and connection.execute(select(EVENTS.c.event).where(*followed).limit(1)).first() is None
    )


def _refuse_another(wave: str, audience: str, there: set[tuple[Any, ...]], new: set[tuple[Any, ...]]) -> None:
    """What is there is what was drawn, to the last probability, but for people erased since; else there would be two samples."""
    erased = {row[0] for row in there if row[1].startswith("~")}
    there, new = ({row for row in rows if row[0] not in erased} for rows in (there, new))
    if there == new:
        return
    if {row[1:] for row in there} == {row[1:] for row in new}:
        raise DataError(
            f"wave `{wave}` was opened with another key of the links",
            mend="bring back links.key of that day from a copy of the folder",
            code="OPN09",
        )
    old, now = ({row[1] for row in rows} for rows in (there, new))
    raise DataError(
        f"wave `{wave}` was opened with another sample of {audience}: {len(old - now)} of its {len(old)} people are not in "
        f"this one, {len(now - old)} of this one are new",
        mend="a wave keeps the sample it was opened with: name that one, or open another wave",
        code="OPN08",
    )


def _known(study: Study, audience: str, units: pd.DataFrame) -> list[dict[str, str]]:
    """Frame item → value as text, for each unit; what is empty is left out."""
    items = [
        key
        for key, item in study.items.items()
        if item.role == "frame" and audience in (item.audiences or (audience,)) and key in units.columns
    ]
    columns = {key: [_text(cell) for cell in units[key].tolist()] for key in items}
    return [{key: cells[row] for key, cells in columns.items() if cells[row]} for row in range(len(units))]


def _text(cell: object) -> str:
    """A cell as text: nothing where it is empty, whole numbers without a point."""
    if cell is None or cell != cell or str(cell) == "<NA>":
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _same(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _SAME)


def _problem(code: str, what: str, mend: str) -> Problem:
    return Problem(None, what, mend, code)
