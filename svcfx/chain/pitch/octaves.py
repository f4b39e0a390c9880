"""Mend short octave errors of a pitch tracker, with a bounded look to both sides.

A tracker's slip is a short run of frames an octave away from what stands on both sides of it; a singer's
leap lasts. A frame's answer depends on the 11 frames before it and the 12 after, so slices of a
stem agree to the bit wherever they are cut.
"""

import numpy as np

from svcfx.chain.pitch.protocol import Values

LOOKBACK, LOOKAHEAD = 11, 12
LONGEST_SLIP = 10
"""Frames: a run of up to 100 ms between two stretches of the other octave is a slip."""
LONGEST_EDGE = 5
STEADY = 6
SAME_NOTE = 0.5
"""Octaves between neighbours from which on a new run begins."""
TOLERANCE = 0.17
"""Octaves by which a slip's neighbours may miss the octave: portamento and vibrato go on meanwhile."""


def repair(f0_hz: Values) -> Values:
    """Correct frames `LOOKBACK` to T - `LOOKAHEAD` of f0 (T,), 0 where unvoiced; that many are returned."""
    frames = len(f0_hz) - LOOKBACK - LOOKAHEAD
    octaves = np.full(len(f0_hz), np.nan)
    voiced = f0_hz > 0
    octaves[voiced] = np.log2(f0_hz[voiced])
    mended = np.array(f0_hz[LOOKBACK : LOOKBACK + frames], np.float64)
    if not np.any(np.abs(np.diff(octaves)) >= SAME_NOTE):
        return mended
    for frame in range(frames):
        at = frame + LOOKBACK
        if voiced[at]:
            mended[frame] = f0_hz[at] * 2.0 ** _error(octaves[at - LOOKBACK : at + LOOKAHEAD + 1])
    return mended


def _error(octaves: Values) -> int:
    """Octaves (-1, 0 or 1) to add to frame `LOOKBACK` of a neighbourhood in log2 Hz, NaN where unvoiced."""
    left, before = _border(octaves[LOOKBACK::-1])
    right, after = _border(octaves[LOOKBACK:])
    length = left + right - 1
    if np.isnan(before) and np.isnan(after):
        return 0
    if np.isnan(before) or np.isnan(after):
        return _edge_error(octaves, left, right, length)
    jump = round(after - octaves[LOOKBACK + right - 1])
    alike = round(before - octaves[LOOKBACK - left + 1]) == jump and abs(jump) == 1
    close = _octave_off(octaves[LOOKBACK + right - 1], after) and _octave_off(
        octaves[LOOKBACK - left + 1], before
    )
    return jump if alike and close and length <= LONGEST_SLIP else 0


def _border(outward: Values) -> tuple[int, float]:
    """Frames of the run that starts at index 0, and the value beyond it: NaN for silence or no end."""
    for step in range(1, len(outward)):
        if np.isnan(outward[step]):
            return step, float("nan")
        if abs(outward[step] - outward[step - 1]) >= SAME_NOTE:
            return step, float(outward[step])
    return len(outward), float("nan")


def _octave_off(inside: float, outside: float) -> bool:
    return abs(abs(inside - outside) - 1.0) <= TOLERANCE


def _edge_error(octaves: Values, left: int, right: int, length: int) -> int:
    """A slip of a few frames where a note starts or ends, beside a steady stretch of the other octave."""
    open_left = LOOKBACK - left >= 0 and np.isnan(octaves[LOOKBACK - left])
    open_right = LOOKBACK + right < len(octaves) and np.isnan(octaves[LOOKBACK + right])
    if length > LONGEST_EDGE or open_left == open_right:
        return 0
    beyond = octaves[LOOKBACK + right :][:STEADY] if open_left else octaves[: LOOKBACK - left + 1][-STEADY:]
    if len(beyond) < STEADY or np.isnan(beyond).any() or np.ptp(beyond) >= SAME_NOTE:
        return 0
    inside, outside = (
        (octaves[LOOKBACK + right - 1], beyond[0])
        if open_left
        else (octaves[LOOKBACK - left + 1], beyond[-1])
    )
    return round(outside - inside) if _octave_off(inside, outside) else 0
