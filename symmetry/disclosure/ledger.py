"""The ledger of releases: what was ever published, so that two releases cannot be subtracted from one another.

A text file, one line a published cell: study, wave, audience, item, face, by, domain, count, figures, and the hash of the frozen
answers they came from, which every manifest prints.  All of it is public already: no answer, no person, no hash of one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from symmetry.aside import replace_file
from symmetry.errors import DataError, DisclosureError, Place

__all__ = ["Entry", "Ledger"]

VERSION = 1
_HOLDS = "ledger of releases"


@dataclass(frozen=True)
class Entry:
    """One published cell: `n` answers, `figures` (statistic → value, as published), `data` the hash of the frozen answers."""

    release: str
    study: str
    wave: str
    audience: str
    item: str
    face: str
    by: str
    domain: str
    n: int
    figures: Mapping[str, float] = field(default_factory=dict)
    data: str = ""


@dataclass(frozen=True)
class Ledger:
    """Everything published so far, oldest first.

    Examples
    --------
    >>> levels = pd.DataFrame({"wave": ["cold"], "audience": ["employees"], "item": ["kind"], "face": ["employee"], "by": [""],
    ...     "domain": [""], "statistic": ["mean"], "estimate": [3.5], "n": [40], "suppressed": [False]})
    >>> ledger = Ledger().add(levels, study="bank", release="2027-01")
    >>> ledger.entries[0].n, dict(ledger.entries[0].figures)
    (40, {'mean': 3.5})
    """

    entries: tuple[Entry, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """Read a ledger; a file that does not exist yet is an empty one.

        Raises
        ------
        DataError : the file is damaged, is something else, or is of a version this program does not know.
        """
        if not path.exists():
            return cls()
        try:
            head, _, body = path.read_text(encoding="utf-8").partition("\n")
            first = json.loads(head)
            if first["holds"] != _HOLDS:
                raise ValueError(f"holds {first['holds']!r}")
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"is not a ledger of releases: {error}", where=Place(path), mend=_MEND, code="LED01"
            ) from error
        if first.get("version") != VERSION:
            what = f"is a ledger of version {first.get('version')!r}; this program reads version {VERSION}"
            raise DataError(
                what, where=Place(path, 1), mend="use the program that wrote it, or a newer one", code="LED02"
            )
        if first.get("digest") != _digest(body):
            what = "is damaged: its lines are not those that were written"
            raise DataError(what, where=Place(path), mend=_MEND, code="LED03")
        return cls(tuple(_entry(line, Place(path, row)) for row, line in enumerate(body.splitlines(), 2)))

    def write(self, path: Path) -> None:
        """Write the ledger in place of the file it grew from, whole or not at all; same ledger, same bytes.

        Raises
        ------
        DataError : the file there is damaged, or holds releases that this ledger does not: it is left alone.
        """
        there = Ledger.read(path).entries
        if self.entries[: len(there)] != there:
            what = "holds releases that are not in the ledger to write, and is left alone"
            raise DataError(what, where=Place(path), mend="read it again and add to what it holds now", code="LED04")
        lines = [json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True) for entry in self.entries]
        body = "".join(f"{line}\n" for line in lines)
        head = {"digest": _digest(body), "holds": _HOLDS, "version": VERSION}
        replace_file(path, json.dumps(head) + "\n" + body)

    def add(
        self,
        levels: pd.DataFrame,
        *,
        study: str,
        release: str,
        data: Mapping[tuple[str, str], str] | None = None,
    ) -> Ledger:
        """The ledger with one release more.

        Parameters
        ----------
        levels : the published table, hidden rows marked `suppressed`; they are not entered.
        study : key of the study.
        release : a name of this release, a date for one.
        data : (wave, audience) → hash of the frozen answers.
        """
        keys = ["wave", "audience", "item", "face", "by", "domain"]
        shown = levels[~levels["suppressed"].astype(bool)]
        made = []
        for key, rows in shown.groupby(keys, sort=False):
            wave, audience, item, face, by, domain = (str(part) for part in key)
            rows = rows[rows["estimate"].notna()]
            figures = dict(sorted(zip(rows["statistic"], rows["estimate"].astype(float), strict=True)))
            hashed = (data or {}).get((wave, audience), "")
            if not figures:
                continue
            n = int(rows["n"].iloc[0])
            made.append(Entry(release, study, wave, audience, item, face, by, domain, n, figures, hashed))
        return Ledger((*self.entries, *made))

    def releases(self, study: str) -> list[str]:
        """Names of the releases of a study, oldest first."""
        return list(dict.fromkeys(entry.release for entry in self.entries if entry.study == study))

    def check_name(self, release: str, study: str) -> None:
        """Refuse a name for the next release of a study that is none, or that an earlier one has.

        Raises
        ------
        DisclosureError : it is empty, or taken.
        """
        if not release.strip():
            raise DisclosureError("a release without a name", mend="give it one: --release 2027-spring")
        if release in self.releases(study):
            raise DisclosureError(
                f"the ledger already has a release `{release}` of this study", mend="give this one another name"
            )

    def of(self, study: str, wave: str, audience: str, item: str, face: str) -> list[Entry]:
        """Published cells of one item of one audience and wave."""
        key = (study, wave, audience, item, face)
        return self._index.get(key, [])

    @cached_property
    def _index(self) -> dict[tuple[str, ...], list[Entry]]:
        """Entries by study, wave, audience, item and face."""
        found: dict[tuple[str, ...], list[Entry]] = {}
        for one in self.entries:
            found.setdefault((one.study, one.wave, one.audience, one.item, one.face), []).append(one)
        return found


_MEND = "restore it from a copy; a release made without it may give people away"


def _digest(body: str) -> str:
    """Hash of the ledger's lines."""
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def _entry(line: str, where: Place) -> Entry:
    """One line read back."""
    try:
        fields: dict[str, Any] = json.loads(line)
        return Entry(**fields)
    except (ValueError, TypeError) as error:
        raise DataError(f"is no line of a ledger: {error}", where=where, mend=_MEND, code="LED05") from error
