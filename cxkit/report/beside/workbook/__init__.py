"""The workbook beside a page: its tables as sheets, numbers as numbers."""
