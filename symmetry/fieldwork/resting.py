"""Contact rules in a draw: who is at rest, and the chance that each person would not have been.

Whoever was drawn before may be at rest today, and being drawn before was chance.  So the probability of being drawn is

    P(drawn) = P(free today) · P(drawn | free),        P(free today) = Σ P(h) over the histories h that leave him free,

where a history says at which of the earlier draws he was drawn.  Its probability is the product of the conditional chances
of those draws (`given` of their samples: g where he was drawn, 1 - g where he was free and was not, 1 where a rule kept him out).
The sum is worked out draw by draw on the sets of draws that still matter for a later rule, for all people of one profile
at once.  What is known without chance (`elsewhere`: contacts of other programmes) is a condition: it shuts histories out.

Exact where the number of free people in each stratum does not hang on who was drawn before (one quarantine over all draws,
sizes fixed, strata that stay).  Elsewhere `given` is the chance as it came out.  A history with one way to be free is then
still without bias, as each factor is conditional on the past [1]; several ways mix with an error of the order of one over the
free people of a stratum.

References
----------
.. [1] Robins, Hernán, Brumback (2000). Marginal structural models and causal inference in epidemiology. Epidemiology 11, 550-560.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from symmetry.errors import DataError, Problem
from symmetry.fieldwork.chances import Floats, Mask, Wholes
from symmetry.fieldwork.frame_checks import Findings, days, filled
from symmetry.fieldwork.frame_reading import read_listed
from symmetry.fieldwork.nouns import Sample

__all__ = ["Contacted", "Rest", "Rules", "in_order", "read_contacted", "rest_of"]

YEAR = 365
_SHUT = -1


@dataclass(frozen=True)
class Rules:
    """How long people rest after an invitation (hours), and how many they may have in 365 days; None for no rule."""

    quarantine: float | None = None
    most: int | None = None

    def rests(self, gap: Any) -> Any:
        """Whether one is at rest so many days after an invitation."""
        return np.asarray(gap) * 24.0 < (self.quarantine or 0.0)

    @property
    def reach(self) -> float:
        """For how many days an invitation can matter."""
        return max((self.quarantine or 0.0) / 24.0, float(YEAR) if self.most is not None else 0.0)


@dataclass(frozen=True)
class Contacted:
    """Contacts made elsewhere, known without chance: the file's name and fingerprint, and who was written to on which day."""

    name: str
    sha256: str
    contact: npt.NDArray[np.object_]
    day: npt.NDArray[np.int64]

    def facts(self, contacts: pd.Series[Any]) -> dict[str, Any]:
        """The file as a manifest tells it, with how many people it names, and how many of them are among some contacts."""
        named = pd.unique(self.contact)
        held = int(pd.Index(named).isin(contacts).sum())
        return {"file": self.name, "sha256": self.sha256, "people": len(named), "in_frame": held}


@dataclass(frozen=True)
class Rest:
    """What contact rules say about n contacts on the day of a draw.

    Attributes
    ----------
    reason : why each may not be drawn today: "resting", "most a year", or "".
    chance : that each would have been free today, over the chance of the earlier draws.
    elsewhere : known contacts of the last 365 days; -1 where such a contact alone keeps a person out.
    """

    reason: npt.NDArray[np.object_]
    chance: Floats
    elsewhere: Wholes


def read_contacted(path: Path, *, on: date | None = None, encoding: str = "utf-8") -> Contacted:
    """Read contacts made elsewhere: a CSV or Parquet file with the columns `contact` and `day`.

    Parameters
    ----------
    path : one row a contact made; a person may stand there often.
    on : day of the draw: no contact may be later.
    encoding : of a CSV file.

    Returns
    -------
    Contacted, in the order of the file.

    Raises
    ------
    DataError : the file cannot be read, a column lacks, a contact is blank, a day is none or later than the draw.
    """
    raw = read_listed(path, {"day"}, {"contact"}, encoding=encoding, what="contacts")
    findings = Findings(raw)
    for name in ("contact", "day"):
        if name not in raw.names:
            findings.add(f"there is no column `{name}`", "the columns are `contact` and `day`", "FRM02")
    findings.stop()
    filled(findings, "contact", "so nobody knows who was written to")
    when = days(findings, "day", last=on)
    findings.stop()
    ordinals = np.array([day.toordinal() for day in when], dtype=np.int64)
    return Contacted(path.name, raw.sha256, raw.cells["contact"], ordinals)


