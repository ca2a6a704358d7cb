"""What goes with an outcome, on plain data: regressions, and shares of what they explain."""
