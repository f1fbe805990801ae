"""What several verbs need before they begin: the packages of an extra, and a day."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from symmetry.errors import DataError

if TYPE_CHECKING:
    from symmetry.spec import Study

__all__ = ["day", "first_day", "need_web"]

_WEB = ("alembic", "nacl", "sqlalchemy", "starlette", "uvicorn")


def need_web() -> None:
    """Refuse to go on without the packages of the extra `web`, and say what to install."""
    absent = [name for name in _WEB if find_spec(name) is None]
    if absent:
        what = f"the field needs `{absent[0]}`, which is not installed"
        raise DataError(what, mend="pip install 'symmetry[web]'", code="EXT01")


def day(text: str) -> date:
    """Read a day of the calendar from the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day, as 2027-03-01") from None


def first_day(study: Study, wave: str, now: datetime, *, rehearsed: date | None = None) -> date:
    """The first day of a wave with a window; of another the day on which it is rehearsed, or today in the study's time zone."""
    from zoneinfo import ZoneInfo

    window = study.waves[wave].window
    zone = ZoneInfo(study.contact.tz) if study.contact else UTC
    return date.fromisoformat(window[0]) if window else rehearsed or now.astimezone(zone).date()
