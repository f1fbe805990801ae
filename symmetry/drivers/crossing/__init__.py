"""Cross-source drivers: employees' unit means on customers' outcome."""

__all__ = ()
