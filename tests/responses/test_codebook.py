from __future__ import annotations

from symmetry.responses import codebook_of
from tests.studies import tiny_study


def test_the_codebook_reads_the_answers_without_the_study() -> None:
    """Each column has its item, face, role and kind, and its scale or categories."""
    book = codebook_of(tiny_study(), [("hot", "customers")])
    assert book["study"] == "tiny"
    columns = book["tables"]["hot/customers"]
    assert list(columns) == ["region", "channel", "branch", "recommend", "listened"]
    assert columns["region"] == {
        "item": "region", "face": None, "role": "frame", "kind": "category", "values": ["north", "south"],
    }  # fmt: skip
    assert columns["listened"]["face"] == "customer"
    assert columns["listened"]["scale"] == {
        "type": "likert",
        "low": 1,
        "high": 5,
        "reversed": False,
        "missing": {"na": 0},
    }