def rest_of(
    contacts: pd.Series[Any],
    rules: Rules,
    on: date,
    history: Sequence[Sample],
    contacted: Contacted | None = None,
) -> Rest:
    """Who is at rest on a day, and with what chance each would be free.

    Parameters
    ----------
    contacts : n identifiers, each once.
    rules : of the draw at hand; earlier draws followed those in their own manifests.
    on : the day of the draw.
    history : the earlier samples of the same people, as `in_order` returns them.
    contacted : contacts made elsewhere; those on the day of a sample that drew the person are that sample's own.

    Returns
    -------
    Rest of each contact.
    """
    index = pd.Index(contacts)
    places = {str(sample.manifest["content"]): place for place, sample in enumerate(history)}
    past = [_Draw.of(sample, index, places) for sample in history]
    elsewhere, near = _facts(index, rules, on, past, contacted)
    shut = near | (elsewhere >= rules.most if rules.most is not None else False)
    resting, made = near.copy(), elsewhere.copy()
    for draw in past:
        gap = on.toordinal() - draw.day
        resting |= draw.drawn & bool(rules.rests(gap))
        made += draw.drawn & (gap < YEAR)
    many = made >= rules.most if rules.most is not None else np.zeros(len(index), dtype=bool)
    reason = np.where(resting, "resting", np.where(many, "most a year", "")).astype(object)
    now = _Draw(on.toordinal(), rules, frozenset(range(len(past))), elsewhere, np.zeros(0), np.zeros(0, dtype=bool))
    free = _chance_free([*past, now]) if past else np.ones(len(index))
    return Rest(reason, np.where(shut, 0.0, free), np.where(shut, _SHUT, elsewhere))


def in_order(history: Sequence[Sample], study: str, audience: str, on: date) -> tuple[Sample, ...]:
    """Earlier samples in the order in which they were drawn, when they can be: each after those that it knew of.

    Raises
    ------
    DataError : a sample is of another study or audience, stands twice, was drawn later than `on`, or after a sample that is not
        given.
    """
    contents = [str(sample.manifest["content"]) for sample in history]
    problems: list[Problem] = []
    for sample, content in zip(history, contents, strict=True):
        facts: Mapping[str, Any] = sample.manifest
        name = f"the sample of {sample.audience} in wave `{sample.wave}`, drawn on {facts['on']},"
        if (sample.study, sample.audience) != (study, audience):
            what = f"{name} is of study `{sample.study}`: its identifiers are not those of this frame"
            problems.append(Problem(None, what, f"name samples of {audience} of `{study}`", "RST01"))
        if contents.count(content) > 1:
            problems.append(Problem(None, f"{name} is given twice", "name it once", "RST02"))
        if date.fromisoformat(facts["on"]) > on:
            what = f"{name} is later than this draw, on {on.isoformat()}"
            problems.append(Problem(None, what, "leave it out, or draw on a later day (`--on`)", "RST03"))
        unknown = [each for each in facts["after"] if each not in contents]
        if unknown:
            what = f"{name} was drawn after {len(unknown)} sample(s) that are not given: without them its chances are not known"
            problems.append(Problem(None, what, "name them too, with `--after`", "RST04"))
    if problems:
        raise DataError(list(dict.fromkeys(problems)))
    depth = {content: _depth(content, dict(zip(contents, history, strict=True))) for content in contents}
    return tuple(sorted(history, key=lambda each: (each.manifest["on"], depth[str(each.manifest["content"])])))


def _depth(content: str, history: Mapping[str, Sample]) -> int:
    """How many draws deep a sample's own history goes."""
    before: Any = history[content].manifest["after"]
    return 1 + max((_depth(each, history) for each in before), default=0)


