"""A stream through a so-vits-svc voice: what it works out, and what it hears only."""

import numpy as np

import svcfx
from svcfx.chain.vits.decoder import SourceFilterDecoder

RATE = 44_100
BLOCK = 4096


def streamed(stem):
    """The stream of a stem (frames,) and its rest."""
    node = svcfx.VoiceConversion("duo")
    starts = range(0, len(stem), BLOCK)
    blocks = [node.process(stem[at : at + BLOCK], RATE, reset=False) for at in starts]
    return np.concatenate([*blocks, node.flush()])


def test_the_past_that_each_window_hears_is_not_sung_again_and_the_sound_is_the_same(
    svc_voice, stem, monkeypatch
):
    between, asked = SourceFilterDecoder.between, []

    def counted(self, kept, latent, speaker, source):
        asked.append((kept, latent.shape[-1]))
        return between(self, kept, latent, speaker, source)

    monkeypatch.setattr(SourceFilterDecoder, "between", counted)
    sparing = streamed(stem)
    assert asked
    assert all(stop - first <= length // 2 for (first, stop), length in asked)

    monkeypatch.setattr(
        SourceFilterDecoder,
        "between",
        lambda self, kept, latent, speaker, source: between(self, None, latent, speaker, source),
    )
    whole = streamed(stem)
    assert np.abs(whole).max() > 0.01
    assert np.abs(sparing - whole).max() < 1e-5
