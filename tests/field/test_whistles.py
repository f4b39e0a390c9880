"""Whistles and other pure tones: one harmonic says little about a spectrum, and still sets how loud it is."""

import numpy as np
import pytest

from svcfx import VoiceConversion

RATE = 44100
HOP = RATE // 100


def whistle(hz: float, fade_seconds: float) -> np.ndarray:
    """A tone of 0.9 s at -10.5 dBFS between silences, faded in and out."""
    frames = int(0.9 * RATE)
    fade = np.minimum(np.arange(frames), np.arange(frames)[::-1]) / (fade_seconds * RATE)
    tone = 0.3 * np.sin(2 * np.pi * hz * np.arange(frames) / RATE) * np.minimum(fade, 1.0)
    return np.pad(tone, int(0.3 * RATE)).astype(np.float32)


def frames_db(audio: np.ndarray) -> np.ndarray:
    """RMS in dBFS of windows of 40 ms, what the analysis hears as one frame, 10 ms apart."""
    windows = np.lib.stride_tricks.sliding_window_view(audio, 4 * HOP)[::HOP]
    return 10 * np.log10(np.mean(windows**2, -1) + 1e-12)


@pytest.mark.parametrize("voice", ["vela", "corin"])
@pytest.mark.parametrize(("hz", "fade_seconds"), [(700, 0.02), (1100, 0.06), (1500, 0.15), (1800, 0.005)])
def test_a_whistle_neither_bursts_at_its_end_nor_opens_with_a_hole(voice, hz, fade_seconds):
    source = whistle(hz, fade_seconds)
    made = VoiceConversion(voice=voice)(source, RATE)
    heard, sung = frames_db(source), frames_db(made)
    near = np.lib.stride_tricks.sliding_window_view(np.pad(heard, 2, "edge"), 5).max(-1)
    audible = sung > heard.max() - 30.0
    louder = np.where(audible, sung - near, -np.inf)
    assert louder[np.flatnonzero(heard > heard.max() - 1.0)[-1] :].max() < 3.0  # its release
    assert louder.max() < 3.5  # while it opens, before a tenth of a second of it is known
    inside = heard > heard.max() - 1.0
    assert (sung - heard)[inside].min() > -6.0
