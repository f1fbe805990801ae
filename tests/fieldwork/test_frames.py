"""Frames: read as they stand, and every fault named at its line, all at once, with nobody's identity in the words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symmetry.errors import DataError
from symmetry.fieldwork.frames import Frame, read_frame
from symmetry.spec.running import Quota, SampledUnits, Sampling
from tests.fieldwork.framing import DAY, people, study_of

HEADER = "person,region,channel,branch,visits,shoe_size\n"
ROWS = ["p3,north,app,b1,4,42", "p1,south,branch,b2,2.5,", "p2,north,app,b1,,39"]
PLAIN = Sampling(size=2, by=("region",))


def read(folder: Path, *rows: str, header: str = HEADER, plan: Sampling = PLAIN, units: str | None = None) -> Frame:
    """Write a frame, and if given one of units, and read it."""
    path, beside = folder / "frame.csv", folder / "units.csv"
    path.write_text(header + "".join(f"{row}\n" for row in rows or ROWS), encoding="utf-8")
    if units is not None:
        beside.write_text(units, encoding="utf-8")
    return read_frame(
        path, study_of(plan), "customers", wave="cold", units=None if units is None else beside, on=DAY
    )  # fmt: skip


def faults(folder: Path, *rows: str, **changed: Any) -> list[tuple[str, str]]:
    """Code and line of each fault."""
    with pytest.raises(DataError) as error:
        read(folder, *rows, **changed)
    return [(each.code, str(each.where).rpartition("/")[2].partition(":")[2]) for each in error.value.problems]


def test_a_frame_comes_in_by_id(tmp_path: Path) -> None:
    """Rows in the order of ids, numbers as numbers, blanks absent, other columns named and left alone."""
    found = read(tmp_path)
    assert ["p1", "p2", "p3"] == found.rows["person"].tolist() == found.rows["contact"].tolist()
    assert ["south", "north", "north"] == found.rows["region"].tolist()
    np.testing.assert_array_equal([2.5, np.nan, 4.0], found.rows["visits"])
    assert (("shoe_size",), (), "people") == (found.ignored, found.absent, found.kind)
    assert "shoe_size" not in found.rows


def test_a_blank_category_is_absent_where_nothing_needs_it(tmp_path: Path) -> None:
    """A channel that is not known stays unknown; as a stratum it stops the draw."""
    rows = [*ROWS, "p4,north,,b1,1,40"]
    assert read(tmp_path, *rows).rows["channel"].isna().tolist() == [False, False, False, True]
    assert [("FRM06", "5")] == faults(tmp_path, *rows, plan=Sampling(size=2, by=("channel",)))


def test_every_fault_is_told_at_its_line(tmp_path: Path) -> None:
    """Missing and repeated ids, unknown categories, words for numbers and blank strata, in one error."""
    rows = ["p1,north,app,b1,1,0", ",north,app,b1,1,0", "p1,nowhere,bus,b1,many,0", "p4,,app,b1,nan,0"]
    expected = [
        ("FRM03", "3"),
        ("FRM04", "4"),
        ("FRM05", "4"),
        ("FRM05", "4"),
        ("FRM07", "4"),
        ("FRM07", "5"),
        ("FRM06", "5"),
    ]
    assert sorted(expected) == sorted(faults(tmp_path, *rows))


def test_no_identity_is_told(tmp_path: Path) -> None:
    """A repeated id is told by its two lines, never by itself."""
    with pytest.raises(DataError) as error:
        read(tmp_path, "ada@example.org,north,app,b1,1,0", "ada@example.org,north,app,b1,1,0")
    assert "ada" not in str(error.value)
    assert "line 2" in str(error.value)


def test_twenty_faults_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    """Of 50 repeated ids 20 are named."""
    found = [("same,north,app,b1,1,0")] * 51
    with pytest.raises(DataError) as error:
        read(tmp_path, *found)
    problems = error.value.problems
    assert (21, "and 30 more problems", "FRM20") == (len(problems), problems[-1].what, problems[-1].code)


def test_a_value_that_is_wrong_often_is_told_once(tmp_path: Path) -> None:
    """An unknown category in three rows is one fault, at the first."""
    rows = [f"p{number},{'east' if number > 1 else 'north'},app,b1,1,0" for number in range(5)]
    with pytest.raises(DataError, match="no category `east` .and in 2 more rows"):
        read(tmp_path, *rows)
    assert [("FRM05", "4")] == faults(tmp_path, *rows)


@pytest.mark.parametrize("size", ["0", "-3", "nan", "inf", "1e999", "1_0", "", "lots"])
def test_a_measure_is_a_number_above_nothing(tmp_path: Path, size: str) -> None:
    """Zero, negative, infinite or no number at all: nobody is drawn in proportion to that."""
    plan = Sampling(size=2, method="pps", measure="visits")
    rows = ["p1,north,app,b1,2,0", f"p2,north,app,b1,{size},0", "p3,north,app,b1,3,0"]
    assert [("FRM06" if not size else "FRM07", "3")] == faults(tmp_path, *rows, plan=plan)


def test_columns_that_are_needed_are_asked_for(tmp_path: Path) -> None:
    """Ids, strata, measures, orders and units: all that lack, at once."""
    plan = Sampling(size=2, by=("region",), method="systematic", order=("visits",), units=SampledUnits("branch", 1))
    header, rows = "who,channel\n", ["p1,app"]
    assert [("FRM02", "")] * 4 == faults(tmp_path, *rows, header=header, plan=plan)


def test_units_must_be_known(tmp_path: Path) -> None:
    """People of a unit that the frame of units lacks, units twice, of no size, or without an id."""
    plan = Sampling(size=2, units=SampledUnits("branch", 1, "pps", "visits"))
    found = read(tmp_path, plan=plan, units="unit,visits\nb1,10\nb2,5\nb9,1\n")
    assert {"b1": 10.0, "b2": 5.0, "b9": 1.0} == found.sizes
    assert found.units is not None
    assert "units.csv" == found.units[0]
    assert [("FRM10", "3")] == faults(tmp_path, plan=plan, units="unit,visits\nb1,10\nb3,5\n")
    assert [("FRM04", "3"), ("FRM07", "3")] == faults(tmp_path, plan=plan, units="unit,visits\nb2,10\nb2,0\n")
    assert [("FRM02", "")] == faults(tmp_path, plan=plan, units="branch,visits\nb2,10\n")
    assert [("FRM09", "")] == faults(tmp_path, plan=PLAIN, units="unit,visits\nb2,10\n")


def test_a_unit_has_one_size(tmp_path: Path) -> None:
    """Without a frame of units, sizes beside the people must agree within a unit."""
    plan = Sampling(size=2, units=SampledUnits("branch", 1, "pps", "visits"))
    rows = ["p1,north,app,b1,4,0", "p2,north,app,b2,3,0", "p3,north,app,b1,4,0"]
    assert {"b1": 4.0, "b2": 3.0} == read(tmp_path, *rows, plan=plan).sizes
    assert [("FRM11", "5")] == faults(tmp_path, *rows, "p4,north,app,b2,9,0", plan=plan)


def test_a_quota_is_a_maximum(tmp_path: Path) -> None:
    """A quota of a region where the frame has nobody, or of fewer than are drawn, is told and stops nothing."""
    rows = ["p1,north,app,b1,1,0", "p2,north,app,b1,1,0"]
    plan = Sampling(size=2, quotas=(Quota(5, ("region",)),))
    assert ("the quota `5 per region per wave` counts region south too, of which the frame has nobody",) == read(
        tmp_path, *rows, plan=plan
    ).notes
    assert () == read(tmp_path, plan=plan).notes
    assert ("the quota `1 per wave` takes 1 answers at most, and 2 are to be drawn",) == read(
        tmp_path, plan=Sampling(size=2, quotas=(Quota(1),))
    ).notes


def test_a_quota_that_can_never_be_counted_is_refused(tmp_path: Path) -> None:
    """No column of the quota's item, a blank in it, or a category that the study does not have."""
    plan = Sampling(size=2, quotas=(Quota(5, ("region",)),))
    assert [("FRM02", "")] == faults(tmp_path, "p1,app", header="person,channel\n", plan=plan)
    assert [("FRM06", "2")] == faults(tmp_path, "p1,,app,b1,1,0", "p2,north,app,b1,1,0", plan=plan)
    assert [("FRM05", "2")] == faults(tmp_path, "p1,west,app,b1,1,0", "p2,north,app,b1,1,0", plan=plan)


