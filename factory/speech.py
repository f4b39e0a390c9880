"""Texts spoken and sung by both singers and a third voice, on one grid of time: one file a text.

A text is a function of its number, so a run that was cut off goes on.
"""

import json
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from factory import texts, words
from factory.kokoro import Kokoro, Plan
from factory.singers import SHIPPED

Random = np.random.Generator
Values = NDArray[np.float64]
VOWELS = frozenset("AIOWYaeiouæɑɒɔəɚɛɜɪʊʌᵻᵊɐ")
SONORANTS = frozenset("lmnŋɹwj")
LONGEST_VOWEL = 36
"""Frames of 25 ms that a vowel is held for at most, unless it was longer."""
RATE = 80.0
"""Pitch values a second."""
SPOKEN_BY = {"vela": (165.0, 420.0), "corin": (85.0, 230.0)}
WOMEN, MEN = (140.0, 420.0), (80.0, 240.0)
WHISPERER = "af_nicole"
_RESPELLED = (
    "ʔˌn̩ tn|ʔn tn|ʔ t|aɪ I|aʊ W|dʒ ʤ|eɪ A|tʃ ʧ|ɔɪ Y|oʊ O|əl ᵊl|ɚ əɹ|r ɹ|ɐ ə|ɜːɹ ɜɹ|ɜː ɜɹ|ɪə iə|g ɡ|o ɔ"
)


def phonemes(text: str, known: frozenset[str]) -> str:
    """Kokoro's symbols of an English text, by espeak-ng."""
    said = subprocess.run(
        ["espeak-ng", "-q", "--ipa", "-v", "en-us", text], capture_output=True, text=True, check=True
    ).stdout
    found = " ".join(said.split())
    for mark in "\u200d\u0329\u0303":
        found = found.replace(mark, "")
    for pair in _RESPELLED.split("|"):
        before, after = pair.split(" ")
        found = found.replace(before, after)
    return "".join(symbol for symbol in found.replace("ː", "") if symbol in known)


def sentence(random: Random) -> str:
    """Words of songs, of a wide vocabulary, and words that do not exist."""
    made_up = 0.35 if random.random() < 0.35 else 0.08
    count, chosen = int(random.integers(6, 13)), []
    for _ in range(count):
        kind = random.random()
        if random.random() < made_up:
            chosen.append(texts.pseudo_word(random))
        elif kind < 0.5:
            chosen.append(str(random.choice(words.SONG)))
        else:
            chosen.append(str(random.choice(texts.vocabulary())))
    comma = int(random.integers(2, count - 2)) if count > 7 and random.random() < 0.5 else -1
    return " ".join(word + ("," if place == comma else "") for place, word in enumerate(chosen))


def other(kokoro: Kokoro, random: Random) -> dict[str, float]:
    """A voice of the synthesiser, or a mixture of two of one sex."""
    english = [name for name in kokoro.packs if name[0] in "ab" and name != WHISPERER]
    rest = [name for name in kokoro.packs if name[0] not in "ab"]
    pool = english if random.random() < 0.75 else rest
    one, two = str(random.choice(pool)), str(random.choice(pool if random.random() < 0.7 else english + rest))
    share = float(random.choice([1.0, 1.0, 0.7, 0.5]))
    if one[1] != two[1] or one == two or share == 1.0:
        return {one: 1.0}
    return {one: share, two: 1.0 - share}


def held(plan: Plan, symbols: str, random: Random) -> Plan:
    """A plan as it would be sung: vowels held, sonorants a little."""
    slowness, old = random.uniform(0.6, 2.5), plan.durations
    new = old.copy()
    for place, symbol in enumerate(symbols):
        if symbol in VOWELS:
            longer = round(int(old[place]) * (1.0 + slowness * random.random()))
            new[place] = min(max(int(old[place]), longer), max(LONGEST_VOWEL, int(old[place])))
        elif symbol in SONORANTS:
            new[place] = max(1, round(int(old[place]) * random.uniform(0.9, 1.5)))
    starts = np.cumsum(old) - old
    steps = np.concatenate(
        [a + np.arange(m) * (d / m) for a, d, m in zip(starts, old, new, strict=True) if m]
    )
    fine = np.concatenate(
        [2 * a + np.arange(2 * m) * (d / m) for a, d, m in zip(starts, old, new, strict=True) if m]
    )
    grid = np.arange(len(plan.pitch))
    return Plan(
        plan.content[:, steps.astype(np.int64)],
        np.interp(fine, grid, plan.pitch).astype(np.float32),
        np.interp(fine, grid, plan.energy).astype(np.float32),
        new,
    )


