"""What an estimate can say of itself: its design, rules, counts, and the R call that gives the same numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from symmetry.design import Design, cells_of
from symmetry.estimate.areas.shrinking import Shrunken
from symmetry.estimate.nouns import Estimate

__all__ = ["missing_answers", "provenance"]

_R = {
    "mean": "svymean(~{x}, design, na.rm = TRUE)",
    "total": "svytotal(~{x}, design, na.rm = TRUE)",
    "share": "svymean(~factor({x}), design, na.rm = TRUE)",
    "variance": "svyvar(~{x}, design, na.rm = TRUE)",
    "ratio": "svyratio(~{x}, design, na.rm = TRUE)",
    "nps": "svymean(~I(100 * (({x} >= 9) - ({x} <= 6))), design, na.rm = TRUE)",
}
_FEW = 10
_R_LONELY = {"centre": "adjust"}
_INTERVALS = {
    "mean": "estimate ± t·se",
    "logit": "t·se on the log odds, back between 0 and 1",
    "fisher": "t·se on Fisher's z, back between -1 and 1",
    "woodruff": "Woodruff: the interval of the share below, read back on the answers",
}


def provenance(est: Estimate) -> pd.DataFrame:
    """Say how an estimate was made.

    Returns
    -------
    Frame with columns about and value (text): design, variance, lonely psus, degrees of freedom, interval, design effect,
    respondents, answers, missing answers, psus, domains with few answers, what was assumed, and R calls that give the same
    numbers ("" if none does).

    Examples
    --------
    >>> from symmetry.estimate.means import mean
    >>> told = provenance(mean(Design(pd.DataFrame({"branch": [1, 1, 2], "trust": [5, 4, None]}), psu="branch"), "trust"))
    >>> told.set_index("about").loc[["degrees of freedom", "missing answers", "R design"], "value"].tolist()
    ['0: psus minus strata of those that hold answers', '1', 'svydesign(ids = ~branch, data = data, nest = TRUE)']
    """
    design, layout = est.design, est.design.layout
    lonely = int(sum(stage.lonely.sum() for stage in layout.stages))
    missing = missing_answers(est)
    reference = {"wr": "a simple random sample of as many answers", "wor": "the same without replacement"}
    facts = {
        "design": repr(design).split("\n", 1)[0].removeprefix("Design: "),
        "variance": ("mean squared error of Fay and Herriot's model, on: " if isinstance(est, Shrunken) else "")
        + _variance(design)
        + (f"; within and between {len(est.imputed)} imputations (Rubin)" if est.imputed else ""),
        "lonely psus": f"{lonely}: {design.lonely_psu}" if lonely else "none",
        "degrees of freedom": f"{_spread(est.df)}: {_df_rule(est)}",
        "interval": _INTERVALS.get(est.method, est.method),
        "design effect": f"against {reference[est.reference]}"
        if np.isfinite(est.deff).any() and est.reference
        else "none",
        "respondents": f"{int((layout.weight != 0).sum())} with a weight, of {len(layout.weight)} rows",
        "answers": _spread(est.n),
        "missing answers": "unknown" if missing is None else _spread(missing),
        "psus": _spread(est.psus),
        "few answers": _few(est),
        "assumed": "; ".join(filter(None, [*layout.notes, layout.warning])) or "nothing",
        "R design": _r_design(design),
        "R call": _r_call(est),
    }
    return pd.DataFrame({"about": list(facts), "value": list(facts.values())})


def _few(est: Estimate) -> str:
    """How many domains have too few answers to stand alone, and the verb that lets them borrow."""
    if isinstance(est, Shrunken):
        return "shrunken"
    if not est.by:
        return "no domains"
    few = int((np.where(np.isnan(est.n_eff), est.n, est.n_eff) < _FEW).sum())
    told = f"{few} of {len(est)} domains have fewer than {_FEW} effective answers: estimate.shrink lets them borrow"
    return told if few else "none"


def missing_answers(est: Estimate) -> np.ndarray | None:
    """How many respondents of its domain gave no answer to each value's item (D,); None for what is no answer to one item."""
    by = list(est.by)
    if (est.labels["statistic"] == "contrast").any():
        return None
    mixed = "audience" not in by and len(est.design.layout.parts) > 1
    if mixed or any(name not in est.labels for name in by):
        return None
    cells = cells_of(est.design, by)
    people = cells.domains.keys.assign(**{"people ": cells.n})
    here = est.labels[by].merge(people, how="left") if by else people.loc[np.zeros(len(est), int)]
    return np.asarray(here["people "].to_numpy() - est.n)


