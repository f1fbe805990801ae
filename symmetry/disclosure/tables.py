"""What a hidden level takes with it in the other tables of a release."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["blank", "follow", "noted"]

FLOOR = 5
_KEYS = frozenset(
    [
        *("statistic", "item", "by", "domain", "audience", "face", "wave", "mirror", "a", "b", "reading", "smallest"),
        *("outcome", "family", "comparability", "unit", "level", "scale", "earlier", "suppressed", "note"),
    ]
)


def blank(table: pd.DataFrame, gone: np.ndarray, note: str) -> pd.DataFrame:
    """Empty everything but the keys of some rows, mark them suppressed and say why; a column not known here is emptied too."""
    out = table.copy()
    out["suppressed"] = out["suppressed"].to_numpy(bool) | gone
    for name in out.columns.difference(list(_KEYS), sort=False):
        if pd.api.types.is_numeric_dtype(out[name]):
            out[name] = out[name].astype(float).mask(gone)
        else:
            out[name] = out[name].mask(gone, "")
    out["note"] = out["note"].mask(gone, note)
    return out


def noted(table: pd.DataFrame, minimum: int, text: str) -> pd.DataFrame:
    """Add a text to the notes of rows that rest on fewer than the minimum."""
    if table.empty or "n" not in table:
        return table
    joined = table["note"] + np.where(table["note"] == "", "", "; ") + text
    return table.assign(note=table["note"].where(~(table["n"] < minimum), joined))


def follow(name: str, table: pd.DataFrame, levels: pd.DataFrame, minimum: int, note: str) -> pd.DataFrame:
    """Hide in a table what the hidden levels of its release would follow from.

    Parameters
    ----------
    name : "gaps", "units", "effects", "ranks", "trends", "drivers", "penalties", "priorities", "whatif", "agreement" or
        "partition".
    levels : the table of levels, hidden rows marked.

    Notes
    -----
    A difference of two levels goes with either.  Readings that sum to 0 or order a family among themselves (relative gaps, ranks)
    go for the whole family there.  Shrunken unit gaps share a target: one hidden unit alone would be what is left of it, so then
    all of that pair go.
    """
    if table.empty:
        return table
    gone = _FOLLOWERS[name](table, levels, minimum) if name in _FOLLOWERS else _few(table, minimum)
    return blank(table, gone, note)


def _few(table: pd.DataFrame, minimum: int) -> np.ndarray:
    """Rows that rest on fewer answers than the minimum, on either side."""
    found = np.zeros(len(table), bool)
    for column in ("n", "n_a", "n_b"):
        if column in table:
            found |= (table[column].astype(float) < minimum).to_numpy()
    return found


def _sides(table: pd.DataFrame, levels: pd.DataFrame) -> np.ndarray:
    """Rows of which either side is hidden; a side is a face, an audience or another wave."""
    gone = levels[levels["suppressed"].astype(bool)]
    place = list(zip(gone["item"], gone["by"], gone["domain"], strict=True))
    hidden = {
        (wave, side, *at)
        for names in ("face", "audience")
        for wave, side, at in zip(gone["wave"], gone[names], place, strict=True)
    }
    hidden |= {("", wave, *at) for wave, at in zip(gone["wave"], place, strict=True)}
    keys = table[["wave", "item", "by", "domain", "a", "b"]].itertuples(index=False, name=None)
    return np.array(
        [
            any((before, side, item, by, domain) in hidden for side in (a, b) for before in (wave, ""))
            for wave, item, by, domain, a, b in keys
        ],
        bool,
    )


def _family(table: pd.DataFrame, *more: str) -> pd.Series:
    """Rows of one comparison in one wave, and what else makes them belong together."""
    return table.groupby(["wave", "a", "b", "by", *more], sort=False, dropna=False).ngroup()


def _gaps(table: pd.DataFrame, levels: pd.DataFrame, minimum: int) -> np.ndarray:
    """Gaps with a hidden side, and every relative gap of that family there."""
    one, family = _sides(table, levels), _family(table, "domain")
    together = family.isin(family[one]) & (table["reading"] == "relative")
    return np.asarray(one | together.to_numpy())


def _units(table: pd.DataFrame, levels: pd.DataFrame, minimum: int) -> np.ndarray:
    """Unit gaps with a hidden side or too few answers, and all of a pair where that is one unit alone."""
    one = _gaps(table, levels, minimum) | _few(table, minimum)
    pair = _family(table, "item", "reading", "statistic")
    number = pd.Series(one).groupby(pair.to_numpy()).transform("sum").to_numpy()
    return np.asarray(one | (number == 1))


def _effects(table: pd.DataFrame, levels: pd.DataFrame, minimum: int) -> np.ndarray:
    """Effect sizes with a hidden side or too few answers."""
    return np.asarray(_sides(table, levels) | _few(table, minimum))


def _ranks(table: pd.DataFrame, levels: pd.DataFrame, minimum: int) -> np.ndarray:
    """All ranks of a family in a domain where one pair is hidden: the others would leave its place open."""
    one, family = _effects(table, levels, minimum), _family(table, "domain")
    return np.asarray(family.isin(family[one]))


def _whole(table: pd.DataFrame, levels: pd.DataFrame, keys: list[str]) -> np.ndarray:
    """Rows about everybody, of an item whose level over all is hidden: with earlier ones they would tell of a few."""
    gone = levels[levels["suppressed"].astype(bool) & (levels["by"] == "")]
    return np.asarray(pd.MultiIndex.from_frame(table[keys]).isin(pd.MultiIndex.from_frame(gone[keys])))


def _agreement(table: pd.DataFrame, levels: pd.DataFrame, minimum: int) -> np.ndarray:
    """Agreement of too few units or answers (figures of fewer than five units are nearly those of each), or of a hidden item."""
    few = _few(table, minimum) | (table["units"].astype(float) < FLOOR).to_numpy()
    return np.asarray(few | _whole(table, levels, ["wave", "audience", "item", "face"]))


def _drivers(table: pd.DataFrame, levels: pd.DataFrame, minimum: int) -> np.ndarray:
    """All of an audience and wave where an item of it rests on too few answers or is hidden: shares sum to R²."""
    keys = ["wave", "audience", "item"]
    own = levels[levels["face"].isin(["customer", "employee"])]
    outcome = table.assign(item=table["outcome"])
    bad = _few(table, minimum) | _whole(table, own, keys) | _whole(outcome, own, keys)
    block = table.groupby(["wave", "audience"], sort=False, dropna=False).ngroup()
    return np.asarray(block.isin(block[bad]))


def _penalties(table: pd.DataFrame, levels: pd.DataFrame, minimum: int) -> np.ndarray:
    """Rows where fewer than the minimum rated low, high or between: their mean outcome is what a penalty or reward tells."""
    between = table["n"].astype(float) - table["n_low"].astype(float) - table["n_high"].astype(float)
    few = [(part.astype(float) < minimum) & (part > 0) for part in (table["n_low"], table["n_high"], between)]
    return np.asarray(np.logical_or.reduce(few) | _drivers(table, levels, minimum))


def _moves(table: pd.DataFrame, levels: pd.DataFrame, minimum: int) -> np.ndarray:
    """As drivers, and rows in which fewer than the minimum are in the top box, or below it."""
    top = table["n_top"].astype(float)
    few = [(part < minimum) & (part > 0) for part in (top, table["n"].astype(float) - top)]
    return np.asarray(np.logical_or.reduce(few) | _drivers(table, levels, minimum))


def _priorities(table: pd.DataFrame, levels: pd.DataFrame, minimum: int) -> np.ndarray:
    """All of a comparison in which the drivers of either side are hidden."""
    sides = [table.assign(audience=table[side]) for side in ("a", "b")]
    one = np.logical_or.reduce([_drivers(side, levels, minimum) for side in sides])
    block = table.groupby(["wave", "a", "b"], sort=False, dropna=False).ngroup()
    return np.asarray(block.isin(block[one]))


def _partition(table: pd.DataFrame, levels: pd.DataFrame, minimum: int) -> np.ndarray:
    """Parts of the variance of an item with too few answers or units, or with few groups of a kind of which one is hidden.

    Shares sum to 1, so the parts of one item go together.  With fewer than five groups, the variance between them and the means
    that are shown would solve for those that are not; persons are no such groups.
    """
    keys = ["wave", "audience", "item", "face"]
    gone = levels[levels["suppressed"].astype(bool)].rename(columns={"by": "level", "level": "of"})
    hiding = pd.MultiIndex.from_frame(table[[*keys, "level"]]).isin(pd.MultiIndex.from_frame(gone[[*keys, "level"]]))
    groups, block = table["groups"].astype(float), table.groupby(keys, sort=False, dropna=False).ngroup()
    persons = ~block.duplicated(keep="last")
    units = ~block[~persons].duplicated(keep="last").reindex(table.index, fill_value=True)
    bad = (
        _few(table, minimum) | _whole(table, levels, keys) | ((hiding | units) & ~persons & (groups < FLOOR)).to_numpy()
    )
    return np.asarray(block.isin(block[bad]))


def _trends(table: pd.DataFrame, levels: pd.DataFrame, minimum: int) -> np.ndarray:
    """Differences of two waves of which either level is hidden."""
    gone = levels[levels["suppressed"].astype(bool)]
    names = ["item", "face", "by", "domain"]
    hidden = pd.MultiIndex.from_frame(gone[["wave", *names]])
    sides = [pd.MultiIndex.from_frame(table[[wave, *names]]).isin(hidden) for wave in ("wave", "earlier")]
    one = sides[0] | sides[1] | _few(table, minimum)
    family = table.groupby(["wave", "earlier", "face", "by", "domain"], sort=False, dropna=False).ngroup()
    return np.asarray(one | (family.isin(family[one]) & (table["reading"] == "relative")).to_numpy())


_FOLLOWERS = {
    "gaps": _gaps,
    "units": _units,
    "effects": _effects,
    "ranks": _ranks,
    "agreement": _agreement,
    "drivers": _drivers,
    "penalties": _penalties,
    "priorities": _priorities,
    "whatif": _moves,
    "partition": _partition,
    "trends": _trends,
}
