"""Response rates of AAPOR's Standard Definitions: RR1 to RR6, with the share of the unknown that counts as eligible."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Rates", "rates"]


@dataclass(frozen=True)
class Rates:
    """Response rates of some units; each is None where nobody stands below the line.

    Attributes
    ----------
    rr1, rr2 : complete answers, and complete or partial ones, over everybody who may be eligible.
    rr3, rr4 : the same over the known eligible and a share `e` of the unknown.
    rr5, rr6 : the same over the known eligible alone.
    e : share of the unknown that counts as eligible; None where nothing is known of anybody.
    eligible, not_eligible : the counts that `e` was taken from.
    """

    rr1: float | None
    rr2: float | None
    rr3: float | None
    rr4: float | None
    rr5: float | None
    rr6: float | None
    e: float | None
    eligible: float
    not_eligible: float


def rates(
    complete: float,
    partial: float,
    refusal: float,
    non_contact: float,
    other: float,
    unknown: float,
    unknown_other: float,
    not_eligible: float,
) -> Rates:
    """Response rates from the counts of final dispositions, in the order of the standard: I, P, R, NC, O, UH, UO.

    Parameters
    ----------
    complete, partial : answers.
    refusal, non_contact, other : eligible, without an answer; break-offs are refusals.
    unknown, unknown_other : nobody knows whether they are eligible.
    not_eligible : known not to be; outside every rate, and what `e` is taken from.

    Returns
    -------
    Rates; `e` is the known eligible over the known.  Of counts weighted by one over the probability, they are design-weighted.

    Raises
    ------
    ValueError : a count is below zero, or no number.

    Notes
    -----
    With ``D = I+P+R+NC+O`` and ``U = UH+UO``: RR1 is ``I/(D+U)``, RR3 ``I/(D+eU)``, RR5 ``I/D``; RR2, RR4 and RR6 have ``I+P``
    above the line.

    Examples
    --------
    >>> found = rates(812, 64, 41, 2210, 18, 2700, 155, 120)
    >>> f"{found.e:.4f} {found.rr1:.4f} {found.rr3:.4f} {found.rr5:.4f}"
    '0.9632 0.1353 0.1377 0.2582'
    >>> rates(0, 0, 0, 0, 0, 0, 0, 12).rr1 is None
    True
    """
    counts = (complete, partial, refusal, non_contact, other, unknown, unknown_other, not_eligible)
    if not all(0 <= count < float("inf") for count in counts):
        raise ValueError(f"counts are not below zero: {counts}")
    known, unsure = complete + partial + refusal + non_contact + other, unknown + unknown_other
    e = _share(known, known + not_eligible)
    all_of = known + unsure
    likely = known if not unsure else None if e is None else known + e * unsure
    tops = (complete, complete + partial)
    rr1, rr2, rr3, rr4, rr5, rr6 = (_share(top, below) for below in (all_of, likely, known) for top in tops)
    return Rates(rr1, rr2, rr3, rr4, rr5, rr6, e, known, not_eligible)


def _share(part: float, whole: float | None) -> float | None:
    return part / whole if whole else None
