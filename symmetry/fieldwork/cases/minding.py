"""Cases minded: owners hear of new ones, and somebody else of those whose time runs out; once each, however many run at a time.

A message is claimed before it is sent.  Where it does not arrive the claim is given back and the next run tries again; whoever is
killed in between leaves a case that was not told, and that stands in the list all the same.
Messages name no person and no answer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from symmetry.fieldwork.cases.nouns import Case
from symmetry.fieldwork.cases.reading import case_in
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.standing import asked_in
from symmetry.fieldwork.store.tables import CASES, INVITATIONS
from symmetry.fieldwork.timing import stamp

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store
    from symmetry.spec import Study

__all__ = ["mind_cases"]

Tell = Callable[[str, str, str], bool]
_MOST = 40  # cases in one message
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "told": "Cases opened: {n}",
        "escalated": "Cases whose time runs out: {n}",
        "line": "{case}: wave {wave}, alert {alert}{unit}; call back by {call}, close by {close}",
        "unit": ", unit {unit}",
        "more": "and {n} more",
    },
    "fr": {
        "told": "Dossiers ouverts : {n}",
        "escalated": "Dossiers dont le délai s'achève : {n}",
        "line": "{case} : vague {wave}, alerte {alert}{unit} ; rappeler avant le {call}, clore avant le {close}",
        "unit": ", unité {unit}",
        "more": "et {n} de plus",
    },
}


def mind_cases(
    store: Store,
    now: datetime,
    tell: Tell,
    *,
    named: Collection[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> Counter[str]:
    """Tell owners of new cases, and those to whom cases escalate of the ones that wait too long.

    Parameters
    ----------
    store : the field.
    now : with its time zone.
    tell : owner, title and text → whether it arrived anywhere.
    named : owners for whom the settings of sending name a place.
    say : hears of the owners who could not be told, and what is lacking.

    Returns
    -------
    How many cases were "told" and "escalated", and of how many that failed: "not told", "not escalated".

    Raises
    ------
    StoreAwayError : the database cannot be written to.

    Notes
    -----
    A case escalates once, when four fifths of the time to call back are over and nobody has, or of the time to close it; an
    alert without `escalate` never does.
    """
    counts: Counter[str] = Counter()
    with plainly():
        cases, studies = _open_cases(store)
        new: defaultdict[str, list[Case]] = defaultdict(list)
        waiting: defaultdict[str, list[Case]] = defaultdict(list)
        for case in cases:
            if case.told is None:
                new[case.owner].append(case)
            alert = studies[case.wave].registered.alerts.get(case.alert)
            if alert is not None and alert.escalate and case.escalated is None and case.warned_at <= now:
                waiting[alert.escalate].append(case)
        for column, whom in (("told", new), ("escalated", waiting)):
            for owner, theirs in sorted(whom.items()):
                done, all_of_them = _tell(store, column, owner, theirs, studies, now, tell)
                counts[column if done else f"not {column}"] += all_of_them
                if not done:
                    say(_lacking(owner, all_of_them, owner in named))
    return +counts


def _lacking(owner: str, cases: int, named: bool) -> str:
    """Why an owner was not told: no place is named, or none of those that are took the message."""
    what = f"`{owner}` was not told of {cases} {'case' if cases == 1 else 'cases'}: "
    if named:
        return what + f"no place under `alerts: {owner}:` in sending.yaml took the message; the next run tries again"
    return what + f"sending.yaml says no `alerts: {{{owner}: [URL]}}`"


def _open_cases(store: Store) -> tuple[list[Case], dict[str, Study]]:
    """The cases that are not closed, oldest first, and the studies of their waves."""
    joined = CASES.join(INVITATIONS, INVITATIONS.c.token == CASES.c.token)
    found = select(CASES, INVITATIONS.c.audience).select_from(joined).where(CASES.c.closed.is_(None))
    with store.field.connect() as connection:
        rows = connection.execute(found.order_by(CASES.c.opened, CASES.c.case)).all()
        studies = {
            wave: asked_in(connection, wave, audience).study for wave, audience in {(r.wave, r.audience) for r in rows}
        }
    return [case_in(row) for row in rows], studies


def _tell(
    store: Store,
    column: str,
    owner: str,
    cases: Sequence[Case],
    studies: Mapping[str, Study],
    now: datetime,
    tell: Tell,
) -> tuple[bool, int]:
    """Claim what is told, tell it, and give the claim back where it did not arrive; whether it did, and of how many cases."""
    mark = CASES.c[column]
    names = [case.case for case in cases]
    with to_write(store.field) as connection:
        claim = update(CASES).where(CASES.c.case.in_(names), mark.is_(None), CASES.c.closed.is_(None))
        mine = set(connection.execute(claim.values({mark: stamp(now)}).returning(CASES.c.case)).scalars())
    claimed = [case for case in cases if case.case in mine]
    if not claimed:
        return True, 0
    done = False
    try:
        done = tell(owner, *_message(column, claimed, studies))
    finally:
        if not done:
            with to_write(store.field) as connection:
                connection.execute(update(CASES).where(CASES.c.case.in_(mine)).values({mark: None}))
    return done, len(claimed)


def _message(kind: str, cases: Sequence[Case], studies: Mapping[str, Study]) -> tuple[str, str]:
    """Title and text, in the first language of the study."""
    first = studies[cases[0].wave].languages[0]
    words = _WORDS.get(first, _WORDS["en"])
    lines = [_line(case, studies[case.wave], words) for case in cases[:_MOST]]
    if len(cases) > _MOST:
        lines.append(words["more"].format(n=len(cases) - _MOST))
    return words[kind].format(n=len(cases)), "\n".join(lines)


def _line(case: Case, study: Study, words: Mapping[str, str]) -> str:
    """One case: its name, where it is from and its deadlines, by the clock of the study."""
    zone = ZoneInfo(study.contact.tz if study.contact else "UTC")
    call, close = (f"{each.astimezone(zone):%Y-%m-%d %H:%M}" for each in (case.call_back_by, case.close_by))
    unit = words["unit"].format(unit=case.unit) if case.unit else ""
    return words["line"].format(case=case.case, wave=case.wave, alert=case.alert, unit=unit, call=call, close=close)
