"""The store of the field: who is asked, what they answered, and the sealed answers of employees; SQLite or PostgreSQL."""

from __future__ import annotations

__all__ = ()
