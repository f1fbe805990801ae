"""How sure the order of drivers is, and which of them are told from noise."""

__all__ = ()
