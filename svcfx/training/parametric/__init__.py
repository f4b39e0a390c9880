"""The parametric family: material spoken by two engines, targets, training, and what ships of it."""
