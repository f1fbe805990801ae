"""Two releases are not subtracted from one another, and a damaged ledger is neither believed nor overwritten."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from symmetry import disclosure
from symmetry.disclosure import Entry, Ledger
from symmetry.errors import DataError
from tests.disclosure.attacks import published_rows

WHO = ("cold", "employees")
KEYS = {"wave": "cold", "audience": "employees", "item": "kind", "face": "employee"}
ONE, TWO, CROSSED = ["", "region"], ["", "region", "channel"], ["region × channel"]


def staff(**sizes: int) -> pd.DataFrame:
    """People of some regions, answers and channels in turn."""
    frame = pd.DataFrame({"region": [name for name, size in sizes.items() for _ in range(size)]})
    turn = np.arange(len(frame))
    return frame.assign(kind=turn % 5 + 1.0, channel=np.where(turn % 2 == 0, "desk", "shop"))


def levels(frame: pd.DataFrame, tables: list[str]) -> pd.DataFrame:
    """Means of every cell, in the house's columns."""
    rows = []
    for by in tables:
        names = by.split(" × ") if by else []
        groups = frame.groupby(names) if names else [((), frame)]
        for key, part in groups:
            domain = " × ".join(key) if names else ""
            n, mean = int(part["kind"].count()), float(part["kind"].mean())
            rows.append({**KEYS, "statistic": "mean", "by": by, "domain": domain, "estimate": mean, "n": n, "note": ""})
    return pd.DataFrame(rows).assign(suppressed=False)


def released(
    frame: pd.DataFrame, tables: list[str], ledger: Ledger | None = None, data: str = ""
) -> tuple[pd.DataFrame, set[tuple[str, str]]]:
    """The released table and its hidden cells."""
    out = disclosure.suppress(
        {"levels": levels(frame, tables)},
        people={WHO: frame},
        cuts={},
        minimum=10,
        ledger=ledger,
        study="bank",
        data={WHO: data},
    )["levels"]
    gone = out[out["suppressed"]]
    return out, set(zip(gone["by"], gone["domain"], strict=True))


def after(frame: pd.DataFrame, tables: list[str], data: str = "") -> Ledger:
    """The ledger once a first release is out."""
    return Ledger().add(released(frame, tables, data=data)[0], study="bank", release="first", data={WHO: data})


def test_one_more_answer_is_held_back() -> None:
    """Twelve and then thirteen would tell the thirteenth's answer: the later cells wait, and none follows from the others."""
    before = staff(north=30, south=12, west=20)
    now = pd.concat(
        [before, pd.DataFrame({"region": ["south"], "kind": [1.0], "channel": ["desk"]})], ignore_index=True
    )
    free, held = released(now, ONE)[0], released(now, ONE, after(before, ONE))[1]
    south = free[free["domain"] == "south"].iloc[0]
    was = before[before["region"] == "south"]["kind"]
    assert not free["suppressed"].any()
    assert south["estimate"] * south["n"] - was.sum() == pytest.approx(1.0)  # the answer of the one who came
    assert {("", ""), ("region", "south")} <= held
    assert published_rows(now, [[], ["region"]], held)[1] == []


def test_ten_more_answers_are_shown() -> None:
    """Once as many have come as a cell must hold, the new figures go out."""
    before = staff(north=30, south=12, west=20)
    now = pd.concat([before, staff(north=15, south=12)], ignore_index=True)
    assert set() == released(now, ONE, after(before, ONE))[1]


def test_a_changed_answer_is_held_back() -> None:
    """The same number of people with another mean: somebody changed, and the difference would tell how."""
    before = staff(north=30, south=12, west=20)
    now = before.copy()
    now.loc[now.index[now["region"] == "south"][0], "kind"] = 5.0
    held = released(now, ONE, after(before, ONE, "aa"), "bb")[1]
    assert {("", ""), ("region", "south")} <= held
    assert published_rows(now, [[], ["region"]], held)[1] == []


def test_new_weights_are_no_new_people() -> None:
    """The same frozen answers, weighted otherwise: all counts are as they were, and nothing is held back."""
    frame = staff(north=30, south=12, west=20)
    ledger = after(frame, ONE, "aa")
    shifted = Ledger(tuple(Entry(**{**vars(e), "figures": {"mean": e.figures["mean"] + 0.1}}) for e in ledger.entries))
    assert set() == released(frame, ONE, shifted, "aa")[1]
    assert released(frame, ONE, shifted, "bb")[1]


