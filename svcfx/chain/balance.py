"""The gain that brings what a voice made to the loudness of what it heard."""

import math

from svcfx.dsp.gated import GatedLoudness

LARGEST_DB = 12.0
"""A match never moves a voice by more."""


def match_db(source: GatedLoudness, made: GatedLoudness) -> float:
    """Decibels that bring `made` to the loudness of `source`; 0 when either is too quiet to measure."""
    difference = source.lufs - made.lufs
    return min(max(difference, -LARGEST_DB), LARGEST_DB) if math.isfinite(difference) else 0.0
