"""espeak-ng, one fresh process a text so that the same text gives the same samples."""

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from factory.engines import espeak_program
from factory.phones import from_espeak
from svcfx.errors import InputError, MissingPartError

if TYPE_CHECKING:
    from factory.engines.speech import EngineVoice


def render(text: str, voice: "EngineVoice") -> tuple[NDArray[np.float32], int, list[tuple[str, float]]]:
    """Samples (frames,), rate in Hz, and (CMU phone, start in seconds) in order."""
    settings = [voice.name, str(voice.words_per_minute), str(voice.pitch), text]
    done = subprocess.run(
        [sys.executable, "-I", "-S", espeak_program.__file__, *settings], capture_output=True, check=False
    )
    if done.returncode == espeak_program.NO_LIBRARY:
        raise MissingPartError("espeak-ng is not installed", hint="On Debian: apt-get install espeak-ng.")
    if done.returncode == espeak_program.NO_VOICE:
        raise InputError(f"espeak-ng has no voice '{voice.name}'", hint="Names look like en-us+f2.")
    if done.returncode != 0:
        raise InputError(f"espeak-ng stopped with {done.returncode} on voice '{voice.name}' and '{text}'")
    head, _, samples = done.stdout.partition(b"\n")
    said = json.loads(head)
    audio = np.frombuffer(samples, "<i2").astype(np.float32) / 32768.0
    return audio, int(said["rate"]), _starts(said["marks"], said["rate"])


def _starts(marks: list[tuple[str, int]], rate: int) -> list[tuple[str, float]]:
    """CMU phones; stress and link marks, which carry no sound, are left out."""
    starts: list[tuple[str, float]] = []
    for mnemonic, sample in marks:
        if mnemonic.strip("'`,%=;:|-") == "" and not mnemonic.startswith("_"):
            continue
        starts.append((from_espeak(mnemonic), sample / rate))
    return starts
