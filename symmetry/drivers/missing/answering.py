"""Missing answers: one way for the moments of drivers to deal with them, told by name, and what must be said of it.

*Not asked* (rotation, planned missing, a wave without the item) is missing by design, and EM is made for it.  *Not applicable* is
not missing: who never took the train has no opinion of it to fill in.  Either users alone are looked at, or "used it" enters
beside the rating of those who did, both as one player.  *Don't know*, *refused* and a blank are missing in a way that only an
assumption can mend, and the note says that it was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd

from symmetry.design import Design, column_of, design_of
from symmetry.drivers.covariances import complete
from symmetry.drivers.missing.em import em
from symmetry.drivers.missing.incomplete import AT_RANDOM, who_answered
from symmetry.drivers.missing.lacking import REASONS, Column, users, why_empty, with_usage
from symmetry.drivers.missing.pairwise import pairwise
from symmetry.drivers.nouns import Missing, Moments
from symmetry.drivers.players import groups_of, names_given
from symmetry.errors import DesignError

__all__ = ["entering", "moments_of"]


def moments_of(
    design: Design,
    outcome: str,
    predictors: Sequence[str],
    missing: Missing = "listwise",
    reasons: pd.DataFrame | None = None,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    within: np.ndarray | None = None,
) -> tuple[Moments, dict[str, tuple[str, ...]] | None]:
    """Moments of drivers and outcome by one way to deal with missing answers, and the groups that then enter together.

    Parameters
    ----------
    missing : "listwise": who answered all; "em": everybody, missing at random; "pairwise": each correlation of who answered both;
        "users": those to whom all items apply; "indicator": "used it" beside the rating, where an item does not apply to all.
        What else is missing with the last two goes by EM.
    reasons : why answers are missing (see `losses`); "users" and "indicator" need it.
    groups : name → drivers that enter together; with "indicator" they come back with the columns their drivers became.
    within : rows (n,) that are asked about.

    Returns
    -------
    Moments, whose note tells what was assumed; and groups for `players_among` (None where there are none).

    Raises
    ------
    DesignError : no such way; it needs reasons; reasons that do not fit the answers; groups that `players_among` refuses; as the
        ways themselves.
    """
    if missing not in get_args(Missing):
        raise DesignError(f"missing={missing!r} is unknown", mend=" or ".join(f'"{way}"' for way in get_args(Missing)))
    design, predictors = design_of(design), names_given(predictors, "the drivers")
    known = groups_of(groups, predictors, outcome=outcome)
    if missing in ("users", "indicator") and reasons is None:
        raise DesignError(f'missing="{missing}" needs to know why answers are missing', mend="give reasons=")
    names: list[str] = [*predictors, outcome]
    why = None if reasons is None else why_empty(design, names, reasons)
    asked = (design.layout.weight > 0) & (True if within is None else within)
    if missing == "indicator" and why is not None:
        columns, titles, usage = with_usage(design, predictors, why, outcome, within=within)
        moments = _complete_or_em(design, columns, titles, within)
        note = _of_usage(moments, why, asked, tuple(usage))
        return replace(moments, note=note), _together(known, usage, predictors) or None
    if missing == "users" and why is not None:
        inside = users(design, names, why) & (True if within is None else within)
        moments = _complete_or_em(design, names, names, inside)
        kept = int((inside & asked).sum())
        told = f"of users: {kept} of {int(asked.sum())} respondents, those to whom every item applies"
        return _noted(moments, told if kept < asked.sum() else ""), known or None
    road = {"listwise": complete, "em": em, "pairwise": pairwise}[missing]
    moments = road(design, names, names, within=within)
    return _noted(moments, "" if why is None else _mixed(design, names, why, missing, asked)), known or None


def entering(
    always: Sequence[str], groups: Mapping[str, Sequence[str]] | None, usage: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]] | None]:
    """Controls as the columns they became by "indicator", and the groups without them.

    Parameters
    ----------
    groups : as `moments_of` gives them.
    usage : item → its columns, as `with_usage` gives them.

    Raises
    ------
    DesignError : items of different players apply to the same people, so that "used" would be of both.

    Examples
    --------
    >>> usage = {"train": ("train: used", "train: rating")}
    >>> entering(["train"], usage | {"service": ("food", "staff")}, usage)
    (('train: used', 'train: rating'), {'service': ('food', 'staff')})
    """
    columns = tuple(dict.fromkeys(column for name in always for column in usage.get(name, (name,))))
    known = {
        name: tuple(column for column in members if column not in columns)
        for name, members in (groups or {}).items()
        if name not in always
    }
    owner: dict[str, str] = {}
    for name, members in known.items():
        for column in members:
            if owner.setdefault(column, name) != name:
                items = [item for item, pair in usage.items() if column in pair]
                raise DesignError(
                    f'{" and ".join(f"`{item}`" for item in items)} apply to the same people: "used it" is one driver of theirs',
                    mend=f"let them enter together, groups={{…: {items}}}, or leave out all but one",
                )
    return columns, known or None


def _complete_or_em(
    design: Design, columns: Sequence[Column], names: Sequence[str], within: np.ndarray | None
) -> Moments:
    """Complete answers where nothing is missing among those asked about, else EM, which says so."""
    asked = (design.layout.weight > 0) & (True if within is None else within)
    whole = all(np.isfinite(np.asarray(column_of(design, column), float)[asked]).all() for column in columns)
    return (complete if whole else em)(design, columns, names, within=within)


def _of_usage(moments: Moments, why: pd.DataFrame, asked: np.ndarray, items: Sequence[str]) -> str:
    """What must be said where "used it" stands beside ratings: what is missing otherwise, and to whom items do not apply."""
    without = why == "not applicable"
    answered = int((((why == "") | without).all(axis=1).to_numpy() & asked).sum())
    told = who_answered(answered, moments.n, moments.asked, "every item that applies to them")
    counts = [
        f"{item} does not apply to {int((without[item].to_numpy() & asked).sum())} of {moments.asked}" for item in items
    ]
    usage = f'"used it" beside the rating: {", ".join(counts)}'
    return "; ".join(filter(None, [f"{told}; {AT_RANDOM}" if moments.note else "", usage if items else ""]))


def _mixed(design: Design, names: Sequence[str], why: pd.DataFrame, missing: str, asked: np.ndarray) -> str:
    """What must be said of reasons that a way treats as one."""
    told = []
    without = {name: (why[name] == "not applicable").to_numpy() & asked for name in names}
    imputed = [name for name, rows in without.items() if (rows & np.isfinite(column_of(design, name))).any()]
    blank = [name for name, rows in without.items() if (rows & ~np.isfinite(column_of(design, name))).any()]
    ways = {
        "imputed answers stand for an opinion": imputed,
        "EM fills in as if they had an opinion": blank if missing == "em" else [],
        "pairs leave them out as if they had not answered": blank if missing == "pairwise" else [],
    }
    for way, items in ways.items():
        if items:
            told.append(
                f'{", ".join(items)}: "not applicable" is not missing, and {way}; missing="indicator" or "users" does not'
            )
    if missing != "listwise":
        unsure = {
            reason: int(((why[list(names)] == reason).any(axis=1).to_numpy() & asked).sum()) for reason in REASONS[2:4]
        }
        some = [f"{reason} ({count} respondents)" for reason, count in unsure.items() if count]
        told += [f"{' and '.join(some)} taken as missing at random"] if some else []
    return "; ".join(told)


def _noted(moments: Moments, more: str) -> Moments:
    """The same moments with more said of every number."""
    return replace(moments, note="; ".join(filter(None, [moments.note, more]))) if more else moments


def _together(
    groups: Mapping[str, tuple[str, ...]], usage: Mapping[str, tuple[str, ...]], predictors: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Groups with the columns their drivers became, and pairs that are of no group."""
    grown = {
        name: tuple(dict.fromkeys(column for member in members for column in usage.get(member, (member,))))
        for name, members in groups.items()
    }
    inside = {member for members in groups.values() for member in members}
    alone = {name: pair for name, pair in usage.items() if name not in inside and name in predictors}
    return grown | alone
