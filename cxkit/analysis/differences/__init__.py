"""Differences between groups of plain data: tests in pairs and over all, sizes of effects."""
