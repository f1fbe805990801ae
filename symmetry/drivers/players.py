"""Who shares R² out: drivers alone, groups of drivers that enter together, and controls that are in before anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from symmetry.drivers.sharing.lattice import Players
from symmetry.errors import DesignError

__all__ = ["MOST", "groups_of", "names_given", "players_among"]

MOST = 20


def names_given(given: str | Iterable[str], what: str) -> tuple[str, ...]:
    """Names of columns, however they were given; a single one may stand by itself.

    Parameters
    ----------
    what : what they are the names of, for the error.

    Raises
    ------
    DesignError : something else than names.

    Examples
    --------
    >>> names_given("food", "the drivers"), names_given((name for name in ("food", "staff")), "the drivers")
    (('food',), ('food', 'staff'))
    """
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Iterable):
        raise DesignError(f"{what}: {given!r} is no list of names", mend='name columns: ["food", "staff"]')
    names = tuple(given)
    for name in names:
        if not isinstance(name, str):
            shown = repr(name) if isinstance(name, int | float) else f"a {type(name).__name__}"
            raise DesignError(
                f"{what}: {shown} is no name of a column",
                mend="a column is named by text; rename others: frame.rename(columns=str)",
            )
    return names


def groups_of(
    groups: Mapping[str, Sequence[str]] | None, names: Sequence[str], always: Sequence[str] = (), outcome: str = ""
) -> dict[str, tuple[str, ...]]:
    """Groups and their drivers, once each driver has one group and no group is called like anything else.

    Parameters
    ----------
    names : of drivers and controls.
    always : which of them are controls.

    Raises
    ------
    DesignError : no groups by name; an empty one; one of what is no driver; a driver twice; a group called like a driver (that is
        not its only one), a control or the outcome.

    Examples
    --------
    >>> groups_of({"service": ["food", "staff"], "way": "train"}, ["food", "staff", "train", "gate"])
    {'service': ('food', 'staff'), 'way': ('train',)}
    """
    if groups is None:
        return {}
    if not isinstance(groups, Mapping):
        raise DesignError(
            f"groups= is a {type(groups).__name__}", mend='name them: groups={"service": ["food", "staff"]}'
        )
    found: dict[str, tuple[str, ...]] = {}
    member: dict[str, str] = {}
    for group, given in groups.items():
        found[group] = members = names_given(given, f"group `{group}`")
        if not members:
            raise DesignError(f"group `{group}` is empty", mend="leave it out, or name its drivers")
        for name in members:
            if name not in names or name in always:
                raise DesignError(
                    f"group `{group}` holds `{name}`, which is no driver", mend="name it among the predictors"
                )
            if name in member:
                raise DesignError(
                    f"`{name}` is in groups `{member[name]}` and `{group}`", mend="a driver has one group"
                )
            member[name] = group
        like = "the outcome" if group == outcome else "a control" if group in always else "a driver"
        if group == outcome or (group in names and members != (group,)):
            raise DesignError(f"group `{group}` is called like {like}", mend="give the group another name")
    return found


def players_among(
    names: Sequence[str],
    groups: Mapping[str, Sequence[str]] | None,
    always: Sequence[str],
    most: int = MOST,
    *,
    outcome: str = "",
) -> Players:
    """Who enters: groups of drivers together, the others alone, in the order of the drivers; controls from the start.

    Raises
    ------
    DesignError : groups that `groups_of` refuses, fewer than 2 or more than `most` players.
    """
    known = groups_of(groups, names, always, outcome)
    member = {name: group for group, members in known.items() for name in members}
    columns: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if name not in always:
            columns.setdefault(member.get(name, name), []).append(place)
    if len(columns) < 2:
        raise DesignError(f"cannot share R² among {len(columns)} players", mend="name 2 drivers or groups, or more")
    if len(columns) > most:
        raise DesignError(
            f"cannot share R² among {len(columns)} players",
            mend=f'name at most {most}, or groups= that enter together; for a linear model importance(…, method="johnson") '
            "takes any number",
        )
    return Players(tuple(columns), tuple(map(tuple, columns.values())), tuple(names.index(name) for name in always))
