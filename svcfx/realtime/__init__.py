"""Sound in, a board, sound out, while it is sung."""
