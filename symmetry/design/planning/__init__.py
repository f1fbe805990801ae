"""Planning: how many to ask, and what can then be said."""

__all__ = ()
