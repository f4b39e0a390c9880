"""Parametric voices, as those that ship: nets from content and pitch to control frames, which a source and a
filter sing, slice by slice."""
