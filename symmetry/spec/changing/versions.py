"""A version of a study, wherever it is kept: in its folder, or sealed with a wave that was fielded."""

from __future__ import annotations

from pathlib import Path

from symmetry.spec.changing.sealing import read_seal
from symmetry.spec.checking import load
from symmetry.spec.nouns import Study

__all__ = ["read_version"]


def read_version(path: Path | str) -> Study:
    """A study, or what a sealed wave keeps of it.

    Parameters
    ----------
    path : `study.yaml`, its folder, or a file of `fielded/`.

    Raises
    ------
    SpecError : the study has errors, or the sealed file is damaged (FLD04).
    """
    return read_seal(path).study if Path(path).suffix == ".json" else load(path, fielded=False)
