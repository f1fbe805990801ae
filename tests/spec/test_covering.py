"""Every promise and moment × face: who is asked what, as data and as aligned text."""

from __future__ import annotations

import json
from dataclasses import replace

from symmetry.spec import Study, load
from symmetry.spec.covering import Cover, matrix
from tests.spec.two_versions import FULL, small_bank

SMALL = """\
                customer  employee  guess       management  cooperation  observer
Promise kind    2         1         1           ·           ·            ·
  heard         asked     literal   projection  ·           ·            ·
  thanked       asked     w         w           w           w            ·
Promise warm    1         w         w           w           w            1
  seen          ·         ·         ·           ·           ·            asked
  smiled        asked     w         w           w           w            ·
Promise fair    ·         ·         ·           ·           ·            ·

Moment visit.x  1         1         1           ·           ·            ·
  heard         asked     literal   projection  ·           ·            ·

Drivers without a promise  1  w  w  w  w  ·
  alone                    asked  w w w w ·

· nobody is asked   w waived, with the reason in the study"""


def small(study: Study) -> Study:
    """Three promises, one moment, and items of which some waive the faces that they lack."""
    one = study.items["listened"]
    faces = {face: one.faces[face] for face in ("customer", "employee", "guess")}
    mirrors = {"employee": "literal", "guess": "projection"}
    heard = replace(one, key="heard", promise="kind", moment="visit.x", faces=faces, mirrors=mirrors)
    alone = {"moment": None, "faces": {"customer": faces["customer"]}, "mirrors": {}, "waived": {"MIR12": "as meant"}}
    items = [
        heard,
        replace(heard, key="thanked", **alone),
        replace(study.items["entrance"], key="seen", promise="warm", moment=None),
        replace(heard, key="smiled", **(alone | {"promise": "warm"})),
        replace(heard, key="alone", **(alone | {"promise": None})),
        study.items["region"],
    ]
    return replace(
        study,
        promise={key: {"en": key.title()} for key in ("kind", "warm", "fair")},
        moments={"visit.x": study.moments["visit.welcome"]},
        items={item.key: item for item in items},
        waived={},
    )


def words(line: str) -> list[str]:
    """A line without its spaces."""
    return line.split()


def test_the_matrix_says_who_is_asked_what() -> None:
    """A promise by its count in each face, an item by its mirror; nothing is `·`, what is waived `w`, of a promise if all is."""
    assert [words(line) for line in SMALL.splitlines()] == [
        words(line) for line in str(matrix(small(small_bank()))).splitlines()
    ]


def test_the_matrix_stands_in_columns() -> None:
    """Every mark stands right under its face, and no line ends with spaces."""
    lines = str(matrix(small(small_bank()))).splitlines()
    starts = [lines[0].index(face) for face in lines[0].split()]
    table = [line for line in lines[1:-2] if line]
    assert all(line[start] != " " and line[start - 1] == " " for line in table for start in starts)
    assert [line for line in lines if line != line.rstrip()] == []


def test_the_matrix_as_data() -> None:
    """The same for programs: items with their mirrors, names in every language, reasons of waivers."""
    made = matrix(small(small_bank()))
    data = json.loads(json.dumps(made.data(), ensure_ascii=False))
    kind, warm, fair, visit, apart = data["rows"]
    assert ["customer", "employee", "guess", "management", "cooperation", "observer"] == data["faces"]
    assert [{"item": "heard", "mirror": "literal"}] == kind["cells"]["employee"]
    assert ["heard", "thanked"] == kind["items"]
    assert {"thanked.employee": "as meant"}.items() <= kind["waived"].items()
    assert "employee" not in kind["waived"]
    assert "as meant" == warm["waived"]["employee"]
    assert [] == fair["cells"]["customer"]
    assert {"en": "Fair"} == fair["name"]
    assert ("moment", "visit.x") == (visit["kind"], visit["key"])
    assert ["alone"] == apart["items"]
    assert (Cover("heard", "projection"),) == made.rows[0].cells["guess"]


def test_a_waiver_of_the_whole_study_waives_every_item() -> None:
    """Written once at the top, its reason stands for all; other waivers waive no face."""
    study = replace(small(small_bank()), waived={"MIR12": "two sides by design"})
    assert "w" == matrix(study).rows[0].mark("management", "heard")
    assert "w" == matrix(study).rows[0].mark("management")
    assert "·" == matrix(replace(study, waived={"GRD01": "no smell"})).rows[0].mark("management", "heard")


def test_every_item_of_a_study_is_in_the_matrix() -> None:
    """Counted a second time over the items: no item under a promise or a moment is lost, no face added."""
    study = load(FULL)
    made = matrix(study)
    for row in made.rows:
        hung = [item for item in study.items.values() if row.key and row.key in (item.promise, item.moment)]
        assert sum(len(item.faces) for item in hung) == sum(len(covers) for covers in row.cells.values())
    assert len(study.promise) + len(study.moments) == len([row for row in made.rows if row.kind != "apart"])


def test_only_faces_of_the_study_have_a_column() -> None:
    """A study of customers alone has one column, and nothing to explain where every cell is filled."""
    study = small(small_bank())
    customers = {"customers": study.audiences["customers"]}
    made = matrix(replace(study, audiences=customers, promise={"kind": {}}, moments={}))
    assert ("customer",) == made.faces
    assert "waived" not in str(made)
