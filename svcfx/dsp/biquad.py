"""Filters of second order whose coefficients change with every sample.

The recursion is that of the transposed direct form II, which JUCE's filters have. It is linear, so blocks are
played beside each other from rest, together with what each makes of the two states that it may begin with;
then states are handed from block to block. Coefficients are R. Bristow-Johnson's, "Audio EQ Cookbook",
https://www.w3.org/TR/audio-eq-cookbook/
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from svcfx.audio import Samples

Shape = Literal["peak", "low shelf", "high shelf"]
Values = NDArray[np.float64]
BLOCK = 64
"""Frames that are played one after the other; audio comes in whole blocks."""
_LOWEST_HZ = 2.0


def coefficients(shape: Shape, hz: Values, gain_db: Values, q: Values, sample_rate: float) -> Values:
    """(b0, b1, b2, a1, a2), shape (5, frames), of a filter at each frame; all arguments (frames,)."""
    root = 10.0 ** (gain_db / 40.0)
    angle = 2.0 * np.pi * np.maximum(hz, _LOWEST_HZ) / sample_rate
    cosine, alpha = np.cos(angle), np.sin(angle) / (2.0 * q)
    if shape == "peak":
        up, down = alpha * root, alpha / root
        made = np.stack([1 + up, -2 * cosine, 1 - up, -2 * cosine, 1 - down])
        return np.asarray(made / (1 + down))
    side = cosine if shape == "low shelf" else -cosine  # a high shelf is a low one whose spectrum is turned
    sign = 1.0 if shape == "low shelf" else -1.0
    more, less, bend = root + 1, root - 1, 2 * np.sqrt(root) * alpha
    over = more + less * side + bend
    made = np.stack(
        [
            root * (more - less * side + bend),
            sign * 2 * root * (less - more * side),
            root * (more - less * side - bend),
            sign * -2 * (less + more * side),
            more + less * side - bend,
        ]
    )
    return np.asarray(made / over)


def play(samples: Samples, coefficients: Values, state: Values) -> Samples:
    """What a filter gives whose coefficients change with every frame.

    Args:
        samples: Shape (channels, frames), whole blocks.
        coefficients: Shape (5, frames).
        state: Shape (2, channels), zeros in the beginning; it is brought to that behind the last frame.
    """
    channels, frames = samples.shape
    blocks = frames // BLOCK
    heard = samples.reshape(channels, blocks, BLOCK).transpose(2, 0, 1).astype(np.float64)
    b0, b1, b2, a1, a2 = np.ascontiguousarray(coefficients.reshape(5, blocks, BLOCK).transpose(0, 2, 1))
    # Rows are the channels, from rest, and what becomes of a first and of a second state of 1.
    one, two = np.zeros((2, channels + 2, blocks))
    one[channels] = two[channels + 1] = 1.0
    given = np.empty((BLOCK, channels + 2, blocks))
    for frame in range(BLOCK):
        out, now = given[frame], heard[frame]
        out[:] = one
        out[:channels] += b0[frame] * now
        one = two - a1[frame] * out
        one[:channels] += b1[frame] * now
        two = -a2[frame] * out
        two[:channels] += b2[frame] * now
    begun = _handed_on(one, two, state)
    of_one, of_two = given[:, channels, None], given[:, channels + 1, None]
    whole = given[:, :channels] + of_one * begun[0] + of_two * begun[1]
    return np.asarray(whole.transpose(1, 2, 0).reshape(channels, frames), np.float32)


def _handed_on(one: Values, two: Values, state: Values) -> Values:
    """The states that each block begins with, shape (2, channels, blocks); `state` is left as the last one
    leaves it."""
    channels, blocks = one.shape[0] - 2, one.shape[1]
    begun = np.empty((2, channels, blocks))
    for block in range(blocks):
        begun[:, :, block] = state
        first, second = state
        state[:] = (
            one[:channels, block] + one[channels, block] * first + one[channels + 1, block] * second,
            two[:channels, block] + two[channels, block] * first + two[channels + 1, block] * second,
        )
    return begun
