"""Cutting takes at their pauses, by the rules of both families; and loudness."""

import numpy as np
import pytest
import torch

from svcfx.chain import loudness
from svcfx.chain.loudness import frame_volume
from svcfx.chain.svc import slices, slices_sv41

RATE = 8000


def take(*parts: tuple[float, float]) -> np.ndarray:
    """A tone of given seconds and amplitudes."""
    level = np.concatenate([np.full(int(seconds * RATE), gain) for seconds, gain in parts])
    return (level * np.sin(2 * np.pi * 220 * np.arange(len(level)) / RATE)).astype(np.float32)


@pytest.mark.parametrize("cut", [slices_sv41.slices, slices.slices])
@pytest.mark.parametrize(
    "audio", [take((6, 0.5), (12, 0), (6, 0.5), (0.4, 0), (7, 0.5)), take((3, 0.2)), take((8, 0))]
)
def test_slices_cover_the_take_without_gaps(cut, audio: np.ndarray) -> None:
    parts = cut(audio, RATE)
    assert [part.start for part in parts] == [0, *(part.end for part in parts[:-1])]
    assert parts[-1].end == len(audio)


def test_sv41_takes_out_long_silence_and_only_cuts_at_a_short_one() -> None:
    parts = slices_sv41.slices(take((6, 0.5), (12, 0), (6, 0.5), (0.4, 0), (7, 0.5)), RATE)
    assert [part.silent for part in parts] == [False, True, False, True, False]
    assert parts[1].end - parts[1].start > 0
    assert parts[3].end == parts[3].start


def test_the_fork_takes_out_every_pause_and_cuts_long_speech() -> None:
    audio = take((3, 0.5), (1.5, 0), (3, 0.5))
    voiced = [part for part in slices.slices(audio, RATE) if not part.silent]
    assert len(voiced) == 2
    short = slices.slices(audio, RATE, slices.ForkRules(longest_seconds=1.0))
    assert max(part.end - part.start for part in short if not part.silent) == RATE
    quiet = slices.slices(audio * 1e-3, RATE, slices.ForkRules(absolute=True))
    assert all(part.silent for part in quiet)


def test_kept_loudness_is_untouched_and_followed_loudness_is_the_sung_one() -> None:
    rendered, sung = take((6, 0.2)), take((3, 0.05), (3, 0.4))
    np.testing.assert_allclose(loudness.follow(sung, rendered, RATE, 1.0), rendered, atol=1e-7)
    followed = loudness.follow(sung, rendered, RATE, 0.0)
    for second, level in ((1, 0.05), (4, 0.4)):
        middle = slice(second * RATE, (second + 1) * RATE)
        assert np.abs(followed[middle]).max() == pytest.approx(level, rel=0.15)


def test_volume_of_a_tone_is_its_rms() -> None:
    wave = torch.from_numpy(take((1, 0.5)))[None]
    for centred in (True, False):
        volume = frame_volume(wave, 400, centred=centred)
        assert volume.shape == (1, 20)
        torch.testing.assert_close(volume, torch.full_like(volume, 0.5 / 2**0.5), rtol=0.02, atol=0.0)
    assert frame_volume(torch.zeros(1, 100), 512).shape == (1, 0)
