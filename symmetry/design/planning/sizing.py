"""How many to ask: completes for a margin of error, for a difference to be found, or for two audiences to be called alike.

The variance of a planned sample is in `planned.py`, the chance that a claim is made with it in `chances.py`; here they are put
together, and turned round to find the smallest sample that does.  Tests are those that `estimate.contrast` and the verdicts on
gaps make: t with psus minus strata, Satterthwaite over two audiences.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Real

import pandas as pd

from symmetry.design.planning.claims import Alternative, Claim, Distribution, Each, Outlook, Sharing, Test, sides_of
from symmetry.design.planning.outlooks import told
from symmetry.design.planning.planned import Side
from symmetry.errors import DesignError

__all__ = ["power", "sample_size"]

_MOST = 1e10


def power(
    *,
    n: Each | None = None,
    sd: Each | None = None,
    share: Each | None = None,
    difference: float | None = None,
    equivalence: float | None = None,
    smallest: float = 0.0,
    psus: Each | None = None,
    per_psu: Each | None = None,
    icc: Each | None = None,
    deff: Each = 1.0,
    strata: Each = 1,
    population: Each | None = None,
    population_psus: Each | None = None,
    response: Each = 1.0,
    sharing: Sharing = "apart",
    correlation: float = 0.0,
    level: float = 0.95,
    alternative: Alternative = "two_sided",
    test: Test = "wald",
    distribution: Distribution = "t",
) -> pd.DataFrame:
    """Say what a sample will be good for: standard error, margin of error, and power.

    Every fact of an audience is a number, or {audience: number} where two audiences (or groups, or waves) are compared.

    Parameters
    ----------
    n : answers.
    sd, share : standard deviation of answers, for a mean; or the expected share, between 0 and 1.
    difference : true difference between the audiences (of shares, their difference unless told), or of one audience's value from
        the value it is tested against.  The power is that of finding it.
    equivalence : margin of two one-sided tests, each at 1 - level, that call the difference smaller than this; then `difference`
        is the true one, 0 unless told.
    smallest : a difference is claimed only where the test finds one and it is at least this (the verdict "dissonant").
    psus, per_psu : psus in the sample, and answers in each.
    icc : intraclass correlation of answers inside psus.  None where each person is drawn alone, or deff says it all.
    deff : design effect of unequal weights; of everything where there is no icc.
    strata : strata of psus; they only take degrees of freedom.
    population, population_psus : persons and psus there are, for the finite population corrections of both stages.
    response : share of the invited who answer.
    sharing : "apart"; "units" where both audiences live in the same psus; "persons" where the same persons give both answers.
    correlation : of the true means of both audiences over shared units; of the two answers of shared persons.
    alternative : "one_sided" looks only on the side where the truth lies.
    test : "wald" takes the error of the sample at hand, as `estimate.contrast` does; "pooled", for shares, that of no difference.
    distribution : "t" with the design's degrees of freedom, or "normal", as textbooks' formulas have it.

    Returns
    -------
    Frame with one row an audience and, for two, one for their difference: statistic, audience, se, margin (half of the interval
    at `level`), df, deff (against simple random sampling with replacement), n, n_eff, invited, psus, per_psu, power where a
    difference is asked for, note.

    Raises
    ------
    DesignError : a fact is missing or impossible, audiences do not match, more is drawn than there is.

    Notes
    -----
    Power is exact for normal means and estimated errors: noncentral t; Owen's Q for equivalence [1]_.  Where all psus are in the
    sample they are strata and persons are the psus: nothing is left of the correlation between audiences.
    R twins: ``power.t.test(n, delta, sd, strict = TRUE)``; ``power.prop.test(n, p1, p2, strict = TRUE)`` with test="pooled" and
    distribution="normal".

    References
    ----------
    .. [1] Schuirmann (1987). A comparison of the two one-sided tests procedure. J. Pharmacokinetics and Biopharmaceutics 15,
       657-680.
    .. [2] Cochran (1977). Sampling Techniques. Wiley, sections 4.4 and 10.3.

    Examples
    --------
    >>> told = power(n={"customers": 400, "employees": 60}, sd={"customers": 1, "employees": 1}, difference=0.5)
    >>> told[["audience", "se", "df", "power"]].round(4)
                    audience      se        df   power
    0              customers  0.0500  399.0000     NaN
    1              employees  0.1291   59.0000     NaN
    2  customers - employees  0.1384   77.7688  0.9459
    """
    claim = Claim(difference, equivalence, smallest, level, alternative, test, distribution, sharing, correlation)
    facts = {
        "n": n, "psus": psus, "per_psu": per_psu, "icc": icc, "deff": deff, "strata": strata, "population": population,
        "population_psus": population_psus, "response": response,
    }  # fmt: skip
    sides, claim = sides_of(claim, sd, share, facts)
    return told([side.filled() for side in sides], claim)


def sample_size(
    *,
    margin: float | None = None,
    difference: float | None = None,
    equivalence: float | None = None,
    power: float = 0.8,
    smallest: float = 0.0,
    sd: Each | None = None,
    share: Each | None = None,
    ratio: float = 1.0,
    n: Each | None = None,
    psus: Each | None = None,
    per_psu: Each | None = None,
    icc: Each | None = None,
    deff: Each = 1.0,
    strata: Each = 1,
    population: Each | None = None,
    population_psus: Each | None = None,
    response: Each = 1.0,
    sharing: Sharing = "apart",
    correlation: float = 0.0,
    level: float = 0.95,
    alternative: Alternative = "two_sided",
    test: Test = "wald",
    distribution: Distribution = "t",
) -> pd.DataFrame:
    """Find the smallest sample that gives a margin of error, or the power to make a claim.

    What is sought is the number of answers; where answers are alike inside psus, the number of psus if `per_psu` is given, and
    the number of answers in each if `psus` is.

    Parameters
    ----------
    margin : wanted half width of the interval at `level`, of the value of one audience or of the difference of two.
    difference, equivalence, smallest : the claim, as in `power`; instead of `margin`.
    power : wanted chance of the claim.
    ratio : what is sought for the second audience over what is sought for the first.
    n : {audience: answers} of one whose sample is settled; the other's is sought.
    sd, share, psus, per_psu, icc, deff, strata, population, population_psus, response : as in `power`.
    sharing, correlation, level, alternative, test, distribution : as in `power`.

    Returns
    -------
    The frame of `power` for the sample found, every number of persons and psus rounded up.

    Raises
    ------
    DesignError : as `power`; neither margin nor claim, or both; nothing to be found, or no sample is large enough.

    Notes
    -----
    R twins: ``power.t.test(delta =, sd =, power =)``, ``power.prop.test(p1 =, p2 =, power =)``, rounded up.

    References
    ----------
    .. [1] Krejcie, Morgan (1970). Determining sample size for research activities. Educational and Psychological Measurement 30,
       607-610: share=0.5, margin=0.05, distribution="normal" and a population.

    Examples
    --------
    Ten answers a branch, of 800 branches with 100 customers each, one in four of the invited answering:

    >>> found = sample_size(margin=0.03, share=0.5, icc=0.05, per_psu=10, population=80_000, population_psus=800, response=0.25)
    >>> found[["margin", "df", "deff", "n", "invited", "psus"]].round(4)
       margin     df    deff     n  invited  psus
    0    0.03  145.0  1.3414  1460     5840   146

    Employees needed beside 200 customers to call a gap smaller than 0.3 standard deviations, where there is none:

    >>> found = sample_size(equivalence=0.3, sd=1, n={"customers": 200, "employees": None})
    >>> found[["audience", "n", "power"]].round(3)
                    audience    n  power
    0              customers  200    NaN
    1              employees  183    NaN
    2  customers - employees  383    0.8
    """
    asked = difference is not None or equivalence is not None
    if asked == (margin is not None) and not (margin is None and isinstance(share, Mapping)):
        raise DesignError(
            "a sample size is found for a margin, or for a claim",
            mend="say margin=, or difference= (shares of both audiences will do) or equivalence=",
        )
    wanted = ("margin", margin) if margin is not None else ("power", power)
    if not isinstance(wanted[1], Real) or not 0 < wanted[1] < (math.inf if margin is not None else 1):
        raise DesignError(f"a {wanted[0]} of {wanted[1]!r} cannot be reached", mend="above 0, a power also below 1")
    if not isinstance(ratio, Real) or not 0 < ratio < _MOST:
        raise DesignError(f"ratio={ratio!r} cannot be", mend="a number above 0")
    claim = Claim(difference, equivalence, smallest, level, alternative, test, distribution, sharing, correlation)
    facts = {
        "n": n, "psus": psus, "per_psu": per_psu, "icc": icc, "deff": deff, "strata": strata, "population": population,
        "population_psus": population_psus, "response": response,
    }  # fmt: skip
    sides, claim = sides_of(claim, sd, share, facts)
    if margin is None and not claim.made:
        raise DesignError(
            "two equal shares have no difference to be found", mend="give shares that differ, or a margin="
        )

    def enough(found: Outlook) -> bool:
        return found.margin <= margin if margin is not None else found.power >= power

    found = _smallest(sides, ratio, lambda grown: enough(claim.outlook(grown)))
    if found is None:
        best = getattr(claim.outlook(_grown(sides, ratio, _MOST)[0]), wanted[0])
        told_best = "there are no degrees of freedom" if math.isnan(best) else f"it is {best:.4g}"
        raise DesignError(
            f"no sample gives a {wanted[0]} of {wanted[1]:g}: with all there is, or beyond count, {told_best}",
            mend="more psus where they are settled, more of the audience whose sample is settled, or a claim less fine",
        )
    return told(found, claim)


def _smallest(sides: Sequence[Side], ratio: float, enough: Callable[[list[Side]], bool]) -> list[Side] | None:
    """The smallest sample that is enough, by doubling and halving; None where none is."""
    if all(side.free is None for side in sides):
        raise DesignError("the sample is settled: nothing is left to be found", mend="ask `power` what it is good for")
    low, high = 0, 1
    while not enough((found := _grown(sides, ratio, high))[0]):
        if found[1] or high > _MOST:
            short = [one for one in _short_of_all(sides, ratio) if enough(_grown(sides, ratio, one)[0])]
            if not short:
                return None
            low, high = 0, short[0]
            break
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(_grown(sides, ratio, middle)[0]) else (middle, high)
    return _grown(sides, ratio, high)[0]


def _short_of_all(sides: Sequence[Side], ratio: float) -> list[int]:
    """Amounts one short of all that one side has: with all psus these are strata, and few persons leave no df at all."""
    first = next(place for place, side in enumerate(sides) if side.free)
    ends = [(side.most - 1) / (ratio if place > first else 1.0) for place, side in enumerate(sides) if side.free]
    return sorted(math.floor(end) for end in ends if 1 <= end < _MOST)


def _grown(sides: Sequence[Side], ratio: float, amount: float) -> tuple[list[Side], bool]:
    """The sides with that much of what is free, and whether they are as large as can be."""
    times = [ratio if any(before.free for before in sides[:place]) else 1.0 for place in range(len(sides))]
    grown = [side.sized(amount * much) for side, much in zip(sides, times, strict=True)]
    return [side for side, _ in grown], all(end for _, end in grown)
