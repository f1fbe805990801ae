"""Answers with everything that is hard to carry, frozen once: every kind of scale with reasons, hard words, line breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from symmetry.fieldwork import Column, Intake, columns_of
from symmetry.responses import Responses, freeze
from symmetry.spec import Study
from tests.spec.exchange.cases import hard_study, people

__all__ = ["AUDIENCE", "KEY", "WAVE", "freeze_answers", "hard_answers", "study_of_answers"]

WAVE, AUDIENCE = "cold-2027", "customers"
KEY = f"{WAVE}/{AUDIENCE}"
WORDS = 'Œuf, "ça" 😀; =1+1\nsecond line\r\n\u2028third'
DTYPES = {"code": "Int64", "share": "float64", "number": "float64"}


def study_of_answers() -> Study:
    """The hard study with its wave, which asks customers alone."""
    from dataclasses import replace

    study = hard_study()
    wave = replace(study.waves[WAVE], audiences=(AUDIENCE,))
    return replace(study, waves={**study.waves, WAVE: wave})


def hard_answers() -> pd.DataFrame:
    """Three hundred people, in the columns of the study; some texts have line breaks, quotes and signs of every plane."""
    answers = people()
    cells: dict[str, Any] = {"respondent": pd.array([f"p{number:03d}" for number in range(len(answers))], dtype="str")}
    for column in columns_of(study_of_answers(), WAVE, AUDIENCE):
        given = [_cell(column, person.get(column.name)) for person in answers]
        if column.name in ("comment", "word"):
            given[:3] = [WORDS, "x" * 290, "Été"]
        cells[column.name] = pd.array(given, dtype=DTYPES.get(column.kind, "str"))
    return pd.DataFrame(cells)


def freeze_answers(folder: Path, answers: pd.DataFrame | None = None) -> Responses:
    """The hard answers, frozen."""
    log = pd.DataFrame([("kept", "", 300, "")], columns=["measure", "item", "n", "note"])
    given = hard_answers() if answers is None else answers
    return freeze([Intake(WAVE, AUDIENCE, given, False, "hard", log)], study_of_answers(), folder)


def _cell(column: Column, answer: Any) -> Any:
    """One cell as the data hold it: keys between spaces, numbers as they are, else text."""
    if answer is None:
        return None
    if isinstance(answer, list):
        order = [*column.categories]
        return " ".join(sorted(answer, key=order.index))
    return answer if column.kind in DTYPES else str(answer)
