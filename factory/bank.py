"""Speech made ready to learn from: one file a text, every voice's own frames and some performances of it.

All voices of a text share one grid of time, so a performance of any of them knows where each of its frames
lies in all of them, to the frame.
"""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyworld
import torch
from numpy.typing import NDArray

from factory.align import place
from factory.channel import record
from factory.engines.speech import Phone, Utterance
from factory.kokoro_phones import CMU
from factory.phones import INDEX
from factory.rendition import Performance, Source, natural, prepare, spoken, sung
from svcfx.chain import mel
from svcfx.chain.parametric import bands, level
from svcfx.training import world

Frames = NDArray[np.float32]
VOICES = ("vela", "corin", "other")
RATE, FFT = 24000, 2048
TOKEN_S = 0.025
LABELS_LATE_S = 0.05
TOP_HZ = (9000.0, 11300.0)
"""Above the second there is nothing but the end of the band; the mean between both is continued."""
POSITIONS_PER_FRAME = 16
UNSURE = 255
"""The phone of a word space, which may be sound or silence."""


@dataclass(frozen=True, slots=True)
class Own:
    """A voice's own frames at 10 ms: log amplitude (T, 80), aperiodicity (T, 6), pitch (T,)."""

    envelope: Frames
    aperiodicity: Frames
    f0_hz: Frames