def melody(symbols: str, durations: NDArray[np.int64], random: Random) -> Values:
    """Semitones (2 T,) about a centre: a note a vowel, portamento, mostly vibrato, a little jitter."""
    notes, note, start = np.zeros(2 * int(durations.sum())), 0.0, 0
    for symbol, end in zip(symbols, 2 * np.cumsum(durations), strict=True):
        if symbol in VOWELS:
            notes[start:] = note = float(np.clip(note + random.integers(-5, 6), -8, 8))
            start = int(end)
    notes = smooth(notes, int(random.uniform(0.05, 0.16) * RATE) | 1)
    if random.random() < 0.7:
        depth = np.repeat(random.uniform(0.0, 0.8, len(notes) // 60 + 2), 60)[: len(notes)]
        angle = 2.0 * np.pi * (random.uniform(4.5, 6.8) * np.arange(len(notes)) / RATE + random.random())
        notes = notes + smooth(depth, 41) * np.sin(angle)
    return notes + smooth(random.normal(0.0, 0.12, len(notes)), 3)


def smooth(values: Values, length: int) -> Values:
    """A running Hann average, as long as what is given."""
    window = np.hanning(length + 2)[1:-1]
    padded = np.pad(values, (length // 2, length - 1 - length // 2), "edge")
    return np.convolve(padded, window / window.sum(), "valid")


def make(kokoro: Kokoro, number: int, seed: int = 7) -> dict[str, Any]:
    """All that is kept of a text."""
    random = np.random.default_rng(zlib.crc32(f"speech {seed} {number}".encode()))
    text = sentence(random)
    said = phonemes(text, frozenset(kokoro.vocabulary))
    is_sung, third = random.random() < 0.45, other(kokoro, random)
    timed_by = other(kokoro, random) if random.random() < 0.6 else SHIPPED[str(random.choice(list(SHIPPED)))]
    symbols = f"${said}$"
    plan = kokoro.plan(said, kokoro.style(timed_by, len(said)), random.uniform(0.85, 1.2))
    plan = held(plan, symbols, random) if is_sung else plan
    voiced = plan.pitch > 10.0
    middle = float(np.median(plan.pitch[voiced])) if voiced.any() else 150.0
    semitones = melody(symbols, plan.durations, random)
    kept: dict[str, Any] = {"text": text, "phonemes": said, "dur": plan.durations, "sung": is_sung}
    kept["other"] = json.dumps(third)
    women = next(iter(third))[1] == "f"
    for name, mixture in (*SHIPPED.items(), ("other", third)):
        low, high = SPOKEN_BY.get(name, WOMEN if women else MEN)
        high *= 1.35 if is_sung else 0.75
        centre = np.exp(random.uniform(np.log(low), np.log(high)))
        wanted = centre * 2.0 ** (semitones / 12.0) if is_sung else plan.pitch * (centre / middle)
        pitch = np.where(voiced, np.clip(wanted, 60.0, 900.0), plan.pitch)
        audio = kokoro.sound(replace(plan), pitch.astype(np.float32), kokoro.style(mixture, len(said)))
        kept[f"audio_{name}"] = np.clip(audio * 32767.0, -32767.0, 32767.0).astype(np.int16)
        kept[f"f0_{name}"] = np.where(voiced, pitch, 0.0).astype(np.float32)
    return kept


def fill(kokoro: Kokoro, folder: Path, numbers: range) -> None:
    """Make the texts of these numbers that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        path = folder / f"{number:05d}.npz"
        if not path.exists():
            np.savez(path.with_suffix(".partial.npz"), **make(kokoro, number))
            path.with_suffix(".partial.npz").replace(path)
