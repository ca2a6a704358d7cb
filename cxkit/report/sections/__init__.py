"""The sections of a report: each module's `findings(survey)` says what its section shows."""
