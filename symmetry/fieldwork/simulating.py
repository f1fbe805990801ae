"""People with a known truth: whom a wave invites, who answers, and what, from one seed.

Every column draws from a stream of its own, named by seed, wave, audience and column, and the k-th draw belongs to the
k-th person invited.  So one seed gives one sample, an item more changes no answer to the others, and a lower response
rate only removes people.  A latent opinion is branch·B + general·G + specific·S, B of the unit (customers' and
employees' correlate), G of the person, S of person and item; an outcome is the weighted sum of its drivers and noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from symmetry.errors import SpecError
from symmetry.fieldwork.columns import Column, cell_counts, columns_of, on_route
from symmetry.fieldwork.nouns import Intake, Truth
from symmetry.fieldwork.population import centre, group_shares, outcome_scale, shift, specific, weights_of
from symmetry.spec import Study

__all__ = ["simulate"]

Numbers = npt.NDArray[np.float64]


def simulate(study: Study, wave: str, truth: Truth, seed: int) -> dict[str, Intake]:
    """Make up the answers of every audience of a wave.

    Parameters
    ----------
    study, wave : what is asked, when, of how many.
    truth : the known population, read against this study.
    seed : a whole number from 0; the same one gives the same bytes.

    Returns
    -------
    Audience → Intake holding only those who answered; its log counts `invited` and `returned`.

    Raises
    ------
    SpecError : the wave does not say how many customers it invites, or it asks observers.
    """
    if "observers" in study.waves[wave].audiences:
        what = f"wave `{wave}` is filled in by observers: what is seen on the spot is not simulated"
        raise SpecError(what, mend="leave the wave out of the plan", code="SIM03")
    return {audience: _intake(study, wave, audience, truth, seed) for audience in study.waves[wave].audiences}


@dataclass(frozen=True)
class _People:
    """The n people a wave invites: unit of each (a place in the list of units) and categories of whatever is known."""

    units: npt.NDArray[np.intp]
    groups: Mapping[str, npt.NDArray[np.object_]]


def _intake(study: Study, wave: str, audience: str, truth: Truth, seed: int) -> Intake:
    people = _invited(study, wave, audience, truth, seed)
    returned = _returned(people, wave, audience, truth, seed)
    opinions = _Opinions(study, wave, audience, truth, seed, people)
    expected = columns_of(study, wave, audience)
    invited = len(people.units)
    letter, width = audience[0], len(str(invited))
    data: dict[str, Any] = {"respondent": pd.array([f"{letter}{k + 1:0{width}d}" for k in range(invited)], dtype="str")}
    for column in expected:
        known = people.groups.get(column.name)
        data[column.name] = opinions.codes(column) if known is None else pd.array(known, dtype="str")
    answers = pd.DataFrame(data).loc[returned].reset_index(drop=True)
    for column in expected:
        answers[column.name] = answers[column.name].where(on_route(study, audience, column.item, answers))
    note = f"simulated, seed {seed}"
    rows = [("invited", "", invited, note), ("returned", "", len(answers), note)]
    counts = [(measure, item, n, note) for measure, item, n, _ in cell_counts(study, audience, expected, answers)]
    log = pd.DataFrame(rows + counts, columns=["measure", "item", "n", "note"])
    return Intake(wave, audience, answers, True, note, log)


def _invited(study: Study, wave: str, audience: str, truth: Truth, seed: int) -> _People:
    """Draw the people of a wave: so many customers of the population, or everybody on the payroll."""
    sizes = np.array([size for sizes in truth.payroll.values() for size in sizes])
    regions = np.array([region for region, sizes in truth.payroll.items() for _ in sizes], dtype=object)
    names = np.array(
        [f"{region}-{k:02d}" for region, sizes in truth.payroll.items() for k in range(1, len(sizes) + 1)], dtype=object
    )
    sample = study.waves[wave].sample.get(audience, "census" if audience == "employees" else "")
    rng = _stream(seed, wave, audience, "invited")
    if audience == "employees":
        units = np.repeat(np.arange(len(sizes)), sizes)
        if isinstance(sample, int) and sample < len(units):
            units = units[np.sort(rng.choice(len(units), sample, replace=False))]
    elif isinstance(sample, int):
        staff = {region: sum(counts) for region, counts in truth.payroll.items()}
        chances = np.array([truth.customers[region] / staff[region] for region in regions]) * sizes
        units = rng.choice(len(sizes), sample, p=chances / chances.sum())
    else:
        what = f"wave `{wave}` does not say how many customers it invites, so none can be simulated"
        raise SpecError(what, mend="write `sample: {customers: 6000}` in the wave", code="SIM01")
    groups = {truth.unit: names[units], truth.region: regions[units]}
    for variable, shares in group_shares(truth, audience).items():
        if variable not in groups:
            labels = np.array(list(shares), dtype=object)
            draw = _stream(seed, wave, audience, "known", variable)
            weights = np.array(list(shares.values()))
            groups[variable] = labels[draw.choice(len(labels), len(units), p=weights / weights.sum())]
    return _People(units, groups)


def _returned(people: _People, wave: str, audience: str, truth: Truth, seed: int) -> npt.NDArray[np.bool_]:
    """Tell who answers: the rate of the audience times the factors of the person's categories, whatever the opinion."""
    field = truth.field[wave, audience]
    chance = np.full(len(people.units), field.rate)
    for variable, factors in field.factors.items():
        codes, labels = pd.factorize(people.groups[variable])
        chance *= np.array([factors.get(label, 1.0) for label in labels])[codes]
    answers: npt.NDArray[np.bool_] = _stream(seed, wave, audience, "returned").random(len(chance)) < chance
    return answers


