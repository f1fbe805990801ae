"""Who shares R² out: drivers alone, groups of drivers that enter together, and controls that are in before anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symmetry.drivers.sharing.lattice import Players
from symmetry.errors import DesignError

__all__ = ["MOST", "players_among"]

MOST = 20


def players_among(
    names: Sequence[str], groups: Mapping[str, Sequence[str]] | None, always: Sequence[str], most: int = MOST
) -> Players:
    """Who enters: groups of drivers together, the others alone, in the order of the drivers; controls from the start.

    Raises
    ------
    DesignError : a group of no known drivers, a driver of two groups, fewer than 2 or more than `most` players.
    """
    member: dict[str, str] = {}
    for group, members in (groups or {}).items():
        for name in [members] if isinstance(members, str) else members:
            if name not in names or name in always:
                raise DesignError(
                    f"group `{group}` holds `{name}`, which is no driver", mend="name it among the predictors"
                )
            if name in member:
                raise DesignError(
                    f"`{name}` is in groups `{member[name]}` and `{group}`", mend="a driver has one group"
                )
            member[name] = group
        if group in names and list(groups[group] if groups else ()) != [group]:
            raise DesignError(f"group `{group}` is called like a driver", mend="give the group another name")
    columns: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if name not in always:
            columns.setdefault(member.get(name, name), []).append(place)
    if not 2 <= len(columns) <= most:
        raise DesignError(
            f"cannot share R² among {len(columns)} players",
            mend=f'name 2 to {most} drivers or groups; with more, method="johnson", or groups= that enter together',
        )
    return Players(tuple(columns), tuple(map(tuple, columns.values())), tuple(names.index(name) for name in always))
