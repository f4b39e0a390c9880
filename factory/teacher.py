"""What Whisper's layers hear in every text's own sound, kept beside the bank."""

from pathlib import Path
from typing import Any

import numpy as np
from scipy import signal

from factory import whisper
from factory.bank import VOICES


def fill(speech: Path, bank: Path) -> None:
    """Hear all speech that is there and was not heard."""
    teacher = whisper.Teacher(whisper.weights())
    (bank / "teacher").mkdir(parents=True, exist_ok=True)
    for path in sorted(speech.glob("[0-9]*.npz")):
        out = bank / "teacher" / path.name
        if not out.exists():
            np.savez(out.with_suffix(".partial.npz"), **_heard(teacher, path))
            out.with_suffix(".partial.npz").replace(out)


def _heard(teacher: whisper.Teacher, path: Path) -> dict[str, Any]:
    said = np.load(path)
    found = {}
    for voice in VOICES:
        audio = signal.resample_poly(said[f"audio_{voice}"].astype(np.float32) / 32768.0, 2, 3)
        log_mel = whisper.heard(audio.astype(np.float32))
        log_mel = log_mel[:, :, : log_mel.shape[2] // 2 * 2]
        last = teacher(log_mel)[-1][0] - teacher.places[: log_mel.shape[2] // 2]
        found[voice] = last.numpy().astype(np.float16)
    return found