def test_rows_of_another_event_are_not_asked_for_strata(tmp_path: Path) -> None:
    """A blank stratum matters in an interaction that the wave can draw, and in no other."""
    study = study_of(Sampling(rate=0.5, by=("region",)))
    study = replace(study, waves={"cold": replace(study.waves["cold"], after="visit.welcome")})
    path = tmp_path / "frame.csv"
    header = "interaction,contact,at,event,region\n"
    path.write_text(f"{header}i1,c1,2027-01-02,visit.welcome,north\ni2,c2,2027-01-02,call,\n", encoding="utf-8")
    assert 2 == len(read_frame(path, study, "customers", wave="cold").rows)
    path.write_text(f"{header}i1,c1,2027-01-02,visit.welcome,\ni2,c2,2027-01-02,call,\n", encoding="utf-8")
    with pytest.raises(DataError, match="the row has no `region`, by which the sample is stratified\n") as error:
        read_frame(path, study, "customers", wave="cold")
    assert 1 == len(error.value.problems)


def test_many_bad_times_are_one_fault(tmp_path: Path) -> None:
    """Days written otherwise, each another one: one fault with a count; so are those still to come."""
    header, plan = "interaction,contact,at,region\n", Sampling(rate=0.5)
    rows = [f"i{day},c{day},{day:02d}.01.2027,north" for day in range(1, 31)]
    rows += [f"j{day},c{day},2028-01-{day:02d},north" for day in range(1, 31)]
    with pytest.raises(DataError) as error:
        read(tmp_path, *rows, header=header, plan=plan)
    assert [
        "`at` is no day: `01.01.2027` (and in 29 more rows)", "`at` is 2028-01-01, after 2027-01-04 (and in 29 more rows)",
    ] == [each.what for each in error.value.problems]  # fmt: skip


