"""A study as one page to read, to print and to approve: every face of every item side by side, in each language."""

__all__ = ()