def own(audio: Frames, f0_hz: Frames) -> Own:
    """Frames of audio at 24 kHz whose pitch every 12.5 ms is known, 0 where unvoiced."""
    wave = audio.astype(np.float64) + 1e-6 * np.random.default_rng(0).standard_normal(len(audio))
    times = np.arange(len(audio) // 240) * 0.01
    rough = f0_hz[np.minimum(np.round(times / 0.0125).astype(int), len(f0_hz) - 1)].astype(np.float64)
    f0 = pyworld.stonemask(wave, rough, times, RATE)
    f0 = np.where(
        (rough > 0) & (np.abs(np.log2(np.maximum(f0, 1.0) / np.maximum(rough, 1.0))) < 0.2), f0, rough
    )
    power = pyworld.cheaptrick(wave, f0, times, RATE, fft_size=FFT)
    breath = pyworld.d4c(wave, f0, times, RATE, fft_size=FFT)
    bins = np.round(np.array(bands.APERIODICITY_HZ) / (RATE / FFT)).astype(int)
    aperiodicity = np.where(f0[:, None] > 0, breath[:, bins], 1.0)
    log_amplitude = 0.5 * np.log(np.maximum(power, 1e-16)) @ world.band_matrix(RATE, FFT).T
    envelope = extended(log_amplitude, f0 > 0)
    return Own(envelope.astype(np.float32), aperiodicity.astype(np.float32), f0.astype(np.float32))


def extended(envelope: NDArray[np.float64], voiced: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Continue above 11.3 kHz what lies from 9 kHz on, falling 1.5 dB a kHz where voiced and 1 where not."""
    hz = bands.centres()
    inside = (hz >= TOP_HZ[0]) & (hz <= TOP_HZ[1])
    mean = envelope[:, inside].mean(1, keepdims=True)
    slope = np.where(voiced[:, None], 1.5, 1.0)
    fallen = mean - slope * (hz - float(hz[inside].mean())) / 1000.0 * level.NEPER
    blend = np.clip((hz - 10800.0) / (TOP_HZ[1] - 10800.0), 0.0, 1.0)
    return np.asarray(envelope * (1.0 - blend) + fallen * blend, np.float64)


def phones(symbols: str, durations: NDArray[np.int64], seconds: float) -> tuple[Phone, ...]:
    """Phones of tokens and their durations; marks lend their time to the phone after them."""
    found: list[Phone] = []
    end = 0.0
    for symbol, count in zip(symbols, durations, strict=True):
        name = CMU.get(symbol)
        end += float(count) * TOKEN_S
        until = min(max(end - LABELS_LATE_S, 0.0), seconds)
        begun = found[-1].end_s if found else 0.0
        if name is None or until <= begun + 1e-4:
            continue
        found.append(Phone(name, begun, until))
    found[-1] = found[-1]._replace(end_s=seconds)
    return tuple(found)


def make(path: Path, folder: Path, seed: int = 3) -> Path:
    """Make a speech file's bank file unless it is there."""
    out = folder / f"{path.stem}.npz"
    if out.exists():
        return out
    said = np.load(path)
    random = np.random.default_rng(zlib.crc32(f"bank {seed} {path.stem}".encode()))
    symbols = f"${said['phonemes']}$"
    stored: dict[str, Any] = {"other": said["other"]}
    takes = []
    for voice in VOICES:
        audio = said[f"audio_{voice}"].astype(np.float32) / 32768.0
        mine = own(audio, said[f"f0_{voice}"])
        loud = float(np.percentile(level.envelope_loudness(mine.envelope), 95))
        stored[f"envelope_{voice}"] = (mine.envelope - loud).astype(np.float16)
        stored[f"aperiodicity_{voice}"] = mine.aperiodicity.astype(np.float16)
        marks = phones(symbols, said["dur"], len(audio) / RATE)
        source = prepare(Utterance(audio, RATE, marks))
        takes += [_take(p, marks, random) for p in _performances(source, random, bool(said["sung"]))]
    for key in ("log_mel", "f0_hz", "phone", "position"):
        stored[key] = np.concatenate([take[key] for take in takes])
    stored["lengths"] = np.array([len(take["f0_hz"]) for take in takes])
    stored["loudness_db"] = np.array([take["loudness_db"] for take in takes], np.float32)
    stored["mean_mel"] = np.array([take["mean_mel"] for take in takes], np.float32)
    partial = out.with_suffix(".partial.npz")
    np.savez(partial, **stored)
    return partial.replace(out)


def _performances(source: Source, random: np.random.Generator, is_sung: bool) -> list[Performance]:
    made = [natural(source, random)]
    if is_sung:
        return [*made, spoken(source, random)]
    return [*made, sung(source, random) if random.random() < 0.7 else spoken(source, random)]


def _take(performance: Performance, marks: tuple[Phone, ...], random: np.random.Generator) -> dict[str, Any]:
    audio = record(performance.audio, random)
    frames = log_mel(audio)
    index, part = place(performance.phones, np.arange(len(frames), dtype=np.float64) * 0.01)
    starts = np.array([p.start_s for p in marks])
    ends = np.array([p.end_s for p in marks])
    seconds = starts[index] + part * (ends - starts)[index]
    measured = level.measure(frames)
    pitch = performance.f0_hz[np.minimum(2 * np.arange(len(frames)), len(performance.f0_hz) - 1)]
    return {
        "log_mel": frames.numpy().astype(np.float16),
        "f0_hz": pitch.astype(np.float32),
        "phone": np.array(
            [UNSURE if p.name == "space" else INDEX[p.name] for p in performance.phones], np.uint8
        )[index],
        "position": np.clip(np.round(seconds / 0.01 * POSITIONS_PER_FRAME), 0, 65535).astype(np.uint16),
        "loudness_db": measured.loudness_db,
        "mean_mel": measured.mean_mel,
    }


def log_mel(audio: Frames) -> torch.Tensor:
    """What the ear is given of audio at 16 kHz before its level is taken off, (T, 80), T even."""
    padded = np.pad(audio, (mel.WINDOW // 2, mel.WINDOW // 2 + mel.HOP)).astype(np.float32)
    frames = mel.log_mel(torch.from_numpy(padded)[None])[0].T
    return frames[: len(frames) // 2 * 2]


def fill(speech: Path, folder: Path) -> None:
    """Make the bank files of all speech that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(speech.glob("[0-9]*.npz")):
        make(path, folder)
