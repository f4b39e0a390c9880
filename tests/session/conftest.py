"""Songs made in a temporary folder: tones as stems, MIDI written by mido, a session file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest

from svcfx import audio
from svcfx.audio import Samples

RATE = 44_100


def tone(hz: float, seconds: float, *, rate: int = RATE, channels: int = 1, level: float = 0.2) -> Samples:
    """A harmonic tone, shape (channels, frames); each channel has its own phase."""
    when = np.arange(round(seconds * rate)) / rate
    parts = [
        sum(np.sin(2 * np.pi * hz * k * when + channel) / k for k in range(1, 6))
        for channel in range(channels)
    ]
    return (level * np.stack(parts)).astype(np.float32)


class Song:
    """A folder `song` with stems, presets, MIDI and a session."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def stem(self, name: str, samples: Samples, rate: int = RATE) -> Samples:
        """Write a stem as a float WAV."""
        audio.write(self.folder / name, samples, rate, encoding="float")
        return samples

    def preset(self, name: str, text: str) -> str:
        """Write a preset; returns what a session writes to name it."""
        (self.folder / name).write_text(f'svcfx_preset = 1\nname = "{name.removesuffix(".toml")}"\n{text}')
        return name

    def midi(self, name: str, *tracks: list[tuple[int, Any]], ticks: int = 480) -> None:
        """Write a type 1 file whose tracks are lists of (absolute tick, message)."""
        file = mido.MidiFile(type=1, ticks_per_beat=ticks)
        for events in tracks:
            track, now = mido.MidiTrack(), 0
            for tick, message in events:
                track.append(message.copy(time=tick - now))
                now = tick
            file.tracks.append(track)
        file.save(self.folder / name)

    def session(self, text: str, name: str = "session.toml") -> Path:
        """Write the session file."""
        path = self.folder / name
        path.write_text("svcfx_session = 1\n" + text)
        return path


def tempo(tick: int, bpm: float) -> tuple[int, Any]:
    return tick, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))


def key_track(*changes: tuple[int, int]) -> list[tuple[int, Any]]:
    """A track `key` with a note (60 + semitones) at each tick."""
    events: list[tuple[int, Any]] = [(0, mido.MetaMessage("track_name", name="key"))]
    for tick, semitones in changes:
        events.append((tick, mido.Message("note_on", note=60 + semitones, velocity=90)))
        events.append((tick + 10, mido.Message("note_off", note=60 + semitones)))
    return events


@pytest.fixture
def song(tmp_path: Path) -> Song:
    """An empty song."""
    return Song(tmp_path / "song")


@pytest.fixture
def make() -> dict[str, Callable[..., Any]]:
    """Makers of material: `tone`, `tempo`, `key_track`."""
    return {"tone": tone, "tempo": tempo, "key_track": key_track}
