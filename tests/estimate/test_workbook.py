"""The workbook of a banner table, as the zip of XML it is: numbers stay numbers, letters stand beside, bytes repeat."""

from __future__ import annotations

import builtins
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design
from symmetry.errors import DataError, DesignError
from symmetry.estimate import Banner

SPACE = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@pytest.fixture(scope="module")
def table() -> Banner:
    """Two items by two regions and an empty one; a text that looks like a formula."""
    rng = np.random.default_rng(8)
    region = np.repeat(["north", "south"], 100)
    frame = pd.DataFrame({"region": pd.Categorical(region, categories=["north", "south", "west"])})
    frame["pays"] = np.where(rng.random(200) < np.where(region == "north", 0.75, 0.35), "=1+1", "cash")
    frame["likely"] = rng.integers(0, 11, 200)
    return estimate.banner(Design(frame), ["pays", "likely"], "region", statistics={"likely": ["nps", "mean"]})


def sheet(path: Path, number: int = 1) -> dict[str, float | str]:
    """Cells of a sheet by their address: numbers as floats, texts as such."""
    with zipfile.ZipFile(path) as book:
        strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        texts = [
            "".join(part.text or "" for part in one.iter(f"{{{SPACE['x']}}}t"))
            for one in strings.findall("x:si", SPACE)
        ]
        cells = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")).findall(".//x:c", SPACE)
    assert [] == [cell for cell in cells if cell.find("x:f", SPACE) is not None]
    found: dict[str, float | str] = {}
    for cell in cells:
        value = cell.findtext("x:v", namespaces=SPACE)
        if value is not None:
            found[cell.attrib["r"]] = texts[int(value)] if cell.get("t") == "s" else float(value)
    return found


def test_numbers_stay_numbers_and_letters_stand_beside_them(table: Banner, tmp_path: Path) -> None:
    """Every value of the table is in its cell to the last digit, its letters in the next one, text never a formula."""
    cells = sheet(table.to_excel(tmp_path / "table.xlsx", title="How they pay"))
    assert "How they pay" == cells["A1"]
    assert ["Total", "north", "south", "west"] == [cells[f"{column}5"] for column in "BEGI"]
    assert ["A", "B", "C"] == [cells[f"{column}6"] for column in "EGI"]
    assert ["pays", "Base (answers)", "Base (weighted)", "Effective base", "=1+1", "cash"] == [
        cells[f"A{row}"] for row in range(7, 13)
    ]
    values, letters = table.grid("estimate"), table.grid("higher_than")
    for line, row in enumerate((11, 12, 18, 19)):
        for column, (place, beside) in enumerate(zip("BEGI", "CFHJ", strict=True)):
            expected = "–" if np.isnan(values[line, column]) else values[line, column]
            assert expected == cells[f"{place}{row}"]
            assert letters[line, column] == cells.get(f"{beside}{row}", "")
    assert "B" == cells["F11"]


