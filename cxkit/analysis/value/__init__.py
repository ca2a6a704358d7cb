"""What a relation is worth: who stays, what goes with leaving, and sums with stated inputs.

Rooms: `survival` (who is still there after so many months), `leaving` (what goes with it),
`sums` (lifetime value, losses), `inputs` (where each number comes from), `observed` (both of the
first on a survey) and `scenarios` (all inputs drawn at once, and one at a time).
"""
