"""Rendering: one board over one stretch of audio; knows no session."""
