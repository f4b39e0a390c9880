"""Makes the voices that ship, from packages that anyone can install; no user runs it, no wheel holds it."""
