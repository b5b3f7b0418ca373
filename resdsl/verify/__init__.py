"""Proof that backends agree: one net with the same weights on the same input in each of them."""
