"""truth.yaml to Truth: a closed grammar, checked against the study it belongs to, every fault with its place.

A face that the study declares and the truth gives no level for takes the default of its face and scale kind; where
there is none either, that is a fault, never a silent number.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from symmetry.errors import SpecError
from symmetry.fieldwork.nouns import FaceTruth, FieldTruth, Truth
from symmetry.fieldwork.truth_checks import faults
from symmetry.fieldwork.truth_model import TruthModel, level_of, shifts_of
from symmetry.spec import AUDIENCE_OF, Study, read_yaml, validate

__all__ = ["read_truth"]


def read_truth(path: Path, study: Study) -> Truth:
    """Read the known truth that a study's answers are simulated from.

    Parameters
    ----------
    path : a truth.yaml.
    study : the study it belongs to; every wave and face it declares must find its truth here.

    Returns
    -------
    Truth with a level for every face of the study.

    Raises
    ------
    SpecError : every fault of the file, with file, line and column.
    """
    document = read_yaml(path)
    model, problems = validate(document, TruthModel)
    if model is not None and not problems:
        problems = faults(document, study, model)
    if model is None or problems:
        raise SpecError(problems)
    return _made(path, study, model)


def _made(path: Path, study: Study, model: TruthModel) -> Truth:
    faces = {
        (item.key, face): FaceTruth(
            level_of(model, item, face) or 0.0,
            model.na.get(item.key, model.person.na if "na" in item.scale.missing else 0.0),
            shifts_of(model, item.key, AUDIENCE_OF[face]),
        )
        for item in study.items.values()
        for face in item.faces
        if item.scale is not None and item.rated
    }
    return Truth(
        path=path,
        study=study.key,
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        unit=model.network.unit,
        region=model.network.region,
        payroll={region: tuple(sizes) for region, sizes in model.network.payroll.items()},
        customers=model.network.customers,
        shares=model.shares,
        general=model.person.general,
        branch=model.person.branch,
        together=model.person.together,
        explained=model.person.explained,
        blank=model.person.blank,
        spread=model.spread,
        faces=faces,
        verbatims={key: (each.rate, tuple(each.texts)) for key, each in model.verbatims.items()},
        drivers=model.drivers,
        field={
            (wave, audience): FieldTruth(part.rate, part.factors, part.moved)
            for wave, parts in model.field.items()
            for audience, part in parts.items()
        },
    )
