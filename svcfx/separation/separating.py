"""Take a song apart: chunk by chunk through the network, joined by crossfades.

The network gives one of two parts; the other is what it leaves: the two always add up to the song.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from svcfx import audio
from svcfx.audio import Audio, Samples, atomic
from svcfx.dsp.overlap import rise
from svcfx.dsp.resample import resample
from svcfx.errors import AudioFileError, OutputExistsError
from svcfx.separation import models
from svcfx.separation.network import Network

RATE = 44_100
"""Hz that all MDX-Nets were trained at."""
_DIFFERENCE = "the accompaniment is the song minus the vocals"
_OTHER_DIFFERENCE = "this model gives the accompaniment; the vocals are the song minus it"
_FADE = 8
"""What is used of a chunk is this many times as long as a crossfade."""


@dataclass(frozen=True)
class Separated:
    """Two files that add up to the song."""

    vocals: Path
    accompaniment: Path


def separate(
    song: Path,
    out: Path,
    *,
    model: str = models.DEFAULT,
    overwrite: bool = False,
    on_progress: Callable[[float], None] = lambda _: None,
    on_note: Callable[[str], None] = lambda _: None,
) -> Separated:
    """Write `<song>.vocals.wav` and `<song>.accompaniment.wav` to a folder, both or none.

    They have the song's rate, channels and length, as 32-bit floats, for PCM would clip what one part may
    have above full scale.

    Args:
        model: One of `models.KNOWN`, or an .onnx file.
        on_progress: Told 0 to 1.
        on_note: Told what is fetched, and which part is a difference.

    Raises:
        AudioFileError: The song cannot be read, or has more than two channels.
        OutputExistsError: A result is there already.
        SeparationError, HubError: The model is unknown, damaged, or cannot be fetched.
        OutputError: The folder cannot be written.
    """
    made = Separated(out / f"{song.stem}.vocals.wav", out / f"{song.stem}.accompaniment.wav")
    for path in (made.vocals, made.accompaniment):
        if path.exists() and not overwrite:
            raise OutputExistsError(
                f"'{path}' exists already", hint="choose another folder, or let it be written over"
            )
    mix = audio.read(song)
    if mix.samples.shape[0] > 2:
        raise AudioFileError(
            f"'{song}' has {mix.samples.shape[0]} channels, a song to take apart has 1 or 2",
            hint="mix it down to stereo first",
        )
    path, reading = models.find(model, on_note)
    part = _part(mix, Network(path, reading), on_progress)
    rest = mix.samples - part
    vocals, accompaniment = (part, rest) if reading.sings else (rest, part)
    on_note(_DIFFERENCE if reading.sings else _OTHER_DIFFERENCE)
    with atomic(made.vocals) as first, atomic(made.accompaniment) as second:
        audio.write(first, vocals, mix.sample_rate, encoding="float")
        audio.write(second, accompaniment, mix.sample_rate, encoding="float")
    return made


def _part(mix: Audio, network: Network, on_progress: Callable[[float], None]) -> Samples:
    """What the network gives of the song, at the song's rate, channels and length."""
    stereo = np.repeat(mix.samples, 2, axis=0) if mix.samples.shape[0] == 1 else mix.samples
    heard = stereo if mix.sample_rate == RATE else resample(stereo, mix.sample_rate, RATE)
    given = by_chunks(network, heard, on_progress)
    if mix.sample_rate != RATE:
        given = resample(given, RATE, mix.sample_rate)
    given = np.pad(given, ((0, 0), (0, max(0, mix.frames - given.shape[1]))))[:, : mix.frames]
    if mix.samples.shape[0] == 1:
        given = given.mean(axis=0, keepdims=True)
    return np.asarray(given, np.float32)


def by_chunks(network: Network, samples: Samples, on_progress: Callable[[float], None]) -> Samples:
    """A whole song (2, frames) through a network that hears a fixed length; seams are crossfaded."""
    used = network.frames - 2 * network.margin
    fade = used // _FADE
    step, frames = used - fade, samples.shape[1]
    count = max(1, -(-(frames - fade) // step))
    after = (count - 1) * step + network.frames - network.margin - frames
    padded = np.pad(samples, ((0, 0), (network.margin, after)))
    total = np.zeros((2, (count - 1) * step + used), np.float32)
    gain = rise(fade)
    for index in range(count):
        start = index * step
        given = network(padded[:, start : start + network.frames])[:, network.margin : network.margin + used]
        if index:
            seam = total[:, start : start + fade]
            given[:, :fade] = seam + (given[:, :fade] - seam) * gain
        total[:, start : start + used] = given
        on_progress((index + 1) / count)
    return total[:, :frames]
