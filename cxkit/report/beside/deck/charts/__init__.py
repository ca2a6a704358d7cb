"""Charts of a deck: as values, and as PowerPoint holds them, with a workbook behind each."""
