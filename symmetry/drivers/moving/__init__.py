"""What if some people moved one box up."""

__all__ = ()
