"""Several audiences in one design, so that differences between them carry the covariance of those who live together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from symmetry.design.nouns import Design, Layout
from symmetry.errors import DesignError

__all__ = ["stack"]


def stack(designs: Mapping[str, Design], *, units: Literal["shared", "apart"] = "shared") -> Design:
    """Stack the designs of several audiences into one.

    Parameters
    ----------
    designs : audience → its design; lonely_psu must agree.
    units : "shared": a psu with the same stratum and label in two audiences is one psu (a branch and its customers), which is
        right where units are sampled or stand for a process; "apart": the audiences share nothing, strata are audience × stratum,
        which is right where all units are surveyed and persons are psus.  A design without psu column shares nothing.

    Returns
    -------
    Design whose frame has the rows of all audiences and a column `audience`; columns an audience lacks are missing there.

    Raises
    ------
    DesignError : a shared psu lies in different strata, fpc differ for a shared stratum, or lonely-psu rules differ.

    Examples
    --------
    >>> customers = Design(pd.DataFrame({"branch": [1, 2, 3], "trust": [4, 3, 5]}), psu="branch")
    >>> employees = Design(pd.DataFrame({"branch": [1, 2, 3], "trust": [3, 3, 4]}), psu="branch")
    >>> stack({"customers": customers, "employees": employees})
    Design: 6 rows, 3 psus in 1 stratum; psu `branch`; customers and employees
    """
    names, parts = tuple(designs), list(designs.values())
    if len({part.lonely_psu for part in parts}) > 1:
        raise DesignError("the audiences have different lonely-psu rules", mend="give every design the same lonely_psu")
    frames = [part.data.assign(audience=name) for name, part in designs.items()]
    keys = [_keys(name, part, units) for name, part in designs.items()]
    psus = pd.MultiIndex.from_tuples([key for part in keys for key in part])
    codes, unique = pd.factorize(psus)
    labels = unique.to_frame(index=False)
    strata, names_of_strata = pd.factorize(labels[0])
    _no_psu_in_two_strata(labels)
    offsets = np.cumsum([0, *(len(part) for part in keys)])
    rows = [codes[offsets[k] : offsets[k + 1]][part.layout.psu] for k, part in enumerate(parts)]
    calibration, starting = _calibration(parts)
    layout = Layout(
        weight=np.concatenate([part.layout.weight for part in parts]),
        psu=np.concatenate(rows),
        stratum=strata,
        psus=labels[1].to_numpy(object),
        strata=np.asarray(names_of_strata, dtype=object),
        population=_populations(parts, keys, np.asarray(names_of_strata, dtype=object)),
        part=np.repeat(np.arange(len(parts)), [len(frame) for frame in frames]),
        parts=names,
        calibration=calibration,
        starting=starting,
    )
    common = {
        role: (values.pop() if len(values := {getattr(part, role) for part in parts}) == 1 else None)
        for role in ("weight", "stratum", "psu", "fpc")
    }
    for frame in frames:
        frame.attrs.clear()
    data = pd.concat(frames, ignore_index=True)
    return Design(data, **common, lonely_psu=parts[0].lonely_psu, given=layout)


def _keys(name: str, part: Design, units: str) -> list[tuple[object, object]]:
    """Give (stratum, psu) for each psu of a part; what is not shared carries the audience's name."""
    layout = part.layout
    own = units == "apart" or part.psu is None
    strata = [(name, label) if own else label for label in layout.strata[layout.stratum]]
    psus = [(name, label) if own else label for label in layout.psus]
    return list(zip(strata, psus, strict=True))


def _no_psu_in_two_strata(labels: pd.DataFrame) -> None:
    """Refuse a shared psu that the audiences place in different strata."""
    twice = labels[1].duplicated(keep=False)
    if not twice.any():
        return
    label = labels.loc[twice, 1].iloc[0]
    where = sorted(str(value) for value in labels.loc[labels[1] == label, 0])
    raise DesignError(
        f"psu {str(label)!r} lies in several strata: {', '.join(where)}",
        mend='give a unit one stratum in every audience, or stack with units="apart"',
    )


def _populations(parts: list[Design], keys: list[list[tuple[object, object]]], strata: np.ndarray) -> np.ndarray:
    """Give the population of psus of each stacked stratum, which the audiences must agree on."""
    found: dict[object, float] = {}
    for part, own in zip(parts, keys, strict=True):
        for (stratum, _), size in zip(own, part.layout.population[part.layout.stratum], strict=True):
            if found.setdefault(stratum, size) != size:
                raise DesignError(
                    f"stratum {stratum!r} has {found[stratum]:g} psus for one audience and {size:g} for another",
                    mend='give a shared stratum one fpc, or stack with units="apart"',
                )
    return np.array([found[label] for label in strata])


def _calibration(parts: list[Design]) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Set the calibration columns of the parts side by side, each audience in its own block (zeros elsewhere)."""
    if all(part.layout.calibration is None for part in parts):
        return None, None
    blocks = [part.layout.calibration for part in parts]
    width = sum(block.shape[1] for block in blocks if block is not None)
    height = sum(len(part.data) for part in parts)
    columns, starting = np.zeros((height, width)), np.concatenate([part.layout.weight for part in parts])
    row = column = 0
    for part, block in zip(parts, blocks, strict=True):
        below = row + len(part.data)
        if block is not None and part.layout.starting is not None:
            columns[row:below, column : column + block.shape[1]] = block
            starting[row:below] = part.layout.starting
            column += block.shape[1]
        row = below
    return columns, starting
