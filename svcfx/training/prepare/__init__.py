"""Recordings into a dataset: found, heard, cut, judged, and their features kept."""
