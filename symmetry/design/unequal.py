"""From a design's columns to its quadratic form: probabilities of units, and what is known of pairs of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from symmetry.design.forms import Form
from symmetry.design.probability import HartleyRao, Pps, brewer, hartley_rao, joint_probabilities, overton, poisson
from symmetry.errors import DesignError

if TYPE_CHECKING:
    from symmetry.design.nouns import Design

__all__ = ["form_of"]

KNOWN = ("brewer", "overton", "hartley_rao", "poisson")


def form_of(
    design: Design, probability: np.ndarray, unit: np.ndarray, stratum: np.ndarray, *, pps: Pps | None = None
) -> Form:
    """Quadratic form of a design with joint inclusion probabilities.

    Parameters
    ----------
    probability, unit : (n,) inclusion probability, and number of the psu, of each row.
    stratum : (P,) number of the stratum of each psu.
    pps : formula, in the place of the design's own.

    Raises
    ------
    DesignError : fpc beside joint probabilities; a probability varies inside a psu; an unknown name; what `probability` refuses
        of a matrix.
    """
    joint = design.joint
    if isinstance(joint, str) and joint not in KNOWN:
        raise DesignError(f"joint={joint!r} is unknown", mend=f"one of {KNOWN}, HartleyRao(squares=…), or a matrix")
    if design.pps not in get_args(Pps):
        raise DesignError(f"pps={design.pps!r} is unknown", mend=f"one of {get_args(Pps)}")
    if design.fpc is not None:
        raise DesignError(
            "joint probabilities and fpc are two accounts of the same draw",
            mend="give probability= and joint=, or fpc= alone",
        )
    probability, first_row = _of_units(probability, unit, len(stratum))
    formula, rule = pps or design.pps, design.lonely_psu
    if isinstance(joint, HartleyRao):
        squares = np.atleast_1d(np.asarray(joint.squares, float))
        return hartley_rao(probability, stratum, squares=squares, pps=formula, lonely_psu=rule)
    if not isinstance(joint, str):
        place = np.empty(len(stratum), int)
        place[np.argsort(first_row)] = np.arange(len(stratum))
        ordered = np.empty_like(probability)
        ordered[place] = probability
        return joint_probabilities(np.asarray(joint, float), ordered, pps=formula).take(place)
    if joint == "poisson":
        return poisson(probability)
    if joint == "brewer":
        return brewer(probability, stratum, lonely_psu=rule)
    approximate = overton if joint == "overton" else hartley_rao
    return approximate(probability, stratum, pps=formula, lonely_psu=rule)


def _of_units(values: np.ndarray, unit: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Probability of each psu (P,), the same on all its rows, and its first row."""
    first_row = np.empty(size, int)
    first_row[unit[::-1]] = np.arange(len(unit))[::-1]
    own = values[first_row]
    if (uneven := values != own[unit]).any():
        row = int(np.argmax(uneven))
        raise DesignError(
            f"the probability is {values[row]:g} on row {row + 1} and {own[unit[row]]:g} on another row of its psu",
            mend="joint probabilities are those of psus: give each psu its own probability on all its rows",
        )
    return own, first_row
