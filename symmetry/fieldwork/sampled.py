"""Samples on disk: a folder with every unit of the frame and a manifest, written whole, believed only when verified.

Same sample, same bytes.  `content` of the manifest is the identity of a sample: SHA-256 over what its table says, which no file
format touches; `sha256` is that of the Parquet file, `seal` that of the rest of the manifest.  Only the owner may open them.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from symmetry.aside import replacing
from symmetry.errors import DataError, Place
from symmetry.fieldwork.nouns import Sample
from symmetry.spec import Study

__all__ = ["content_of", "read_sample", "write_sample"]

_AGAIN = "draw the sample again: the same seed and frame give the same one"
_KINDS = {"b": "bool", "i": "int64", "f": "double"}


def content_of(units: pd.DataFrame) -> str:
    """Fingerprint of what the table of a sample says.

    Parameters
    ----------
    units : the rows of a sample, in their order; columns of texts, numbers and truth values.

    Returns
    -------
    64 hexadecimal digits; for each column its name, its type, which cells are there, and their values: numbers as 8 little-endian
    bytes (absent ones as 0), texts as UTF-8 after their lengths.
    """
    import pyarrow
    import pyarrow.compute

    digest = hashlib.sha256(f"symmetry sample 1\n{len(units)}\n".encode())
    for name, cells in units.items():
        present = cells.notna().to_numpy(dtype=bool)
        kind = _KINDS.get(cells.dtype.kind, "string")
        digest.update(f"{len(str(name).encode())} {name} {kind}\n".encode() + np.packbits(present).tobytes())
        if kind == "string":
            texts = pyarrow.array(cells.fillna("").to_numpy(dtype=object), type=pyarrow.large_string())
            lengths = pyarrow.compute.binary_length(texts).to_numpy(zero_copy_only=False)
            digest.update(lengths.astype("<i8").tobytes() + "".join(texts.to_pylist()).encode())
        else:
            values = cells.fillna(0).to_numpy(dtype="<f8" if kind == "double" else "<i8")
            digest.update((values + 0).tobytes())
    return digest.hexdigest()


def write_sample(sample: Sample, folder: Path) -> None:
    """Write a sample into a folder of its own, in place of an earlier one.

    Parameters
    ----------
    sample : to write.
    folder : missing, empty, or holding a sample.

    Raises
    ------
    DataError : the folder holds something else, or the disk refuses; what was there stays as it was.
    """
    table = _parquet(sample.units)
    manifest = _sealed(dict(sample.manifest) | {"sha256": hashlib.sha256(table).hexdigest()})
    try:
        with replacing(folder, holds="sample", mode=0o700) as new:
            for name, content in (("units.parquet", table), ("manifest.json", _json(manifest))):
                (new / name).touch(mode=0o600)
                (new / name).write_bytes(content)
    except OSError as error:
        what = f"the sample could not be written: {error.strerror or error}"
        mend = "free some room or choose another folder; what was there before is untouched"
        raise DataError(what, where=Place(folder), mend=mend, code="SMP01") from error


def read_sample(folder: Path, study: Study) -> Sample:
    """Read a sample and verify every byte of it.

    Parameters
    ----------
    folder : where `write_sample` wrote it.
    study : the study it was drawn for.

    Returns
    -------
    Sample, equal to the one that was written.

    Raises
    ------
    DataError : a file is missing or changed by as little as a byte; the sample is of another study, or of a wave or an audience
        that the study does not have.
    """
    path = folder / "manifest.json"
    manifest = _manifest(path)
    if manifest["study"]["key"] != study.key:
        what = f"this is a sample for study `{manifest['study']['key']}`, not for `{study.key}`"
        raise DataError(what, where=Place(path), mend="name a sample of this study", code="SMP02")
    wave, audience = manifest["wave"], manifest["audience"]
    if wave not in study.waves or audience not in study.waves[wave].audiences:
        what = f"the study has no wave `{wave}` that asks {audience}"
        raise DataError(what, where=Place(path), mend=f"its waves: {', '.join(study.waves)}", code="SMP03")
    file = folder / "units.parquet"
    content = _bytes(file)
    if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
        raise DataError("was changed after it was written", where=Place(file), mend=_AGAIN, code="SMP05")
    units = _table(content)
    if content_of(units) != manifest["content"]:
        raise DataError("says other things than its manifest", where=Place(file), mend=_AGAIN, code="SMP05")
    kept = {name: value for name, value in manifest.items() if name not in ("sha256", "seal")}
    return Sample(study.key, wave, audience, units, kept)


def _manifest(path: Path) -> dict[str, Any]:
    """A manifest whose seal is whole."""
    content = _bytes(path)
    try:
        manifest = json.loads(content)
    except ValueError as error:
        raise DataError(f"is not JSON: {error}", where=Place(path), mend=_AGAIN, code="SMP04") from error
    if not isinstance(manifest, dict) or "symmetry" not in manifest or manifest.get("holds") != "sample":
        raise DataError("is no manifest of a sample", where=Place(path), mend="name the folder of one", code="SMP04")
    if _json(_sealed(manifest)) != content:
        what = "was changed after it was written: its seal is broken"
        raise DataError(what, where=Place(path), mend=_AGAIN, code="SMP05")
    return manifest


def _sealed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest with the fingerprint of all the rest of it at its end."""
    rest = {name: value for name, value in manifest.items() if name != "seal"}
    return rest | {"seal": hashlib.sha256(_json(rest)).hexdigest()}


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _parquet(units: pd.DataFrame) -> bytes:
    """A table as Parquet: zstd, no metadata of any program, the same bytes for the same cells."""
    import pyarrow
    import pyarrow.parquet

    kinds = {str(name): _KINDS.get(cells.dtype.kind, "string") for name, cells in units.items()}
    schema = pyarrow.schema([(name, pyarrow.type_for_alias(kind)) for name, kind in kinds.items()])
    columns = [pyarrow.array(units[name], type=schema.field(name).type, from_pandas=True) for name in kinds]
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(
        pyarrow.table(columns, schema=schema), buffer, compression="zstd", store_schema=False, version="2.6"
    )
    return buffer.getvalue()


def _table(content: bytes) -> pd.DataFrame:
    """The table of a sample, every column in the type in which it was drawn."""
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(io.BytesIO(content))
    columns: dict[str, Any] = {}
    for name in table.column_names:
        text = pyarrow.types.is_string(table.schema.field(name).type)
        cells = table.column(name).to_pandas()
        columns[name] = cells.astype("str") if text else cells
    return pd.DataFrame(columns)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        what = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise DataError(what, where=Place(path), mend="name the folder of a sample", code="SMP06") from error
