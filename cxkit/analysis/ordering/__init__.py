"""The order of levels on plain data: violations, empty corners, and one overall impression."""
