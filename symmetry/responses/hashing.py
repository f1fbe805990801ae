"""Two fingerprints of a table: what it says, and the bytes it lies in.

The content hash is the identity of answers: SHA-256 over a canonical form that no file format, package version, row
order or column order touches.  For each column by name: its name and type, which cells are there, and their values
(whole numbers and floats as 8 little-endian bytes, absent ones as 0; texts as UTF-8 after their length).  Rows follow
the respondent's id.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["canonical_json", "content_hash", "sha256"]


def content_hash(table: pd.DataFrame) -> str:
    """Fingerprint of what a table of answers says.

    Parameters
    ----------
    table : n rows with a column `respondent` of distinct texts; columns of Int64, float or str.

    Returns
    -------
    64 hexadecimal digits; the same for the same answers in another order of rows or columns.

    Examples
    --------
    >>> answers = pd.DataFrame({"respondent": ["a", "b"], "x": [1.5, None]})
    >>> content_hash(answers) == content_hash(answers[::-1])
    True
    """
    ordered = table.iloc[np.argsort(table["respondent"].to_numpy(dtype=object), kind="stable")]
    digest = hashlib.sha256(f"symmetry answers 1\n{len(ordered)}\n".encode())
    for name in sorted(ordered.columns):
        kind, present, values = _canonical(ordered[name])
        digest.update(f"{len(name.encode())} {name} {kind}\n".encode())
        digest.update(np.packbits(present).tobytes())
        digest.update(values)
    return digest.hexdigest()


def sha256(content: bytes) -> str:
    """Fingerprint of bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def canonical_json(value: Any) -> bytes:
    """Plain data as the one JSON we write: UTF-8, keys as given, one a line, a line break at the end."""
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _canonical(cells: pd.Series[Any]) -> tuple[str, np.ndarray[Any, Any], bytes]:
    """Type, presence and bytes of one column."""
    present = cells.notna().to_numpy(dtype=bool)
    if pd.api.types.is_integer_dtype(cells.dtype):
        return "whole", present, cells.fillna(0).to_numpy(dtype="<i8").tobytes()
    if pd.api.types.is_float_dtype(cells.dtype):
        values = cells.fillna(0.0).to_numpy(dtype="<f8") + 0.0
        return "float", present, values.tobytes()
    texts = [text.encode() for text in cells.fillna("")]
    lengths = np.array([len(text) for text in texts], dtype="<i8").tobytes()
    return "text", present, lengths + b"".join(texts)
