"""Answers for a plan: imported from its files or simulated from its truth, then frozen; and the counts beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from symmetry import fieldwork, responses
from symmetry.analyse.plan import Plan
from symmetry.analyse.results import write_json
from symmetry.aside import replacing
from symmetry.errors import DataError, Place
from symmetry.fieldwork import ColumnRule, Intake, Source, Tabulated
from symmetry.responses import Responses
from symmetry.spec import Study

__all__ = ["collect", "frozen", "read_answers", "take_in", "take_in_counts", "write_answers"]


def take_in(plan: Plan) -> list[Intake]:
    """Import or simulate the answers of every wave and audience of a plan, checked against the codebook.

    Raises
    ------
    DataError : a file does not fit the plan or the codebook, every fault of a file listed; or the plan names frozen answers.
    SpecError : the truth to simulate from is at fault.
    """
    if plan.frozen is not None:
        what = "the plan's answers are frozen already: there is nothing to import"
        raise DataError(what, where=Place(plan.frozen), mend="analyse the plan as it is", code="RES07")
    if plan.truth is not None and plan.seed is not None:
        truth = fieldwork.read_truth(plan.truth, plan.study)
        found: list[Intake] = []
        for wave in plan.waves:
            found.extend(fieldwork.simulate(plan.study, wave, truth, plan.seed).values())
        return found
    return [
        fieldwork.import_answers(plan.study, wave, audience, source)
        for (wave, audience), source in plan.sources.items()
    ]


def collect(plan: Plan, folder: Path) -> Responses:
    """Take in the answers of a plan and freeze them in a folder, which is replaced whole."""
    return responses.freeze(take_in(plan), plan.study, folder)


def frozen(plan: Plan, folder: Path) -> Responses:
    """Read answers frozen earlier and check that they hold every wave and audience of the plan.

    Raises
    ------
    DataError : the folder is not what its manifest says, or a wave or audience of the plan is not in it.
    """
    found = responses.read(folder, plan.study)
    for wave in plan.waves:
        for audience in plan.study.waves[wave].audiences:
            if (wave, audience) not in found.answers:
                have = ", ".join(sorted(f"{w}/{a}" for w, a in found.answers))
                raise DataError(
                    f"{folder}: no answers of {audience} in wave {wave}",
                    mend=f"freeze them too (the folder holds {have}), or take the wave out of the plan",
                )
    return found


def take_in_counts(plan: Plan, answers: Mapping[tuple[str, str], pd.DataFrame]) -> Tabulated | None:
    """Read the counts of answers that a plan names, held against the units of the answers by wave and audience; or None.

    Counts are not frozen with the answers: they are read from their own file, and its SHA-256 goes into the manifest.

    Raises
    ------
    DataError : the file does not fit the plan, or counts a unit that no answer of its wave has; every fault is listed.
    """
    told = plan.tabulated
    if told is None:
        return None
    held = [frame[told.unit] for (wave, _), frame in answers.items() if wave == told.wave and told.unit in frame]
    units = pd.unique(pd.concat(held).dropna()) if held else []
    return fieldwork.read_tabulated(told.source, units=[str(unit) for unit in units])


def write_answers(intakes: Sequence[Intake], study: Study, folder: Path) -> None:
    """Write checked answers as `<wave>/<audience>.csv` in the study's own columns, with a manifest of where they came from."""
    with replacing(folder, holds="answers") as staging:
        tables = {}
        for intake in intakes:
            (staging / intake.wave).mkdir(exist_ok=True)
            intake.answers.to_csv(staging / intake.wave / f"{intake.audience}.csv", index=False, lineterminator="\n")
            log = intake.log.to_dict("records")
            tables[f"{intake.wave}/{intake.audience}"] = {
                "simulated": intake.simulated,
                "source": intake.source,
                "log": [{**line, "n": int(line["n"])} for line in log],
            }
        write_json(staging / "manifest.json", {"symmetry": 1, "holds": "answers", "study": study.key, "tables": tables})


def read_answers(folder: Path, study: Study) -> list[Intake]:
    """Read answers that `write_answers` wrote, or that somebody edited since, and check them again.

    Raises
    ------
    DataError : the folder holds no answers of this study, or a file no longer fits the codebook.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        tables = manifest["tables"] if manifest["holds"] == "answers" else None
    except (OSError, ValueError, KeyError, TypeError):
        tables = None
    if not isinstance(tables, dict):
        raise DataError(f"{folder} does not hold imported answers", mend="make it with `symmetry import PLAN`")
    if manifest["study"] != study.key:
        raise DataError(
            f"{folder} holds answers of study `{manifest['study']}`, not of `{study.key}`", mend="name its own --study"
        )
    found = []
    for key, table in tables.items():
        wave, audience = key.split("/")
        names = [column.name for column in fieldwork.columns_of(study, wave, audience)]
        source = Source(
            folder / wave / f"{audience}.csv", {name: ColumnRule(name) for name in names}, respondent="respondent"
        )
        intake = fieldwork.import_answers(study, wave, audience, source)
        first, again = pd.DataFrame(table["log"]), intake.log
        log = pd.concat([first[first["item"] == ""], again[again["item"] != ""]], ignore_index=True)
        found.append(
            replace(intake, simulated=table["simulated"], source=f"{table['source']}; {intake.source}", log=log)
        )
    return found