def _spread(values: np.ndarray) -> str:
    """One number, or the smallest and the largest."""
    low, high = np.nanmin(values), np.nanmax(values)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _variance(design: Design) -> str:
    """How the design's variances are made."""
    layout = design.layout
    if layout.replicates is not None:
        return layout.replicates.method
    fitted = ", residuals of the calibration" if layout.fitted is not None else ""
    if layout.form is not None:
        return f"the design's own quadratic form{fitted}"
    stages = len(layout.stages)
    return f"linearised, {f'{stages} stages' if stages > 1 else 'ultimate clusters'}{fitted}"


def _df_rule(est: Estimate) -> str:
    """The rule behind the degrees of freedom."""
    if isinstance(est, Shrunken):
        return "domains minus coefficients"
    if est.imputed:
        return "Barnard and Rubin's, from those of complete data"
    made = est.design.layout.replicates
    if made is not None and made.df is not None:
        return "those of the replicates"
    if (est.labels["statistic"] == "contrast").any():
        return "the fewest of the rows used; Satterthwaite across audiences"
    return "psus minus strata of those that hold answers"


def _r_design(design: Design) -> str:
    """The R call that makes the design, where there is one."""
    if design.given is not None or design.layout.replicates is not None or design.layout.form is not None:
        return ""
    if design.layout.fitted is not None:
        return ""
    roles = {"ids": design.psu, "strata": design.stratum, "weights": design.weight, "fpc": design.fpc}
    roles |= {"probs": design.probability}
    parts = [
        f"{name} = ~{' + '.join([role] if isinstance(role, str) else role)}" if role else "ids = ~1"
        for name, role in roles.items()
        if role or name == "ids"
    ]
    return f"svydesign({', '.join(parts)}, data = data, nest = TRUE)"


def _r_call(est: Estimate) -> str:
    """The R calls that give the values, one an item, where there are such calls."""
    rules, statistics = _r_options(est.design), est.labels["statistic"].drop_duplicates()
    if est.imputed or not _r_design(est.design) or not statistics.isin(list(_R)).all():
        return ""
    if (statistics == "total").any() and 'psu = "adjust"' in rules:
        return ""  # R up to 4.2 centres totals at 0
    calls = []
    for statistic, item in est.labels[["statistic", "item"]].drop_duplicates().itertuples(index=False):
        call = _R[statistic].format(x=item.replace(" / ", ", ~") if statistic == "ratio" else item)
        if est.by:
            name, rest = call.split("(", 1)
            formula, options = rest.split(", design", 1)
            call = f"svyby({formula}, ~{' + '.join(est.by)}, design, {name}{options.removesuffix(')')})"
            if statistic == "ratio":
                above, below = formula.split(", ")
                options = f", denominator = {below}{options.removesuffix(')')}"
                call = f"svyby({above}, ~{' + '.join(est.by)}, design, svyratio{options})"
        calls.append(call)
    return rules + "; ".join(calls)


def _r_options(design: Design) -> str:
    """The options R needs for the lonely psus there are."""
    if design.lonely_domain == "apply":
        domains = ", survey.adjust.domain.lonely = TRUE"
    elif any(stage.lonely.any() for stage in design.layout.stages):
        domains = ""
    else:
        return ""
    return f'options(survey.lonely.psu = "{_R_LONELY.get(design.lonely_psu, design.lonely_psu)}"{domains}); '
