"""Voices on disk: cards, and the shelf that finds and loads them."""
