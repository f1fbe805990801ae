"""Codes to scores: what the statistics work on.

A missing code ("na", "dk"…) becomes an empty cell; a reversed scale, or a face worded the other way round, is turned
over, low + high − x, so that high is always favourable; a published percentage becomes a share between 0 and 1.  NPS
keeps its 0..10: classes are made where it is estimated.  Choices, days and texts keep their words.
"""

from __future__ import annotations

from difflib import get_close_matches

import pandas as pd

from symmetry.errors import DataError
from symmetry.fieldwork import columns_of
from symmetry.responses.nouns import Responses
from symmetry.spec import Study

__all__ = ["score"]


def score(responses: Responses, wave: str, audience: str, study: Study) -> pd.DataFrame:
    """Turn the frozen codes of one audience in one wave into scores.

    Parameters
    ----------
    responses : frozen answers of the study.
    wave, audience : which table.
    study : for the scales.

    Returns
    -------
    One row a respondent: `respondent`, frame items as text or float, and one float column for each face, absent
    answers as NaN.

    Raises
    ------
    DataError : there are no answers of this audience in this wave.
    """
    if (wave, audience) not in responses.answers:
        have = [f"{audience} in {wave}" for wave, audience in responses.answers]
        near = get_close_matches(wave, [key for key, _ in responses.answers], 1)
        hint = f"did you mean wave `{near[0]}`? " if near and near[0] != wave else ""
        what = f"there are no answers of {audience} in wave `{wave}`"
        raise DataError(what, mend=f"{hint}the responses hold {'; '.join(have)}", code="RES30")
    answers = responses.answers[wave, audience]
    scored = {"respondent": answers["respondent"]}
    for column in columns_of(study, wave, audience):
        cells, scale = answers[column.name], column.scale
        if scale is None or column.kind not in ("code", "share", "number"):
            scored[column.name] = cells.mask(cells.isin(list(column.missing.values()))) if column.missing else cells
            continue
        scores = cells.astype("Float64").to_numpy(dtype=float, na_value=float("nan"))
        values = pd.Series(scores, index=cells.index)
        values = values.mask(values.isin(list(scale.missing.values())))
        if scale.reversed:
            values = scale.low + scale.high - values
        scored[column.name] = values / 100 if scale.kind == "percent" else values
    return pd.DataFrame(scored)
