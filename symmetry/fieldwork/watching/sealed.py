"""Final dispositions of employees: what may be told of groups, and never anything by which one of them is told from another.

The roster knows whether they sent their answers, began, refused or did none of it.  Two things would tell on one person: a count
that leaves out people of whom somebody knows why they were not written to, and a count that is looked at again and again and
grows by one.  So everybody who was invited is counted, whatever became of the message; and while the wave is open groups are of
five or more (`closing.LEAST`), whoever answers, what they did for good is rounded down to a multiple of five, and nobody can tell
"all of them" from "all but one".  A figure changes only when five more have come since it last did, and nothing is kept of what
was shown.  What was begun may yet be sent, so until the close it stands with silence.  A closed wave tells what `closing.counted`
tells; an anonymous one from its note, since the roster has forgotten.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from symmetry.fieldwork.store.closing import LEAST, counted, note_of
from symmetry.fieldwork.store.tables import INVITATIONS, WAVES
from symmetry.fieldwork.watching.dispositions import CODES, Dispositions, Line, cell_of, rates_of
from symmetry.fieldwork.watching.units import by_hand

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.asking.nouns import Asked
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["of_sealed"]

Groups = list[tuple[str, Counter[str]]]
_OF_STATE = {"complete": "complete", "started": "break-off", "refused": "refusal", "over quota": "over quota"}
_FOR_GOOD = ("complete", "refused", "over quota")


def of_sealed(connection: Connection, store: Store, asked: Asked) -> Dispositions:
    """What became of the employees whom a wave asks: what may be told of groups.

    Parameters
    ----------
    connection : to the field database.
    store : the field, in which a close left its note.
    asked : the questionnaire.
    """
    wave, audience = asked.wave.key, asked.audience
    by = (INVITATIONS.c.stratum, INVITATIONS.c.state)
    of = (INVITATIONS.c.wave == wave, INVITATIONS.c.audience == audience)
    strata: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(select(*by, func.count().label("n")).where(*of).group_by(*by)):
        strata[row.stratum][row.state] = row.n
    open_ = connection.execute(select(WAVES.c.state).where(WAVES.c.wave == wave)).scalar_one() == "open"
    if open_:
        heads, groups = _in_steps(strata)
    else:
        forgotten = any("asked" in states for states in strata.values())
        groups = _named(_noted(store, wave) if forgotten else counted(strata))
        heads = sum((states for _, states in groups), Counter[str]())
    fates = _fates(heads)
    lines = tuple(Line(fate, *CODES[fate], fates[fate], None) for fate in CODES if fates[fate])
    cells = tuple(cell_of(name, _fates(states)) for name, states in groups)
    return Dispositions(
        wave,
        audience,
        lines,
        {},
        rates_of(fates),
        None,
        {"group": cells} if len(cells) > 1 else {},
        by_hand(connection, wave, audience),
        bool(groups),
        LEAST if open_ else 1,
    )


def _fates(states: Mapping[str, int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for state, n in states.items():
        found[_OF_STATE.get(state, "no reply")] += n
    return found


def _in_steps(strata: Mapping[str, Mapping[str, int]]) -> tuple[Counter[str], Groups]:
    """All of them and each group, rounded down; nothing until five of all have sent their answers.

    Examples
    --------
    >>> _in_steps({"north": {"complete": 10}, "east": {"complete": 4, "invited": 2}, "west": {"refused": 3}})[1]
    [('north', Counter({'complete': 5, 'invited': 5})), ('east, west', Counter({'invited': 9}))]
    """
    groups = _by_size(strata)
    heads = _down(sum((states for _, states in groups), Counter[str]()))
    return (heads, [(name, _down(states)) for name, states in groups]) if heads["complete"] else (Counter(), [])


def _by_size(strata: Mapping[str, Mapping[str, int]]) -> Groups:
    """Strata of fewer than five people pooled with the smallest other; "all but one" is the most that a group is known to do."""
    groups = [([name], Counter(states)) for name, states in sorted(strata.items())]
    groups.sort(key=lambda group: (group[1].total(), group[0]))
    while len(groups) > 1 and groups[0][1].total() < LEAST:
        (names, states), (others, more) = groups[:2]
        groups[:2] = [(sorted(names + others), states + more)]
        groups.sort(key=lambda group: (group[1].total(), group[0]))
    groups.sort(key=lambda group: (len(group[0]) > 1, group[0]))
    found = [(", ".join(names), states) for names, states in groups if states.total() >= LEAST]
    for _, states in found:
        for state in _FOR_GOOD:
            if states[state] == states.total():
                states.subtract([state])
                states["invited"] += 1
    return found


def _down(states: Counter[str]) -> Counter[str]:
    """What was done for good rounded down to fives; all others are silent as yet."""
    steps = {state: states[state] // LEAST * LEAST for state in _FOR_GOOD if states[state] >= LEAST}
    return Counter({**steps, "invited": states.total() - sum(steps.values())})


def _named(groups: list[dict[str, Any]]) -> Groups:
    """The groups that a close counted, with their names."""
    return [(", ".join(each["strata"]), Counter({k: n for k, n in each.items() if k != "strata"})) for each in groups]


def _noted(store: Store, wave: str) -> list[dict[str, Any]]:
    """What the close of an anonymous wave wrote down."""
    try:
        facts = json.loads(note_of(store, wave).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    groups: list[dict[str, Any]] = facts.get("groups", [])
    return groups
