"""Small areas: domains that borrow strength from the others."""

__all__ = ()
