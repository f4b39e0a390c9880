"""The stems of a song that arrives: recordings as they are, and clips laid together into one file."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np

from svcfx import audio
from svcfx.audio import AudioInfo, Samples
from svcfx.dsp.levels import gain_from_db
from svcfx.dsp.resample import resample
from svcfx.errors import AudioFileError
from svcfx.session import mixdown
from svcfx.session.exchange.song import Lost, Piece, unique_stem
from svcfx.session.outputs import sanitise

FOLDER = "audio"
_MOST_FRAMES = 2 * 3600 * 48_000
"""How long a track may be that is laid together, in memory: two hours at 48 kHz, 2.8 GB."""


class Recordings:
    """Writes stems below a folder; `lost` grows by what cannot be played.

    `places` says where each recording of a song lies.
    """

    def __init__(self, folder: Path, places: Mapping[str, Path], lost: Lost) -> None:
        self._folder, self._places, self._lost = folder, places, lost
        self._copied: dict[str, str] = {}
        self._names: list[str] = []
        self._known: dict[str, AudioInfo | None] = {}

    def stem(self, name: str, pieces: Sequence[Piece]) -> tuple[str, float]:
        """The file of a track, as a session names it, and the song second at which it begins; ("", 0) when
        nothing of it can be played."""
        kept = [cut for piece in pieces if (cut := self._cut(piece)) is not None]
        if not kept:
            return "", 0.0
        if len(kept) == 1 and self._is_whole(kept[0]):
            return self._copy(kept[0].file), kept[0].start_seconds
        return self._laid(name, kept)

    def _cut(self, piece: Piece) -> Piece | None:
        """What of a piece lies in its recording and in the song."""
        info = self._info(piece.file)
        if info is None:
            return None
        before = max(-piece.start_seconds, -piece.offset_seconds, 0.0)
        offset, start = piece.offset_seconds + before, piece.start_seconds + before
        seconds = min(piece.seconds - before, info.seconds - offset)
        if seconds * info.sample_rate < 0.5:
            return None
        return replace(piece, start_seconds=start, offset_seconds=offset, seconds=seconds)

    def _info(self, file: str) -> AudioInfo | None:
        if file not in self._known:
            try:
                if file not in self._places:
                    raise AudioFileError("it is not there")
                found = audio.probe(self._places[file])
                if found.channels > mixdown.CHANNELS:
                    raise AudioFileError(f"it has {found.channels} channels, a stem has 1 or 2")
                self._known[file] = found
            except AudioFileError as error:
                self._lost.add(f"recording '{file}': {error.message}")
                self._known[file] = None
        return self._known[file]

    def _is_whole(self, piece: Piece) -> bool:
        info = self._known[piece.file]
        assert info is not None
        plain = not (piece.fade_in_seconds or piece.fade_out_seconds or piece.gain_db)
        missing = info.frames - piece.seconds * info.sample_rate
        return plain and piece.offset_seconds * info.sample_rate < 0.5 and missing < 0.5

    def _copy(self, file: str) -> str:
        """The recording itself, once for all tracks that play it."""
        if file not in self._copied:
            self._copied[file] = self._named(PurePosixPath(file.replace("\\", "/")).name)
            shutil.copyfile(self._places[file], self._folder / self._copied[file])
        return self._copied[file]

    def _named(self, name: str) -> str:
        """A file that is not there yet, compared as file systems that ignore case do."""
        clean = PurePosixPath(sanitise(name))
        suffix = clean.suffix if clean.suffix.lower() in audio.READABLE else ""
        (self._folder / FOLDER).mkdir(exist_ok=True)
        return f"{FOLDER}/{unique_stem(clean.name.removesuffix(suffix), self._names)}{suffix}"

    def _laid(self, name: str, pieces: Sequence[Piece]) -> tuple[str, float]:
        """All pieces in one file of 32-bit floats, at the rate of the first."""
        first = self._known[pieces[0].file]
        assert first is not None
        rate = first.sample_rate
        begin = min(piece.start_seconds for piece in pieces)
        ends = [round((piece.start_seconds - begin + piece.seconds) * rate) for piece in pieces]
        kept = [piece for piece, end in zip(pieces, ends, strict=True) if end <= _MOST_FRAMES]
        if len(kept) < len(pieces):
            hours = _MOST_FRAMES / rate / 3600
            self._lost.add(f"track '{name}': clips that end {hours:.1f} hours behind its begin")
        if not kept:
            return "", 0.0
        frames = max(end for end in ends if end <= _MOST_FRAMES)
        laid = np.zeros((mixdown.CHANNELS, frames), np.float32)
        for piece in kept:
            samples = self._played(piece, rate)
            at = round((piece.start_seconds - begin) * rate)
            part = samples[:, : frames - at]
            laid[:, at : at + part.shape[1]] += part
        file = self._named(f"{name}.wav")
        audio.write(self._folder / file, laid, rate, encoding="float")
        return file, begin

    def _played(self, piece: Piece, rate: int) -> Samples:
        """A piece's samples in stereo at `rate`, with its gain and fades."""
        info = self._known[piece.file]
        assert info is not None
        start, frames = (
            round(piece.offset_seconds * info.sample_rate),
            round(piece.seconds * info.sample_rate),
        )
        read = audio.read_part(self._places[piece.file], start, frames)
        samples = resample(mixdown.stereo(read.samples, piece.file), read.sample_rate, rate)
        when = np.arange(samples.shape[1]) / rate
        gain = np.full(len(when), gain_from_db(piece.gain_db))
        if piece.fade_in_seconds > 0:
            gain *= np.clip(when / piece.fade_in_seconds, 0.0, 1.0)
        if piece.fade_out_seconds > 0:
            gain *= np.clip((piece.seconds - when) / piece.fade_out_seconds, 0.0, 1.0)
        return np.asarray(samples * gain, np.float32)
