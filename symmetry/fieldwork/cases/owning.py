"""Who answers for what, as the store knows it: owners, journeys and moments of the studies whose waves it holds.

A sealed wave holds what people are asked and promised; owners and journeys are left out of it, since they may change while it
runs.  Opening a wave writes them beside the databases, and opening it again, which changes nothing else, brings them up to date.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symmetry.aside import replace_file
from symmetry.errors import DataError, Place
from symmetry.spec import Text

if TYPE_CHECKING:
    from symmetry.spec import Study

__all__ = ["House", "KnownOwner", "house_of", "keep_owners", "known_owners", "owners_of"]

_FILE = "owners.json"


@dataclass(frozen=True)
class KnownOwner:
    """Someone who answers for results, as `spec` has it: what they are called, see, and of which unit alone."""

    key: str
    name: Text
    sees: tuple[str, ...] = ()
    within: str | None = None


@dataclass(frozen=True)
class House:
    """What the store knows of one study besides its waves: owners by key, journeys, and moments as "journey.moment"."""

    owners: Mapping[str, KnownOwner] = field(default_factory=dict)
    journeys: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()

    @property
    def touchpoints(self) -> frozenset[str]:
        """What can happen on its journeys: a moment is lived, a journey is closed."""
        return frozenset(self.moments) | {f"{journey}.closed" for journey in self.journeys}


def keep_owners(folder: Path, study: Study) -> None:
    """Write down the owners, journeys and moments of a study, in place of what was known of it.

    Parameters
    ----------
    folder : of the store.
    study : whole, as its author wrote it.
    """
    houses = _houses(folder)
    owners = {
        key: KnownOwner(key, dict(owner.name), tuple(owner.sees), owner.within) for key, owner in study.owners.items()
    }
    houses = {**houses, study.key: House(owners, tuple(study.journeys), tuple(study.moments))}
    said = {key: asdict(house) for key, house in sorted(houses.items())}
    text = json.dumps(said, ensure_ascii=False, indent=2) + "\n"
    path = folder / _FILE
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        replace_file(path, text, mode=0o600)


def house_of(folder: Path, study: str) -> House:
    """What the store knows of a study besides its waves; of one that an earlier version opened, nothing.

    Parameters
    ----------
    folder : of the store.
    study : its key.

    Raises
    ------
    DataError : CAS01, the file is damaged.
    """
    return _houses(folder).get(study, House())


def owners_of(folder: Path, study: str) -> Mapping[str, KnownOwner]:
    """The owners of a study, by key."""
    return house_of(folder, study).owners


def known_owners(folder: Path) -> set[str]:
    """The keys of the owners of all studies that the store knows."""
    return {key for house in _houses(folder).values() for key in house.owners}


def _houses(folder: Path) -> Mapping[str, House]:
    path = folder / _FILE
    try:
        found = path.stat()
    except FileNotFoundError:
        return {}
    return _read(path, found.st_mtime_ns, found.st_ino)


@lru_cache(16)
def _read(path: Path, _: int, __: int) -> Mapping[str, House]:
    """The file, read again only when it was written again."""
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {key: _house(each) for key, each in said.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        mend = "open a wave of the study again with `symmetry field open`, after moving this file away"
        raise DataError("this is no list of owners", where=Place(path), mend=mend, code="CAS01") from error


def _house(said: Mapping[str, Any]) -> House:
    owners = {
        key: KnownOwner(key, each["name"], tuple(each["sees"]), each["within"]) for key, each in said["owners"].items()
    }
    return House(owners, tuple(said["journeys"]), tuple(said["moments"]))
