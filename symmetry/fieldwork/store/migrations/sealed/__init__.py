"""Steps of the sealed database."""

__all__ = ()
