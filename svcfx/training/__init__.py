"""Making voices from recordings."""
