"""Comparing: tests of groups, of ranks and of tables, and degrees of freedom for few psus."""

__all__ = ()
