"""Pitch of a conversion against its source by two trackers that do not serve by default: FCPE and Praat."""

from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from judging import pitch

Samples = NDArray[np.float32]
Track = NDArray[np.float64]
RATE = 16000


def compare(source: Samples, made: Samples) -> dict[str, tuple[float, ...]]:
    """Cents, octave errors and voicing differences, each by FCPE and by Praat, for audio at 16 kHz.

    The transposition is not told: it is the whole number of semitones that most frames agree on.
    """
    count = min(len(source), len(made))
    found = [_agreement(track(source[:count]), track(made[:count])) for track in (fcpe, _praat)]
    names = ("cents", "octaves", "voicing")
    return {name: tuple(row[place] for row in found) for place, name in enumerate(names)}


def _agreement(source: Track, made: Track) -> tuple[float, float, float]:
    both = (source > 0) & (made > 0)
    if not both.any():
        return 1200.0, 1.0, 1.0
    semitones = 12.0 * np.log2(made[both] / source[both])
    error = semitones - np.round(np.median(semitones))
    near = np.abs(error) < 6.0
    cents = float(np.median(np.abs(error[near]))) * 100.0 if near.any() else 1200.0
    return cents, float(np.mean(~near)), float(np.mean((source > 0) != (made > 0)))


def fcpe(audio: Samples) -> Track:
    """Pitch in Hz every 10 ms by FCPE, 0 where unvoiced."""
    frames = len(audio) // 160
    with torch.inference_mode():
        wave = torch.from_numpy(audio.astype(np.float32))[None, :, None]
        found = _fcpe().infer(wave, sr=RATE, decoder_mode="local_argmax", threshold=0.006, f0_min=50,
                              f0_max=1100, interp_uv=False, output_interp_target_length=frames)  # fmt: skip
    return np.asarray(found[0, :, 0].numpy(), np.float64)


def _praat(audio: Samples) -> Track:
    return pitch.praat(audio, RATE)[: len(audio) // 160]


@cache
def _fcpe() -> Any:
    from svcfx.chain.nets.torchaudio_import import ensure_torchaudio

    ensure_torchaudio()
    import torchfcpe

    return torchfcpe.spawn_bundled_infer_model(device="cpu")
