"""Judges of the default voice. None of them took part in training it."""
