"""The nouns of the field: who is drawn, answers as they came in, and the known truth that simulated answers come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FaceTruth", "FieldTruth", "Intake", "Sample", "Truth"]


@dataclass(frozen=True)
class Intake:
    """The answers of one audience in one wave, checked against the study and not yet frozen.

    Attributes
    ----------
    wave, audience : keys of the study.
    answers : one row a respondent: `respondent` (text, never twice the same), then the columns of `columns_of`.  Codes
        are whole numbers (Int64) with the scale's missing codes kept; shares and numbers are floats; categories and
        texts are `str`.  An empty cell means "not asked or not answered".
    simulated : whether a computer made the answers up.
    source : file name and SHA-256, or "simulated" with its seed.
    log : `measure, item, n, note`, what became of every row (`read`, `set aside`, `kept`; or `invited`, `returned`)
        and of every cell (`answered`, `blank`, one measure for each missing reason such as `na`; `unknown` of a frame
        item).
    """

    wave: str
    audience: str
    answers: pd.DataFrame
    simulated: bool
    source: str
    log: pd.DataFrame


@dataclass(frozen=True)
class Sample:
    """Who was drawn for one audience of one wave, and with what probability every unit of the frame could have been.

    Attributes
    ----------
    study, wave, audience : keys; the study's digest is in `manifest`.
    units : one row a unit of the frame, in the order of `person`: `person` (text, never twice the same), `contact` (text, who is
        written to; the same as `person` but where interactions are drawn), `stratum` and `psu` (text, "" without),
        `probability` (that it was drawn, over every step and contact rule, 0 where it could not be), `given` (the same for
        this draw alone, of whoever is free; told of those at rest too), `drawn` (bool), `reason` (why it could not be drawn:
        "resting", "most a year", "another interaction", "another event", or ""), `elsewhere` (contacts made elsewhere in the
        year before, -1 where one of them keeps it out), then one column for each frame item of the audience that the frame
        holds.
    manifest : seed, frame's file name and SHA-256, sizes by stratum, what was checked and counted, as plain data.
    """

    study: str
    wave: str
    audience: str
    units: pd.DataFrame
    manifest: Mapping[str, object]


@dataclass(frozen=True)
class FaceTruth:
    """What is true of one face of one item in the whole population.

    Attributes
    ----------
    level : population value in the unit of its statistic: mean code for likert, csat and ces; NPS (−100..100) for nps.
    na : probability of answering "not applicable", between 0 and 1, whatever the opinion.
    shifts : variable → category → shift of the latent opinion, in its standard deviations within a cell.
    """

    level: float
    na: float = 0.0
    shifts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class FieldTruth:
    """How one audience takes part in one wave.

    Attributes
    ----------
    rate : probability that an invited person answers.
    factors : variable → category → what multiplies that probability.
    moved : item → how much higher its level stands in this wave than in `Truth.faces` (same unit).
    """

    rate: float
    factors: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    moved: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Truth:
    """A population whose opinions are known, so that what the analysis finds can be compared with what was planted.

    Attributes
    ----------
    path, study, digest : the file, the key of the study it belongs to, and the SHA-256 of the file.
    unit, region : frame items that hold the unit's id and the region in which it lies.
    payroll : region → number of employees of each of its units.
    customers : region → share of all customers (sums to 1); inside a region a unit's customers are as its payroll.
    shares : audience → item → category → share, for whatever else is known about people; independent of the region.
    general : loading of a person's general mood on every answer.
    branch : audience → loading of what the people of one unit share.
    together : correlation, over units, of what customers and employees of a unit share.
    explained : share of an outcome's latent variance that its drivers explain.
    blank : probability that a question is left unanswered.
    spread : scale kind → standard deviation of the latent opinion, in codes.
    verbatims : open question → share of people who write something, and what there is to be written.
    faces : (item, face) → its truth, for every face the study declares.
    drivers : audience → outcome → driver → weight.
    field : (wave, audience) → how they take part.
    """

    path: Path
    study: str
    digest: str
    unit: str
    region: str
    payroll: Mapping[str, tuple[int, ...]]
    customers: Mapping[str, float]
    shares: Mapping[str, Mapping[str, Mapping[str, float]]]
    general: float
    branch: Mapping[str, float]
    together: float
    explained: float
    blank: float
    spread: Mapping[str, float]
    faces: Mapping[tuple[str, str], FaceTruth]
    verbatims: Mapping[str, tuple[float, tuple[str, ...]]]
    drivers: Mapping[str, Mapping[str, Mapping[str, float]]]
    field: Mapping[tuple[str, str], FieldTruth]
