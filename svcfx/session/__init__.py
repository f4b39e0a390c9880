"""A session: a song as a file, its plan and its bounce."""
