"""Answers as Parquet: the very cells that were frozen, and the words of each column in its Arrow metadata.

The metadata stand under `symmetry`, as JSON: of each field (Arrow readers) and of the file as a whole (everybody else).
"""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow
import pyarrow.parquet

from symmetry.responses.codebook import arrow_types
from symmetry.responses.exporting.nouns import Table

__all__ = ["write_parquet"]


def write_parquet(table: Table, folder: Path) -> tuple[str, ...]:
    """Write the answers with their words; nothing is lost to a reader that looks at the metadata."""
    types = arrow_types({column.name: {"kind": column.column.kind} for column in table.columns})
    words = {column.name: column.as_data() for column in table.columns}
    fields = [
        pyarrow.field(name, pyarrow.type_for_alias(kind), metadata=_json(words[name]) if name in words else None)
        for name, kind in types.items()
    ]
    head: dict[str, object] = {
        "study": table.study.key,
        "wave": table.wave,
        "audience": table.audience,
        "language": table.language,
    }
    head |= {"content": table.content, "simulated": table.simulated}
    schema = pyarrow.schema(fields, metadata=_json({**head, "columns": words}))
    arrays = [pyarrow.array(table.answers[name], type=schema.field(name).type, from_pandas=True) for name in types]
    path = folder / f"{table.wave}.{table.audience}.parquet"
    pyarrow.parquet.write_table(pyarrow.table(arrays, schema=schema), path, compression="zstd", version="2.6")
    return (
        "Labels and missing codes are metadata, under the key `symmetry`: a program that asks for none shows codes.",
    )


def _json(data: object) -> dict[bytes, bytes]:
    """Plain data under our key."""
    return {b"symmetry": json.dumps(data, ensure_ascii=False).encode()}
