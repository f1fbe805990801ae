"""The forms in which a study file writes what is not plain YAML: texts, waits, windows, margins, quotas.

Each is a pydantic type that turns the author's words into plain values, or says what it wanted.  A text for people is given
as `{language: text}`, or as a bare text where the study has one language, which stands here under the empty language "".
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from symmetry.spec.running import Margin, Quota

__all__ = [
    "ALL",
    "PATTERNS",
    "PERIODS",
    "Allocation",
    "Bound",
    "DayHours",
    "GuessWords",
    "Hours",
    "Invited",
    "Listed",
    "MarginText",
    "Margins",
    "MirrorTypes",
    "QuotaText",
    "Size",
    "Window",
    "Words",
    "is_day",
    "refuse",
]

ALL = "*all*"
PATTERNS = {
    "margin": r"[0-9]*\.?[0-9]+\s+(points|pct|nps|score|top)",
    "window": r"\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}",
    "wait": r"[0-9]*\.?[0-9]+\s*(min|h|d)",
    "quota": r"[1-9][0-9]*(\s+per\s+[a-z][a-z0-9_]*)*",
    "hours": r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]",
}
_UNITS: dict[str, Literal["points", "pct", "nps", "score", "top"]] = {
    "points": "points",
    "pct": "pct",
    "nps": "nps",
    "score": "score",
    "top": "top",
}
PERIODS: dict[str, Literal["day", "week", "month", "wave"]] = {
    "day": "day",
    "week": "week",
    "month": "month",
    "wave": "wave",
}


def refuse(message: str, mend: str = "", code: str = "SPEC03") -> PydanticCustomError:
    """An error in the author's words, with its remedy and code."""
    return PydanticCustomError("house", "{message}", {"message": message, "mend": mend, "code": code})


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar, as 2027-03-01.

    Examples
    --------
    >>> is_day("2027-02-28"), is_day("2027-02-30"), is_day("20270228")
    (True, False, False)
    """
    from datetime import date

    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _words(value: Any) -> Any:
    if isinstance(value, str):
        return {"": value}
    if isinstance(value, dict) and value:
        return value
    raise refuse("must be a text, or {language: text}", "put it in quotes, if it is meant as text")


def _all_or_list(value: Any) -> Any:
    if value == "all":
        return [ALL]
    if isinstance(value, list):
        return value
    raise refuse("must be `all`, or a list: [a, b]")


def _guess(value: Any) -> Any:
    return {"": "auto"} if value == "auto" else _words(value)


def _mirror(value: Any) -> Any:
    if value == "none":
        return {}
    if isinstance(value, dict) and value:
        return value
    raise refuse("must be `none`, or {face: mirror type}", "write `mirror: {employee: literal}` or `mirror: none`")


def _margins(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _margin(value: Any) -> Any:
    if isinstance(value, Margin):
        return value
    if not isinstance(value, str) or not re.fullmatch(PATTERNS["margin"], value):
        mend = "write `0.3 points` (of the scale), `5 pct` (of a share), `10 nps`, `8 score` (of 100) or `5 top`"
        raise refuse("a margin carries its unit", mend, "MAR01")
    number, unit = value.split()
    return Margin(float(number), _UNITS[unit])


def _window(value: Any) -> Any:
    days = value.split("..") if isinstance(value, str) and re.fullmatch(PATTERNS["window"], value) else ["", ""]
    if days[0] > days[1] or not all(map(is_day, days)):
        raise refuse("must be two days in order", "write `2027-03-01..2027-03-21`")
    return tuple(days)


def _wait(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(PATTERNS["wait"], value):
        raise refuse("must be a wait with its unit", "write `30 min`, `2h` or `1d`")
    number = re.match(r"[0-9.]+", value)
    unit = value.lstrip("0123456789. ")
    return float(number[0]) * {"min": 1 / 60, "h": 1, "d": 24}[unit] if number else 0.0


def _bound(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or not is_day(value):
        raise refuse("must be a number, or a day", "write `0`, or `2027-03-01`")
    return value


def _size(value: Any) -> Any:
    if value == "census" or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise refuse("must be a number of people above 0, or `census`")


def _day_hours(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(PATTERNS["hours"], value):
        raise refuse("must be two times of the day", "write `09:00-19:30`", "CON01")
    first, last = value.split("-")
    if first >= last:
        raise refuse("closes before it opens", "write the earlier time first: `09:00-19:30`", "CON01")
    return first, last


def _quota(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(PATTERNS["quota"], value):
        raise refuse(
            "is not a quota",
            "write `400 per region per month`: a number, frame items, then day, week or month",
            "QTA01",
        )
    count, *per = re.split(r"\s+per\s+", value)
    period = PERIODS[per.pop()] if per and per[-1] in PERIODS else "wave"
    return Quota(int(count), tuple(per), period)


def _invited(value: Any) -> Any:
    return value if isinstance(value, dict) and value else {"size": _size(value)}


def _allocation(value: Any) -> Any:
    whole = isinstance(value, dict) and all(isinstance(n, int) and not isinstance(n, bool) for n in value.values())
    if value in ("proportional", "equal") or (whole and value and min(value.values()) > 0):
        return value
    mend = "write `{north: 300, south: 200}`, each above 0"
    raise refuse("must be `proportional`, `equal`, or people by category", mend)


Allocation = Annotated[Any, BeforeValidator(_allocation)]
Words = Annotated[dict[str, str], BeforeValidator(_words)]
GuessWords = Annotated[dict[str, str], BeforeValidator(_guess)]
Listed = Annotated[list[str], BeforeValidator(_all_or_list)]
MarginText = Annotated[Any, BeforeValidator(_margin)]
Margins = Annotated[list[MarginText], BeforeValidator(_margins)]
MirrorTypes = BeforeValidator(_mirror)
Window = Annotated[Any, BeforeValidator(_window)]
Hours = Annotated[float, BeforeValidator(_wait)]
Bound = Annotated[Any, BeforeValidator(_bound)]
Size = Annotated[Any, BeforeValidator(_size)]
DayHours = Annotated[Any, BeforeValidator(_day_hours)]
QuotaText = Annotated[Any, BeforeValidator(_quota)]
Invited = BeforeValidator(_invited)