def test_the_same_release_again_is_shown_again() -> None:
    """Nothing new, nothing to hold back; without hashes too."""
    frame = staff(north=30, south=12, west=20, east=4)
    ledger = after(frame, ONE)
    first, again = released(frame, ONE)[1], released(frame, ONE, ledger)[1]
    assert first == again
    assert ("region", "east") in first


def test_an_earlier_cross_table_is_an_equation() -> None:
    """The cross of region and channel is out, one cell of it hidden; the region's total now would give that cell away."""
    frame = pd.concat([staff(north=40, south=30), staff(west=24).assign(channel="desk")], ignore_index=True)
    frame = pd.concat([frame, staff(west=4).assign(channel="shop")], ignore_index=True)
    first, gone = released(frame, CROSSED)
    assert gone == {("region × channel", "west × shop")}
    ledger = Ledger().add(first, study="bank", release="first")
    tables = [["region", "channel"], ["region"]]
    alone = released(frame, ["region"])[1]
    assert published_rows(frame, tables, alone | gone)[1] == [("region × channel", "west × shop")]
    held = released(frame, ["region"], ledger)[1]
    assert held == {("region", "west")}
    assert published_rows(frame, tables, held | gone)[1] == []


def test_cells_of_an_earlier_cross_table_are_not_summed_to_a_newcomer() -> None:
    """The earlier north had 40; its two channels of today are 41 together: their sum less the earlier total is one person."""
    before = staff(north=40, south=40)
    now = pd.concat(
        [before, pd.DataFrame({"region": ["north"], "kind": [5.0], "channel": ["shop"]})], ignore_index=True
    )
    ledger = after(before, ["region"])
    assert released(now, CROSSED)[1] == set()
    held = released(now, CROSSED, ledger)[1]
    assert held
    tables = [["region", "channel"], ["region"]]
    assert published_rows(now, tables, held | {("region", "north")})[1] == []


def test_other_studies_and_waves_do_not_count() -> None:
    """A ledger of another study, wave, audience, item or face has no say."""
    before = staff(north=30, south=12, west=20)
    now = pd.concat([before, staff(south=1)], ignore_index=True)
    entries = after(before, ONE).entries
    for name in ("study", "wave", "audience", "item", "face"):
        other = Ledger(tuple(Entry(**{**vars(entry), name: "other"}) for entry in entries))
        assert set() == released(now, ONE, other)[1], name


def test_a_ledger_keeps_what_was_shown_and_nothing_else(tmp_path: Path) -> None:
    """Hidden cells are not entered, and the file holds keys, counts and published figures only; it reads back as it was."""
    frame = staff(north=30, south=12, west=20, east=4)
    ledger, path = after(frame, ONE, "aa"), tmp_path / "ledger.jsonl"
    ledger.write(path)
    first = path.read_bytes()
    assert ledger == Ledger.read(path)
    assert not [entry for entry in ledger.entries if entry.domain == "east"]
    fields = {name for line in first.decode().splitlines()[1:] for name in json.loads(line)}
    assert fields == {"release", "study", *KEYS, "by", "domain", "n", "figures", "data"}
    again = Ledger.read(path).add(released(frame, TWO)[0], study="bank", release="second")
    again.write(path)
    assert again == Ledger.read(path)
    assert path.read_bytes().split(b"\n")[1] == first.split(b"\n")[1]
    assert [path] == list(tmp_path.iterdir())


def test_no_file_is_an_empty_ledger(tmp_path: Path) -> None:
    """A study's first release has no ledger yet."""
    assert Ledger() == Ledger.read(tmp_path / "none.jsonl")


DAMAGE = {
    "a count changed": (lambda text: text.replace('"n": 30', '"n": 31'), "is damaged"),
    "the end cut off": (lambda text: text[:-40], "is damaged"),
    "a line taken out": (lambda text: "\n".join(text.split("\n")[:2] + text.split("\n")[3:]), "is damaged"),
    "emptied": (lambda text: "", "is not a ledger of releases"),
    "something else": (lambda text: '{"holds": "results"}\n', "is not a ledger of releases"),
    "a list": (lambda text: "[1]\n", "is not a ledger of releases"),
    "of a later version": (lambda text: text.replace('"version": 1', '"version": 2'), "is a ledger of version 2"),
}


