"""Routing: when an item is asked, as a condition on earlier answers, for Python, SQL and JavaScript alike."""

__all__ = ()
