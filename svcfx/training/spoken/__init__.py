"""The singers that ship, from nothing: material that speech engines say, and the training on it."""
