"""What an estimate says of itself is what was done."""

from __future__ import annotations

import numpy as np
import pandas as pd

from symmetry import estimate
from symmetry.design import Design, stack
from tests.golden.reading import data


def told(est: estimate.Estimate) -> dict[str, str]:
    """Provenance as a mapping."""
    return estimate.provenance(est).set_index("about")["value"].to_dict()


def test_a_two_stage_mean_by_domain_tells_its_r_calls() -> None:
    """Design, rule, counts and the R calls of a domain mean on a two-stage sample."""
    design = Design(data("apiclus2"), psu=["dnum", "snum"], fpc=["fpc1", "fpc2"])
    facts = told(estimate.mean(design, ["api00", "enroll"], by=["stype"]))
    assert facts["R design"] == "svydesign(ids = ~dnum + snum, fpc = ~fpc1 + fpc2, data = data, nest = TRUE)"
    assert (
        facts["R call"]
        == "svyby(~api00, ~stype, design, svymean, na.rm = TRUE); svyby(~enroll, ~stype, design, svymean, na.rm = TRUE)"
    )
    assert facts["variance"] == "linearised, 2 stages"
    assert facts["missing answers"] == "0 to 4"
    assert facts["respondents"] == "126 with a weight, of 126 rows"
    assert facts["assumed"] == "nothing"


def test_lonely_psus_and_their_rule_are_told() -> None:
    """Strata of one psu are counted, the rule is named, and R's option is in the call."""
    frame = pd.DataFrame({"s": ["a", "a", "b"], "x": [1.0, 2.0, 4.0]})
    facts = told(estimate.mean(Design(frame, stratum="s", lonely_psu="centre"), "x"))
    assert facts["lonely psus"] == "1: centre"
    assert facts["R call"] == 'options(survey.lonely.psu = "adjust"); svymean(~x, design, na.rm = TRUE)'


def test_what_r_has_no_one_call_for_says_nothing() -> None:
    """A stacked design and a contrast have no R call, and a contrast no count of missing answers."""
    sides = {name: Design(pd.DataFrame({"unit": range(5), "x": np.arange(5.0)}), psu="unit") for name in ("c", "e")}
    facts = told(estimate.contrast(estimate.mean(stack(sides), "x", by=["audience"]), {"gap": {0: 1, 1: -1}}))
    assert ["", "", "unknown"] == [facts[key] for key in ("R design", "R call", "missing answers")]
    assert facts["degrees of freedom"].endswith("Satterthwaite across audiences")