def test_ids_are_the_same_however_they_are_typed(tmp_path: Path) -> None:
    """An accent composed or not is one id; capitals and invisible characters alone are told, and nobody is named."""
    rest = "north,app,b1,1,0"
    assert [("FRM04", "3")] == faults(tmp_path, f"caf\u00e9,{rest}", f"cafe\u0301,{rest}")
    found = read(tmp_path, f"ada,{rest}", f"Ada,{rest}", f"bob,{rest}", f"b\u200bob,{rest}", f"cy,{rest}")
    told = "4 of the `person` differ from another in capitals or invisible characters alone: are they one person?"
    assert (told,) == found.notes
    assert () == read(tmp_path, f"ada,{rest}", f"bob,{rest}").notes


def test_whole_floats_of_parquet_are_whole_ids(tmp_path: Path) -> None:
    """An id that a program wrote as 7.0 is 7; one of text stays as it stands."""
    rows = people(3).drop(columns=["visits"])
    for ids, expected in (([7.0, 8.0, 1e7], ["10000000", "7", "8"]), (["7.0", "8", "9"], ["7.0", "8", "9"])):
        rows.assign(person=ids).to_parquet(tmp_path / "frame.parquet")
        found = read_frame(tmp_path / "frame.parquet", study_of(PLAIN), "customers", wave="cold")
        assert expected == found.rows["person"].tolist()


def test_interactions_name_contact_and_time(tmp_path: Path) -> None:
    """Each has its own id, a contact who can be written to, and a time that is past."""
    plan = Sampling(rate=0.5)
    header = "interaction,contact,at,event,region\n"
    found = read(tmp_path, "i2,c1,2027-01-03T18:20,call,north", "i1,c1,2027-01-02,call,north", header=header, plan=plan)
    assert ("interactions", ["i1", "i2"], ["c1", "c1"]) == (
        found.kind, found.rows["person"].tolist(), found.rows["contact"].tolist()
    )  # fmt: skip
    rows = ["i1,,2027-01-02,call,north", "i2,c1,yesterday,call,north", "i2,c2,2027-01-05,call,north"]
    expected = [("FRM04", "4"), ("FRM06", "2"), ("FRM08", "3"), ("FRM08", "4")]
    assert expected == sorted(faults(tmp_path, *rows, header=header, plan=plan))


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """No file, an empty one, another separator, another encoding: refused before anything else."""
    study = study_of(PLAIN)
    contents = {
        "FRM01": None,
        "DATA11": b"",
        "DATA15": b"person;region\np1;north\n",
        "DATA13": b"person,region\n\xe9,north\n",
    }
    for code, content in contents.items():
        path = tmp_path / f"{code}.csv"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(DataError) as error:
            read_frame(path, study, "customers", wave="cold")
        assert code == error.value.problems[0].code
    assert "--encoding cp1252" in error.value.problems[0].mend
    path.write_bytes(b"person,region\n\xe9,north\n")
    assert ["é"] == read_frame(path, study, "customers", wave="cold", encoding="cp1252").rows["person"].tolist()


def test_parquet_is_read_as_csv(tmp_path: Path) -> None:
    """The same people from both files."""
    rows, study = people(), study_of(PLAIN)
    rows.to_parquet(tmp_path / "a.parquet")
    rows.to_csv(tmp_path / "a.csv", index=False)
    one, two = (read_frame(tmp_path / f"a.{kind}", study, "customers", wave="cold").rows for kind in ("parquet", "csv"))
    assert one.equals(two)
