"""What Whisper's layers hear in every text's own sound, kept beside the bank.

`python -m factory.teacher SPEECH BANK UNTIL`
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch
from scipy import signal

from factory import whisper
from factory.bank import VOICES


def main() -> None:
    speech, bank, until = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    torch.set_num_threads(1)
    teacher = whisper.Teacher(whisper.weights())
    (bank / "teacher").mkdir(parents=True, exist_ok=True)
    while time.time() < until:
        todo = [p for p in sorted(speech.glob("[0-9]*.npz")) if not (bank / "teacher" / p.name).exists()]
        for path in todo:
            out = bank / "teacher" / path.name
            np.savez(out.with_suffix(".partial.npz"), **_heard(teacher, path))
            out.with_suffix(".partial.npz").replace(out)
        if not todo:
            time.sleep(20)


def _heard(teacher: whisper.Teacher, path: Path) -> dict[str, np.ndarray]:
    said = np.load(path)
    found = {}
    for voice in VOICES:
        audio = signal.resample_poly(said[f"audio_{voice}"].astype(np.float32) / 32768.0, 2, 3)
        log_mel = whisper.heard(audio.astype(np.float32))
        log_mel = log_mel[:, :, : log_mel.shape[2] // 2 * 2]
        last = teacher(log_mel)[-1][0] - teacher.places[: log_mel.shape[2] // 2]
        found[voice] = last.numpy().astype(np.float16)
    return found


if __name__ == "__main__":
    main()
