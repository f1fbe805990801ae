"""Two phases: a sample, and in it a second sample of those on whom the costly thing is measured.

With π¹ and π² the inclusion probabilities of the phases (the second given the first) and z = w¹ w² u the influence,

    V = Σ_kl (1 - G¹_kl G²_kl) z_k z_l        G_kl = π_k π_l / π_kl, which is 1 for units drawn independently

which is the sum of the two variances of Särndal, Swensson and Wretman (1992, section 9.3): with Q = 1 - G for each phase, it is
Q¹ + Q² - Q¹·Q² entry by entry.  For n of N drawn at random G = n (N - 1) / (N (n - 1)), for later stages the probabilities
multiply; so Q is made of sums over groups (`forms`), whatever the number of units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from symmetry.design.coding import names_of, probabilities_of
from symmetry.design.forms import Form, Term
from symmetry.design.layout import Layout, Stage
from symmetry.design.nouns import Design
from symmetry.design.probability import overton, poisson
from symmetry.design.second_phase import Drawn, chosen, draw
from symmetry.design.unequal import form_of
from symmetry.errors import DesignError

__all__ = ["two_phase"]

Method = Literal["full", "approximate", "simple"]


def two_phase(
    design: Design,
    *,
    subset: str,
    stratum: str | Sequence[str] | None = None,
    psu: str | Sequence[str] | None = None,
    fpc: str | Sequence[str] | None = None,
    probability: str | None = None,
    method: Method = "full",
) -> Design:
    """Design of those whom a second phase drew out of the sample of `design`.

    Parameters
    ----------
    design : the first phase: its frame holds everybody drawn then.  Without fpc, weights, strata and psus it is taken as
        independent draws from an endless population.
    subset : column that says who is in the second phase, true or false.
    stratum, psu : columns of the second phase's strata and units, one or one a stage; no psu: each row is drawn by itself.
    fpc : columns with the number of units to draw from, one a stage; without it they are counted in the first phase.
    probability : column of second-phase probabilities, given the first phase, where they are not counts in strata; joint
        probabilities are then Overton's.
    method : "full" is unbiased for any two phases.  "approximate" and "simple" (the same thing) plug the second phase into the
        variance of the first, exact to 1/n for simple random sampling at the first phase and strata at the second.

    Returns
    -------
    Design of the rows in the second phase, weights being the product of both phases', with a quadratic form of its own.

    Raises
    ------
    DesignError : `subset` is not true or false everywhere or is false everywhere; a unit is partly in the second phase without a
        stage to say so; the first phase is calibrated or made of replicates; a stratum keeps one unit of several under
        a `lonely_psu` other than "remove" and "certainty".

    Notes
    -----
    R twin: ``twophase(id = list(~1, ~1), strata = list(NULL, ~stratum), subset = ~subset, data = data, method = "full")``

    References
    ----------
    .. [1] Särndal, Swensson, Wretman (1992). Model Assisted Survey Sampling. Springer, chapter 9.

    Examples
    --------
    >>> people = pd.DataFrame({"case": [1, 1, 0, 0, 0, 0], "measured": [True, True, True, False, True, False]})
    >>> two_phase(Design(people), subset="measured", stratum="case")
    Design: 4 rows, 4 psus in 2 strata
      second phase: 4 of 6 rows; variances by the full formula for two phases
    """
    if method not in get_args(Method):
        raise DesignError(f"method={method!r} is unknown", mend=f"one of {get_args(Method)}")
    first = design.layout
    if first.fitted is not None or first.replicates is not None:
        raise DesignError(
            "the first phase has calibrated weights or replicates of its own",
            mend="make the first phase with its design weights, strata and fpc; calibrate nothing before the second phase",
        )
    inside = chosen(design.data, subset)
    drawn = draw(
        design.data, inside, stratum=names_of(stratum), psu=names_of(psu), fpc=names_of(fpc), probability=probability
    )
    wide = int(drawn.unit.max()) + 1
    pairs, unit = np.unique(first.unit[inside].astype(np.int64) * wide + drawn.unit[inside], return_inverse=True)
    before, after = pairs // wide, pairs % wide
    if method == "full":
        one, two = _first_form(design).take(before), _second_form(drawn, design.lonely_psu).take(after)
        form = one.plus(two).plus(one.times(two), -1.0)
    else:
        form = _approximate_form(design, drawn, inside, before, after)
    data = design.data.loc[inside].reset_index(drop=True)
    data.attrs = {}
    layout = Layout(
        weight=first.weight[inside] * drawn.expansion[inside],
        unit=unit.astype(np.int32),
        stages=tuple(
            replace(stage, unit=(after if stage.unit is None else stage.unit[after])) for stage in drawn.stages
        ),
        psus=drawn.psus,
        strata=drawn.strata,
        part=first.part[inside],
        parts=first.parts,
        form=form,
        warning="; ".join(filter(None, (first.warning, drawn.warning))),
        notes=(
            f"second phase: {int(inside.sum())} of {len(inside)} rows; variances by the {method} formula for two phases",
        ),
    )
    return Design(data, lonely_psu=design.lonely_psu, lonely_domain=design.lonely_domain, given=layout)


def _first_form(design: Design) -> Form:
    """Form of the first phase over its units of variance."""
    layout = design.layout
    stage = layout.stages[0]
    if layout.form is not None:
        if design.joint is None or (isinstance(design.joint, str) and design.joint == "brewer"):
            raise DesignError(
                "the first phase has a quadratic form without joint probabilities",
                mend='two phases are built on joint probabilities: joint="overton", "hartley_rao", "poisson" or a matrix',
            )
        return form_of(design, probabilities_of(design), layout.psu, layout.stratum, pps="horvitz_thompson")
    plain = layout.units == len(layout.weight) and len(layout.strata) == 1 and bool(np.isinf(stage.population[0]))
    if plain and design.weight is None and design.probability is None:
        return poisson(np.zeros(layout.units))
    return staged_form(layout.stages, layout.units, design.lonely_psu)


def _second_form(drawn: Drawn, rule: str) -> Form:
    """Form of the second phase, given the first, over the units it drew."""
    if drawn.probability is not None:
        return overton(drawn.probability, drawn.stages[0].stratum, pps="horvitz_thompson", lonely_psu=rule)
    return staged_form(drawn.stages, len(drawn.stages[-1].stratum), rule)


def _approximate_form(design: Design, drawn: Drawn, inside: np.ndarray, before: np.ndarray, after: np.ndarray) -> Form:
    """Plug-in form: (1 - f) n / (n - 1) Σ_c (p_c z_c - m)² / p_c, plus the form of the second phase.

    n are the units of the first phase, p_c their second-phase probability, m = Σ z / n; where the second phase drew within psus
    all of which it touched, p_c is 1 and its form counts f times, as a second stage does.
    """
    layout, stage = design.layout, design.layout.stages[0]
    if layout.form is not None or len(layout.stages) > 1:
        raise DesignError(
            "the approximate formula takes one stage of random sampling at the first phase", mend='choose method="full"'
        )
    if stage.lonely.any():
        staged_form(layout.stages, layout.units, design.lonely_psu)
    within = len(np.unique(before)) < len(before)
    if within and len(np.unique(layout.unit[inside])) < layout.units:
        raise DesignError(
            "the approximate formula needs rows as units of the first phase, or every psu of it in the second",
            mend='choose method="full"',
        )
    chance = np.ones(layout.units)
    if not within:
        chance[layout.unit[inside]] = 1 / drawn.expansion[inside]
    stratum, scale = stage.stratum[before], np.where(stage.lonely, 0.0, stage.scale)
    seen = np.zeros(layout.units)
    seen[before] = 1 / chance[before]
    centre = scale * (np.bincount(stage.stratum, weights=seen, minlength=len(scale)) / stage.count - 2) / stage.count
    squares = Term(before, scale[stage.stratum] * chance)
    one = Form(np.zeros(len(before)), (squares, Term(stratum, centre)))
    two = _second_form(drawn, design.lonely_psu).take(after)
    if not within:
        return one.plus(two)
    share = np.sqrt(stage.count / stage.population)[stratum]
    return one.plus(
        two.times(Form(np.zeros(len(before)), (Term(np.zeros(len(before), int), np.ones(1), share, share),)))
    )


def staged_form(stages: Sequence[Stage], units: int, rule: str) -> Form:
    """Form of random sampling in stages, strata within the units of the stage above, over the units of the last stage."""
    diagonal, terms = np.zeros(units), []
    for stage in stages:
        if stage.lonely.any() and rule not in ("remove", "certainty"):
            raise DesignError(
                f"{int(stage.lonely.sum())} strata of a phase have one unit",
                mend='merge each with a neighbour, or choose lonely_psu="remove" or "certainty"',
            )
        fraction = np.where(stage.lonely, 1.0, stage.count / stage.population)
        pair = np.ones(len(fraction))
        many = stage.count > 1
        pair[many] = (1 - 1 / stage.population[many]) * stage.count[many] / (stage.count[many] - 1)
        own = (stage.share * (pair - fraction))[stage.stratum]
        unit = np.arange(units) if stage.unit is None else stage.unit
        if stage.unit is None:
            diagonal = diagonal + own
        else:
            terms.append(Term(unit, own))
        terms.append(Term(stage.stratum[unit], stage.share * (1 - pair)))
    return Form(diagonal, tuple(term for term in terms if term.factor.any()))
