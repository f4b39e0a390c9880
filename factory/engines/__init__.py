"""Two speech engines, flite and espeak-ng, and singers made of them whose own truth is known.

Tests, benchmarks and the demo speak with them; no voice that ships learns from them.
"""