class _Opinions:
    """The latent opinions of the people of one audience in one wave, each made once, on demand."""

    def __init__(self, study: Study, wave: str, audience: str, truth: Truth, seed: int, people: _People) -> None:
        self.study, self.wave, self.audience, self.truth, self.seed, self.people = (
            study,
            wave,
            audience,
            truth,
            seed,
            people,
        )
        self.made: dict[tuple[str, str], Numbers] = {}
        n_units = sum(len(sizes) for sizes in truth.payroll.values())
        customers, others = _stream(seed, "units").standard_normal((2, n_units))
        together = truth.together
        own = customers if audience == "customers" else together * customers + np.sqrt(1 - together**2) * others
        mood = self._stream("mood").standard_normal(len(people.units))
        self.common: Numbers = truth.branch[audience] * own[people.units] + truth.general * mood

    def codes(self, column: Column) -> Any:
        """Codes (Int64) that the people give in one column, some "not applicable", some blank."""
        scale, face = column.scale, column.face
        if column.item.key in self.truth.verbatims:
            return self._words(column.item.key)
        if scale is None or face is None or not scale.rated:
            what = f"the truth says nothing of `{column.name}`, which the study holds for {self.audience}"
            raise SpecError(what, mend=f"give its shares under `shares: {{{self.audience}: …}}`", code="SIM02")
        key, spread = column.item.key, self.truth.spread[scale.kind]
        moved = shift(self.truth, self.audience, key, face, self.people.groups)
        mu = centre(self.study, self.wave, self.truth, key, face)
        latent = mu + spread * (moved + self._latent(key, face))
        codes = np.clip(np.floor(latent + 0.5), scale.low, scale.high).astype(np.int64)
        if scale.reversed:
            codes = np.int64(scale.low + scale.high) - codes
        luck = self._stream(column.name, "missing").random(len(codes))
        blank = luck < self.truth.blank
        if "na" in scale.missing:
            codes[luck > 1 - self.truth.faces[key, face].na] = scale.missing["na"]
        return pd.arrays.IntegerArray(codes, blank)

    def _words(self, item: str) -> Any:
        """What the people write in an open question: most of them nothing."""
        rate, texts = self.truth.verbatims[item]
        rng = self._stream(item, "words")
        size = len(self.common)
        chosen = np.array(texts, dtype=object)[rng.integers(len(texts), size=size)]
        chosen[rng.random(size) >= rate] = None
        return pd.array(chosen, dtype="str")

    def _latent(self, item: str, face: str) -> Numbers:
        """Opinion on one face of one item around its cell's mean: n draws with variance one over units and people."""
        if (item, face) not in self.made:
            weights = weights_of(self.truth, self.audience, item, face)
            own = self._stream(item, face).standard_normal(len(self.common))
            if weights:
                size, explained = outcome_scale(self.truth, self.audience, weights), self.truth.explained
                drivers = sum(weight * self._latent(driver, face) for driver, weight in weights.items())
                self.made[item, face] = np.asarray(drivers / size + np.sqrt(1 - explained) * own, dtype=float)
            else:
                self.made[item, face] = self.common + specific(self.truth, self.audience) * own
        return self.made[item, face]

    def _stream(self, *names: str) -> np.random.Generator:
        return _stream(self.seed, self.wave, self.audience, *names)


def _stream(seed: int, *names: str) -> np.random.Generator:
    """Random numbers that belong to one purpose, named by words."""
    return np.random.default_rng([seed, *(crc32(name.encode()) for name in names)])
