"""Which columns hold personal data."""
def direct_identifiers(*a): return []
