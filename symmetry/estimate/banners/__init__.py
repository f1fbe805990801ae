"""Banner tables: items by segments, letters for who is higher than whom, and the workbook."""

__all__ = ()
