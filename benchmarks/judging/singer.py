"""The singers that ship as themselves: what Kokoro says with their mixtures of styles, and ground truth.

A singer is a mixture of styles, and so has a voice of its own before anything is trained: each text is said
once at the singer's register and analysed as the factory analyses what the singers learn from. Ground truth
is those frames laid on a source's timing and rendered by the synthesis of the conversions at any pitch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from factory import bank, speech
from factory.align import locate, place
from factory.engines.speech import Phone
from factory.singers import SHIPPED
from judging.kept import kept
from svcfx.chain.parametric import level, synthesis

if TYPE_CHECKING:
    from factory.kokoro import Kokoro

Samples = NDArray[np.float32]
FOLDER = Path("build/benchmarks/kokoro")
REGISTER_HZ = {"vela": 220.0, "corin": 115.0}
"""The median pitch at which each says its texts."""
LEVEL_DB = -20.0
"""Where the loud frames of ground truth lie, dBFS A-weighted."""


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A text as its singer says it: frames at 10 ms, loud ones at 0 dB (A-weighted), and its phones."""

    own: bank.Own
    phones: tuple[Phone, ...]


def ready(texts: Iterable[str]) -> None:
    """Say texts now, in one process, where they are not kept from the last run."""
    for text in texts:
        for singer in SHIPPED:
            said(singer, text)


@cache
def said(singer: str, text: str) -> Said:
    """A text in a singer's own voice."""
    return kept(f"{singer} says {text.rstrip('?.')}", lambda: _say(singer, text))


def ground_truth(text: str, singer: str, phones: Sequence[Phone], f0_hz: NDArray[np.float64]) -> Samples:
    """A text by a singer at a source's timing and a given pitch.

    Args:
        text: What is said.
        singer: One of those that ship.
        phones: The source's phones, in seconds.
        f0_hz: Pitch at 100 frames a second, (T,), 0 where unvoiced; frame k is at k * 10 ms.

    Returns:
        Audio at 44.1 kHz, (441 * T,); sample 441 * k is frame k.
    """
    voice = said(singer, text)
    index, part = place(phones, np.arange(len(f0_hz)) * 0.01)
    seconds, _ = locate(phones, voice.phones, index, part)
    envelope, aperiodicity = (_read(x, seconds) for x in (voice.own.envelope, voice.own.aperiodicity))
    loudness = level.envelope_loudness(envelope)
    gain = np.exp(loudness + LEVEL_DB * level.NEPER)
    return synthesis.render_whole(envelope - loudness[:, None], aperiodicity, gain, f0_hz)


def _read(frames: Samples, seconds: NDArray[np.float64]) -> Samples:
    """Rows of frames (T, n), 10 ms apart, at any times; linear between them."""
    position = np.clip(seconds / 0.01, 0.0, len(frames) - 1.0)
    left = np.minimum(position.astype(int), len(frames) - 2)
    share = (position - left)[:, None]
    return np.asarray(frames[left] * (1.0 - share) + frames[left + 1] * share, np.float32)


def _say(singer: str, text: str) -> Said:
    kokoro = _kokoro()
    symbols = speech.phonemes(text, frozenset(kokoro.vocabulary))
    style = kokoro.style(SHIPPED[singer], len(symbols))
    plan = kokoro.plan(symbols, style, 1.0)
    voiced = plan.pitch > 10.0
    middle = float(np.median(plan.pitch[voiced]))
    pitch = np.where(voiced, np.clip(plan.pitch * (REGISTER_HZ[singer] / middle), 60.0, 900.0), plan.pitch)
    audio = kokoro.sound(plan, pitch.astype(np.float32), style)
    own = bank.own(audio, np.where(voiced, pitch, 0.0).astype(np.float32))
    loud = float(np.percentile(level.envelope_loudness(own.envelope), 95))
    marks = bank.phones(f"${symbols}$", plan.durations, len(audio) / bank.RATE)
    return Said(
        replace(own, envelope=own.envelope - np.float32(loud)),
        tuple(phone for phone in marks if phone.name != "space"),
    )


@cache
def _kokoro() -> "Kokoro":
    from factory.kokoro import Kokoro, packs

    return Kokoro(FOLDER / "model", packs(FOLDER))