def test_a_french_workbook_is_french_throughout(table: Banner, tmp_path: Path) -> None:
    """Sheets, bases, headings, notes of pairs and of the design are French; numbers are those of the English workbook."""
    asked = {"statistics": {"likely": ["nps", "mean"]}, "lang": "fr"}
    design = Design(table.design.data.assign(unit=np.arange(200) // 5, w=1.0), weight="w", stratum="region", psu="unit")
    path = estimate.banner(design, ["pays", "likely"], "region", **asked).to_excel(tmp_path / "tableau.xlsx")
    with zipfile.ZipFile(path) as book:
        names = re.findall(r'<sheet name="(.*?)"', book.read("xl/workbook.xml").decode())
        assert "Page &amp;P sur &amp;N" in book.read("xl/worksheets/sheet1.xml").decode()
    assert ["Tableau", "Tests", "Cellules", "Notes"] == names
    main, tests, cells, notes = (sheet(path, number) for number in (1, 2, 3, 4))
    assert ["Tableau croisé", "Base (réponses)", "Base (pondérée)", "Base effective"] == [
        main[place] for place in ("A1", "A8", "A9", "A10")
    ]
    assert {"question", "statistique", "écart", "p ajusté"} < set(tests.values())
    assert {"estimation", "base pondérée", "personne n’a répondu"} < set(cells.values())
    told = " ".join(str(value) for value in notes.values())
    for word in ("200 lignes", "40 unités primaires dans 2 strates", "poids `w`", "méthode Holm", "Plan de sondage"):
        assert word in told
    for word in ("nobody", "answers", "weight", "pairs of", "strata", "columns"):
        assert word not in " ".join(str(value) for one in (main, tests, cells) for value in one.values())
        assert word not in told


@pytest.mark.parametrize("path", [None, 3])
def test_a_path_that_is_none_is_refused(table: Banner, path: object) -> None:
    """Neither the table nor the verb takes nothing for a file, and the verb takes nothing but a banner."""
    with pytest.raises(DesignError, match="is no path of a file"):
        table.to_excel(path)
    with pytest.raises(DesignError, match="is no path of a file"):
        estimate.write_excel(table, path)
    with pytest.raises(DesignError, match="a NoneType is no banner"):
        estimate.write_excel(None, "table.xlsx")


def test_other_sheets_tell_tests_cells_and_notes(table: Banner, tmp_path: Path) -> None:
    """A row for each pair and for each cell, and what a reader may ask."""
    path = table.to_excel(tmp_path / "table.xlsx")
    tests, cells, notes = (sheet(path, number) for number in (2, 3, 4))
    assert len(table.tests) + 1 == max(int(re.sub(r"\D", "", place)) for place in tests)
    assert len(table.cells) + 1 == max(int(re.sub(r"\D", "", place)) for place in cells)
    told = " ".join(str(value) for value in notes.values())
    for word in ("200 rows", "Holm", "capitals at 95%, small letters at 90%", "nobody answered", "fewer than 30"):
        assert word in told


def test_the_same_table_is_the_same_bytes(table: Banner, tmp_path: Path) -> None:
    """Written twice, and over another file, nothing differs and nothing else is left behind."""
    one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
    other.write_text("something else")
    for path in (one, other):
        assert path == estimate.write_excel(table, path)
    assert one.read_bytes() == other.read_bytes()
    assert ["one.xlsx", "other.xlsx"] == sorted(path.name for path in tmp_path.iterdir())


def test_small_bases_carry_a_star(table: Banner, tmp_path: Path) -> None:
    """A base too small is starred where it stands, and the key says what that means."""
    small = estimate.banner(table.design, "pays", "region", base_at_least=1000)
    cells = sheet(small.to_excel(tmp_path / "small.xlsx"))
    assert "*" == cells["F8"]
    assert "No columns were compared" in str(cells["A2"])


def test_decimals_are_those_asked_for(table: Banner, tmp_path: Path) -> None:
    """Patterns of numbers follow the unit: per cent, points with their sign, two decimals more for means."""
    path = table.to_excel(tmp_path / "table.xlsx", decimals=1)
    with zipfile.ZipFile(path) as book:
        styles = book.read("xl/styles.xml").decode()
    for pattern in ("0.0%", "+#,##0.0;−#,##0.0;0.0", "#,##0.000;−#,##0.000"):
        assert f'formatCode="{pattern}"' in styles


def test_a_path_that_cannot_be_written_is_told(table: Banner, tmp_path: Path) -> None:
    """Another ending, or a folder that is not there."""
    with pytest.raises(DataError, match=r"`table\.csv` is no name of an Excel workbook"):
        table.to_excel(tmp_path / "table.csv")
    with pytest.raises(DataError, match="there is no folder"):
        table.to_excel(tmp_path / "nowhere" / "table.xlsx")
    (tmp_path / "taken.xlsx").mkdir()
    with pytest.raises(DataError, match="is a folder"):
        table.to_excel(tmp_path / "taken.xlsx")


@pytest.mark.parametrize("decimals", [-1, 1.5, True, 40])
def test_decimals_that_are_none_are_refused(table: Banner, tmp_path: Path, decimals: int) -> None:
    """Fractions, less than none, and more than Excel shows."""
    with pytest.raises(DesignError, match="decimals="):
        table.to_excel(tmp_path / "table.xlsx", decimals=decimals)
    with pytest.raises(DesignError, match="decimals="):
        table.wide(decimals=decimals)


def test_what_prints_is_neither_cut_nor_crowded(tmp_path: Path) -> None:
    """A narrow table prints its whole key beside it, long answers wrap, a wide table takes several pages, "&" stays one."""
    frame = pd.DataFrame({"only": "all", "month": np.arange(240) % 24, "said": ["yes " * 30, "no"] * 120})
    narrow = estimate.banner(Design(frame), "said", "only").to_excel(tmp_path / "narrow.xlsx", title="R&D " * 40)
    wide = estimate.banner(Design(frame), "said", "month").to_excel(tmp_path / "wide.xlsx")
    with zipfile.ZipFile(narrow) as book:
        names, page = book.read("xl/workbook.xml").decode(), book.read("xl/worksheets/sheet1.xml").decode()
    area = re.search(r"Banner!\$A\$1:\$([A-Z]+)\$", names)
    assert area
    assert area[1] > "E"
    assert re.search(r'<row r="12"[^>]* ht="40.5"', page)
    (footer,) = re.findall(r"<oddFooter>(.*)</oddFooter>", page)
    assert not footer.replace("&amp;", "&").removeprefix("&L&8").split("&R&8")[0].replace("&&", "").count("&")
    assert 'fitToHeight="0"' in page
    with zipfile.ZipFile(wide) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<colBreaks" in page
    assert "fitToHeight" not in page


def test_a_missing_package_is_told(table: Banner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without xlsxwriter the message says how to get it."""
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == "xlsxwriter":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DesignError, match="needs the package xlsxwriter") as caught:
        table.to_excel(tmp_path / "table.xlsx")
    assert "symmetry[excel]" in caught.value.problems[0].mend