@pytest.mark.parametrize("damage", list(DAMAGE))
def test_a_damaged_ledger_is_refused_and_left_alone(damage: str, tmp_path: Path) -> None:
    """One changed byte, a lost line, another file or version: a clear error at the file, and no writing over it."""
    change, said = DAMAGE[damage]
    path, ledger = tmp_path / "ledger.jsonl", after(staff(north=30, south=12, west=20), ONE)
    ledger.write(path)
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    there = path.read_bytes()
    for act in (lambda: Ledger.read(path), lambda: ledger.write(path)):
        with pytest.raises(DataError, match=said) as caught:
            act()
        assert caught.value.problems[0].mend
        assert str(path) in str(caught.value)
    assert there == path.read_bytes()


def test_a_line_that_is_no_cell_is_refused(tmp_path: Path) -> None:
    """A line whose fields are not a cell's is an error at that line, even where the hash is right."""
    path = tmp_path / "ledger.jsonl"
    body = '{"cell": 1}\n'
    head = {"holds": "ledger of releases", "version": 1, "digest": hashlib.sha256(body.encode()).hexdigest()}
    path.write_text(json.dumps(head) + "\n" + body, encoding="utf-8")
    with pytest.raises(DataError, match="is no line of a ledger") as caught:
        Ledger.read(path)
    assert caught.value.problems[0].where is not None
    assert caught.value.problems[0].where.line == 2


def test_releases_of_others_are_not_lost(tmp_path: Path) -> None:
    """A ledger read before another release was entered does not take its place."""
    path, frame = tmp_path / "ledger.jsonl", staff(north=30, south=12, west=20)
    after(frame, ONE).write(path)
    stale = Ledger().add(released(frame, TWO)[0], study="bank", release="second")
    with pytest.raises(DataError, match="holds releases that are not in the ledger"):
        stale.write(path)
    assert after(frame, ONE) == Ledger.read(path)


def test_the_audit_tells_of_earlier_tables_it_cannot_lay_out() -> None:
    """An earlier breakdown by a variable that is gone is named in the note of every row."""
    frame = staff(north=30, south=12, west=20, east=4)
    ledger = after(frame, TWO)
    now = frame.drop(columns="channel")
    out = released(now, ONE, ledger)[0]
    told = disclosure.audit(out, people={WHO: now}, cuts={}, minimum=10, ledger=ledger, study="bank")
    assert told["note"].str.contains("earlier tables by channel could not be laid out").all()
    assert not told.empty


def test_what_rests_on_a_held_back_level_is_held_back_too() -> None:
    """Agreement, partition and drivers of seventeen digits would tell one newcomer's answers: they go with the level over all."""
    keys = {"wave": "cold", "audience": "employees", "item": "kind", "face": "employee"}
    people = pd.DataFrame({"kind": [1.0, 2, 3, 4, 5] * 6, "weight": 1.0})
    before = pd.DataFrame(
        [
            {
                **keys,
                "by": "",
                "domain": "",
                "statistic": "mean",
                "estimate": 3.0,
                "n": 29,
                "suppressed": False,
                "note": "",
            }
        ]
    )
    ledger = disclosure.Ledger().add(before, study="bank", release="january")
    tables = {
        "levels": before.assign(n=30, estimate=3.1),
        "agreement": pd.DataFrame([{**keys, "units": 9, "n": 30, "icc2": 0.5, "suppressed": False, "note": ""}]),
        "partition": pd.DataFrame(
            [{**keys, "level": level, "share": 0.5, "groups": 9, "suppressed": False, "note": ""} for level in ("unit", "person")]
        ),
        "drivers": pd.DataFrame(
            [{**keys, "item": item, "outcome": "kind", "by": "", "domain": "", "estimate": 0.2, "n": 30, "suppressed": False,
              "note": ""} for item in ("kind", "clean")]
        ),
    }  # fmt: skip
    shown = disclosure.suppress(tables, people={("cold", "employees"): people}, cuts={}, ledger=ledger, study="bank")
    for name, table in shown.items():
        assert table["suppressed"].all(), name
        assert (table["note"] == disclosure.HELD_BACK).any(), name
    alone = disclosure.suppress(tables, people={("cold", "employees"): people}, cuts={})
    assert not any(table["suppressed"].any() for table in alone.values())
