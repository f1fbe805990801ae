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
from symmetry.drivers.missing.lacking import REASONS, Column, users, why_empty, with_usage
from symmetry.drivers.missing.pairwise import pairwise
from symmetry.drivers.nouns import Missing, Moments
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
    DesignError : no such way; it needs reasons; reasons that do not fit the answers; as the ways themselves.
    """
    if missing not in get_args(Missing):
        raise DesignError(f"missing={missing!r} is unknown", mend=" or ".join(f'"{way}"' for way in get_args(Missing)))
    design = design_of(design)
    names: list[str] = [*predictors, outcome]
    known = {
        name: tuple([members] if isinstance(members, str) else members) for name, members in (groups or {}).items()
    }
    if missing in ("users", "indicator") and reasons is None:
        raise DesignError(f'missing="{missing}" needs to know why answers are missing', mend="give reasons=")
    why = None if reasons is None else why_empty(design, names, reasons)
    if missing == "indicator" and why is not None:
        columns, titles, usage = with_usage(design, predictors, why, outcome)
        moments = _complete_or_em(design, columns, titles, within)
        return moments, _together(known, usage, predictors) or None
    if missing == "users" and why is not None:
        inside = users(design, names, why) & (True if within is None else within)
        moments = _complete_or_em(design, names, names, inside)
        asked = (design.layout.weight > 0) & (True if within is None else within)
        kept = int((inside & asked).sum())
        told = f"of users: {kept} of {int(asked.sum())} respondents, those to whom every item applies"
        return _noted(moments, told if kept < asked.sum() else ""), known or None
    road = {"listwise": complete, "em": em, "pairwise": pairwise}[missing]
    moments = road(design, names, names, within=within)
    return _noted(moments, "" if missing == "listwise" else _mixed(design, names, why, missing)), known or None


def entering(
    always: Sequence[str], groups: Mapping[str, Sequence[str]] | None
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]] | None]:
    """Controls as the columns they became by "indicator", and the groups without them.

    Examples
    --------
    >>> entering(["train"], {"train": ("train: used", "train: rating"), "service": ("food", "staff")})
    (('train: used', 'train: rating'), {'service': ('food', 'staff')})
    """
    known = {name: tuple(members) for name, members in (groups or {}).items()}
    columns = tuple(column for name in always for column in known.get(name, (name,)))
    return columns, {name: members for name, members in known.items() if name not in always} or None


def _complete_or_em(
    design: Design, columns: Sequence[Column], names: Sequence[str], within: np.ndarray | None
) -> Moments:
    """Complete answers where nothing is missing among those asked about, else EM, which says so."""
    asked = (design.layout.weight > 0) & (True if within is None else within)
    whole = all(np.isfinite(np.asarray(column_of(design, column), float)[asked]).all() for column in columns)
    return (complete if whole else em)(design, columns, names, within=within)


def _mixed(design: Design, names: Sequence[str], why: pd.DataFrame | None, missing: str) -> str:
    """What must be said of reasons that EM or pairs treat as one."""
    if why is None:
        return ""
    asked = design.layout.weight > 0
    told = []
    inapplicable = [name for name in names if ((why[name] == "not applicable").to_numpy() & asked).any()]
    if inapplicable:
        way = (
            "EM fills in as if they had an opinion" if missing == "em" else "pairs leave out as if they had an opinion"
        )
        told.append(
            f'{", ".join(inapplicable)}: "not applicable" is not missing, and {way}; missing="indicator" or "users" does not'
        )
    unsure = {
        reason: int(((why[list(names)] == reason).any(axis=1).to_numpy() & asked).sum()) for reason in REASONS[2:4]
    }
    some = [f"{reason} ({count} respondents)" for reason, count in unsure.items() if count]
    if some:
        told.append(f"{' and '.join(some)} taken as missing at random")
    return "; ".join(told)


def _noted(moments: Moments, more: str) -> Moments:
    """The same moments with more said of every number."""
    return replace(moments, note="; ".join(filter(None, [moments.note, more]))) if more else moments


def _together(
    groups: Mapping[str, tuple[str, ...]], usage: Mapping[str, tuple[str, ...]], predictors: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Groups with the columns their drivers became, and pairs that are of no group."""
    grown = {
        name: tuple(column for member in members for column in usage.get(member, (member,)))
        for name, members in groups.items()
    }
    inside = {member for members in groups.values() for member in members}
    alone = {name: pair for name, pair in usage.items() if name not in inside and name in predictors}
    return grown | alone
