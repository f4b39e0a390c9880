"""The flite program, spoken to through files: text in, 16-bit WAV and `phone:end` pairs out."""

import subprocess
import tempfile
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from factory.phones import from_flite
from svcfx.errors import InputError, MissingPartError

if TYPE_CHECKING:
    from factory.engines.speech import EngineVoice

VOICES = ("slt", "rms", "kal16", "awb", "kal")


def render(text: str, voice: "EngineVoice") -> tuple[NDArray[np.float32], int, list[tuple[str, float]]]:
    """Samples (frames,), rate in Hz, and (CMU phone, start in seconds) in order."""
    if voice.name not in VOICES:  # flite itself would fall back to its default voice in silence
        raise InputError(f"flite has no voice '{voice.name}'", hint="It has " + ", ".join(VOICES) + ".")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        command = ["flite", "-voice", voice.name, "-psdur", "-t", text, "-o", str(path)]
        try:
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        except FileNotFoundError as error:
            raise MissingPartError(
                "flite is not installed", hint="On Debian: apt-get install flite."
            ) from error
        audio, rate = _read(path)
    return audio, rate, _starts(said)


def _read(path: Path) -> tuple[NDArray[np.float32], int]:
    with wave.open(str(path)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return data.astype(np.float32) / 32768.0, file.getframerate()


def _starts(said: str) -> list[tuple[str, float]]:
    starts, start = [], 0.0
    for pair in said.split():
        name, _, end = pair.rpartition(":")
        starts.append((from_flite(name), start))
        start = float(end)
    return starts
