"""Measurement models: maximum likelihood over weighted moments, their fit, and groups compared."""
