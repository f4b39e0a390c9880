"""Audio in memory and on disk: read, written, and held to what its headers promise.

Samples are float32, shape (channels, frames), full scale 1.0. `read`, `blocks`, `read_part` and `probe` agree
on every file: a length is counted or kept to, never guessed. A file is told by its bytes, not by its name.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from svcfx import scratch
from svcfx.atomic import atomic as atomic
from svcfx.atomic import sweep as sweep
from svcfx.errors import AudioFileError, AudioShapeError, OutputError
from svcfx.formats import containers, sndfile
from svcfx.formats.opening import opened
from svcfx.formats.sound import Opened
from svcfx.formats.sound import Samples as Samples

Encoding = Literal["pcm16", "pcm24", "float"]

SUFFIXES = {".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG", ".mp3": "MP3"}
"""What is written, by suffix."""
READABLE = containers.READABLE
"""Suffixes of what is read."""
_SUBTYPES = {"pcm16": "PCM_16", "pcm24": "PCM_24", "float": "FLOAT"}
MAX_SECONDS = 6 * 3600
MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_COLUMNS, _HEARD_SECONDS, _HEARD_BPS = 600, 600, 48_000
"""Of what a notebook shows: columns of the waveform, how much is played, and how well."""
_MOST_CHANNELS = {"MP3": 2, "FLAC": 8, "OGG": 255, "WAV": 1024}


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Samples, shape (channels, frames), and their rate in Hz; `remarks` are sentences about the file."""

    samples: Samples
    sample_rate: int
    remarks: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        """Frames per channel."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.frames / self.sample_rate

    def _repr_html_(self) -> str:
        """What a notebook shows: the waveform and a player of a small copy."""
        from svcfx import markup  # here: who reads audio rarely looks at it
        from svcfx.formats import opus

        starts = np.unique(np.linspace(0, self.frames, _COLUMNS, endpoint=False).astype(int))
        channels = len(self.samples)
        told = f"{self.seconds:.2f} s, {channels} channel{'s' * (channels > 1)} at {self.sample_rate} Hz"
        if not self.samples.size:
            return markup.box("Audio", markup.said(told))
        lows = np.minimum.reduceat(self.samples.min(axis=0), starts)
        highs = np.maximum.reduceat(self.samples.max(axis=0), starts)
        heard = self.samples[:, : _HEARD_SECONDS * self.sample_rate]
        heard = heard if channels <= 2 else heard.mean(axis=0, keepdims=True)
        file = opus.encoded(heard, _HEARD_BPS * len(heard), self.sample_rate)
        cut = f"the first {_HEARD_SECONDS // 60} minutes are played" if heard.shape[1] < self.frames else ""
        return markup.box(
            "Audio",
            markup.said(told),
            markup.waveform(lows, highs, "Waveform"),
            markup.player(file, opus.MIME, "Audio"),
            *(markup.said(text) for text in (cut, *self.remarks) if text),
        )


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file holds."""

    frames: int
    sample_rate: int
    channels: int
    remarks: tuple[str, ...] = field(default=(), compare=False)

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.frames / self.sample_rate


def probe(path: Path | str) -> AudioInfo:
    """Tell length, rate and channels of a file.

    Raises:
        AudioFileError: The file is missing, empty, or no audio that can be read.
    """
    with opened(Path(path)) as file:
        return AudioInfo(file.frames, file.sample_rate, file.channels, file.remarks)


def read(path: Path | str) -> Audio:
    """Read a whole file.

    Raises:
        AudioFileError: The file is missing, empty, truncated, not finite, over six hours, or no audio.
    """
    path = Path(path)
    with opened(path) as file:
        if file.frames > MAX_SECONDS * file.sample_rate:
            raise AudioFileError(f"'{path}' is longer than {MAX_SECONDS // 3600} hours", hint="cut it first")
        try:
            samples, done = scratch.zeros((file.channels, file.frames)), 0
            for piece in _checked(path, file, 0):
                samples[:, done : done + piece.shape[1]] = piece
                done += piece.shape[1]
        except MemoryError as error:
            raise AudioFileError(f"'{path}' does not fit in memory", hint="cut it first") from error
        return Audio(samples, file.sample_rate, file.remarks)


def blocks(path: Path, frames: int) -> Iterator[Audio]:
    """Read a file in pieces of `frames`, the last one shorter; raises as `read` does."""
    with opened(path) as file:
        kept: list[Samples] = []
        count = 0
        for piece in _checked(path, file, 0):
            while count + piece.shape[1] >= frames:
                kept.append(piece[:, : frames - count])
                yield Audio(np.concatenate(kept, axis=1), file.sample_rate, file.remarks)
                piece, kept, count = piece[:, frames - count :], [], 0
            kept.append(piece)
            count += piece.shape[1]
        if count:
            yield Audio(np.concatenate(kept, axis=1), file.sample_rate, file.remarks)


