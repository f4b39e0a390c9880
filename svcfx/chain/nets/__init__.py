"""What networks of all kinds here are made of, filled from and multiplied in."""
