"""Write once: answers, codebook and manifest go aside, and the whole folder is renamed into place.

Same answers, same bytes.  Whatever stops the writing (a fault, Ctrl-C, a full disk) leaves the old folder as it was
and nothing half-made beside it.  A folder that is not ours is never replaced.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet

from symmetry.aside import replacing
from symmetry.errors import DataError, Place, Problem
from symmetry.fieldwork import Intake
from symmetry.responses.codebook import arrow_types, codebook_of, misfits
from symmetry.responses.hashing import canonical_json, content_hash, sha256
from symmetry.responses.nouns import Responses
from symmetry.spec import Study

__all__ = ["freeze", "sealed"]


def freeze(intakes: Iterable[Intake], study: Study, folder: Path) -> Responses:
    """Freeze answers into a folder, replacing earlier responses there as a whole.

    Parameters
    ----------
    intakes : one for each audience of each wave to be kept.
    study : the study that asked; its codebook is frozen with the answers.
    folder : where to; missing, empty, or holding responses frozen before.

    Returns
    -------
    Responses, rows in the order of the respondents' ids.

    Raises
    ------
    DataError : an audience that a wave asks is absent or given twice, columns do not fit the codebook, a respondent
        stands twice, the folder holds something else, or the disk refuses.
    """
    given = list(intakes)
    _check_audiences(given, study)
    codebook = codebook_of(study, [(intake.wave, intake.audience) for intake in given])
    answers = {(intake.wave, intake.audience): _ordered(intake, codebook, study) for intake in given}
    named = {f"{wave}/{audience}": table for (wave, audience), table in answers.items()}
    files = {f"{key}.parquet": _parquet(table, codebook["tables"][key]) for key, table in named.items()}
    files["codebook.json"] = canonical_json(codebook)
    manifest = _manifest(given, answers, files, study)
    files["manifest.json"] = canonical_json(manifest)
    _write(folder, files)
    return Responses(answers, codebook, manifest, folder)


def sealed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Put under a manifest the fingerprint of all the rest of it."""
    rest = {name: value for name, value in manifest.items() if name != "seal"}
    return rest | {"seal": sha256(canonical_json(rest))}


def _check_audiences(intakes: list[Intake], study: Study) -> None:
    """Check that every audience of every wave that was given is there, once."""
    keys = [(intake.wave, intake.audience) for intake in intakes]
    if not keys:
        raise DataError("there are no answers to freeze", mend="import or simulate some first", code="RES01")
    problems = [
        Problem(None, f"answers of {audience} in wave `{wave}` were given twice", "give them once", "RES02")
        for wave, audience in sorted({key for key in keys if keys.count(key) > 1})
    ]
    for wave in dict.fromkeys(wave for wave, _ in keys):
        declared = study.waves[wave].audiences if wave in study.waves else ()
        for audience in declared:
            if (wave, audience) not in keys:
                what = f"wave `{wave}` declares {audience}, and their answers were not given"
                mend = f"add their file to the plan under `data: {wave}: {audience}`, or take them out of the wave"
                problems.append(Problem(Place(study.path), what, mend, "RES03"))
    if problems:
        raise DataError(problems)


def _ordered(intake: Intake, codebook: dict[str, Any], study: Study) -> pd.DataFrame:
    """Order rows by respondent and columns as in the codebook, each with the type in which it is stored."""
    key = f"{intake.wave}/{intake.audience}"
    problems = misfits(study.path, key, intake.answers.columns, codebook)
    if problems:
        raise DataError(problems)
    people = intake.answers["respondent"]
    twice = people[people.duplicated()]
    if len(twice) or people.isna().any():
        who = f"respondent {twice.iloc[0]} stands twice" if len(twice) else "a respondent has no id"
        raise DataError(f"{key}: {who}", mend="keep one row a person", code="RES04")
    dtypes = {"string": "str", "int64": "Int64", "double": "float64"}
    types = arrow_types(codebook["tables"][key])
    order = np.argsort(people.to_numpy(dtype=object), kind="stable")
    table = intake.answers.iloc[order][list(types)].reset_index(drop=True)
    return table.astype({name: dtypes[kind] for name, kind in types.items()})


def _parquet(table: pd.DataFrame, entries: dict[str, Any]) -> bytes:
    """Bytes of a table as Parquet: zstd, no metadata of any program, the same for the same content."""
    types = arrow_types(entries)
    schema = pyarrow.schema([(name, pyarrow.type_for_alias(kind)) for name, kind in types.items()])
    columns = [pyarrow.array(table[name], type=schema.field(name).type, from_pandas=True) for name in types]
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(
        pyarrow.table(columns, schema=schema), buffer, compression="zstd", store_schema=False, version="2.6"
    )
    return buffer.getvalue()


def _manifest(
    intakes: list[Intake], answers: Mapping[tuple[str, str], pd.DataFrame], files: Mapping[str, bytes], study: Study
) -> dict[str, Any]:
    tables = {}
    for intake in intakes:
        key = f"{intake.wave}/{intake.audience}"
        table = answers[intake.wave, intake.audience]
        tables[key] = {
            "rows": len(table),
            "content": content_hash(table),
            "sha256": sha256(files[f"{key}.parquet"]),
            "simulated": intake.simulated,
            "source": intake.source,
            "log": [
                {"measure": str(row.measure), "item": str(row.item), "n": int(row.n), "note": str(row.note)}
                for row in intake.log.itertuples(index=False)
            ],
        }
    study_part = {"key": study.key, "digest": study.digest}
    codebook = sha256(files["codebook.json"])
    return sealed({"symmetry": 1, "holds": "responses", "study": study_part, "codebook": codebook, "tables": tables})


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put the files in place of the old folder; only their owner may open them."""
    try:
        with replacing(folder, holds="responses", mode=0o700) as new:
            for name, content in files.items():
                (new / name).parent.mkdir(parents=True, exist_ok=True)
                (new / name).write_bytes(content)
                (new / name).chmod(0o600)
    except OSError as error:
        what = f"the responses could not be written: {error.strerror or error}"
        mend = "free some room or choose another folder; what was there before is untouched"
        raise DataError(what, where=Place(folder), mend=mend, code="RES06") from error