@dataclass(frozen=True)
class _Draw:
    """One draw as n contacts met it: its day and rules, the earlier draws it knew of, and each contact's chance and fate."""

    day: int
    rules: Rules
    knew: frozenset[int]
    elsewhere: Wholes
    given: Floats
    drawn: Mask

    @classmethod
    def of(cls, sample: Sample, index: pd.Index[Any], places: Mapping[str, int]) -> _Draw:
        """An earlier sample, its units gathered by contact; whoever was not in its frame had no chance."""
        facts: Mapping[str, Any] = sample.manifest
        units = sample.units
        by = units.groupby("contact", sort=False).agg({"given": "sum", "drawn": "any", "elsewhere": "first"})
        at = by.reindex(index)
        elsewhere = at["elsewhere"].fillna(0).to_numpy(dtype=np.int64)
        given = np.where(elsewhere == _SHUT, 0.0, at["given"].fillna(0.0).to_numpy(dtype=np.float64))
        rules = Rules(facts["rules"]["quarantine"], facts["rules"]["most"])
        drawn = at["drawn"].eq(True).to_numpy(dtype=bool)
        knew = frozenset(places[content] for content in facts["after"])
        return cls(date.fromisoformat(facts["on"]).toordinal(), rules, knew, np.maximum(elsewhere, 0), given, drawn)


def _facts(
    index: pd.Index[Any], rules: Rules, on: date, past: Sequence[_Draw], contacted: Contacted | None
) -> tuple[Wholes, Mask]:
    """Known contacts of the last 365 days of each, and whether one of them keeps him at rest."""
    count, near = np.zeros(len(index), dtype=np.int64), np.zeros(len(index), dtype=bool)
    if contacted is None:
        return count, near
    row = index.get_indexer(pd.Index(contacted.contact))
    gap = on.toordinal() - contacted.day
    known = (row >= 0) & (gap >= 0)
    for draw in past:
        known &= ~((contacted.day == draw.day) & draw.drawn[row])
    np.add.at(count, row[known & (gap < YEAR)], 1)
    near[row[known & rules.rests(gap)]] = True
    return count, near


def _chance_free(draws: Sequence[_Draw]) -> Floats:
    """Chance of each contact to be free at the last of the draws."""
    last = draws[-1]
    given = np.column_stack([draw.given for draw in draws[:-1]])
    rooms = np.column_stack([_room(draw) for draw in draws])
    profile = pd.DataFrame(np.column_stack([given, rooms])).groupby(
        list(range(given.shape[1] + rooms.shape[1])), sort=False
    )
    numbers = profile.ngroup().to_numpy()
    first = np.unique(numbers, return_index=True)[1]
    given, rooms = given[first], rooms[first]
    histories: dict[tuple[int, ...], Floats] = {(): np.ones(len(first))}
    for step, draw in enumerate(draws[:-1]):
        after: dict[tuple[int, ...], Floats] = {}
        for taken, chance in histories.items():
            hit = chance * _free(draws, draw, taken, rooms[:, step]) * given[:, step]
            _put(after, _kept((*taken, step), step, draws), hit)
            _put(after, _kept(taken, step, draws), chance - hit)
        histories = after
    found = np.zeros(len(first))
    for taken, chance in histories.items():
        found += chance * _free(draws, last, taken, rooms[:, -1])
    free: Floats = np.minimum(found, 1.0)[numbers]
    return free


def _room(draw: _Draw) -> Floats:
    """How many invitations of a year each may still have, those known from elsewhere taken off."""
    most: float = np.inf if draw.rules.most is None else float(draw.rules.most)
    room: Floats = most - draw.elsewhere.astype(np.float64)
    return room


def _free(draws: Sequence[_Draw], draw: _Draw, taken: tuple[int, ...], room: Floats) -> Mask:
    """Whether a history leaves people free at a draw, each with his room for this year."""
    gaps = [draw.day - draws[each].day for each in taken if each in draw.knew]
    if any(draw.rules.rests(gap) for gap in gaps):
        return np.zeros(len(room), dtype=bool)
    free: Mask = np.asarray(float(sum(gap < YEAR for gap in gaps)) < room)
    return free


def _kept(taken: tuple[int, ...], step: int, draws: Sequence[_Draw]) -> tuple[int, ...]:
    """Those draws of a history that a rule of a later draw can still look at."""
    later = draws[step + 1 :]
    return tuple(
        each
        for each in taken
        if any(each in draw.knew and draw.day - draws[each].day < draw.rules.reach for draw in later)
    )


def _put(histories: dict[tuple[int, ...], Floats], taken: tuple[int, ...], chance: Floats) -> None:
    """Add the probability of a history, where it has any."""
    if chance.any():
        histories[taken] = histories[taken] + chance if taken in histories else chance
