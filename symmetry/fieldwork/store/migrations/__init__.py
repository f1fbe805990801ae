"""The steps by which the tables of the two databases came about, oldest first; a step that has been released never changes."""

__all__ = ()
