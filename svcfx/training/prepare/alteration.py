"""Altered copies of pieces: other speeds, pitches, tone colours and noise, by seed.

They widen what a voice was trained on and take its timbre away from the singer's own, so there are none
unless they are asked for. Each is a function of the seed, the piece's sound and the copy's number alone.
"""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np

from svcfx.audio import Samples
from svcfx.dsp.resample import resample
from svcfx.errors import ParamError, nearest
from svcfx.lanes import Lane

Kind = Literal["speed", "pitch", "eq", "noise"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SPEEDS = (0.9, 1.1)
SEMITONES = 2.0
EQ_DB = 6.0
EQ_HZ = (80.0, 250.0, 800.0, 2500.0, 8000.0)
MOST_COPIES = 20
HIGHEST_PEAK = 0.99


@dataclass(frozen=True, slots=True)
class Choices:
    """What is altered, in how many copies of each piece, and how far the voice stays above added noise."""

    kinds: tuple[Kind, ...]
    copies: int = 1
    noise_snr_db: float = 30.0
    seed: int = 0

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in KINDS:
                raise ParamError(f"no alteration is called '{kind}'{nearest(kind, KINDS)}; there are {KINDS}")
        if not 1 <= self.copies <= MOST_COPIES:
            raise ParamError(f"copies is {self.copies}, outside 1 to {MOST_COPIES}")
        if not 0.0 <= self.noise_snr_db <= 80.0:
            raise ParamError(f"noise_snr_db is {self.noise_snr_db:g} dB, outside 0 to 80 dB")


@dataclass(frozen=True, slots=True)
class Alteration:
    """One copy: speed as of a tape, semitones at equal length, dB at `EQ_HZ`, SNR of added white noise."""

    speed: float = 1.0
    semitones: float = 0.0
    eq_db: tuple[float, ...] = ()
    noise_snr_db: float | None = None
    seed: int = 0

    def facts(self) -> dict[str, Any]:
        """What stands in the dataset's records."""
        return asdict(self)


def drawn(choices: Choices, sha256: str, copy: int) -> Alteration:
    """The alteration of one copy of the piece with that sound."""
    digest = hashlib.sha256(f"{choices.seed} {sha256} {copy}".encode()).digest()
    seed = int.from_bytes(digest[:6], "big")
    random = np.random.default_rng(seed)
    speed = round(float(random.uniform(*SPEEDS)), 4)
    semitones = round(float(random.uniform(-SEMITONES, SEMITONES)), 3)
    eq_db = tuple(round(float(db), 2) for db in random.uniform(-EQ_DB, EQ_DB, len(EQ_HZ)))
    return Alteration(
        speed=speed if "speed" in choices.kinds else 1.0,
        semitones=semitones if "pitch" in choices.kinds else 0.0,
        eq_db=eq_db if "eq" in choices.kinds else (),
        noise_snr_db=choices.noise_snr_db if "noise" in choices.kinds else None,
        seed=seed,
    )


def alter(mono: Samples, sample_rate: int, alteration: Alteration) -> Samples:
    """The altered sound (m,) of (n,); m differs from n by the speed."""
    wave = mono
    if alteration.speed != 1.0:
        wave = resample(wave[None], sample_rate * alteration.speed, sample_rate)[0]
    if alteration.semitones:
        wave = _pitched(wave, sample_rate, alteration.semitones)
    if alteration.eq_db:
        wave = _equalised(wave, sample_rate, alteration.eq_db)
    if alteration.noise_snr_db is not None:
        wave = _noisy(wave, alteration.noise_snr_db, alteration.seed)
    peak = float(np.abs(wave).max(initial=0.0))
    return np.asarray(wave * np.float32(min(1.0, HIGHEST_PEAK / max(peak, 1e-9))), np.float32)


def _pitched(wave: Samples, sample_rate: int, semitones: float) -> Samples:
    from svcfx.dsp.stretch import follow_key  # here: it loads the stretcher

    lane = Lane(((0.0, semitones),))
    done = follow_key(wave[None], sample_rate, lane, formant_preserved=True)
    return np.asarray(done.samples[0])


def _equalised(wave: Samples, sample_rate: int, eq_db: tuple[float, ...]) -> Samples:
    """Zero phase; gains in dB drawn straight over log frequency, held beyond the outer ones."""
    hz = np.fft.rfftfreq(len(wave), 1.0 / sample_rate)
    gain_db = np.interp(np.log(np.maximum(hz, 1.0)), np.log(EQ_HZ), eq_db)
    return np.fft.irfft(np.fft.rfft(wave) * 10.0 ** (gain_db / 20.0), len(wave)).astype(np.float32)


def _noisy(wave: Samples, snr_db: float, seed: int) -> Samples:
    power = float(np.mean(np.square(wave, dtype=np.float64))) / 10.0 ** (snr_db / 10.0)
    noise = np.random.default_rng(seed).normal(0.0, np.sqrt(power), len(wave))
    return np.asarray(wave + noise, np.float32)
