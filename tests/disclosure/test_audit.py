"""The audit of a release: one row a hidden cell, against intervals by hand, and against an attacker's programme of its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import disclosure
from symmetry.errors import DisclosureError
from tests.disclosure.attacks import widths

WHO = ("cold", "employees")
KEYS = {"wave": "cold", "audience": "employees", "item": "kind", "face": "employee"}


def staff(seed: int = 0, n: int = 120) -> pd.DataFrame:
    """People in five regions and three channels, two of them small."""
    rng = np.random.default_rng(seed)
    region = rng.choice(list("abcde"), n, p=[0.4, 0.3, 0.2, 0.06, 0.04])
    return pd.DataFrame({"region": region, "channel": rng.choice(list("xyz"), n), "kind": rng.integers(1, 6, n) * 1.0})


def levels(frame: pd.DataFrame, tables: list[str], hidden: set[tuple[str, str]]) -> pd.DataFrame:
    """The means of every cell, some hidden by hand."""
    rows = []
    for by in tables:
        names = by.split(" × ") if by else []
        for key, part in frame.groupby(names) if names else [((), frame)]:
            domain = " × ".join(key) if names else ""
            mean, n = float(part["kind"].mean()), len(part)
            rows.append({**KEYS, "statistic": "mean", "by": by, "domain": domain, "estimate": mean, "n": n})
    table = pd.DataFrame(rows).assign(note="")
    return table.assign(suppressed=[key in hidden for key in zip(table["by"], table["domain"], strict=True)])


def audited(frame: pd.DataFrame, tables: list[str], hidden: set[tuple[str, str]], *, minimum: int = 10) -> pd.DataFrame:
    """The audit by domain."""
    found = disclosure.audit(levels(frame, tables, hidden), people={WHO: frame}, cuts={}, minimum=minimum)
    return found.set_index(["by", "domain"])


def sized(**sizes: int) -> pd.DataFrame:
    """People of some regions, with answers 1 to 5 in turn."""
    frame = pd.DataFrame({"region": [name for name, size in sizes.items() for _ in range(size)]})
    return frame.assign(kind=np.arange(len(frame)) % 5 + 1.0)


def test_a_companion_too_small_is_told_on() -> None:
    """Hidden by hand: 3 people with a companion of 4 leave at most 7, which is no protection at a minimum of 10."""
    found = audited(sized(a=3, b=4, c=30), ["", "region"], {("region", "a"), ("region", "b")})
    a = found.loc[("region", "a")]
    assert [0.0, 7.0] == pytest.approx(a[["n_lower", "n_upper"]].tolist())
    assert not a["protected"]
    assert a["why"] == "small"
    assert a["method"] == "linear programme"
    assert {"all", "region: c"} == set(a["given_by"].split("; "))


def test_a_good_companion_is_told_to_protect() -> None:
    """With a companion of 12 the cell of 3 may hold 0 to 15, and every mean of the scale."""
    found = audited(sized(a=3, b=12, c=30), ["", "region"], {("region", "a"), ("region", "b")})
    assert [True, True] == found["protected"].tolist()
    assert ["small", "companion"] == found["why"].tolist()
    assert [0.0, 15.0] == pytest.approx(found.loc[("region", "a"), ["n_lower", "n_upper"]].tolist())
    assert [1.0, 5.0] == pytest.approx(found.loc[("region", "a"), ["mean_lower", "mean_upper"]].tolist())


def test_a_small_cell_that_is_shown_is_told_on() -> None:
    """A release that shows a cell of 3 has a row that says it should not."""
    found = audited(sized(a=3, b=12, c=30), ["", "region"], set())
    assert [("region", "a")] == found.index.tolist()
    assert ["shown, and should not be"] == found["note"].tolist()
    assert [False] == found["protected"].tolist()


def test_uniform_cells_are_told_apart_from_small_ones() -> None:
    """Twelve who all answered 5, hidden with twelve others of mixed answers."""
    frame = sized(a=12, b=12, c=30)
    frame.loc[frame["region"] == "a", "kind"] = 5.0
    found = audited(frame, ["", "region"], {("region", "a"), ("region", "b")})
    assert {"a": "uniform", "b": "companion"} == found["why"].droplevel("by").to_dict()
    assert found["protected"].all()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("tables", [["", "region"], ["", "region", "channel", "region × channel"]])
def test_what_we_hide_passes_our_audit_and_an_attacker(seed: int, tables: list[str]) -> None:
    """All that `suppress` hides is protected; the attacker's own programme leaves at least as much open as the audit says."""
    frame = staff(seed)
    table = levels(frame, tables, set())
    out = disclosure.suppress({"levels": table}, people={WHO: frame}, cuts={})["levels"]
    found = disclosure.audit(out, people={WHO: frame}, cuts={})
    assert len(found) == out["suppressed"].sum() > 0
    assert found["protected"].all()
    gone = {(by, domain) for by, domain in zip(found["by"], found["domain"], strict=True)}
    asked = [by.split(" × ") if by else [] for by in tables]
    for row in found[found["why"] == "small"].itertuples():
        count, mean = widths(frame.rename(columns={"kind": "x"}), asked, gone, (row.by, row.domain))
        assert count >= row.n_upper - row.n_lower - 1e-4
        assert mean >= row.mean_upper - row.mean_lower - 1e-4


def test_a_programme_beyond_the_limit_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the programme is too large the row says so, and gives what exchanges alone prove."""
    monkeypatch.setattr("symmetry.disclosure.auditing.unknowns", lambda *asked: 10**9)
    found = audited(sized(a=3, b=12, c=30), ["", "region"], {("region", "a"), ("region", "b")})
    assert ["exchange", "exchange"] == found["method"].tolist()
    assert found["note"].str.contains("not solved: 1000000000 unknowns, above the limit of 20000").all()
    assert [0.0, 15.0] == pytest.approx(found.loc[("region", "a"), ["n_lower", "n_upper"]].tolist())


def test_rules_that_protect_nobody_are_refused() -> None:
    """The audit has the floor of the release: five."""
    with pytest.raises(DisclosureError, match="cells of 4 people may not be shown"):
        audited(sized(a=3, b=12), ["", "region"], set(), minimum=4)
