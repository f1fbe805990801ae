"""A banner table as an Excel workbook: the table, its tests, its cells in rows, and notes.  Same input, same bytes."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from symmetry.aside import replace_file
from symmetry.errors import DataError, DesignError
from symmetry.estimate.banners.making import Banner
from symmetry.estimate.banners.phrases import heading, note_in, say
from symmetry.estimate.banners.words import bases, check_decimals, digits, key, notes

__all__ = ["write_excel"]

_INK, _SOFT, _LINE, _BAND, _BLUE, _PALE = "#1b2530", "#5a6672", "#d5dae0", "#eef1f4", "#0a5a9c", "#e4eff8"
_PAGE, _SCALE, _TALK = 165.0, 55, 150  # characters on a page's width, at this scale (%); in a line of title or key
_WORDED = ("note", "statistic", "unit")  # columns of the sheets of rows that hold the house's words
_TOP = 6  # rows above the first item: title, key, a gap, heads, columns, letters


def write_excel(banner: Banner, path: str | Path, *, title: str = "", decimals: int = 0) -> Path:
    """Write a banner table to an Excel workbook.

    Parameters
    ----------
    banner : from `estimate.banner`.
    path : of the file, `.xlsx`; written aside and renamed.
    title : above the table.
    decimals : of percentages and scores; means show two more, or fewer where they are large.

    Returns
    -------
    The path.  Sheets: Banner (numbers stay numbers, letters in a cell of their own), Tests (a row for each pair, with p), Cells
    (every number with its error and interval), Notes (design, test, levels, bases).

    Raises
    ------
    DesignError : xlsxwriter is not installed, what is given is no banner, or no path.
    DataError : the path does not end in .xlsx, or its folder does not exist.

    Notes
    -----
    Made by xlsxwriter (extra `excel`).  The file's creation date is fixed, so that the same table is the same bytes.

    Examples
    --------
    >>> frame = pd.DataFrame({"region": ["north", "south"] * 50, "pays": ["card", "cash", "card", "card"] * 25})
    >>> import tempfile, zipfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = estimate.write_excel(estimate.banner(design.Design(frame), "pays", "region"), f"{folder}/pays.xlsx")
    ...     print(made.name, [name for name in zipfile.ZipFile(made).namelist() if "sheet" in name])
    pays.xlsx ['xl/worksheets/sheet1.xml', 'xl/worksheets/sheet2.xml', 'xl/worksheets/sheet3.xml', 'xl/worksheets/sheet4.xml']
    """
    try:
        import xlsxwriter
    except ModuleNotFoundError as error:
        raise DesignError(
            "writing Excel needs the package xlsxwriter",
            mend="pip install 'symmetry[excel]' (or pip install xlsxwriter)",
        ) from error
    check_decimals(decimals)
    target = _target(banner, path)
    lang, made = banner.lang, BytesIO()
    title = title or say(lang, "Banner table")
    with xlsxwriter.Workbook(made, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"title": title, "author": "symmetry", "created": datetime(2000, 1, 1)})
        pen = _Pen(book)
        _Sheet(banner, book.add_worksheet(say(lang, "Banner")), pen, decimals).write(title)
        _rows(book.add_worksheet(say(lang, "Tests")), pen, banner.tests, lang)
        _rows(book.add_worksheet(say(lang, "Cells")), pen, banner.cells.drop(columns=["suppressed", "small"]), lang)
        _notes(book.add_worksheet(say(lang, "Notes")), pen, banner)
    replace_file(target.absolute(), made.getvalue())
    return target


def _target(banner: object, path: object) -> Path:
    """The file to write, refused where it cannot be one."""
    if not isinstance(banner, Banner):
        raise DesignError(f"a {type(banner).__name__} is no banner", mend="hand in what estimate.banner gives")
    if not isinstance(path, (str, Path)):
        raise DesignError(f"{path!r} is no path of a file", mend='name the workbook, "table.xlsx"')
    target = Path(path)
    if target.is_dir():
        raise DataError(f"`{target}` is a folder", mend="name a file in it")
    if target.suffix.lower() != ".xlsx":
        raise DataError(f"`{target.name}` is no name of an Excel workbook", mend="let it end in .xlsx")
    if target.absolute().parent.is_dir():
        return target
    raise DataError(f"there is no folder `{target.parent}`", mend="make it first, or name another")


class _Pen:
    """Formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.made: dict[tuple[tuple[str, object], ...], Any] = {}

    def __call__(self, **looks: object) -> Any:
        """A format with these looks over the house's own."""
        whole = {"font_name": "Calibri", "font_size": 10, "font_color": _INK, "valign": "vcenter", **looks}
        name = tuple(sorted(whole.items()))
        if name not in self.made:
            self.made[name] = self.book.add_format(whole)
        return self.made[name]


