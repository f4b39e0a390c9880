"""One-shot conversion of an array of any length: two passes, block by block, into the output itself."""

from collections.abc import Iterator, Mapping

import numpy as np

from svcfx.audio import Samples
from svcfx.chain.balance import GatedLoudness, match_db
from svcfx.chain.config import LONG_SLICE, ChainSettings
from svcfx.chain.voice import LevelName, Voice
from svcfx.lanes import Curve
from svcfx.node import stereo
from svcfx.node.arrays import Inlet
from svcfx.node.ramps import ramp

Curves = Mapping[str, Curve]
BLOCK_SECONDS = 8


def convert(
    voice: Voice,
    inlet: Inlet,
    sample_rate: float,
    settings: ChainSettings,
    curves: Curves,
    policy: str,
    level_from: LevelName,
) -> Samples:
    """Convert a whole array; returns a new one in the caller's layout, as long as the input.

    Beside input and output only a few seconds of audio are held: the conversion is written into the
    output, then mixed with the input in place.
    """
    array, out = inlet.outlet(inlet.frames)
    gains = [
        _fill(voice, inlet, sample_rate, settings, curves, policy, level_from, source, out[source])
        for source in range(len(stereo.sources(inlet.block(0, 1), policy)))
    ]
    for first, stop in spans(inlet.frames, sample_rate):
        mix = ramp(curves["mix"], first, stop, sample_rate)
        gain = 10.0 ** (ramp(curves["output_gain_db"], first, stop, sample_rate) / 20.0)
        wet = out[: len(gains), first:stop] * np.array(gains, np.float32)[:, None]
        out[:, first:stop] = stereo.blend(inlet.block(first, stop), wet, policy, mix, gain.astype(np.float32))
    return array


def spans(frames: int, sample_rate: float) -> Iterator[tuple[int, int]]:
    """Blocks of a few seconds that cover `frames`."""
    block = int(BLOCK_SECONDS * sample_rate)
    return ((first, min(first + block, frames)) for first in range(0, frames, block))


def _fill(
    voice: Voice,
    inlet: Inlet,
    sample_rate: float,
    settings: ChainSettings,
    curves: Curves,
    policy: str,
    level_from: LevelName,
    source: int,
    out: Samples,
) -> float:
    """Convert one mono source into `out` (frames,); returns the gain that matches it to the source."""

    def blocks() -> Iterator[Samples]:
        for first, stop in spans(inlet.frames, sample_rate):
            yield stereo.sources(inlet.block(first, stop), policy)[source]

    measured = level_from == "measured"
    level = voice.measure(blocks(), sample_rate) if measured else None
    stream = voice.stream(sample_rate, settings, level, slice_frames=LONG_SLICE)
    before, after, done = GatedLoudness(sample_rate), GatedLoudness(sample_rate), 0

    def put(samples: Samples) -> None:
        nonlocal done
        out[done : done + len(samples)] = samples
        done += len(samples)
        if measured:
            after.push(samples)

    for block in blocks():
        if measured:
            before.push(block)
        put(stream.push(block, curves))
    put(stream.flush(curves))
    return 10.0 ** (match_db(before, after) / 20.0) if measured else 1.0
