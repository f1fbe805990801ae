"""Steps of the field database."""

__all__ = ()
