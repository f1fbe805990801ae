"""Why cells are empty: a missing code tells its reason, a route tells who was never asked, and the rest is no answer.

Scores alone cannot tell a person who never took the train from one who will not say; what an analysis makes of the two is not the
same.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from symmetry.fieldwork import Column, columns_of
from symmetry.responses.nouns import Responses
from symmetry.responses.scoring import score
from symmetry.spec import Study, route_of

__all__ = ["reasons"]

_WORDS = {"na": "not applicable", "dk": "don't know", "refused": "refused"}


def reasons(responses: Responses, wave: str, audience: str, study: Study) -> pd.DataFrame:
    """Tell why each score of one audience in one wave is absent.

    Parameters
    ----------
    responses : frozen answers of the study.
    wave, audience : which table.
    study : for scales and routes.

    Returns
    -------
    A frame with the rows and columns of `score`, its `respondent` as there.  Elsewhere "" where there is a score; where there is
    none, "not applicable", "don't know" or "refused" if the cell holds the scale's code for it, "not asked" if the item's route
    leaves the person out or the cells of everybody are empty, else "no answer".

    Raises
    ------
    DataError : there are no answers of this audience in this wave.
    """
    scores = score(responses, wave, audience, study)
    answers = responses.answers[wave, audience]
    found = {"respondent": scores["respondent"]}
    for column in columns_of(study, wave, audience):
        told = _reasons(study, audience, column, answers)
        absent = scores[column.name].isna().to_numpy()
        found[column.name] = pd.Series(np.where(absent, told, ""), index=answers.index, dtype=object)
    return pd.DataFrame(found)


def _reasons(study: Study, audience: str, column: Column, answers: pd.DataFrame) -> np.ndarray:
    """Why a cell of a column has no score, if it has none (n,)."""
    cells = answers[column.name]
    told = np.full(len(cells), "no answer", dtype=object)
    for reason, code in column.missing.items():
        told[(cells == code).fillna(False).to_numpy(dtype=bool)] = _WORDS[reason]
    empty = cells.isna().to_numpy()
    if column.asked and empty.all():
        told[:] = "not asked"
    elif column.item.ask_if is not None:
        asked = route_of(study, column.item.key, audience)
        off = np.array([not asked(row) for row in answers.to_dict("records")], dtype=bool)
        told[empty & off] = "not asked"
    return told
