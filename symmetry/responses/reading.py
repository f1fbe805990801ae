"""Read frozen answers, and believe nothing that is not verified.

Checked in this order: the manifest (its own seal), the codebook and every file (SHA-256), every table (content hash
and columns), and the study (the same one, with the same items on the same scales).
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow
import pyarrow.parquet

from symmetry.errors import DataError, Place, Problem
from symmetry.responses.codebook import arrow_types, codebook_of, differences, misfits
from symmetry.responses.freezing import sealed
from symmetry.responses.hashing import canonical_json, content_hash, sha256
from symmetry.responses.nouns import Responses
from symmetry.spec import Study

__all__ = ["read"]

_AGAIN = "freeze the answers again from their source"
_DTYPES = {"string": "str", "int64": "Int64", "double": "float64"}


def read(folder: Path, study: Study) -> Responses:
    """Read and verify frozen answers.

    Parameters
    ----------
    folder : where `freeze` wrote them.
    study : the study they answer.

    Returns
    -------
    Responses, equal to what `freeze` returned.

    Raises
    ------
    DataError : a file is missing, empty or changed by as little as a byte; the answers belong to another study; an
        item is in the answers and not in the codebook or the study, or the other way round.
    """
    manifest = _manifest(folder)
    if manifest["study"]["key"] != study.key:
        what = f"these are answers to study `{manifest['study']['key']}`, not to `{study.key}`"
        raise DataError(what, where=Place(folder / "manifest.json"), mend="name the folder of this study", code="RES20")
    codebook = json.loads(_verified(folder / "codebook.json", manifest["codebook"]))
    keys = [tuple(key.split("/")) for key in manifest["tables"]]
    gone = [wave for wave, _ in keys if wave not in study.waves]
    if gone:
        what = f"the answers are of wave `{gone[0]}`, which the study does not have"
        raise DataError(
            what, where=Place(folder / "manifest.json"), mend=f"its waves: {', '.join(study.waves)}", code="RES21"
        )
    answers = {(wave, audience): _table(folder, f"{wave}/{audience}", manifest, codebook) for wave, audience in keys}
    problems = differences(folder / "codebook.json", codebook, codebook_of(study, answers))
    if problems:
        raise DataError(problems)
    return Responses(answers, codebook, manifest, folder)


def _manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest and check that not a byte of it was changed."""
    path = folder / "manifest.json"
    content = _bytes(path)
    try:
        manifest = json.loads(content)
    except ValueError as error:
        raise DataError(f"is not JSON: {error}", where=Place(path), mend=_AGAIN, code="RES22") from error
    if not isinstance(manifest, dict) or "symmetry" not in manifest or manifest.get("holds") != "responses":
        raise DataError("is no manifest of frozen responses", where=Place(path), mend="name their folder", code="RES22")
    if canonical_json(sealed(manifest)) != content:
        raise DataError(
            "was changed after it was written: its seal is broken", where=Place(path), mend=_AGAIN, code="RES23"
        )
    return manifest


def _table(folder: Path, key: str, manifest: dict[str, Any], codebook: dict[str, Any]) -> pd.DataFrame:
    """Read one table: its bytes, then its columns, then what it says."""
    path = folder / f"{key}.parquet"
    content = _verified(path, manifest["tables"][key]["sha256"])
    try:
        table = pyarrow.parquet.read_table(io.BytesIO(content))
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"is not Parquet: {error}", where=Place(path), mend=_AGAIN, code="RES24") from error
    problems: list[Problem] = misfits(path, key, table.column_names, codebook)
    if problems:
        raise DataError(problems)
    types = arrow_types(codebook["tables"][key])
    try:
        cells = {name: table.column(name).cast(pyarrow.type_for_alias(kind)) for name, kind in types.items()}
    except pyarrow.ArrowException as error:
        what = f"holds a column of another type than its codebook says: {error}"
        raise DataError(what, where=Place(path), mend=_AGAIN, code="RES29") from error
    frame = pd.DataFrame({name: _cells(cells[name], kind) for name, kind in types.items()})
    if content_hash(frame) != manifest["tables"][key]["content"]:
        raise DataError("says other things than its manifest vouches for", where=Place(path), mend=_AGAIN, code="RES25")
    return frame


def _cells(column: Any, kind: str) -> Any:
    """Cells of an Arrow column in the type they had when frozen."""
    if kind == "int64":
        absent = column.is_null().to_numpy(zero_copy_only=False)
        return pd.arrays.IntegerArray(column.fill_null(0).to_numpy(), absent)
    return pd.Series(column.to_pandas(), dtype=_DTYPES[kind])


def _verified(path: Path, expected: str) -> bytes:
    content = _bytes(path)
    if sha256(content) != expected:
        what = "was changed after it was frozen: its SHA-256 is not that of the manifest"
        raise DataError(what, where=Place(path), mend=_AGAIN, code="RES26")
    return content


def _bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        what = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise DataError(what, where=Place(path), mend=_AGAIN, code="RES27") from error
    if not content:
        raise DataError("is empty", where=Place(path), mend=_AGAIN, code="RES28")
    return content
