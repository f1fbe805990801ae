"""Models: generalised linear and ordinal, their predictions, margins and tests."""

__all__ = ()