def read_part(path: Path, start: int, frames: int) -> Audio:
    """Read `frames` from frame `start` on, fewer where the file ends; raises as `read` does."""
    with opened(path) as file:
        start = min(start, file.frames)
        wanted, pieces = min(frames, file.frames - start), [np.zeros((file.channels, 0), np.float32)]
        for piece in _checked(path, file, start) if wanted else ():
            pieces.append(piece[:, :wanted])
            wanted -= pieces[-1].shape[1]
            if wanted <= 0:
                break
        return Audio(np.concatenate(pieces, axis=1), file.sample_rate, file.remarks)


def _checked(path: Path, file: Opened, start: int) -> Iterator[Samples]:
    """Pieces of `file` from `start` to the end, finite ones, as many frames as were promised."""
    done = start
    for piece in file.pieces(start):
        _refuse_not_finite(path, piece, done)
        done += piece.shape[1]
        yield piece
    if done < file.frames:
        raise AudioFileError(
            f"'{path}' is truncated: {done} frames of {file.frames} could be read",
            hint="copy or export the file again",
        )


def _refuse_not_finite(path: Path, samples: Samples, first: int) -> None:
    finite = np.isfinite(samples)
    if not finite.all():
        channel, frame = (int(index[0]) for index in np.nonzero(~finite))
        raise AudioFileError(
            f"'{path}' has a sample that is not finite at frame {first + frame}, channel {channel}"
        )


def has_audio_inside(path: Path) -> bool:
    """Whether a file begins as audio does, whatever its name; False where it cannot be read."""
    return containers.has_audio_inside(path)


def write(
    path: Path | str,
    samples: Samples,
    sample_rate: int,
    *,
    encoding: Encoding = "pcm24",
    sealed: Callable[[Path], None] | None = None,
) -> None:
    """Write `samples`, shape (channels, frames), atomically; the suffix of `path` chooses the format.

    The same samples give the same bytes for WAV, FLAC and MP3; an OGG stream has a random serial number.
    PCM clips at full scale; `encoding` is for WAV and (but for "float") FLAC. `sealed` is called with the
    whole file just before it takes its place.

    Raises:
        AudioShapeError: `samples` is not (channels, frames), or holds no frames.
        AudioFileError: The suffix is unknown, or the format cannot hold such audio (see `check_holds`).
        OutputError: The file could not be written, or a sample is not finite.
    """
    path = Path(path)
    if samples.ndim != 2 or samples.size == 0:
        raise AudioShapeError(f"samples to write have shape {samples.shape}, must be (channels, frames)")
    check_holds(path, sample_rate, samples.shape[0], encoding=encoding)
    form = format_of(path)
    if not all_finite(samples):
        raise OutputError(f"'{path}' was not written: a sample is not finite", hint="look at the last effect")
    subtype = _SUBTYPES[encoding] if form in ("WAV", "FLAC") else None
    with atomic(path) as temporary:
        sndfile.write(temporary, samples, sample_rate, form, subtype, told=path)
        if form == "WAV" and encoding == "float":
            _forget_time(temporary)
        if sealed is not None:
            sealed(temporary)


def all_finite(samples: Samples) -> bool:
    """Whether every sample is a number that ends; nothing as large as they are is made for it."""
    return samples.size == 0 or bool(np.isfinite(samples.max()) and np.isfinite(samples.min()))


def check_holds(path: Path, sample_rate: int, channels: int, *, encoding: Encoding = "pcm24") -> None:
    """Refuse audio that the format of `path` cannot hold: ask before rendering, not after.

    Raises:
        AudioFileError: The suffix is unknown, or rate, channels or encoding do not fit the format.
    """
    form = format_of(path)
    if form == "FLAC" and encoding == "float":
        raise AudioFileError("FLAC holds no float samples", hint="use encoding pcm24, or a .wav file")
    if channels > _MOST_CHANNELS[form]:
        most = _MOST_CHANNELS[form]
        raise AudioFileError(
            f"'{path}' would have {channels} channels, {form} holds at most {most}", hint="write a .wav file"
        )
    if form == "MP3" and sample_rate not in MP3_RATES:
        rates = ", ".join(str(rate) for rate in MP3_RATES)
        raise AudioFileError(
            f"'{path}' would be at {sample_rate} Hz, MP3 holds {rates} Hz", hint="write a .wav or .flac file"
        )


def format_of(path: Path) -> str:
    """libsndfile's format name for the suffix of `path`, or `AudioFileError`."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise AudioFileError(f"'{path.name}' ends in '{suffix}', allowed are {', '.join(sorted(SUFFIXES))}")
    return SUFFIXES[suffix]


def _forget_time(path: Path) -> None:
    """Zero the time stamp in a float WAV's PEAK chunk, so that equal samples are equal bytes."""
    with path.open("rb+") as file:
        start = file.read(4096).find(b"PEAK")
        if start >= 0:
            file.seek(start + 12)  # name 4, size 4, version 4, then the stamp
            file.write(b"\0\0\0\0")