class _Sheet:
    """The sheet with the table: where each column stands, and its rows from the top."""

    def __init__(self, banner: Banner, sheet: Any, pen: _Pen, decimals: int) -> None:
        self.banner, self.sheet, self.pen, self.decimals = banner, sheet, pen, decimals
        self.of_head = pd.factorize(banner.columns["segment"])[0]
        self.place = 1 + 2 * np.arange(len(self.of_head)) + self.of_head  # a value, its letters; a gap after each head
        self.last = int(self.place[-1]) + 1
        widest = max(len(text) for text in banner.lines["line"])
        self.widths = {0: float(min(max(24, widest + 4), 52))}

    def write(self, title: str) -> None:
        """All of it."""
        sheet, banner, pen = self.sheet, self.banner, self.pen
        self._layout(title)
        sheet.write_string(0, 0, title, pen(bold=True, font_size=16))
        sheet.write_string(1, 0, key(banner), pen(font_color=_SOFT, italic=True))
        self._heads()
        row, lines, item = _TOP, banner.lines, None
        for number, line in enumerate(lines.itertuples()):
            if line.item != item:
                row, item = self._item(row + (item is not None), str(line.title), number), line.item
            self._line(row, str(line.line), str(line.unit), number)
            row += 1
        sheet.print_area(0, 0, row - 1, self.last + self._talk(title))

    def _layout(self, title: str) -> None:
        """Widths, what stays in sight, and how it prints."""
        sheet = self.sheet
        letters = [max(len(one) for one in below) for below in self.banner.grid("higher_than").T]
        told = zip(self.place, self.banner.columns["column"], self.of_head, letters, strict=True)
        for column, text, head, most in told:
            self.widths[int(column)] = min(max(7.5, len(text) / 2 + 2), 14)
            self.widths[int(column) + 1] = max(4.5, 1.2 * most + 1) if head else 1.5
        self.widths |= {int(gap): 1.2 for gap in self.place[1:][np.diff(self.of_head) > 0] - 1}
        for column, width in self.widths.items():
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        sheet.freeze_panes(_TOP, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        if breaks := self._breaks():
            sheet.set_print_scale(_SCALE)
            sheet.set_v_pagebreaks(breaks)
        else:
            sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(3, _TOP - 1)
        sheet.repeat_columns(0)
        safe = title[:80].replace("&", "&&")
        sheet.set_footer(f"&L&8{safe}&R&8{say(self.banner.lang, 'page')}")

    def _breaks(self) -> list[int]:
        """Columns where a page begins, of a table too wide for one: at a head if it fits on a page, else at a column of it."""
        own = np.array([self.widths[place] + self.widths[place + 1] for place in self.place.tolist()])
        left, found = (room := _PAGE - self.widths[0]), []
        for place, width, head in zip(self.place.tolist(), own, self.of_head, strict=True):
            whole = own[self.of_head == head].sum() if place == self.place[self.of_head == head][0] else width
            if width > left or left < whole <= room:
                found.append(place)
                left = room
            left -= width
        return found

    def _talk(self, title: str) -> int:
        """Columns that print beside the table so that title, key and titles of items are not cut."""
        told = [1.6 * len(title), len(key(self.banner)), *(1.2 * len(text) for text in self.banner.lines["title"])]
        return max(0, int(np.ceil((min(max(told), _TALK) - sum(self.widths.values())) / 8.43)))

    def _heads(self) -> None:
        """Heads, columns and letters."""
        sheet, pen, columns = self.sheet, self.pen, self.banner.columns
        sheet.set_row(0, 26)
        sheet.set_row(3, 20)
        sheet.set_row(4, 15 * max(1, int(np.ceil(columns["column"].str.len().max() / 14))) + 4)
        for head in np.unique(self.of_head)[1:]:
            own = self.place[self.of_head == head]
            looks = pen(bold=True, font_size=11, align="center", bottom=2, bottom_color=_BLUE, text_wrap=True)
            text = str(columns["head"].iloc[int(np.argmax(self.of_head == head))])
            sheet.merge_range(3, int(own[0]), 3, int(own[-1]) + 1, "", looks)
            sheet.write_string(3, int(own[0]), text, looks)
        for column, told in zip(self.place.tolist(), columns.itertuples(), strict=True):
            for row, text, looks in (
                (4, told.column, pen(text_wrap=True, align="center")),
                (5, told.letter, pen(bold=True, font_color=_BLUE, bottom=1, bottom_color=_LINE, align="center")),
            ):
                sheet.merge_range(row, column, row, column + 1, "", looks)
                sheet.write_string(row, column, str(text), looks)
        sheet.write_blank(5, 0, None, pen(bottom=1, bottom_color=_LINE))

    def _item(self, row: int, title: str, number: int) -> int:
        """The title of an item and its bases; gives the row after them."""
        sheet, pen = self.sheet, self.pen
        for column in range(self.last + 1):
            sheet.write_blank(row, column, None, pen(bg_color=_BAND))
        sheet.write_string(row, 0, title, pen(bold=True, font_size=11, bg_color=_BAND))
        sheet.set_row(row, 19)
        small = self.banner.grid("small")[number]
        for name, text in bases(self.banner.lang).items():
            row += 1
            sheet.write_string(row, 0, text, pen(font_size=9, font_color=_SOFT, indent=1))
            values = self.banner.grid(name)[number].astype(float)
            for column, value, few in zip(self.place.tolist(), values, small, strict=True):
                own = pen(font_size=9, font_color=_SOFT, align="right", num_format="#,##0", bold=bool(few))
                self._number(row, column, value, own)
                if few and name == "base":
                    sheet.write_string(row, column + 1, "*", pen(font_size=9, font_color=_SOFT, bold=True))
        return row + 1

    def _line(self, row: int, text: str, unit: str, number: int) -> None:
        """Values and letters of a line."""
        sheet, pen, banner = self.sheet, self.pen, self.banner
        sheet.write_string(row, 0, text, pen(indent=1, text_wrap=True))
        lines = sum(max(1, int(np.ceil(1.1 * len(one) / (self.widths[0] - 2)))) for one in text.split("\n"))
        if lines > 1:
            sheet.set_row(row, 13.5 * lines)
        values = banner.grid("estimate")[number].astype(float)
        letters, small = banner.grid("higher_than")[number], banner.grid("small")[number]
        shape = _shape(unit, digits(unit, values, self.decimals))
        for place, column in enumerate(self.place.tolist()):
            looks: dict[str, object] = {"bold": True} if place == 0 else {}
            if small[place]:
                looks |= {"font_color": _SOFT, "italic": True}
            if letters[place]:
                looks |= {"bg_color": _PALE}
            self._number(row, column, values[place], pen(align="right", num_format=shape, **looks))
            if letters[place]:
                mark = pen(font_size=9, bold=True, font_color=_BLUE, bg_color=_PALE)
                sheet.write_string(row, column + 1, letters[place], mark)

    def _number(self, row: int, column: int, value: float, looks: Any) -> None:
        """A number, or a dash."""
        if np.isfinite(value):
            self.sheet.write_number(row, column, float(value), looks)
        else:
            self.sheet.write_string(row, column, "–", looks)


def _shape(unit: str, decimals: int) -> str:
    """Excel's pattern of a number."""
    tail = "." + "0" * decimals if decimals else ""
    if unit == "share":
        return f"0{tail}%"
    return f"+#,##0{tail};−#,##0{tail};0{tail}" if unit == "points" else f"#,##0{tail};−#,##0{tail}"


def _rows(sheet: Any, pen: _Pen, frame: pd.DataFrame, lang: str) -> None:
    """A frame as rows under a filter, numbers with the digits that matter."""
    for column, name in enumerate(frame.columns):
        told = heading(name, lang)
        sheet.write_string(0, column, told, pen(bold=True, bottom=2, bottom_color=_BLUE, text_wrap=True))
        whole = pd.api.types.is_integer_dtype(frame[name].dtype)
        places = {"df": ".0", "base_weighted": ".0", "base_effective": ".0", "n_eff": ".0"}.get(name, ".0000")
        looks = pen(align="left") if name == "category" else pen(num_format="#,##0" + ("" if whole else places))
        lengths = [len(told)]
        for row, value in enumerate(frame[name].tolist(), start=1):
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                if np.isfinite(value):
                    tiny = name in ("p", "p_adjusted") and value < 0.0001
                    sheet.write_number(row, column, float(value), pen(num_format="0.0E+00") if tiny else looks)
            elif value is not None and value != "":
                text = note_in(str(value), lang) if name in _WORDED else str(value)
                sheet.write_string(row, column, text, pen())
                lengths.append(len(text))
        sheet.set_column(column, column, min(max(10, max(lengths) + 2), 44))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(frame), 1), len(frame.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _notes(sheet: Any, pen: _Pen, banner: Banner) -> None:
    """What a reader may ask, and the answers."""
    for column, width in enumerate((22, 100)):
        sheet.set_column(column, column, width)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, say(banner.lang, "how"), pen(bold=True, font_size=14))
    for row, (about, told) in enumerate(notes(banner), start=2):
        sheet.write_string(row, 0, about, pen(bold=True, valign="top", bottom=1, bottom_color=_LINE))
        sheet.write_string(row, 1, told, pen(text_wrap=True, valign="top", bottom=1, bottom_color=_LINE))
        sheet.set_row(row, 15 * max(1, int(np.ceil(len(told) / 105))) + 3)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
